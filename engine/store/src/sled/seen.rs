//! The ids of messages, by which a repeated one is known.
//!
//! A conversation's stand in the rows of the days on which it was active, the first of a day together: a million idle
//! conversations are as many rows fewer, and what is forgotten after some days lies together. Further ones have a row each, as
//! a row that grows with the conversation would be written anew by each of its turns. So have those of events for a user.

use dialog::{ConversationId, UserId};
use jiff::{SignedDuration, Timestamp};

use super::group::{Group, Row};
use super::keys::{self, Key};
use super::read::View;
use crate::codec::Record;
use crate::layout::{Id, Ids};
use crate::verdict::day;
use crate::{DUPLICATES_KEPT, MessageKey, Retention, Scope, Seen, StoreError, Stored};

/// Most ids of a day's first row, which each of them writes anew: sixteen are about as long as a turn.
const IDS_TOGETHER_MAX: usize = 16;

/// Most rows whose ids one call of `retain` removes: a turn that comes meanwhile waits for them, a few milliseconds.
pub(super) const ROWS_A_CALL: usize = 32;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn find(ids: &Ids, key: &MessageKey) -> Option<Seen> {
    let mut ids = ids.0.iter().rev();
    ids.find(|one| one.id == key.id && one.source == key.source)
        .map(|one| one.seen.clone())
}

/// The rows of a day in which an id may stand.
fn rows_of(key: &MessageKey, id: &ConversationId, at: Timestamp) -> [Key; 2] {
    let first = keys::active_first(at, id);
    [first, keys::active_further(at, id, &key.source, &key.id)]
}

/// The days on which a conversation may have got messages that still count, the latest first.
fn days(stored: &Stored, now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let oldest = now.saturating_sub(DUPLICATES_KEPT).unwrap_or(now);
    all_days(stored.begun.max(oldest), stored.active)
}

/// From one day to another, both included, the latest first.
fn all_days(first: Timestamp, last: Timestamp) -> impl Iterator<Item = Timestamp> {
    let count = day(last).saturating_sub(day(first));
    (0..=count).map(move |back| last.saturating_sub(DAY * back).unwrap_or(first))
}

/// What a message was, if its id is known; `get` reads a row.
fn find_seen<Bytes: AsRef<[u8]>>(
    key: &MessageKey,
    now: Timestamp,
    stored: Option<&Stored>,
    get: impl Fn(&[u8]) -> Result<Option<Bytes>, StoreError>,
) -> Result<Option<Seen>, StoreError> {
    let id = match &key.scope {
        Scope::User(user) => {
            let row = get(&keys::seen(user, &key.source, &key.id))?;
            return row.map(|bytes| Seen::decode(bytes.as_ref())).transpose();
        }
        Scope::Conversation(id) => id,
    };
    for at in stored.into_iter().flat_map(|stored| days(stored, now)) {
        for row in rows_of(key, id, at) {
            let ids = get(&row)?
                .map(|bytes| Ids::decode(bytes.as_ref()))
                .transpose()?;
            if let Some(seen) = ids.and_then(|ids| find(&ids, key)) {
                return Ok(Some(seen));
            }
        }
    }
    Ok(None)
}

impl View<'_> {
    /// What a message was, if its id is known.
    pub(super) fn find_seen(
        &self,
        key: &MessageKey,
        now: Timestamp,
    ) -> Result<Option<Seen>, StoreError> {
        let stored = match &key.scope {
            Scope::User(_) => None,
            Scope::Conversation(id) => self.load(id)?,
        };
        find_seen(key, now, stored.as_ref(), |row| self.get(row))
    }
}

