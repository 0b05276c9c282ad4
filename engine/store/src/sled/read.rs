//! What the tree answers.

use std::collections::BTreeMap;

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;
use sled::{IVec, Tree};

use super::group::broken;
use super::keys::{self, Key};
use super::place::{cursor, place};
use crate::codec::Record;
use crate::layout::Opaque;
use crate::verdict::is_remembered;
use crate::{
    Cursor, DeadLetter, DueTimer, FeedEntry, Filter, MessageKey, OutboxRow, OwnerKind, Page,
    Scheduled, Seen, StoreError, Stored, Summary, TurnRecord,
};

/// Most rows that one page of a list looks at: a filter that fits nothing must not read a million conversations at once.
const LOOKED_AT_MAX: usize = 2048;

/// The tree as it is now.
pub(super) struct View<'a>(pub(super) &'a Tree);

impl View<'_> {
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.0.get(key).map_err(broken)
    }

    pub(super) fn record<R: Record>(&self, key: &[u8]) -> Result<Option<R>, StoreError> {
        self.get(key)?.map(|bytes| R::decode(&bytes)).transpose()
    }

    pub(super) fn load(&self, id: &ConversationId) -> Result<Option<Stored>, StoreError> {
        self.record(&keys::head(id))
    }

    pub(super) fn seen(
        &self,
        key: &MessageKey,
        now: Timestamp,
    ) -> Result<Option<Seen>, StoreError> {
        let seen = self.find_seen(key, now)?;
        Ok(seen.filter(|seen| is_remembered(seen, now)))
    }

    pub(super) fn list(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Summary>, StoreError> {
        let index = Index::of(filter);
        let from = after.map_or_else(|| Ok(index.from.clone()), place)?;
        let mut rows = Vec::new();
        for (looked_at, row) in self.0.range(from..index.until).enumerate() {
            let (key, _) = row.map_err(broken)?;
            if rows.len() >= limit || looked_at >= LOOKED_AT_MAX {
                return Ok(Page {
                    rows,
                    next: Some(cursor(&key)),
                });
            }
            let Some(id) = (index.conversation)(&key) else {
                continue;
            };
            let stored = self.load(&id)?;
            let stored = stored.filter(|stored| (index.is_current)(&key, &id, stored));
            let summary = stored.map(|stored| Summary::new(id, &stored));
            rows.extend(summary.filter(|summary| filter.holds(summary)));
        }
        Ok(Page { rows, next: None })
    }

    pub(super) fn turns(
        &self,
        id: &ConversationId,
        from: Turn,
        limit: usize,
    ) -> Result<Vec<TurnRecord>, StoreError> {
        let until = keys::behind(&keys::turns(id));
        self.records(keys::turn(id, from), until, limit)
    }

    pub(super) fn feed(
        &self,
        id: &ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        let mut entries = Vec::new();
        let mut from = self.turn_of(id, after_seq)?;
        while entries.len() < limit {
            let turns = self.turns(id, from, TURNS_AT_ONCE)?;
            let Some(last) = turns.last() else { break };
            from = Turn(last.turn.0 + 1);
            entries.extend(
                turns
                    .iter()
                    .flat_map(TurnRecord::entries)
                    .filter(|entry| entry.seq > after_seq),
            );
        }
        entries.truncate(limit);
        Ok(entries)
    }

    /// The last turn that begins at or before the entry behind this one: halving, as turns have no gaps.
    fn turn_of(&self, id: &ConversationId, after_seq: u64) -> Result<Turn, StoreError> {
        let last = self.load(id)?.map_or(0, |stored| stored.turn.0);
        let (mut low, mut high) = (1, last);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let record = self.record::<TurnRecord>(&keys::turn(id, Turn(middle)))?;
            match record.is_some_and(|record| record.first_seq <= after_seq + 1) {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        Ok(Turn(low))
    }

    pub(super) fn outbox(
        &self,
        after: Option<&EffectId>,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let from = after.map_or_else(|| b"o".to_vec(), |id| keys::behind_one(&keys::outbox(id)));
        self.records(from, keys::behind(b"o"), limit)
    }

    pub(super) fn outbox_of(&self, id: &ConversationId) -> Result<Vec<OutboxRow>, StoreError> {
        let prefix = keys::outbox_of(id);
        let until = keys::behind(&prefix);
        self.records(prefix, until, usize::MAX)
    }

    pub(super) fn due_timers(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueTimer>, StoreError> {
        let due = |key: &IVec| {
            Some(DueTimer {
                at: keys::due_time(key)?,
                conversation: keys::timer_conversation(key)?,
            })
        };
        let mut timers = Vec::new();
        for row in self.0.scan_prefix(b"p") {
            let (key, _) = row.map_err(broken)?;
            match due(&key).filter(|due| due.at <= until) {
                Some(due) if timers.len() < limit => timers.push(due),
                _ => break,
            }
        }
        Ok(timers)
    }

    pub(super) fn due_scheduled(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let mut events = Vec::new();
        for row in self.0.scan_prefix(b"s").take(limit) {
            let (key, _) = row.map_err(broken)?;
            if keys::due_time(&key).is_none_or(|at| at > until) {
                break;
            }
            events.extend(self.record::<Scheduled>(&keys::scheduled_by(&key))?);
        }
        Ok(events)
    }

    pub(super) fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        let first = |prefix: &[u8]| match self.0.scan_prefix(prefix).next() {
            Some(row) => row.map(|(key, _)| keys::due_time(&key)).map_err(broken),
            None => Ok(None),
        };
        Ok(first(b"p")?.into_iter().chain(first(b"s")?).min())
    }

    pub(super) fn scheduled_of(&self, user: &UserId) -> Result<Vec<Scheduled>, StoreError> {
        let prefix = keys::scheduled_of(user);
        let until = keys::behind(&prefix);
        self.records(prefix, until, usize::MAX)
    }

    pub(super) fn memory(&self, user: &UserId) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let prefix = keys::memories(user);
        let mut memory = BTreeMap::new();
        for row in self.0.scan_prefix(&prefix) {
            let (key, value) = row.map_err(broken)?;
            let name = keys::text_at(&key, prefix.len());
            memory.extend(
                name.map(|name| Ok((name, Opaque::decode(&value)?.0)))
                    .transpose()?,
            );
        }
        Ok(memory)
    }

    pub(super) fn dead_letters(
        &self,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<DeadLetter>, StoreError> {
        let from = after.map_or_else(|| Ok(b"x".to_vec()), place)?;
        let mut rows = Vec::new();
        for row in self.0.range(from..keys::behind(b"x")) {
            let (key, value) = row.map_err(broken)?;
            if rows.len() >= limit {
                return Ok(Page {
                    rows,
                    next: Some(cursor(&key)),
                });
            }
            rows.push(DeadLetter::decode(&value)?);
        }
        Ok(Page { rows, next: None })
    }

    pub(super) fn document(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .record::<Opaque>(&keys::document(name))?
            .map(|document| document.0))
    }

    pub(super) fn documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let rows = self.0.scan_prefix(keys::document(prefix)).keys();
        rows.map(|key| Ok(String::from_utf8_lossy(&key.map_err(broken)?[1..]).into_owned()))
            .collect()
    }

    fn records<R: Record>(
        &self,
        from: Key,
        until: Key,
        limit: usize,
    ) -> Result<Vec<R>, StoreError> {
        let rows = self.0.range(from..until).take(limit);
        rows.map(|row| R::decode(&row.map_err(broken)?.1)).collect()
    }
}

