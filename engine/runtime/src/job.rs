//! What waits in a conversation's line.

use std::collections::BTreeMap;

use dialog::{
    ChoiceId, DeskEvent, EffectId, Event, GenerateOutcome, Locale, TimerId, ToolOutcome, Turn,
    UserId, Value,
};
use llm::budget::Spent;
use serde_json::{Map, Value as Json};
use store::{Duplicate, ScheduledKey};
use tokio::sync::oneshot;

use crate::TurnError;
use crate::answer::Digest;
use crate::busy::BusyGuard;
use crate::inbound::Authority;
use crate::turn::Done;

/// Something to tell a conversation, and who waits for the answer.
pub(crate) struct Job {
    pub(crate) cause: Cause,
    pub(crate) reply: Option<oneshot::Sender<Result<Done, TurnError>>>,
    pub(crate) busy: BusyGuard,
}

/// What a conversation is told.
pub(crate) enum Cause {
    /// It is opened.
    Open { begin: Begin },
    /// The customer's client sends something.
    Client {
        duplicate: Duplicate,
        what: FromClient,
        by: Authority,
        seen: Option<Turn>,
    },
    /// An event from outside or one that was scheduled.
    Outside {
        duplicate: Option<Duplicate>,
        name: String,
        data: Data,
        scheduled: Option<ScheduledKey>,
        /// How to begin the conversation where it doesn't exist yet.
        begin: Option<Begin>,
    },
    /// A call came back.
    Returned {
        effect: EffectId,
        outcome: ToolOutcome,
    },
    /// A checked sentence of a model's answer.
    Sentence {
        effect: EffectId,
        n: u32,
        text: String,
        score: f32,
    },
    /// A model's answer ended.
    Generated {
        effect: EffectId,
        outcome: GenerateOutcome,
        /// What it took.
        spent: Spent,
        /// What was said before the messages that the model was shown.
        digest: Option<Digest>,
    },
    /// Its earliest deadline has come: the timers that are due fire, each in a turn of its own.
    Due,
    /// One timer fires.
    Timer(TimerId),
    /// Something at a desk.
    Desk {
        event: DeskEvent,
        duplicate: Option<Duplicate>,
        /// The effect that asked the desk; its row is done with this.
        effect: Option<EffectId>,
    },
    /// A message of the bot's stayed undeliverable.
    DeliveryFailed { effect: EffectId, why: String },
    /// An operator ends it.
    End,
    /// An event that was a dead letter is given again.
    Again { event: Box<Event>, letter: String },
}

/// What a client sends.
pub(crate) enum FromClient {
    Text {
        id: String,
        text: String,
        attachments: Vec<Value>,
    },
    Choice(ChoiceId),
    Event {
        name: String,
        data: Map<String, Json>,
    },
}

/// Data of an event: read by its declared types already, or to be.
pub(crate) enum Data {
    Json(Map<String, Json>),
    Values(BTreeMap<String, Value>),
}

/// How a conversation begins.
#[derive(Clone, Debug)]
pub(crate) struct Begin {
    pub(crate) user: UserId,
    pub(crate) channel: String,
    pub(crate) locale: Option<Locale>,
    pub(crate) slots: Map<String, Json>,
    pub(crate) by: Authority,
}

impl Begin {
    /// As a conversation began that is replayed; its slots came with its first event.
    pub(crate) fn replayed(user: UserId, channel: String) -> Self {
        Self {
            user,
            channel,
            locale: None,
            slots: Map::new(),
            by: Authority::Integrator,
        }
    }
}

impl Job {
    /// What a client sends may be refused when too much waits; a result or a timer may not, and is bounded by what the
    /// conversation itself has begun.
    pub(crate) fn may_be_refused(&self) -> bool {
        match &self.cause {
            Cause::Open { .. } | Cause::Client { .. } | Cause::End | Cause::Again { .. } => true,
            Cause::Desk { effect, .. } => effect.is_none(),
            Cause::DeliveryFailed { .. } => false,
            Cause::Outside { scheduled, .. } => scheduled.is_none(),
            Cause::Returned { .. }
            | Cause::Sentence { .. }
            | Cause::Generated { .. }
            | Cause::Due
            | Cause::Timer(_) => false,
        }
    }
}

impl Cause {
    /// For metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Cause::Open { .. } => "open",
            Cause::Client {
                what: FromClient::Text { .. },
                ..
            } => "message",
            Cause::Client {
                what: FromClient::Choice(_),
                ..
            } => "choice",
            Cause::Client {
                what: FromClient::Event { .. },
                ..
            }
            | Cause::Outside { .. } => "outside",
            Cause::Returned { .. } => "tool",
            Cause::Sentence { .. } => "sentence",
            Cause::Generated { .. } => "model",
            Cause::Due | Cause::Timer(_) => "timer",
            Cause::Desk { .. } => "desk",
            Cause::DeliveryFailed { .. } => "delivery",
            Cause::End => "end",
            Cause::Again { .. } => "again",
        }
    }

    /// The key under which a repetition is found.
    pub(crate) fn duplicate(&self) -> Option<&Duplicate> {
        match self {
            Cause::Client { duplicate, .. } => Some(duplicate),
            Cause::Outside { duplicate, .. } | Cause::Desk { duplicate, .. } => duplicate.as_ref(),
            Cause::Open { .. }
            | Cause::Returned { .. }
            | Cause::Sentence { .. }
            | Cause::Generated { .. }
            | Cause::Due
            | Cause::Timer(_)
            | Cause::DeliveryFailed { .. }
            | Cause::End
            | Cause::Again { .. } => None,
        }
    }

    /// The effect whose answer this is: it leaves the outbox with the turn.
    pub(crate) fn answers(&self) -> Option<&EffectId> {
        match self {
            Cause::Returned { effect, .. } | Cause::Generated { effect, .. } => Some(effect),
            Cause::Desk { effect, .. } => effect.as_ref(),
            Cause::Open { .. }
            | Cause::Client { .. }
            | Cause::Outside { .. }
            | Cause::Sentence { .. }
            | Cause::Due
            | Cause::Timer(_)
            | Cause::DeliveryFailed { .. }
            | Cause::End
            | Cause::Again { .. } => None,
        }
    }

    /// The effect that this goes back to: the one that it answers, or has begun to.
    pub(crate) fn goes_back_to(&self) -> Option<&EffectId> {
        match self {
            Cause::Sentence { effect, .. } => Some(effect),
            _ => self.answers(),
        }
    }

    /// The event for later that came: it leaves the schedule with the turn.
    pub(crate) fn scheduled(&self) -> Option<&ScheduledKey> {
        match self {
            Cause::Outside { scheduled, .. } => scheduled.as_ref(),
            _ => None,
        }
    }

    /// The dead letter that is taken up: it goes with the turn.
    pub(crate) fn letter(&self) -> Option<&String> {
        match self {
            Cause::Again { letter, .. } => Some(letter),
            _ => None,
        }
    }

    /// How to begin a conversation that doesn't exist yet.
    pub(crate) fn begin(&self) -> Option<&Begin> {
        match self {
            Cause::Open { begin } => Some(begin),
            Cause::Outside { begin, .. } => begin.as_ref(),
            _ => None,
        }
    }

    /// Only these begin a session, by the language's rule.
    pub(crate) fn may_begin_session(&self) -> bool {
        matches!(
            self,
            Cause::Open { .. } | Cause::Client { .. } | Cause::Outside { .. } | Cause::Again { .. }
        )
    }

    /// Only with something new from outside: a result belongs to the version that asked for it.
    pub(crate) fn may_move_version(&self) -> bool {
        self.may_begin_session()
    }
}
