//! What the outside tells the runtime, and what it gets back: plain data for servers and tests.

use std::collections::BTreeMap;

use dialog::{ChoiceId, ConversationId, Fact, Locale, Owner, Turn, UserId, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::Said;

/// Who speaks to the runtime, as the server has checked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// A customer's client: only slots and events that are declared `from_visitor`.
    Visitor,
    /// An integrator's server: all declared ones.
    Integrator,
}

/// A conversation to open.
#[derive(Clone, Debug)]
pub struct NewConversation {
    /// Its id; none = the runtime makes one. One that exists and is this user's is given back as it is.
    pub id: Option<ConversationId>,
    /// Whose it is; none = a new anonymous user.
    pub user: Option<UserId>,
    /// The channel's name in bot.yaml; `http` for the plain API.
    pub channel: String,
    /// The language; none = the user's, else the bot's first. One that the bot doesn't have falls back (`de-CH` to `de`).
    pub locale: Option<Locale>,
    /// Slots to begin with, read by their declared types.
    pub slots: Map<String, Json>,
    /// Who asks.
    pub by: Authority,
}

/// An opened conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its id.
    pub conversation: ConversationId,
    /// Whose it is.
    pub user: UserId,
    /// The greeting.
    pub messages: Vec<Said>,
    /// Whether it is new.
    pub created: bool,
}

/// Something that a customer sends.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// To which conversation.
    pub conversation: ConversationId,
    /// Who made the id, for example the channel's name.
    pub source: String,
    /// The client's id. With the same source and conversation, for seven days, it is the same message.
    pub id: String,
    /// What.
    pub body: Body,
    /// Files, each a map of name, mime, size, ref.
    pub attachments: Vec<Value>,
    /// Who sends.
    pub by: Authority,
}

/// What a customer sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Text.
    Text(String),
    /// A click.
    Choice(ChoiceId),
    /// An event of the page or app.
    Event {
        /// Its name.
        name: String,
        /// Its data, read by its declared types.
        #[serde(default)]
        data: Map<String, Json>,
    },
}

/// What came of it, durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The turn that it caused.
    pub turn: Turn,
    /// All that it has caused to be said so far.
    pub messages: Vec<Said>,
    /// Who speaks now.
    pub owner: Owner,
    /// Whether more will come by itself: a call or a desk has not answered.
    pub pending: bool,
}

/// An event from outside.
#[derive(Clone, Debug)]
pub struct OutsideEvent {
    /// The sender's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its data, read by its declared types.
    pub data: Map<String, Json>,
    /// Whom it is for.
    pub to: Addressee,
}

/// Whom an event is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// A user: the conversation that is open, else a new one on the last channel.
    User(UserId),
    /// One conversation.
    Conversation(ConversationId),
}

/// What is said to a named person at a desk, or by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Who.
    pub person: dialog::PersonId,
    /// As the customer sees it.
    pub name: String,
}

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UserView {
    /// Values by slot, with secrets masked.
    pub slots: BTreeMap<String, Json>,
    /// Where each value comes from, and until when it is kept.
    pub facts: BTreeMap<String, Fact>,
    /// Notes of past sessions, newest first.
    pub episodes: Vec<EpisodeView>,
    /// Answers to consent questions.
    pub consents: BTreeMap<String, bool>,
    /// The last conversation.
    pub last_conversation: Option<ConversationId>,
    /// Its channel.
    pub channel: Option<String>,
}

/// The note of a past session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpisodeView {
    /// When the session began.
    pub at: Timestamp,
    /// Where it was.
    pub conversation: ConversationId,
    /// The turn that it began with.
    pub turn: Turn,
    /// What was said, the customer's words in quotation marks.
    pub text: String,
    /// When it is forgotten.
    pub until: Timestamp,
}
