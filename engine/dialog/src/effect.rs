//! What the outside is asked to do: data, carried out after the commit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EffectId, Fact, Made, PersonId, Response, Source, Turn, Value};

/// An effect and its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The key under which the outside sees it.
    pub id: EffectId,
    /// What to do.
    pub kind: EffectKind,
}

/// The kinds of effects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// Say something. Rendered before the commit.
    Send(Outgoing),
    /// Call a tool.
    Call {
        /// Its name.
        tool: String,
        /// Its arguments; secret ones are named in the tool's declaration.
        args: BTreeMap<String, Value>,
    },
    /// Give up a call whose state was left.
    CancelCall {
        /// The call's effect.
        call: EffectId,
    },
    /// Let a model answer.
    Generate {
        /// Its name.
        model: String,
        /// What was asked.
        question: String,
        /// Slots that it may see, and the state's `with`.
        values: BTreeMap<String, Value>,
        /// The author's prompt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        system: Option<Response>,
        /// Calls that were made for the answer before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        made: Vec<Made>,
    },
    /// Keep an event for later; it belongs to the user.
    Schedule {
        /// Its name.
        event: String,
        /// When.
        at: Timestamp,
        /// Its data.
        data: BTreeMap<String, Value>,
    },
    /// Ask a desk to take over.
    OpenHandoff {
        /// Which.
        desk: String,
        /// Why.
        why: String,
        /// What the desk is shown.
        package: Package,
    },
    /// Give the desk what the customer wrote, or a suggestion.
    Relay {
        /// Which desk.
        desk: String,
        /// What.
        what: Relayed,
    },
    /// The desk is no longer needed.
    CloseHandoff {
        /// Which desk.
        desk: String,
    },
    /// Keep a value in the long-term memory.
    Remember {
        /// The slot's name.
        slot: String,
        /// Its value.
        value: Value,
        /// Where it comes from, and until when it is kept.
        fact: Fact,
    },
    /// Keep a note of a session that is over.
    KeepEpisode {
        /// The session's first turn; it ended before this one.
        since: Turn,
        /// Until when.
        until: Timestamp,
    },
    /// Keep what was answered to a consent question.
    Consent {
        /// The slot's name.
        slot: String,
        /// Yes or no.
        given: bool,
    },
    /// Forget values of the long-term memory.
    Forget {
        /// These slots; none = all that is known of the user.
        slots: Option<Vec<String>>,
    },
}

/// What is said, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing {
    /// The bot, from a template.
    Response(Response),
    /// A model's checked words.
    Generated {
        /// The text so far or the whole text.
        text: String,
        /// The generation's effect: the message's stable id.
        generation: EffectId,
        /// Which sentence; none = the final message, which replaces the sentences.
        sentence: Option<u32>,
        /// What the final message rests on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sources: Vec<Source>,
    },
    /// A person at the desk.
    Person {
        /// Who.
        person: PersonId,
        /// As the customer sees it.
        name: String,
        /// The text.
        text: String,
    },
}

/// What a desk is shown with a handoff.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Flow and state when it was handed over.
    pub state: Option<String>,
    /// Slots by name, secrets masked.
    pub slots: BTreeMap<String, Value>,
    /// Intents that were wanted and not served.
    pub open_intents: Vec<String>,
    /// Calls whose outcome nobody saw.
    pub loose_ends: Vec<String>,
}

/// What a desk is given while it has the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relayed {
    /// The customer wrote.
    Message {
        /// The text.
        text: String,
        /// Files.
        attachments: Vec<Value>,
    },
    /// The customer clicked.
    Choice {
        /// The choice's key.
        key: String,
    },
    /// A result or a model's answer that came late: for the person to use.
    Suggestion {
        /// What it is about.
        about: String,
        /// What came.
        value: Value,
    },
}
