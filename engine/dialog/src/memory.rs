//! What is kept of a user beyond a session: facts, each with where it comes from, and notes of past sessions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Confidence, ConversationId, Expression, Locale, Turn, Value};

/// What is remembered of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserMemory {
    /// Whether this is the first conversation ever.
    pub first: bool,
    /// The user's time zone, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tz: Option<String>,
    /// The user's language, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Slots by name.
    #[serde(default)]
    pub slots: BTreeMap<String, Value>,
    /// Where the slots' values come from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
    /// What was answered to a consent question, by slot name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consents: BTreeMap<String, bool>,
    /// The newest notes of past sessions, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub episodes: Vec<Episode>,
}

/// Where a remembered value comes from, and how long it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// When it was told, or computed.
    #[serde(default)]
    pub at: Timestamp,
    /// The message that it was told in; none = a tool's, an integrator's, or computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<MessageSource>,
    /// How surely it was read in that message; 1 for a click or words taken as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// When it is forgotten; none = never by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A message of the customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSource {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its turn there.
    pub turn: Turn,
}

/// The note of a past session, as templates see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// When the session began.
    pub at: Timestamp,
    /// What was said, in a few sentences of it.
    pub text: String,
}

/// How notes of past sessions are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct EpisodePolicy {
    /// How long after the session.
    pub keep: SignedDuration,
    /// Whether this session is kept; none = every one.
    pub guard: Option<Expression>,
}
