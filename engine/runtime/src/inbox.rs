//! Messages that were not understood: what an author learns from.

use dialog::{ConversationId, Event, EventKind, RankedIntent, Route, Trace, Turn};
use jiff::Timestamp;
use serde::Serialize;
use store::{Cursor, Filter, TurnRecord};

use crate::TurnError;
use crate::config::PAGE_ROWS;
use crate::row::StoredTurnRow;
use crate::runtime::Runtime;

/// A message that no rule of the bot took, as it is stored: secrets are masked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotUnderstood {
    /// In which conversation.
    pub conversation: ConversationId,
    /// In which turn.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
    /// What was written.
    pub text: String,
    /// What was done about it.
    pub route: Route,
    /// What it may have meant, best first.
    pub intents: Vec<RankedIntent>,
}

impl Runtime {
    /// The messages of some conversations, those that were active last first, and from where to go on if there are more.
    ///
    /// # Errors
    /// The store's.
    pub async fn not_understood(
        &self,
        after: Option<Cursor>,
    ) -> Result<(Vec<NotUnderstood>, Option<Cursor>), TurnError> {
        let store = &self.inner.store;
        let page = store.list(Filter::default(), after, PAGE_ROWS).await?;
        let mut found = Vec::new();
        for row in page.rows {
            let mut from = Turn(1);
            loop {
                let turns = store.turns(&row.conversation, from, PAGE_ROWS).await?;
                let messages = turns
                    .iter()
                    .filter_map(|turn| not_understood(&row.conversation, turn));
                found.extend(messages);
                match turns.last() {
                    Some(last) if turns.len() == PAGE_ROWS => from = Turn(last.turn.0 + 1),
                    Some(_) | None => break,
                }
            }
        }
        Ok((found, page.next))
    }
}

fn not_understood(conversation: &ConversationId, turn: &TurnRecord) -> Option<NotUnderstood> {
    let trace: Trace = serde_json::from_slice(&turn.trace).ok()?;
    let route = trace.route.filter(|route| is_for_nothing(*route))?;
    let row: StoredTurnRow = serde_json::from_slice(&turn.event).ok()?;
    let Event {
        kind: EventKind::Message(message),
        ..
    } = row.event
    else {
        return None;
    };
    Some(NotUnderstood {
        conversation: conversation.clone(),
        turn: turn.turn,
        at: turn.at,
        text: message.text,
        route,
        intents: message.understanding.intents,
    })
}

/// Whether only the router, or a state's `no_match`, was left for the message.
fn is_for_nothing(route: Route) -> bool {
    use Route::{Clarify, Generate, NoMatch, RouterHandoff, RouterSay};
    matches!(
        route,
        NoMatch | Clarify | Generate | RouterSay | RouterHandoff
    )
}
