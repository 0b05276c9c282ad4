//! How everything but a turn changes the rows: effects, dead letters, events for later, documents, the term.

use std::collections::BTreeMap;

use dialog::{ConversationId, EffectId, UserId};

use super::counters::Counters;
use super::group::Group;
use super::keys;
use crate::codec::Record;
use crate::layout::Opaque;
use crate::verdict::check_text;
use crate::{Dead, DeadLetter, Mark, OutboxRow, Scheduled, ScheduledKey, StoreError, Term};

impl Group<'_> {
    pub(super) fn take_over(&mut self) -> Result<Term, StoreError> {
        let term = Term(self.term()?.0 + 1);
        self.put(keys::TERM.to_vec(), Counters::number_bytes(term.0))?;
        Ok(term)
    }

    /// Refuses a writer whose term is over.
    pub(super) fn check_term(&self, term: Term) -> Result<(), StoreError> {
        if term < self.term()? {
            Err(StoreError::Fenced)
        } else {
            Ok(())
        }
    }

    pub(super) fn mark_begun(&mut self, effect: &EffectId) -> Result<Mark, StoreError> {
        let key = keys::outbox(effect);
        match self.record::<OutboxRow>(&key)? {
            None => Ok(Mark::Gone),
            Some(row) if row.begun => Ok(Mark::AlreadyBegun),
            Some(row) => {
                self.put(key, OutboxRow { begun: true, ..row }.encode())?;
                Ok(Mark::Begun)
            }
        }
    }

    pub(super) fn acknowledge(&mut self, effects: &[EffectId]) -> Result<(), StoreError> {
        effects
            .iter()
            .try_for_each(|effect| self.remove(keys::outbox(effect)))
    }

    pub(super) fn schedule(&mut self, event: &Scheduled) -> Result<(), StoreError> {
        self.unschedule(&event.key())?;
        self.put(keys::due(event.at, &event.user, &event.id), Vec::new())?;
        self.put(keys::scheduled(&event.user, &event.id), event.encode())
    }

    pub(super) fn unschedule(&mut self, key: &ScheduledKey) -> Result<(), StoreError> {
        let row = keys::scheduled(&key.user, &key.id);
        if let Some(event) = self.record::<Scheduled>(&row)? {
            self.remove(keys::due(event.at, &event.user, &event.id))?;
            self.remove(row)?;
        }
        Ok(())
    }

    pub(super) fn remember(
        &mut self,
        user: &UserId,
        changes: BTreeMap<String, Option<Vec<u8>>>,
    ) -> Result<(), StoreError> {
        check_text(user.as_str())?;
        changes.keys().try_for_each(|key| check_text(key))?;
        self.change_memory(user, changes)
    }

    pub(super) fn bury(&mut self, letter: &DeadLetter) -> Result<(), StoreError> {
        check_text(&letter.id)?;
        if let Dead::Effect(row) = &letter.what {
            self.remove(keys::outbox(&row.id))?;
        }
        self.put(
            keys::dead_letter(&letter.conversation, &letter.id),
            letter.encode(),
        )
    }

    pub(super) fn redrive(
        &mut self,
        conversation: &ConversationId,
        id: &str,
    ) -> Result<Option<DeadLetter>, StoreError> {
        let key = keys::dead_letter(conversation, id);
        let Some(letter) = self.record::<DeadLetter>(&key)? else {
            return Ok(None);
        };
        if let Dead::Effect(row) = &letter.what {
            let again = OutboxRow {
                begun: false,
                ..row.clone()
            };
            self.put(keys::outbox(&row.id), again.encode())?;
            self.remove(key)?;
        }
        Ok(Some(letter))
    }

    pub(super) fn keep(&mut self, name: &str, document: Option<Vec<u8>>) -> Result<(), StoreError> {
        check_text(name)?;
        match document {
            Some(document) => self.put(keys::document(name), Opaque(document).encode()),
            None => self.remove(keys::document(name)),
        }
    }
}
