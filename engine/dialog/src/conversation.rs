//! The state of one conversation between two events.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Bot, BotVersion, Choice, ConversationId, Entry, Locale, Pattern, PersonId, Turn, UserId,
    ValueType,
};

/// A conversation. Everything that decides what happens next is in here or in the event.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub user: UserId,
    /// The channel's name in bot.yaml; `http` for the plain API.
    pub channel: String,
    /// The language.
    pub locale: Locale,
    /// The version of the bot that it runs on.
    pub version: BotVersion,
    /// The number of the last turn; 0 before the first.
    pub turn: Turn,
    /// Who speaks.
    pub owner: Owner,
    /// Rises with each change of owner.
    pub epoch: u64,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The bot.
    Bot,
    /// Waiting for a person at this desk.
    Queued {
        /// The desk's name.
        desk: String,
        /// Since when.
        since: Timestamp,
    },
    /// A person at this desk.
    Person {
        /// The desk's name.
        desk: String,
        /// Who.
        person: PersonId,
        /// As the customer sees it.
        name: String,
    },
    /// Nobody any more.
    Ended,
}

/// Which timer of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimerId {
    /// The entry of the state that it belongs to.
    pub entry: Entry,
    /// Its kind.
    pub kind: TimerKind,
    /// Its place among the state's timers of this kind.
    pub index: u16,
}

/// The kinds of timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// `after`.
    After,
    /// `no_input`.
    NoInput,
    /// A desk's `give_up_after`.
    GiveUp,
    /// A desk's `announce_every`.
    Announce,
}

/// What the conversation waits for: what understanding must know to read the next message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The offered choices, with the labels that the customer saw.
    pub choices: Vec<Choice>,
    /// The slot that is asked for.
    pub slot: Option<ExpectedSlot>,
    /// Every secret that may be given now: slot name and what it looks like (none = the whole text).
    pub secrets: Vec<(String, Option<Pattern>)>,
}

/// The slot that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedSlot {
    /// Its name.
    pub name: String,
    /// Its type (an item's, for `item_of`).
    pub value_type: ValueType,
    /// The name of the entity or built-in kind that fills it.
    pub entity: Option<String>,
    /// Whether the whole message is the value.
    pub verbatim: bool,
    /// Whether several choices may be named.
    pub several: bool,
}

impl Conversation {
    /// A conversation in which nothing happened yet.
    pub fn new(
        id: ConversationId,
        user: UserId,
        channel: String,
        locale: Locale,
        bot: &Bot,
    ) -> Self {
        Self {
            id,
            user,
            channel,
            locale,
            version: bot.version.clone(),
            turn: Turn(0),
            owner: Owner::Bot,
            epoch: 0,
        }
    }

    /// Whether the next event, at this time, would begin a new session: then it must carry the user's memory.
    pub fn session_is_over(&self, _bot: &Bot, _at: Timestamp) -> bool {
        true
    }

    /// What the conversation waits for.
    pub fn expected(&self, _bot: &Bot) -> Expected {
        Expected::default()
    }

    /// The timers that run, earliest first; ties by id.
    pub fn timers(&self, _bot: &Bot) -> Vec<(Timestamp, TimerId)> {
        Vec::new()
    }

    /// Takes over the labels that `render` gave the choices of the open question, so that the next message can name one.
    pub fn label_choices(&mut self, _choices: &[Choice]) {}

    /// Whether it is in no flow: then it may move to a new version of the bot.
    pub fn is_between_flows(&self) -> bool {
        true
    }
}

/// How long nobody may speak before the conversation's session is over, where the bot does not say.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(24);
