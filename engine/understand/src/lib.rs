//! From a customer's text to what it means: intents with calibrated confidence, entities, out of scope. Pure: no network,
//! no clock, no randomness; the same data gives the same model and the same text the same understanding, bit by bit.

mod entity;
mod training;

pub use entity::Extractor;
pub use training::{
    Annotation, EntityDefinition, EntityKind, Example, IntentExamples, TrainingData,
    ValueDefinition,
};

use dialog::{Bands, Expected, Locale};
use jiff::Zoned;

/// What a message is read against.
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
