//! A store that forgets with the process: for tests, for trying things, and as the model that other stores are compared with.

mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;

use crate::{
    Bundle, Commit, CommitOutcome, Cursor, DeadLetter, DueTimer, Erased, FeedEntry, Filter, Mark,
    MessageKey, OutboxRow, Page, Removed, Reply, Retention, Scheduled, ScheduledKey, Seen, Status,
    Store, StoreError, Stored, Summary, Term, TurnRecord,
};

/// A store in memory. A clone is another handle to the same store.
#[derive(Clone, Default)]
pub struct Memory {
    tables: Arc<Mutex<Tables>>,
}

/// Everything that is kept.
#[derive(Default)]
struct Tables {
    term: Term,
    conversations: BTreeMap<ConversationId, Kept>,
    outbox: BTreeMap<EffectId, OutboxRow>,
    seen: BTreeMap<MessageKey, Seen>,
    timers: BTreeSet<DueTimer>,
    scheduled: BTreeMap<ScheduledKey, Scheduled>,
    memory: BTreeMap<UserId, BTreeMap<String, Vec<u8>>>,
    dead_letters: BTreeMap<(ConversationId, String), DeadLetter>,
    documents: BTreeMap<String, Vec<u8>>,
}

/// A conversation and its turns.
struct Kept {
    stored: Stored,
    turns: Vec<TurnRecord>,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the tables, and answers at once.
    fn answer<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Tables) -> Result<T, StoreError>,
    ) -> Reply<T> {
        // A panic while the lock was held can only be one of ours, between two complete changes of a table.
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        Box::pin(ready(ask(&mut tables)))
    }

    /// Asks the tables for the writer of a term.
    fn write<T: Send + 'static>(
        &self,
        term: Term,
        change: impl FnOnce(&mut Tables) -> Result<T, StoreError>,
    ) -> Reply<T> {
        self.answer(|tables| {
            if term < tables.term {
                return Err(StoreError::Fenced);
            }
            change(tables)
        })
    }
}

impl Store for Memory {
    fn take_over(&self) -> Reply<Term> {
        self.answer(|tables| {
            tables.term.0 += 1;
            Ok(tables.term)
        })
    }

    fn commit(&self, commit: Commit) -> Reply<CommitOutcome> {
        self.answer(|tables| tables.commit(commit))
    }

    fn load(&self, conversation: &ConversationId) -> Reply<Option<Stored>> {
        self.answer(|tables| {
            Ok(tables
                .conversations
                .get(conversation)
                .map(|kept| kept.stored.clone()))
        })
    }

    fn seen(&self, key: &MessageKey, now: Timestamp) -> Reply<Option<Seen>> {
        self.answer(|tables| Ok(tables.remembered(key, now)))
    }

    fn list(&self, filter: Filter, after: Option<Cursor>, limit: usize) -> Reply<Page<Summary>> {
        self.answer(|tables| tables.list(&filter, after, limit))
    }

    fn turns(
        &self,
        conversation: &ConversationId,
        from: Turn,
        limit: usize,
    ) -> Reply<Vec<TurnRecord>> {
        self.answer(|tables| Ok(tables.turns(conversation, from, limit)))
    }