impl Group<'_> {
    /// What a message was, if its id is known.
    pub(super) fn find_seen(
        &self,
        key: &MessageKey,
        now: Timestamp,
        stored: Option<&Stored>,
    ) -> Result<Option<Seen>, StoreError> {
        find_seen(key, now, stored, |row| self.get(row))
    }

    /// Notes that a conversation is active on a day. The row of the day before goes, if it holds nothing.
    pub(super) fn note_active(
        &mut self,
        id: &ConversationId,
        stored: &Stored,
        before: Option<&Stored>,
    ) -> Result<(), StoreError> {
        if let Some(before) = before.filter(|before| day(before.active) != day(stored.active)) {
            let last = keys::active_first(before.active, id);
            if self
                .record::<Ids>(&last)?
                .is_some_and(|ids| ids.0.is_empty())
            {
                self.remove(last)?;
            }
        }
        let row = keys::active_first(stored.active, id);
        match self.get(&row)? {
            Some(_) => Ok(()),
            None => self.put_ids(row, &Ids::default()),
        }
    }

    /// Keeps a message's id.
    pub(super) fn put_seen(&mut self, key: &MessageKey, seen: &Seen) -> Result<(), StoreError> {
        match &key.scope {
            Scope::Conversation(id) => self.put_seen_in(id, key, seen),
            Scope::User(user) => self.put_seen_of(user, key, seen),
        }
    }

    fn put_seen_in(
        &mut self,
        id: &ConversationId,
        key: &MessageKey,
        seen: &Seen,
    ) -> Result<(), StoreError> {
        let first = keys::active_first(seen.at, id);
        let mut together = self.record::<Ids>(&first)?.unwrap_or_default();
        let one = Id {
            source: key.source.clone(),
            id: key.id.clone(),
            seen: seen.clone(),
        };
        if together.0.len() < IDS_TOGETHER_MAX {
            together.0.push(one);
            return self.put_ids(first, &together);
        }
        let further = keys::active_further(seen.at, id, &key.source, &key.id);
        self.put_ids(further, &Ids(vec![one]))
    }

    /// Puts a row of ids, which will be looked at when ids are forgotten, however old it is.
    fn put_ids(&mut self, row: Key, ids: &Ids) -> Result<(), StoreError> {
        if self
            .get(keys::FORGOTTEN)?
            .is_some_and(|next| row[..] < next[..])
        {
            self.put(keys::FORGOTTEN.to_vec(), row.clone())?;
        }
        self.put(row, ids.encode())
    }

    fn put_seen_of(
        &mut self,
        user: &UserId,
        key: &MessageKey,
        seen: &Seen,
    ) -> Result<(), StoreError> {
        let row = keys::seen(user, &key.source, &key.id);
        let before = self.record::<Seen>(&row)?;
        self.put(row, seen.encode())?;
        self.put(keys::seen_on(seen.at, user), Vec::new())?;
        match before {
            Some(before) => self.check_seen_on(before.at, user),
            None => Ok(()),
        }
    }

    /// Removes the day of a user's ids if none of them is of that day any more.
    fn check_seen_on(&mut self, at: Timestamp, user: &UserId) -> Result<(), StoreError> {
        for (_, value) in self.rows(&keys::seen_of(user))? {
            if day(Seen::decode(&value)?.at) == day(at) {
                return Ok(());
            }
        }
        self.remove(keys::seen_on(at, user))
    }

    /// Every id that a scope has, each once.
    pub(super) fn seen_in(
        &self,
        scope: &Scope,
        stored: Option<&Stored>,
    ) -> Result<Vec<(MessageKey, Seen)>, StoreError> {
        match scope {
            Scope::User(user) => self.seen_of(user),
            Scope::Conversation(id) => {
                let mut all = std::collections::BTreeMap::new();
                let days = stored.map(|stored| all_days(stored.begun, stored.active));
                for at in days.into_iter().flatten() {
                    for (_, value) in self.rows(&keys::active(at, id))?.into_iter().rev() {
                        // The latest stands for a message's id that came again after it was forgotten.
                        for one in Ids::decode(&value)?.0.into_iter().rev() {
                            all.entry((one.source, one.id)).or_insert(one.seen);
                        }
                    }
                }
                let key = |(source, id)| MessageKey {
                    scope: scope.clone(),
                    source,
                    id,
                };
                Ok(all
                    .into_iter()
                    .map(|(names, seen)| (key(names), seen))
                    .collect())
            }
        }
    }

    fn seen_of(&self, user: &UserId) -> Result<Vec<(MessageKey, Seen)>, StoreError> {
        let prefix = keys::seen_of(user);
        let named = |key: &[u8]| {
            let source = keys::text_at(key, prefix.len())?;
            let id = keys::text_at(key, prefix.len() + 2 + source.len())?;
            Some(MessageKey {
                scope: Scope::User(user.clone()),
                source,
                id,
            })
        };
        let rows = self.rows(&prefix)?;
        rows.iter()
            .map(|(key, value)| {
                let corrupt = || StoreError::Corrupt {
                    what: Seen::NAME.to_owned(),
                };
                Ok((named(key).ok_or_else(corrupt)?, Seen::decode(value)?))
            })
            .collect()
    }

    /// Removes ids of messages that are old enough; how many, and whether there may be more.
    pub(super) fn forget_seen(&mut self, retention: Retention) -> Result<(u64, bool), StoreError> {
        let Some(before) = retention.duplicates_before else {
            return Ok((0, false));
        };
        let users = self.rows_between(b"e", &keys::seen_from(before), ROWS_A_CALL)?;
        let mut forgotten = 0;
        for (key, _) in &users {
            if let Some(user) = keys::seen_user(key) {
                forgotten += self.forget_seen_of(&user, retention)?;
            }
            self.remove(key.clone())?;
        }
        let next = self.get(keys::FORGOTTEN)?;
        let from = next.map_or_else(|| b"a".to_vec(), |next| next.to_vec());
        let rows = self.rows_between(&from, &keys::active_from(before), ROWS_A_CALL)?;
        for row in &rows {
            forgotten += self.forget_row(row)?;
        }
        if let Some((last, _)) = rows.last() {
            self.put(keys::FORGOTTEN.to_vec(), keys::behind_one(last))?;
        }
        let full = |count: usize| count >= ROWS_A_CALL;
        Ok((forgotten, full(users.len()) || full(rows.len())))
    }

    /// Forgets a row's ids. That of the conversation's last day stays, as the conversation is found by it.
    fn forget_row(&mut self, (key, value): &Row) -> Result<u64, StoreError> {
        let ids = Ids::decode(value)?.0.len() as u64;
        let stored = match keys::active_conversation(key) {
            Some(id) => self
                .record::<Stored>(&keys::head(&id))?
                .map(|one| (id, one)),
            None => None,
        };
        let stays =
            |(id, stored): (ConversationId, Stored)| *key == keys::active_first(stored.active, &id);
        match stored.is_some_and(stays) {
            true if ids > 0 => self.put(key.clone(), Ids::default().encode())?,
            true => {}
            false => self.remove(key.clone())?,
        }
        Ok(ids)
    }

    fn forget_seen_of(&mut self, user: &UserId, retention: Retention) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for (key, value) in self.rows(&keys::seen_of(user))? {
            if retention.forgets(&Seen::decode(&value)?) {
                self.remove(key)?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// Removes the rows of all days on which a conversation was active.
    pub(super) fn remove_days(
        &mut self,
        id: &ConversationId,
        stored: &Stored,
    ) -> Result<(), StoreError> {
        all_days(stored.begun, stored.active)
            .try_for_each(|at| self.remove_all(&keys::active(at, id)))
    }

    /// Removes the ids of events for a user.
    pub(super) fn remove_seen_of(&mut self, user: &UserId) -> Result<(), StoreError> {
        for (key, value) in self.rows(&keys::seen_of(user))? {
            let seen = Seen::decode(&value)?;
            self.remove(keys::seen_on(seen.at, user))?;
            self.remove(key)?;
        }
        Ok(())
    }
}
