//! What goes: conversations that are old, ids of messages that nobody repeats any more, a person.

use dialog::{ConversationId, UserId};

use super::group::Group;
use super::keys;
use super::turn::index_keys;
use crate::codec::Record as _;
use crate::{Erased, OwnerKind, Removed, Retention, Scope, Seen, StoreError, Stored};

/// Most conversations that one call of `retain` removes: a turn that comes meanwhile waits for them, a few milliseconds.
const CONVERSATIONS_A_CALL: usize = 32;

/// Most conversations and users whose ids of messages one call of `retain` removes, for the same reason.
const SCOPES_A_CALL: usize = 32;

impl Group<'_> {
    pub(super) fn retain(&mut self, retention: Retention) -> Result<Removed, StoreError> {
        let old = self.old_conversations(retention)?;
        old.iter().try_for_each(|id| self.remove_conversation(id))?;
        let (looked_at, duplicates) = self.forget_seen(retention)?;
        Ok(Removed {
            conversations: old.len() as u64,
            duplicates,
            more: old.len() >= CONVERSATIONS_A_CALL || looked_at >= SCOPES_A_CALL,
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

    /// Removes ids of messages; of how many days and scopes, and how many.
    fn forget_seen(&mut self, retention: Retention) -> Result<(usize, u64), StoreError> {
        let Some(before) = retention.duplicates_before else {
            return Ok((0, 0));
        };
        let days = self.rows_between(b"e", &keys::seen_from(before), SCOPES_A_CALL)?;
        let mut forgotten = 0;
        for (key, _) in &days {
            if let Some(scope) = keys::seen_scope(key) {
                forgotten += self.forget_seen_in(&scope, retention)?;
            }
            self.remove(key.clone())?;
        }
        Ok((days.len(), forgotten))
    }

    fn forget_seen_in(&mut self, scope: &Scope, retention: Retention) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for (key, value) in self.rows(&keys::seen_in(scope))? {
            if retention.forgets(&Seen::decode(&value)?) {
                self.remove(key)?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// Removes a conversation and all that belongs to it.
    pub(super) fn remove_conversation(&mut self, id: &ConversationId) -> Result<(), StoreError> {
        let Some(stored) = self.record::<Stored>(&keys::head(id))? else {
            return Ok(());
        };
        index_keys(id, &stored)
            .into_iter()
            .try_for_each(|key| self.remove(key))?;
        self.remove_seen(&Scope::Conversation(id.clone()))?;
        self.remove_all(&keys::conversation(id))?;
        self.remove_all(&keys::outbox_of(id))?;
        self.remove_all(&keys::dead_letters_of(id))
    }

    /// Removes the ids of messages of a scope.
    fn remove_seen(&mut self, scope: &Scope) -> Result<(), StoreError> {
        for (key, value) in self.rows(&keys::seen_in(scope))? {
            let seen = Seen::decode(&value)?;
            self.remove(keys::seen_on(seen.at, scope))?;
            self.remove(key)?;
        }
        Ok(())
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
        self.remove_seen(&Scope::User(user.clone()))?;
        self.remove_all(&keys::user(user))?;
        Ok(Erased {
            conversations: theirs.len() as u64,
            memories,
            scheduled: scheduled.len() as u64,
        })
    }
}
