//! How the tables change.

use std::collections::BTreeMap;

use dialog::{ConversationId, EffectId, UserId};

use super::{Kept, Tables};
use crate::verdict::{Ground, check_text, refusal};
use crate::{
    Bundle, Commit, CommitOutcome, ConversationBundle, Dead, DeadLetter, DueTimer, Duplicate,
    Erased, Mark, MessageKey, Removed, Retention, Scope, Seen, StoreError, Stored, UserBundle,
};

impl Tables {
    pub(super) fn commit(&mut self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let before = self
            .conversations
            .get(&commit.conversation)
            .map(|kept| &kept.stored);
        let seen = commit
            .duplicate
            .as_ref()
            .and_then(|duplicate| self.seen.get(&duplicate.key));
        let ground = Ground {
            term: self.term,
            seen: seen.cloned(),
            stored: before,
        };
        if let Some(outcome) = refusal(&commit, ground)? {
            return Ok(outcome);
        }
        let stored = Stored::after(&commit, before);
        let version = stored.version;
        self.place(&commit.conversation, stored);
        self.apply(commit);
        Ok(CommitOutcome::Committed(version))
    }

    /// Puts a conversation's new head and state in place, and its timer.
    fn place(&mut self, id: &ConversationId, stored: Stored) {
        self.set_timer(id, stored.head.timer);
        match self.conversations.get_mut(id) {
            Some(kept) => kept.stored = stored,
            None => {
                self.conversations.insert(
                    id.clone(),
                    Kept {
                        stored,
                        turns: Vec::new(),
                    },
                );
            }
        }
    }

    fn set_timer(&mut self, id: &ConversationId, at: Option<jiff::Timestamp>) {
        let before = self
            .conversations
            .get(id)
            .and_then(|kept| kept.stored.head.timer);
        let due = |at| DueTimer {
            at,
            conversation: id.clone(),
        };
        if let Some(before) = before {
            self.timers.remove(&due(before));
        }
        self.timers.extend(at.map(due));
    }

    /// Everything of a commit but head and state.
    fn apply(&mut self, commit: Commit) {
        let seen = |duplicate: &Duplicate| Seen {
            conversation: commit.conversation.clone(),
            turn: commit.turn.turn,
            body: duplicate.body,
            at: commit.at,
        };
        self.seen.extend(
            commit
                .duplicate
                .as_ref()
                .map(|duplicate| (duplicate.key.clone(), seen(duplicate))),
        );
        for id in commit.outbox.remove {
            self.outbox.remove(&id);
        }
        self.outbox.extend(
            commit
                .outbox
                .add
                .into_iter()
                .map(|row| (row.id.clone(), row)),
        );
        for key in commit.scheduled.remove {
            self.scheduled.remove(&key);
        }
        self.scheduled.extend(
            commit
                .scheduled
                .add
                .into_iter()
                .map(|event| (event.key(), event)),
        );
        for id in commit.dead_letters.remove {
            self.dead_letters.remove(&(commit.conversation.clone(), id));
        }
        for letter in commit.dead_letters.add {
            self.insert_letter(letter);
        }
        self.change_memory(&commit.head.user, commit.memory);
        let kept = self
            .conversations
            .get_mut(&commit.conversation)
            .expect("it was put in place just now");
        kept.turns.push(commit.turn);
    }

    pub(super) fn remember(
        &mut self,
        user: &UserId,
        changes: BTreeMap<String, Option<Vec<u8>>>,
    ) -> Result<(), StoreError> {
        check_text(user.as_str())?;
        changes.keys().try_for_each(|key| check_text(key))?;
        self.change_memory(user, changes);
        Ok(())
    }

    fn change_memory(&mut self, user: &UserId, changes: BTreeMap<String, Option<Vec<u8>>>) {
        if changes.is_empty() {
            return;
        }
        let memory = self.memory.entry(user.clone()).or_default();
        for (key, value) in changes {
            match value {
                Some(value) => memory.insert(key, value),
                None => memory.remove(&key),
            };
        }
        if memory.is_empty() {
            self.memory.remove(user);
        }
    }

    pub(super) fn mark_begun(&mut self, effect: &EffectId) -> Mark {
        match self.outbox.get_mut(effect) {
            None => Mark::Gone,
            Some(row) if row.begun => Mark::AlreadyBegun,
            Some(row) => {
                row.begun = true;
                Mark::Begun
            }
        }
    }

