//! The records that are kept: turns, effects to carry out, events for later, what failed.

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;

/// Who speaks, as far as a store sorts by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerKind {
    /// The bot.
    Bot,
    /// Waiting for a person.
    Queued,
    /// A person.
    Person,
    /// Nobody any more.
    Ended,
}

/// What happened in one turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnRecord {
    /// Its number; the first is 1, each one more than the one before.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
    /// The event that caused it.
    pub event: Vec<u8>,
    /// The `seq` of the first entry of `feed` (or of the next turn's, if this one has none). The conversation's first is 1.
    pub first_seq: u64,
    /// What subscribers are told, in order: rendered messages, changes of owner, places in the queue, the end. Entry `i` has
    /// the number `first_seq + i`.
    pub feed: Vec<Vec<u8>>,
    /// Why, in short.
    pub trace: Vec<u8>,
}

impl TurnRecord {
    /// The number of its last entry; one less than `first_seq` if it has none.
    pub fn last_seq(&self) -> u64 {
        self.first_seq + self.feed.len() as u64 - 1
    }

    /// Its entries of the feed, with their numbers.
    pub fn entries(&self) -> impl Iterator<Item = FeedEntry> + '_ {
        let numbered = (self.first_seq..).zip(&self.feed);
        numbered.map(|(seq, payload)| FeedEntry {
            seq,
            turn: self.turn,
            payload: payload.clone(),
        })
    }
}

/// One entry of a conversation's feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Its number in the conversation, from 1 without gaps.
    pub seq: u64,
    /// The turn that it belongs to.
    pub turn: Turn,
    /// What.
    pub payload: Vec<u8>,
}

/// An effect that is not done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id.
    pub id: EffectId,
    /// In which line it waits.
    pub lane: Lane,
    /// What to do.
    pub payload: Vec<u8>,
    /// Whether [`crate::Store::mark_begun`] was called: the request may have left.
    pub begun: bool,
}

/// The lines in which effects wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// What is said: strictly one after another.
    Send,
    /// Calls of tools: several at once.
    Call,
    /// Answers of models.
    Generate,
    /// What a desk is told: one after another.
    Desk,
}

/// An event of a user's for later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// The effect that scheduled it.
    pub id: EffectId,
    /// Whose it is.
    pub user: UserId,
    /// When it is due.
    pub at: Timestamp,
    /// What.
    pub payload: Vec<u8>,
}

impl Scheduled {
    /// What it is found by.
    pub fn key(&self) -> ScheduledKey {
        ScheduledKey {
            user: self.user.clone(),
            id: self.id.clone(),
        }
    }
}

/// What an event for later is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScheduledKey {
    /// Whose it is.
    pub user: UserId,
    /// The effect that scheduled it.
    pub id: EffectId,
}

/// What could not be carried out, kept for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Whose.
    pub conversation: ConversationId,
    /// Its name within the conversation: an effect's is `turn/index` ([`DeadLetter::effect_id`]), an event's what the runtime
    /// chose.
    pub id: String,
    /// When it was given up.
    pub at: Timestamp,
    /// Why, for people.
    pub why: String,
    /// What it is.
    pub what: Dead,
}

/// What a dead letter holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dead {
    /// An effect; [`crate::Store::redrive`] puts it back into the outbox.
    Effect(OutboxRow),
    /// An event that the bot could not take.
    Event(Vec<u8>),
}

impl DeadLetter {
    /// A dead letter's id for an effect.
    pub fn effect_id(effect: &EffectId) -> String {
        format!("{}/{}", effect.turn, effect.index)
    }
}
