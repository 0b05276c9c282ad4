//! The rows in which a conversation and its turns are kept: what is in their bytes.

use dialog::{BotVersion, Event, Turn};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::TurnError;
use crate::state::Notes;

/// The form of the rows that this module writes.
pub(crate) const ROW_FORM: u32 = 1;

#[derive(Serialize)]
pub(crate) struct StateRow<'a> {
    pub(crate) v: u32,
    #[serde(flatten)]
    pub(crate) notes: &'a Notes,
    pub(crate) dialog: &'a Json,
}

#[derive(Deserialize)]
pub(crate) struct StoredStateRow {
    #[serde(flatten)]
    pub(crate) notes: Notes,
    pub(crate) dialog: Json,
}

/// A turn's event, the turn of the message that it goes back to, and what a replay must know beside them.
#[derive(Serialize)]
struct TurnRow<'a> {
    root: Turn,
    event: &'a Event,
    version: &'a BotVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<&'a Start>,
}

/// A stored turn's event.
#[derive(Deserialize)]
pub(crate) struct StoredTurnRow {
    pub(crate) root: Turn,
    pub(crate) event: Event,
    /// The version of the bot that took it; none = a row of before it was noted.
    #[serde(default)]
    pub(crate) version: Option<BotVersion>,
    #[serde(default)]
    pub(crate) start: Option<Start>,
}

/// What a conversation was before a turn that does not go on from the turn before: a replay can begin there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Start {
    /// New.
    New {
        /// On this channel.
        channel: String,
        /// In this language.
        locale: dialog::Locale,
    },
    /// Taken over from another version of the bot: the core's record, with markers instead of secrets.
    Moved(Json),
}

/// Only the turn that a stored turn goes back to: cheaper than its event.
#[derive(Deserialize)]
pub(crate) struct StoredRoot {
    pub(crate) root: Turn,
}

/// The core's part of a stored row.
pub(crate) fn record_of(state: &[u8]) -> Result<Json, TurnError> {
    serde_json::from_slice::<StoredStateRow>(state)
        .map(|row| row.dialog)
        .map_err(|error| TurnError::Internal(format!("a state can't be read: {error}")))
}

/// A turn's event as a row.
pub(crate) fn turn_row(
    root: Turn,
    event: &Event,
    version: &BotVersion,
    start: Option<&Start>,
) -> Vec<u8> {
    let row = TurnRow {
        root,
        event,
        version,
        start,
    };
    serde_json::to_vec(&row).expect("plain data with text keys always serialises")
}
