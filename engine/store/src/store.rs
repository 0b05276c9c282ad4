//! The trait that every store keeps.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;

use crate::{
    Bundle, Commit, CommitOutcome, Cursor, DeadLetter, DueTimer, Erased, FeedEntry, Filter, Mark,
    MessageKey, OutboxRow, Page, Removed, Retention, Scheduled, ScheduledKey, Seen, Status,
    StoreError, Stored, Summary, Term, TurnRecord,
};

/// An answer that comes later. It may be dropped: what was asked is done all the same.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'static>>;

/// Keeps conversations, and everything that must survive a crash together with them.
///
/// A write takes its place in line when the method is called and is durable when its answer comes; an answer of
/// [`StoreError::Broken`] is the store's last. A read of a conversation or a user never shows what could still be lost. Reads
/// are short and may be awaited on any worker.
pub trait Store: Send + Sync + 'static {
    /// Takes the store over: raises the term, durably, and gives the new one. Whoever wrote under an older term is fenced.
    fn take_over(&self) -> Reply<Term>;

    /// Writes a turn.
    fn commit(&self, commit: Commit) -> Reply<CommitOutcome>;

    /// A conversation, or none if there is no such.
    fn load(&self, conversation: &ConversationId) -> Reply<Option<Stored>>;

    /// A message that was committed less than [`crate::DUPLICATES_KEPT`] before `now`.
    fn seen(&self, key: &MessageKey, now: Timestamp) -> Reply<Option<Seen>>;

    /// Conversations that a filter holds for. Those that wait for or have a person come in the order in which they came there; others in an
    /// order that stays the same. One that is active meanwhile may come twice.
    fn list(&self, filter: Filter, after: Option<Cursor>, limit: usize) -> Reply<Page<Summary>>;

    /// Turns from this one on, in order.
    fn turns(
        &self,
        conversation: &ConversationId,
        from: Turn,
        limit: usize,
    ) -> Reply<Vec<TurnRecord>>;

    /// Entries of the feed after this number, in order.
    fn feed(
        &self,
        conversation: &ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Reply<Vec<FeedEntry>>;

    /// Effects that are not done, those of a conversation together and in order, after this one.
    fn outbox(&self, after: Option<EffectId>, limit: usize) -> Reply<Vec<OutboxRow>>;

    /// A conversation's effects that are not done, in order.
    fn outbox_of(&self, conversation: &ConversationId) -> Reply<Vec<OutboxRow>>;

    /// Notes durably that the request of an effect is about to leave.
    fn mark_begun(&self, term: Term, effect: &EffectId) -> Reply<Mark>;

    /// Removes effects that are done and whose result changes no conversation.
    fn acknowledge(&self, term: Term, effects: Vec<EffectId>) -> Reply<()>;

    /// Conversations whose earliest deadline is not after `until`, the earliest first.
    fn due_timers(&self, until: Timestamp, limit: usize) -> Reply<Vec<DueTimer>>;

    /// Events for later that are due, the earliest first.
    fn due_scheduled(&self, until: Timestamp, limit: usize) -> Reply<Vec<Scheduled>>;

    /// The earliest time at which a timer or an event for later is due.
    fn next_deadline(&self) -> Reply<Option<Timestamp>>;

    /// A user's events for later.
    fn scheduled_of(&self, user: &UserId) -> Reply<Vec<Scheduled>>;

    /// Drops an event for later.
    fn unschedule(&self, term: Term, key: ScheduledKey) -> Reply<()>;

    /// A user's long-term memory.
    fn memory(&self, user: &UserId) -> Reply<BTreeMap<String, Vec<u8>>>;

    /// Changes a user's long-term memory outside a turn: keys to set, or to forget (none).
    fn remember(
        &self,
        term: Term,
        user: &UserId,
        changes: BTreeMap<String, Option<Vec<u8>>>,
    ) -> Reply<()>;

    /// Keeps what could not be carried out. An effect leaves the outbox with it.
    fn bury(&self, term: Term, letter: DeadLetter) -> Reply<()>;

    /// Dead letters.
    fn dead_letters(&self, after: Option<Cursor>, limit: usize) -> Reply<Page<DeadLetter>>;

    /// Takes a dead letter out and gives it; an effect goes back into the outbox, not begun. An event is the caller's to give
    /// to a turn, whose commit better removes the letter ([`Commit::dead_letters`]) so that no crash can lose it: so an event
    /// is given and left.
    fn redrive(
        &self,
        term: Term,
        conversation: &ConversationId,
        id: &str,
    ) -> Reply<Option<DeadLetter>>;

    /// Removes a dead letter.
    fn discard(&self, term: Term, conversation: &ConversationId, id: &str) -> Reply<()>;

    /// A named document that belongs to nobody: a bot's sources, what is active.
    fn document(&self, name: &str) -> Reply<Option<Vec<u8>>>;

    /// The names of documents that begin like this, in order.
    fn documents(&self, prefix: &str) -> Reply<Vec<String>>;

    /// Keeps a named document, or removes it (none).
    fn keep(&self, term: Term, name: &str, document: Option<Vec<u8>>) -> Reply<()>;

    /// Removes some of what is old enough; call again while there is more.
    fn retain(&self, term: Term, retention: Retention) -> Reply<Removed>;

    /// Removes everything of a person at once: conversations with turns, effects, dead letters and ids of messages, memory,
    /// events for later. On the disk old bytes stay until the store is compacted.
    fn erase(&self, term: Term, user: &UserId) -> Reply<Erased>;

    /// How full it is.
    fn status(&self) -> Reply<Status>;

    /// Whether new turns can be taken: nothing broke, and the disk is not nearly full.
    fn healthy(&self) -> bool;

    /// A part of everything, for a copy. What is in one bundle is of one moment.
    fn bundles(&self, after: Option<Cursor>) -> Reply<Page<Bundle>>;

    /// Writes what [`Store::bundles`] gave, over what is there.
    fn restore(&self, bundles: Vec<Bundle>) -> Reply<()>;
}
