//! What one turn writes, and what can come of it.

use std::collections::BTreeMap;

use dialog::{BotVersion, ConversationId, EffectId, Turn, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::{DeadLetter, OutboxRow, OwnerKind, Scheduled, ScheduledKey, TurnRecord};

/// How often a conversation was committed; 0 = it isn't stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// Which holder of the store writes. Rises with each [`crate::Store::take_over`]; an older one's writes are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(pub u64);

/// How long a message's id is remembered.
pub const DUPLICATES_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One turn: everything that it changes, written at once or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The conversation.
    pub conversation: ConversationId,
    /// The writer's term, from [`crate::Store::take_over`].
    pub term: Term,
    /// The version that the turn rests on; `Version(0)` for a conversation that begins.
    pub expected: Version,
    /// The event's time. Becomes the conversation's last activity.
    pub at: Timestamp,
    /// The message that caused the turn, so that its repetition is found for [`DUPLICATES_KEPT`].
    pub duplicate: Option<Duplicate>,
    /// What the store itself must know of the conversation from now on.
    pub head: Head,
    /// The conversation after the turn.
    pub state: Vec<u8>,
    /// What happened. Its `turn` is the stored one + 1, its `first_seq` the stored `last_seq` + 1.
    pub turn: TurnRecord,
    /// If the bot says something in this turn: the epoch in which that was decided. Below the stored epoch the commit is a
    /// [`CommitOutcome::Conflict`].
    pub bot_spoke_in: Option<u64>,
    /// Effects to carry out, and effects that are done.
    pub outbox: Changes<OutboxRow, EffectId>,
    /// Events of the user for later, and those that came.
    pub scheduled: Changes<Scheduled, ScheduledKey>,
    /// What could not be carried out, and what is tried again with this turn (by [`DeadLetter::id`]).
    pub dead_letters: Changes<DeadLetter, String>,
    /// The user's long-term memory: keys to set, or to forget (none).
    pub memory: BTreeMap<String, Option<Vec<u8>>>,
}

/// What the store knows of a conversation beside its opaque state: what it can be found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Whose it is.
    pub user: UserId,
    /// The version of the bot that it runs on.
    pub bot: BotVersion,
    /// Who speaks.
    pub owner: OwnerKind,
    /// Rises with each change of owner.
    pub epoch: u64,
    /// The earliest deadline of its timers.
    pub timer: Option<Timestamp>,
}

/// Rows to add and rows to remove. Removing what isn't there is no error: it was done before.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes<Row, Key> {
    /// To add.
    pub add: Vec<Row>,
    /// To remove.
    pub remove: Vec<Key>,
}

impl<Row, Key> Default for Changes<Row, Key> {
    fn default() -> Self {
        Self {
            add: Vec::new(),
            remove: Vec::new(),
        }
    }
}

/// A message as its sender named it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageKey {
    /// Within what the sender's ids are unique.
    pub scope: Scope,
    /// Who made the id, for example a channel's name.
    pub source: String,
    /// The id.
    pub id: String,
}

/// Within what a message's id is unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Messages of a conversation.
    Conversation(ConversationId),
    /// Events to a user, whatever conversation they end in.
    User(UserId),
}

/// A message and what it said: the same key with another body is no repetition but a mistake of the sender's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Its name.
    pub key: MessageKey,
    /// A hash of its body.
    pub body: BodyHash,
}

/// A hash of a message's body; which one is the runtime's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyHash(pub [u8; 32]);

/// A message that was committed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Where it went.
    pub conversation: ConversationId,
    /// The turn that it caused.
    pub turn: Turn,
    /// What it said.
    pub body: BodyHash,
    /// When it was committed.
    pub at: Timestamp,
}

/// What came of a commit. Checked in this order: term, duplicate, version and epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is durable; the conversation's new version.
    Committed(Version),
    /// The message was committed before: answer from this turn. [`Seen::body`] tells a repetition from another message under
    /// the same id.
    Duplicate(Seen),
    /// The conversation changed since it was loaded, or a person owns it by now: load again, once.
    Conflict,
    /// Another replica writes by now: let the sender repeat, forget the conversation, do not try again.
    Fenced,
}
