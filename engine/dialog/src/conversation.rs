//! The state of one conversation between two events.

mod check;
mod expected;
mod frame;
mod record;
mod timers;

pub(crate) use frame::*;
pub use record::{RECORD_VERSION, RecordError};

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Bot, BotVersion, Choice, ConversationId, Entry, Locale, Pattern, PersonId, Turn, UserId, Value,
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
    /// What only the core looks into.
    pub(crate) inside: Inside,
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
    /// The session's end, where notes of sessions are kept.
    SessionEnd,
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
            inside: Inside {
                slots: bot.slots.iter().map(|slot| slot.default.clone()).collect(),
                ..Inside::default()
            },
        }
    }

    /// Whether the next event, at this time, would begin a new session: then it must carry the user's memory.
    pub fn session_is_over(&self, bot: &Bot, at: Timestamp) -> bool {
        match (&self.owner, self.inside.active_at) {
            (Owner::Queued { .. } | Owner::Person { .. }, _) => false,
            (Owner::Bot | Owner::Ended, None) => true,
            (Owner::Bot | Owner::Ended, Some(last)) => at.duration_since(last) >= bot.session.idle,
        }
    }

    /// Whether a message at this time begins a session, or follows the greeting that began the first one: then it may turn
    /// the conversation to its language.
    pub fn is_first_message(&self, bot: &Bot, at: Timestamp) -> bool {
        let greeted = self.turn <= Turn(1) && self.owner == Owner::Bot && self.is_between_flows();
        greeted || self.session_is_over(bot, at)
    }

    /// Takes over the labels that `render` gave the choices of the open question, so that the next message can name one.
    pub fn label_choices(&mut self, choices: &[Choice]) {
        for choice in choices {
            if let Some(shown) = self.inside.shown_mut(choice.id.entry)
                && let Some(one) = shown.iter_mut().find(|one| one.key == choice.id.key)
            {
                one.label.clone_from(&choice.label);
            }
        }
    }

    /// Whether it is in no flow: then it may move to a new version of the bot.
    pub fn is_between_flows(&self) -> bool {
        self.inside.frames.is_empty() && self.inside.waiting.is_empty()
    }

    /// Whether a call or a model's answer is outstanding: more will come without a word of the customer.
    pub fn is_waiting(&self) -> bool {
        !self.inside.asides.is_empty()
            || self
                .inside
                .frames
                .iter()
                .any(|frame| frame.operation.is_some())
    }

    /// Where it is, as `flow.state`: the leaf of the top flow; none = in no flow.
    pub fn state(&self, bot: &Bot) -> Option<String> {
        let mut frames = self.inside.frames.iter().rev();
        frames.find_map(|frame| {
            let flow = &bot.flows[frame.flow()?.index()];
            let leaf = &flow.states[frame.leaf()?.state.index()];
            Some(format!("{}.{}", flow.name, leaf.path))
        })
    }

    /// The values of the slots that the top flow sees, by name; secrets are masked.
    pub fn slots(&self, bot: &Bot) -> BTreeMap<String, Value> {
        let mut frames = self.inside.frames.iter().rev();
        let own =
            frames.find_map(|frame| Some((&bot.flows[frame.flow()?.index()].slots, &frame.slots)));
        let own = own
            .into_iter()
            .flat_map(|(declared, values)| declared.iter().zip(values));
        bot.slots
            .iter()
            .zip(&self.inside.slots)
            .chain(own)
            .filter_map(|(slot, value)| {
                Some((slot.name.clone(), crate::step::shown(slot, value.as_ref()?)))
            })
            .collect()
    }
}

impl Inside {
    /// The shown choices of the open question of this number.
    fn shown_mut(&mut self, entry: Entry) -> Option<&mut Vec<Shown>> {
        if let Some(interlude) = self.interlude.as_mut().filter(|one| one.entry == entry) {
            return Some(&mut interlude.choices);
        }
        let question = self.frames.last_mut()?.question.as_mut()?;
        (question.entry == entry).then_some(&mut question.choices)
    }
}

/// How long nobody may speak before the conversation's session is over, where the bot does not say.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(24);
