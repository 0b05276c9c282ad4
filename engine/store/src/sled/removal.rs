//! What goes: conversations that are old, ids of messages that nobody repeats any more, a person.

use dialog::{ConversationId, UserId};

use super::group::Group;
use super::keys;
use super::turn::index_keys;
use crate::{Erased, OwnerKind, Removed, Retention, StoreError, Stored};

/// Most conversations that one call of `retain` removes: a turn that comes meanwhile waits for them, a few milliseconds.
const CONVERSATIONS_A_CALL: usize = 32;

impl Group<'_> {
    pub(super) fn retain(&mut self, retention: Retention) -> Result<Removed, StoreError> {
        let old = self.old_conversations(retention)?;
        old.iter().try_for_each(|id| self.remove_conversation(id))?;
        let (duplicates, more) = self.forget_seen(retention)?;
        Ok(Removed {
            conversations: old.len() as u64,
            duplicates,
            more: old.len() >= CONVERSATIONS_A_CALL || more,
        })
    }

    /// Some conversations that retention removes: ended ones by their end, others by their last activity.
    fn old_conversations(&self, retention: Retention) -> Result<Vec<ConversationId>, StoreError> {
        let mut old = Vec::new();
        if retention.ended_before.is_some() {
            let ended = keys::owned_by(OwnerKind::Ended);
            self.gather_old(
                retention,
                &ended,
                &keys::behind(&ended),
                keys::owned_conversation,
                &mut old,
            )?;
        }
        if let Some(before) = retention.idle_before {
            self.gather_old(
                retention,
                b"a",
                &keys::active_from(before),
                keys::active_conversation,
                &mut old,
            )?;
        }
        Ok(old)
    }

    fn gather_old(
        &self,
        retention: Retention,
        from: &[u8],
        until: &[u8],
        conversation: fn(&[u8]) -> Option<ConversationId>,
        old: &mut Vec<ConversationId>,
    ) -> Result<(), StoreError> {
        let mut from = from.to_vec();
        while old.len() < CONVERSATIONS_A_CALL {
            let rows = self.rows_between(&from, until, CONVERSATIONS_A_CALL)?;
            let Some((last, _)) = rows.last() else { break };
            from = keys::behind_one(last);
            for id in rows.iter().filter_map(|(key, _)| conversation(key)) {
                let stored: Option<Stored> = self.record(&keys::head(&id))?;
                if stored.is_some_and(|stored| retention.removes(&stored)) && !old.contains(&id) {
                    old.push(id);
                }
            }
        }
        old.truncate(CONVERSATIONS_A_CALL);
        Ok(())
    }

    /// Removes a conversation and all that belongs to it.
    pub(super) fn remove_conversation(&mut self, id: &ConversationId) -> Result<(), StoreError> {
        let Some(stored) = self.record::<Stored>(&keys::head(id))? else {
            return Ok(());
        };
        index_keys(id, &stored)
            .into_iter()
            .try_for_each(|key| self.remove(key))?;
        self.remove_days(id, &stored)?;
        self.remove_all(&keys::conversation(id))?;
        self.remove_all(&keys::outbox_of(id))?;
        self.remove_all(&keys::dead_letters_of(id))
    }

    /// Removes a person.
    pub(super) fn erase(&mut self, user: &UserId) -> Result<Erased, StoreError> {
        let conversations = keys::conversations_of(user);
        let start = conversations.len();
        let theirs = self.rows(&conversations)?;
        let theirs: Vec<ConversationId> = theirs
            .iter()
            .filter_map(|(key, _)| keys::text_at(key, start))
            .map(ConversationId)
            .collect();
        theirs
            .iter()
            .try_for_each(|id| self.remove_conversation(id))?;
        let memories = self.rows(&keys::memories(user))?.len() as u64;
        let scheduled = self.scheduled(user)?;
        scheduled
            .iter()
            .try_for_each(|event| self.unschedule(&event.key()))?;
        self.remove_seen_of(user)?;
        self.remove_all(&keys::user(user))?;
        Ok(Erased {
            conversations: theirs.len() as u64,
            memories,
            scheduled: scheduled.len() as u64,
        })
    }
}