    pub(super) fn bury(&mut self, letter: DeadLetter) -> Result<(), StoreError> {
        check_text(&letter.id)?;
        if let Dead::Effect(row) = &letter.what {
            self.outbox.remove(&row.id);
        }
        self.insert_letter(letter);
        Ok(())
    }

    fn insert_letter(&mut self, letter: DeadLetter) {
        self.dead_letters
            .insert((letter.conversation.clone(), letter.id.clone()), letter);
    }

    pub(super) fn redrive(
        &mut self,
        conversation: &ConversationId,
        id: &str,
    ) -> Option<DeadLetter> {
        let key = (conversation.clone(), id.to_owned());
        let letter = self.dead_letters.get(&key)?.clone();
        if let Dead::Effect(row) = &letter.what {
            let mut row = row.clone();
            row.begun = false;
            self.outbox.insert(row.id.clone(), row);
            self.dead_letters.remove(&key);
        }
        Some(letter)
    }

    pub(super) fn keep(&mut self, name: &str, document: Option<Vec<u8>>) -> Result<(), StoreError> {
        check_text(name)?;
        match document {
            Some(document) => self.documents.insert(name.to_owned(), document),
            None => self.documents.remove(name),
        };
        Ok(())
    }

    pub(super) fn retain(&mut self, retention: Retention) -> Removed {
        let old = self
            .conversations
            .iter()
            .filter(|(_, kept)| retention.removes(&kept.stored));
        let old: Vec<ConversationId> = old.map(|(id, _)| id.clone()).collect();
        old.iter().for_each(|id| self.remove_conversation(id));
        let before = self.seen.len();
        self.seen.retain(|_, seen| !retention.forgets(seen));
        Removed {
            conversations: old.len() as u64,
            duplicates: (before - self.seen.len()) as u64,
            more: false,
        }
    }

    fn remove_conversation(&mut self, id: &ConversationId) {
        self.set_timer(id, None);
        self.conversations.remove(id);
        self.outbox.retain(|effect, _| effect.conversation != *id);
        self.dead_letters
            .retain(|(conversation, _), _| conversation != id);
        self.seen.retain(|key, _| !is_of(key, id));
    }

    pub(super) fn erase(&mut self, user: &UserId) -> Erased {
        let theirs = self
            .conversations
            .iter()
            .filter(|(_, kept)| kept.stored.head.user == *user);
        let theirs: Vec<ConversationId> = theirs.map(|(id, _)| id.clone()).collect();
        theirs.iter().for_each(|id| self.remove_conversation(id));
        let before = self.scheduled.len();
        self.scheduled.retain(|key, _| key.user != *user);
        self.seen
            .retain(|key, _| key.scope != Scope::User(user.clone()));
        Erased {
            conversations: theirs.len() as u64,
            memories: self
                .memory
                .remove(user)
                .map_or(0, |memory| memory.len() as u64),
            scheduled: (before - self.scheduled.len()) as u64,
        }
    }

    pub(super) fn restore(&mut self, bundle: Bundle) {
        match bundle {
            Bundle::Conversation(bundle) => self.restore_conversation(*bundle),
            Bundle::User(bundle) => self.restore_user(bundle),
            Bundle::Document { name, document } => {
                self.documents.insert(name, document);
            }
        }
    }

    fn restore_conversation(&mut self, bundle: ConversationBundle) {
        self.remove_conversation(&bundle.conversation);
        self.place(&bundle.conversation, bundle.stored);
        self.conversations
            .entry(bundle.conversation)
            .and_modify(|kept| kept.turns = bundle.turns);
        self.outbox
            .extend(bundle.outbox.into_iter().map(|row| (row.id.clone(), row)));
        self.seen.extend(bundle.seen);
        bundle
            .dead_letters
            .into_iter()
            .for_each(|letter| self.insert_letter(letter));
    }

    fn restore_user(&mut self, bundle: UserBundle) {
        self.memory
            .entry(bundle.user)
            .or_default()
            .extend(bundle.memory);
        self.scheduled.extend(
            bundle
                .scheduled
                .into_iter()
                .map(|event| (event.key(), event)),
        );
        self.seen.extend(bundle.seen);
    }
}

fn is_of(key: &MessageKey, id: &ConversationId) -> bool {
    matches!(&key.scope, Scope::Conversation(conversation) if conversation == id)
}
