//! What a message is read against.

use dialog::{Bands, Expected, Locale};
use jiff::Zoned;

/// What is known of the conversation when a message comes.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// The conversation's language.
    pub locale: &'a Locale,
    /// The event's time in the customer's or the bot's zone, for "tomorrow at nine".
    pub now: Zoned,
    /// What the conversation waits for.
    pub expected: &'a Expected,
    /// When an intent counts.
    pub bands: Bands,
}
