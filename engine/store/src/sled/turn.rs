//! How a turn changes the rows.

use std::collections::BTreeMap;

use dialog::{ConversationId, UserId};

use super::group::Group;
use super::keys;
use crate::codec::Record;
use crate::layout::Opaque;
use crate::verdict::{Ground, refusal};
use crate::{Commit, CommitOutcome, Duplicate, OwnerKind, Seen, StoreError, Stored, Version};

impl Group<'_> {
    /// Writes a turn, or says why not.
    pub(super) fn commit(&mut self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let before: Option<Stored> = self.record(&keys::head(&commit.conversation))?;
        let seen = match &commit.duplicate {
            Some(duplicate) => self.find_seen(&duplicate.key, commit.at, before.as_ref())?,
            None => None,
        };
        let ground = Ground {
            term: self.term()?,
            seen,
            stored: before.as_ref(),
        };
        if let Some(outcome) = refusal(&commit, ground)? {
            return Ok(outcome);
        }
        self.write_turn(commit, before.as_ref())
            .map(CommitOutcome::Committed)
    }

    fn write_turn(
        &mut self,
        commit: Commit,
        before: Option<&Stored>,
    ) -> Result<Version, StoreError> {
        let id = &commit.conversation;
        let stored = Stored::after(&commit, before);
        self.place(id, &stored, before)?;
        self.put(keys::turn(id, commit.turn.turn), commit.turn.encode())?;
        if let Some(duplicate) = &commit.duplicate {
            self.put_seen(&duplicate.key, &seen(&commit, duplicate))?;
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
        self.note_active(id, stored, before)?;
        self.put(keys::head(id), stored.encode())
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

/// What is kept of a turn's message.
fn seen(commit: &Commit, duplicate: &Duplicate) -> Seen {
    Seen {
        conversation: commit.conversation.clone(),
        turn: commit.turn.turn,
        body: duplicate.body,
        at: commit.at,
    }
}

/// The rows without a value by which a conversation is found.
pub(super) fn index_keys(id: &ConversationId, stored: &Stored) -> Vec<keys::Key> {
    let mut found_by = vec![keys::conversation_of(&stored.head.user, id)];
    if stored.head.owner != OwnerKind::Bot {
        found_by.push(keys::owned(stored.head.owner, stored.owned_since, id));
    }
    found_by.extend(stored.head.timer.map(|at| keys::timer(at, id)));
    found_by
}
