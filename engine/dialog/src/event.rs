//! What a conversation is told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ChoiceId, EffectId, ErrorKind, GenerateOutcome, KnowledgeSupport, PersonId, Turn,
    Understanding, UserMemory, Value,
};

/// Something that happened, with all that an expression may read of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When. The core takes the later of this and the last event's time.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// The user's long-term memory; the runtime gives it with every event that may begin a session
    /// (`Conversation::session_is_over`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserMemory>,
    /// How the desks are at that moment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub desks: BTreeMap<String, DeskStatus>,
    /// The values of masked secrets, by slot name. Beside the event, never stored with it.
    #[serde(skip)]
    pub secrets: BTreeMap<String, String>,
}

/// The kinds of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A client opened the conversation: the greeting.
    SessionStart {
        /// Slots that the client gave; only those declared `from_visitor`, or any from an integrator (the server has checked).
        slots: BTreeMap<String, Value>,
    },
    /// The customer wrote.
    Message(IncomingMessage),
    /// The customer clicked.
    Choice {
        /// What was clicked.
        choice: ChoiceId,
    },
    /// A call came back.
    ToolReturned {
        /// The call's effect.
        effect: EffectId,
        /// What came.
        outcome: ToolOutcome,
    },
    /// A checked sentence of a model's answer.
    Sentence {
        /// The generation's effect.
        effect: EffectId,
        /// Its number, from 0.
        n: u32,
        /// Its text.
        text: String,
        /// How far it is supported.
        score: f32,
    },
    /// A model's answer ended.
    Generated {
        /// The generation's effect.
        effect: EffectId,
        /// How.
        outcome: GenerateOutcome,
    },
    /// A timer is due (see [`crate::Conversation::timers`]).
    TimerFired {
        /// Which.
        timer: crate::TimerId,
    },
    /// An `event.X`, from outside or scheduled.
    Outside {
        /// Its name.
        name: String,
        /// Its data, read by its declared types.
        data: BTreeMap<String, Value>,
    },
    /// Something at a desk.
    Desk(DeskEvent),
    /// A message stayed undeliverable.
    DeliveryFailed {
        /// The send's effect.
        effect: EffectId,
        /// Why, for people.
        why: String,
    },
    /// The customer or an operator ends the conversation.
    End,
}

/// A message of the customer's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncomingMessage {
    /// The client's id for it.
    pub id: String,
    /// The text; secrets are replaced by `‹slot›`.
    pub text: String,
    /// What understanding made of it.
    pub understanding: Understanding,
    /// Files, each a map of name, mime, size, ref.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Value>,
    /// The last turn that was committed when it arrived; none = it is in line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Turn>,
    /// For a message that was not accepted: how far the articles support an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<KnowledgeSupport>,
}

/// How a desk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskStatus {
    /// Within its hours, and somebody is there.
    pub open: bool,
    /// How many conversations wait.
    pub waiting: u32,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolOutcome {
    /// With a result, read by its declared type.
    Returned {
        /// The result.
        result: Value,
    },
    /// With an error.
    Failed(ToolError),
}

/// A failed call, as flows see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolError {
    /// Its kind.
    pub kind: ErrorKind,
    /// The HTTP status, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The outside's own code, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What happens at a desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskEvent {
    /// An operator or agent asks for the conversation, without the bot having offered it.
    Requested {
        /// The desk; none = the first.
        desk: Option<String>,
        /// Why.
        why: String,
    },
    /// It is in the queue.
    Queued {
        /// From 1.
        position: u32,
    },
    /// A person took it.
    Joined {
        /// Who.
        person: PersonId,
        /// As the customer sees it.
        name: String,
    },
    /// The person wrote.
    Said {
        /// The client's id for it.
        id: String,
        /// The text.
        text: String,
        /// Who.
        person: PersonId,
    },
    /// The person gave it back to the bot.
    Returned,
    /// The person ended the conversation.
    Ended,
    /// Outside its hours, or nobody is there.
    Closed,
    /// Waiting took too long.
    GaveUp,
    /// The desk could not be reached.
    Failed {
        /// Why, for people.
        why: String,
    },
}
