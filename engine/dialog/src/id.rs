//! The names of things: what is stored is a text, what the core looks up is a small number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A conversation. Opaque to everybody but the runtime that makes it.
    ConversationId
}
text_id! {
    /// A person on the customer's side; long-term memory belongs to it.
    UserId
}
text_id! {
    /// A person on the desk's side.
    PersonId
}
text_id! {
    /// The hash of everything that decides what a bot does.
    BotVersion
}
text_id! {
    /// A language tag as the author wrote it in `locales`, for example `en` or `de-CH`.
    Locale
}

macro_rules! index_id {
    ($(#[$doc:meta])* $name:ident($number:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl $name {
            /// The id as an index into the list that it belongs to.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            fn from(index: usize) -> Self {
                Self(<$number>::try_from(index).expect("the author's limits keep every list of a bot below this"))
            }
        }
    };
}

index_id! {
    /// An index into [`crate::Bot::flows`].
    FlowId(u16)
}
index_id! {
    /// An index into [`crate::Flow::states`].
    StateId(u16)
}
index_id! {
    /// An index into [`crate::Bot::intents`].
    IntentId(u16)
}
index_id! {
    /// An index into [`crate::Bot::entities`].
    EntityId(u16)
}
index_id! {
    /// An index into [`crate::Bot::events`].
    EventId(u16)
}
index_id! {
    /// An index into [`crate::Bot::templates`].
    TemplateId(u32)
}
index_id! {
    /// An index into [`crate::Bot::tools`].
    ToolId(u16)
}
index_id! {
    /// An index into [`crate::Bot::models`].
    ModelId(u16)
}
index_id! {
    /// An index into [`crate::Bot::desks`].
    DeskId(u16)
}
index_id! {
    /// An index into [`crate::Bot::transitions`]: one written transition, with its place in the files.
    TransitionId(u32)
}

/// A slot: of the flow that runs, or shared by the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SlotRef {
    /// An index into [`crate::Flow::slots`] of the frame's flow.
    Flow(u16),
    /// An index into [`crate::Bot::slots`].
    Shared(u16),
}

/// A turn's number within its conversation; the first is 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Turn(pub u64);

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of one entering of a state, rising over the whole conversation. A result or a choice that names another
/// entry than the active one is late.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Entry(pub u64);

/// An effect's id: the idempotency key under which the outside sees it, `conversation/turn/index`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId {
    /// The conversation that caused the effect.
    pub conversation: ConversationId,
    /// The turn that caused it.
    pub turn: Turn,
    /// Its place among the turn's effects, from 0.
    pub index: u32,
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.conversation, self.turn, self.index)
    }
}

/// A text that is no `conversation/turn/index`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no effect id; one looks like `conversation/turn/index`")]
pub struct EffectIdError(String);

impl FromStr for EffectId {
    type Err = EffectIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || EffectIdError(text.to_owned());
        let (rest, index) = text.rsplit_once('/').ok_or_else(wrong)?;
        let (conversation, turn) = rest.rsplit_once('/').ok_or_else(wrong)?;
        Ok(Self {
            conversation: conversation.into(),
            turn: Turn(turn.parse().map_err(|_| wrong())?),
            index: index.parse().map_err(|_| wrong())?,
        })
    }
}

impl Serialize for EffectId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EffectId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A choice that was offered: which entry of a state (or clarification, or offer) asked, and its key there. Shown to clients
/// as `entry.key`, so that a click on an old button can be told from one on the open question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChoiceId {
    /// The entry that asked.
    pub entry: Entry,
    /// The author's name of the choice, an enum's value, or an item's id.
    pub key: String,
}

impl fmt::Display for ChoiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entry.0, self.key)
    }
}

impl FromStr for ChoiceId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (entry, key) = text.split_once('.').ok_or(())?;
        Ok(Self {
            entry: Entry(entry.parse().map_err(|_| ())?),
            key: key.to_owned(),
        })
    }
}

impl Serialize for ChoiceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChoiceId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| {
            serde::de::Error::custom(format!(
                "`{text}` is no choice id; one looks like `12.affirm`"
            ))
        })
    }
}
