//! What understanding made of a message. Made by `understand`, recorded with the event, read by the core.

use serde::{Deserialize, Serialize};

use crate::{Bands, Locale, Value};

/// A probability from 0 to 1 that means what it says: of 100 messages with 0.75, 75 are right.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(pub f32);

/// What a message seems to mean.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// The hash of the model that made it.
    pub model: String,
    /// The language of the bot's that the message is clearly in, where it begins a session and the conversation is in another
    /// one: it was read in this language, and the conversation goes on in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// The whole message's intents, best first, never more than a handful.
    pub intents: Vec<RankedIntent>,
    /// How probable it is that the message is about anything the bot knows.
    pub in_scope: Confidence,
    /// The message's parts, in the order of the text, when it was split (then at least two); else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What was found in the text, in the order of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// How many words the message has; [`Words`] counts in these.
    pub words: u16,
    /// Whether something is negated ("not the credit card").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negation: bool,
    /// Whether a correction is announced ("I meant", "no, the …").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub correction: bool,
    /// Keys of the offered choices that the whole text names: by id, label, number or ordinal. More than one only for
    /// "both", "the first and the third".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

impl Understanding {
    /// Whether the message's best intent is one that counts.
    pub fn is_accepted(&self, bands: &Bands) -> bool {
        let best = self.intents.first();
        best.is_some_and(|best| best.confidence.0 >= bands.accept)
            && self.in_scope.0 >= bands.confirm
    }
}

/// A part of a message that asks for one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The words it covers.
    pub words: Words,
    /// Its intents, best first.
    pub intents: Vec<RankedIntent>,
    /// As [`Understanding::in_scope`], of the part.
    pub in_scope: Confidence,
}

/// An intent and how probable it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankedIntent {
    /// The intent's name.
    pub intent: String,
    /// Calibrated.
    pub confidence: Confidence,
}

/// A value found in the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// The entity's name: the author's, or a built-in kind (`number`, `money`, `date` …).
    pub entity: String,
    /// The value, normalised: an enum's key, an ISO date, a money map.
    pub value: Value,
    /// The words of the message that it covers.
    pub words: Words,
    /// Those words as written (masked where secret).
    pub text: String,
    /// Whether it stands under a negation ("not the credit card").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negated: bool,
    /// How sure: 1 for an exact match, less for a fuzzy one.
    pub confidence: Confidence,
}

/// Words of a message, counted from 0; `end` is the first that no longer belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Words {
    /// The first word.
    pub start: u16,
    /// One past the last word.
    pub end: u16,
}

impl Words {
    /// How many words.
    pub fn count(self) -> u16 {
        self.end.saturating_sub(self.start)
    }

    /// Whether both cover a word.
    pub fn overlaps(self, other: Words) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// How far the bot's articles support an answer to the message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KnowledgeSupport {
    /// From 0 to 1.
    pub support: f32,
    /// The hash of the index.
    pub index: String,
}
