//! Why each turn of a conversation went as it did, as it was stored.

use dialog::{BotVersion, ConversationId, Event, Trace, Turn};
use jiff::Timestamp;
use store::TurnRecord;

use crate::TurnError;
use crate::feed::Said;
use crate::read::said;
use crate::replay::Replay;
use crate::row::StoredTurnRow;
use crate::runtime::Runtime;

/// Why a turn went as it did.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnTrace {
    /// Which turn.
    pub turn: Turn,
    /// The turn of the message that it goes back to.
    pub root: Turn,
    /// When.
    pub at: Timestamp,
    /// The version of the bot that took it.
    pub version: Option<BotVersion>,
    /// What happened, with what understanding made of it.
    pub event: Event,
    /// What was decided.
    pub trace: Trace,
    /// What was said.
    pub messages: Vec<Said>,
    /// What was considered, where that was asked for.
    pub replay: Option<Replay>,
}

impl Runtime {
    /// Every decision, from this turn on, and the turn to go on from if there is more.
    ///
    /// # Errors
    /// [`TurnError::NotFound`].
    pub async fn trace(
        &self,
        id: &ConversationId,
        from: Turn,
    ) -> Result<(Vec<TurnTrace>, Option<Turn>), TurnError> {
        let (turns, next) = self.inner.page(id, from).await?;
        let traces = turns.iter().filter_map(|turn| trace(turn, None));
        Ok((traces.collect(), next))
    }
}

/// A stored turn's trace.
pub(crate) fn trace(turn: &TurnRecord, replay: Option<Replay>) -> Option<TurnTrace> {
    let row: StoredTurnRow = serde_json::from_slice(&turn.event).ok()?;
    Some(TurnTrace {
        turn: turn.turn,
        root: row.root,
        at: turn.at,
        version: row.version,
        event: row.event,
        trace: serde_json::from_slice(&turn.trace).ok()?,
        messages: said(turn).collect(),
        replay,
    })
}