/// How many turns are read at once for a part of the feed; most readers want the last few.
const TURNS_AT_ONCE: usize = 16;

/// The rows by which the conversations of a list are found.
struct Index {
    from: Key,
    until: Key,
    conversation: fn(&[u8]) -> Option<ConversationId>,
    /// Whether the row is the one by which the conversation is found now.
    is_current: fn(&[u8], &ConversationId, &Stored) -> bool,
}

impl Index {
    /// The narrowest for a filter.
    fn of(filter: &Filter) -> Self {
        match (&filter.user, filter.owner) {
            (Some(user), _) => {
                Self::below(keys::conversations_of(user), keys::conversation_of_user)
            }
            (None, Some(owner @ (OwnerKind::Queued | OwnerKind::Person | OwnerKind::Ended))) => {
                Self::below(keys::owned_by(owner), keys::owned_conversation)
            }
            (None, _) => Self {
                from: filter
                    .since
                    .map_or_else(|| b"a".to_vec(), keys::active_from),
                until: keys::behind(b"a"),
                conversation: keys::active_conversation,
                is_current: |key, id, stored| key == keys::active_first(stored.active, id),
            },
        }
    }

    fn below(prefix: Key, conversation: fn(&[u8]) -> Option<ConversationId>) -> Self {
        Self {
            until: keys::behind(&prefix),
            from: prefix,
            conversation,
            is_current: |_, _, _| true,
        }
    }
}
