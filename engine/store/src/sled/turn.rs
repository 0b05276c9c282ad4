//! How a turn changes the rows.

use std::collections::BTreeMap;

use dialog::{ConversationId, UserId};
use jiff::Timestamp;

use super::group::Group;
use super::keys;
use crate::codec::Record;
use crate::layout::Opaque;
use crate::verdict::{Ground, day, refusal};
use crate::{
    Commit, CommitOutcome, Duplicate, MessageKey, OwnerKind, Scope, Seen, StoreError, Stored,
    Version,
};

impl Group<'_> {
    /// Writes a turn, or says why not.
    pub(super) fn commit(&mut self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let before: Option<Stored> = self.record(&keys::head(&commit.conversation))?;
        let seen = match &commit.duplicate {
            Some(duplicate) => self.record::<Seen>(&keys::seen(&duplicate.key))?,
            None => None,
        };
        let ground = Ground {
            term: self.term()?,
            seen: seen.clone(),
            stored: before.as_ref(),
        };
        if let Some(outcome) = refusal(&commit, ground)? {
            return Ok(outcome);
        }
        self.write_turn(commit, before.as_ref(), seen)
            .map(CommitOutcome::Committed)
    }

    fn write_turn(
        &mut self,
        commit: Commit,
        before: Option<&Stored>,
        expired: Option<Seen>,
    ) -> Result<Version, StoreError> {
        let id = &commit.conversation;
        let stored = Stored::after(&commit, before);
        self.place(id, &stored, before)?;
        self.put(keys::turn(id, commit.turn.turn), commit.turn.encode())?;
        if let Some(duplicate) = &commit.duplicate {
            self.note_seen(&commit, duplicate, expired)?;
        }
        for effect in &commit.outbox.remove {
            self.remove(keys::outbox(effect))?;
        }
        for row in &commit.outbox.add {
            self.put(keys::outbox(&row.id), row.encode())?;
        }
        for key in &commit.scheduled.remove {
            self.unschedule(key)?;
        }
        for event in &commit.scheduled.add {
            self.schedule(event)?;
        }
        for letter in &commit.dead_letters.remove {
            self.remove(keys::dead_letter(id, letter))?;
        }
        for letter in &commit.dead_letters.add {
            self.put(keys::dead_letter(id, &letter.id), letter.encode())?;
        }
        self.change_memory(&commit.head.user, commit.memory)?;
        Ok(stored.version)
    }

    /// Puts a conversation's head and state in place, and what it is found by.
    pub(super) fn place(
        &mut self,
        id: &ConversationId,
        stored: &Stored,
        before: Option<&Stored>,
    ) -> Result<(), StoreError> {
        let found_by = before.map_or_else(Vec::new, |before| index_keys(id, before));
        let finds = index_keys(id, stored);
        for key in found_by.iter().filter(|key| !finds.contains(key)) {
            self.remove(key.clone())?;
        }
        for key in finds.into_iter().filter(|key| !found_by.contains(key)) {
            self.put(key, Vec::new())?;
        }
        self.put(keys::head(id), stored.encode())
    }

    fn note_seen(
        &mut self,
        commit: &Commit,
        duplicate: &Duplicate,
        expired: Option<Seen>,
    ) -> Result<(), StoreError> {
        let seen = Seen {
            conversation: commit.conversation.clone(),
            turn: commit.turn.turn,
            body: duplicate.body,
            at: commit.at,
        };
        self.put_seen(&duplicate.key, &seen)?;
        match expired {
            Some(expired) => self.check_seen_on(expired.at, &duplicate.key.scope),
            None => Ok(()),
        }
    }

    /// Puts a message's id, and its day, once for all ids of a scope.
    pub(super) fn put_seen(&mut self, key: &MessageKey, seen: &Seen) -> Result<(), StoreError> {
        self.put(keys::seen(key), seen.encode())?;
        let day = keys::seen_on(seen.at, &key.scope);
        if self.get(&day)?.is_none() {
            self.put(day, Vec::new())
        } else {
            Ok(())
        }
    }

    /// Removes the day of a scope's ids if none of them is of that day any more.
    fn check_seen_on(&mut self, at: Timestamp, scope: &Scope) -> Result<(), StoreError> {
        for (_, value) in self.rows(&keys::seen_in(scope))? {
            if day(Seen::decode(&value)?.at) == day(at) {
                return Ok(());
            }
        }
        self.remove(keys::seen_on(at, scope))
    }

    pub(super) fn change_memory(
        &mut self,
        user: &UserId,
        changes: BTreeMap<String, Option<Vec<u8>>>,
    ) -> Result<(), StoreError> {
        for (name, value) in changes {
            let key = keys::memory(user, &name);
            match value {
                Some(value) => self.put(key, Opaque(value).encode())?,
                None => self.remove(key)?,
            }
        }
        Ok(())
    }
}

/// The rows without a value by which a conversation is found.
pub(super) fn index_keys(id: &ConversationId, stored: &Stored) -> Vec<keys::Key> {
    let mut found_by = vec![
        keys::active(stored.active, id),
        keys::conversation_of(&stored.head.user, id),
    ];
    if stored.head.owner != OwnerKind::Bot {
        found_by.push(keys::owned(stored.head.owner, stored.owned_since, id));
    }
    found_by.extend(stored.head.timer.map(|at| keys::timer(at, id)));
    found_by
}
