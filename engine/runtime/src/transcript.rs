//! What was said by whom.

use dialog::{ConversationId, EventKind, Source, Turn};
use jiff::Timestamp;
use knowledge::talk::Line;
use serde::Serialize;
use store::TurnRecord;

use crate::TurnError;
use crate::feed::{Said, Speaker};
use crate::read::said;
use crate::row::StoredTurnRow;
use crate::runtime::Runtime;

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The customer's as the client made it, else the effect's.
    pub id: String,
    /// Who.
    pub from: From,
    /// The name of the person at the desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What; of a choice, its key.
    pub text: String,
    /// What it rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// In which turn.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
}

/// Who wrote a line of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
    /// A person at a desk.
    Person,
}

impl Runtime {
    /// What was said by whom, from this turn on, and the turn to go on from if there is more.
    ///
    /// # Errors
    /// [`TurnError::NotFound`].
    pub async fn transcript(
        &self,
        id: &ConversationId,
        from: Turn,
    ) -> Result<(Vec<Entry>, Option<Turn>), TurnError> {
        let (turns, next) = self.inner.page(id, from).await?;
        Ok((turns.iter().flat_map(entries).collect(), next))
    }
}

impl Entry {
    /// Who said what, without when.
    pub(crate) fn into_line(self) -> Line {
        Line {
            by_customer: self.from == From::Customer,
            text: self.text,
        }
    }
}

/// A turn's lines: what the customer did, then what was said.
pub(crate) fn entries(turn: &TurnRecord) -> Vec<Entry> {
    let customer = event(turn).and_then(|event| customer_entry(turn, event));
    let said = said(turn).map(|said| said_entry(turn, said));
    customer.into_iter().chain(said).collect()
}

/// What happened in a turn.
pub(crate) fn event(turn: &TurnRecord) -> Option<EventKind> {
    let row = serde_json::from_slice::<StoredTurnRow>(&turn.event);
    row.ok().map(|row| row.event.kind)
}

fn customer_entry(turn: &TurnRecord, kind: EventKind) -> Option<Entry> {
    let (id, text) = match kind {
        EventKind::Message(message) => (message.id, message.text),
        EventKind::Choice { choice } => (choice.to_string(), choice.key),
        _ => return None,
    };
    Some(Entry {
        id,
        from: From::Customer,
        name: None,
        text,
        sources: Vec::new(),
        turn: turn.turn,
        at: turn.at,
    })
}

fn said_entry(turn: &TurnRecord, said: Said) -> Entry {
    let (from, name) = match said.from {
        Speaker::Bot => (From::Bot, None),
        Speaker::Person { name } => (From::Person, Some(name)),
    };
    Entry {
        id: said.id.to_string(),
        from,
        name,
        text: said.text,
        sources: said.sources,
        turn: turn.turn,
        at: turn.at,
    }
}