    fn feed(
        &self,
        conversation: &ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Reply<Vec<FeedEntry>> {
        self.answer(|tables| Ok(tables.feed(conversation, after_seq, limit)))
    }

    fn outbox(&self, after: Option<EffectId>, limit: usize) -> Reply<Vec<OutboxRow>> {
        self.answer(|tables| Ok(tables.outbox_after(after, limit)))
    }

    fn outbox_of(&self, conversation: &ConversationId) -> Reply<Vec<OutboxRow>> {
        self.answer(|tables| Ok(tables.outbox_of(conversation)))
    }

    fn mark_begun(&self, term: Term, effect: &EffectId) -> Reply<Mark> {
        self.write(term, |tables| Ok(tables.mark_begun(effect)))
    }

    fn acknowledge(&self, term: Term, effects: Vec<EffectId>) -> Reply<()> {
        self.write(term, |tables| {
            for id in &effects {
                tables.outbox.remove(id);
            }
            Ok(())
        })
    }

    fn due_timers(&self, until: Timestamp, limit: usize) -> Reply<Vec<DueTimer>> {
        self.answer(|tables| {
            Ok(tables
                .timers
                .iter()
                .take_while(|due| due.at <= until)
                .take(limit)
                .cloned()
                .collect())
        })
    }

    fn due_scheduled(&self, until: Timestamp, limit: usize) -> Reply<Vec<Scheduled>> {
        self.answer(|tables| Ok(tables.due_scheduled(until, limit)))
    }

    fn next_deadline(&self) -> Reply<Option<Timestamp>> {
        self.answer(|tables| Ok(tables.next_deadline()))
    }

    fn scheduled_of(&self, user: &UserId) -> Reply<Vec<Scheduled>> {
        self.answer(|tables| {
            Ok(tables
                .scheduled
                .values()
                .filter(|event| event.user == *user)
                .cloned()
                .collect())
        })
    }

    fn unschedule(&self, term: Term, key: ScheduledKey) -> Reply<()> {
        self.write(term, |tables| {
            tables.scheduled.remove(&key);
            Ok(())
        })
    }

    fn memory(&self, user: &UserId) -> Reply<BTreeMap<String, Vec<u8>>> {
        self.answer(|tables| Ok(tables.memory.get(user).cloned().unwrap_or_default()))
    }

    fn remember(
        &self,
        term: Term,
        user: &UserId,
        changes: BTreeMap<String, Option<Vec<u8>>>,
    ) -> Reply<()> {
        self.write(term, |tables| tables.remember(user, changes))
    }

    fn bury(&self, term: Term, letter: DeadLetter) -> Reply<()> {
        self.write(term, |tables| tables.bury(letter))
    }

    fn dead_letters(&self, after: Option<Cursor>, limit: usize) -> Reply<Page<DeadLetter>> {
        self.answer(|tables| tables.dead_letters_after(after, limit))
    }

    fn redrive(
        &self,
        term: Term,
        conversation: &ConversationId,
        id: &str,
    ) -> Reply<Option<DeadLetter>> {
        self.write(term, |tables| Ok(tables.redrive(conversation, id)))
    }

    fn discard(&self, term: Term, conversation: &ConversationId, id: &str) -> Reply<()> {
        self.write(term, |tables| {
            tables
                .dead_letters
                .remove(&(conversation.clone(), id.to_owned()));
            Ok(())
        })
    }

    fn document(&self, name: &str) -> Reply<Option<Vec<u8>>> {
        self.answer(|tables| Ok(tables.documents.get(name).cloned()))
    }

    fn documents(&self, prefix: &str) -> Reply<Vec<String>> {
        self.answer(|tables| {
            Ok(tables
                .documents
                .keys()
                .filter(|name| name.starts_with(prefix))
                .cloned()
                .collect())
        })
    }

    fn keep(&self, term: Term, name: &str, document: Option<Vec<u8>>) -> Reply<()> {
        self.write(term, |tables| tables.keep(name, document))
    }

    fn retain(&self, term: Term, retention: Retention) -> Reply<Removed> {
        self.write(term, |tables| Ok(tables.retain(retention)))
    }

    fn erase(&self, term: Term, user: &UserId) -> Reply<Erased> {
        self.write(term, |tables| Ok(tables.erase(user)))
    }

    fn status(&self) -> Reply<Status> {
        self.answer(|tables| Ok(tables.status()))
    }

    fn healthy(&self) -> bool {
        true
    }

    fn bundles(&self, after: Option<Cursor>) -> Reply<Page<Bundle>> {
        self.answer(|tables| tables.bundles(after))
    }

    fn restore(&self, bundles: Vec<Bundle>) -> Reply<()> {
        self.answer(|tables| {
            bundles
                .into_iter()
                .for_each(|bundle| tables.restore(bundle));
            Ok(())
        })
    }
}
