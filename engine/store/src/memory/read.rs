//! What the tables answer.

use std::ops::Bound;

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;

use super::Tables;
use crate::bundle::BUNDLES_A_PAGE;
use crate::verdict::is_remembered;
use crate::{
    Bundle, ConversationBundle, Cursor, DeadLetter, FeedEntry, Filter, MessageKey, OutboxRow,
    OwnerKind, Page, Scheduled, Scope, Seen, Status, StoreError, Summary, TurnRecord, UserBundle,
};

impl Tables {
    pub(super) fn remembered(&self, key: &MessageKey, now: Timestamp) -> Option<Seen> {
        self.seen
            .get(key)
            .filter(|seen| is_remembered(seen, now))
            .cloned()
    }

    pub(super) fn list(
        &self,
        filter: &Filter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Summary>, StoreError> {
        let mut rows: Vec<Summary> = self
            .conversations
            .iter()
            .map(|(id, kept)| Summary::new(id.clone(), &kept.stored))
            .filter(|summary| filter.holds(summary))
            .collect();
        if matches!(filter.owner, Some(OwnerKind::Queued | OwnerKind::Person)) {
            rows.sort_by(|one, other| {
                (one.owned_since, &one.conversation).cmp(&(other.owned_since, &other.conversation))
            });
        }
        page(rows, after, limit)
    }

    pub(super) fn turns(
        &self,
        conversation: &ConversationId,
        from: Turn,
        limit: usize,
    ) -> Vec<TurnRecord> {
        let kept = self.conversations.get(conversation);
        let turns = kept.into_iter().flat_map(|kept| &kept.turns);
        turns
            .filter(|record| record.turn >= from)
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn feed(
        &self,
        conversation: &ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Vec<FeedEntry> {
        let kept = self.conversations.get(conversation);
        let turns = kept.into_iter().flat_map(|kept| &kept.turns);
        let entries = turns.flat_map(TurnRecord::entries);
        entries
            .filter(|entry| entry.seq > after_seq)
            .take(limit)
            .collect()
    }

    pub(super) fn outbox_after(&self, after: Option<EffectId>, limit: usize) -> Vec<OutboxRow> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.outbox
            .range((from, Bound::Unbounded))
            .map(|(_, row)| row.clone())
            .take(limit)
            .collect()
    }

    pub(super) fn outbox_of(&self, conversation: &ConversationId) -> Vec<OutboxRow> {
        let first = EffectId {
            conversation: conversation.clone(),
            turn: Turn(0),
            index: 0,
        };
        let rows = self.outbox.range(first..).map(|(_, row)| row);
        rows.take_while(|row| row.id.conversation == *conversation)
            .cloned()
            .collect()
    }

    pub(super) fn due_scheduled(&self, until: Timestamp, limit: usize) -> Vec<Scheduled> {
        let mut due: Vec<Scheduled> = self
            .scheduled
            .values()
            .filter(|event| event.at <= until)
            .cloned()
            .collect();
        due.sort_by_key(|event| (event.at, event.key()));
        due.truncate(limit);
        due
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        let timer = self.timers.first().map(|due| due.at);
        let scheduled = self.scheduled.values().map(|event| event.at).min();
        timer.into_iter().chain(scheduled).min()
    }

    pub(super) fn dead_letters_after(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<DeadLetter>, StoreError> {
        page(self.dead_letters.values().cloned().collect(), after, limit)
    }

    pub(super) fn status(&self) -> Status {
        Status {
            conversations: self.conversations.len() as u64,
            outbox: self.outbox.len() as u64,
            dead_letters: self.dead_letters.len() as u64,
            ..Status::default()
        }
    }

    pub(super) fn bundles(&self, after: Option<Cursor>) -> Result<Page<Bundle>, StoreError> {
        let conversations = self
            .conversations
            .keys()
            .map(|id| self.conversation_bundle(id));
        let users = self
            .users()
            .into_iter()
            .map(|user| Bundle::User(self.user_bundle(user)));
        let documents = self
            .documents
            .iter()
            .map(|(name, document)| Bundle::Document {
                name: name.clone(),
                document: document.clone(),
            });
        page(
            conversations.chain(users).chain(documents).collect(),
            after,
            BUNDLES_A_PAGE,
        )
    }

    fn conversation_bundle(&self, id: &ConversationId) -> Bundle {
        let kept = &self.conversations[id];
        Bundle::Conversation(Box::new(ConversationBundle {
            conversation: id.clone(),
            stored: kept.stored.clone(),
            turns: kept.turns.clone(),
            outbox: self.outbox_of(id),
            seen: self.seen_in(&Scope::Conversation(id.clone())),
            dead_letters: self
                .dead_letters
                .values()
                .filter(|letter| letter.conversation == *id)
                .cloned()
                .collect(),
        }))
    }

    /// Every user that has something beside conversations.
    fn users(&self) -> Vec<UserId> {
        let scoped = self.seen.keys().filter_map(|key| match &key.scope {
            Scope::User(user) => Some(user.clone()),
            Scope::Conversation(_) => None,
        });
        let scheduled = self.scheduled.keys().map(|key| key.user.clone());
        let mut users: Vec<UserId> = self
            .memory
            .keys()
            .cloned()
            .chain(scheduled)
            .chain(scoped)
            .collect();
        users.sort();
        users.dedup();
        users
    }

    fn user_bundle(&self, user: UserId) -> UserBundle {
        UserBundle {
            memory: self.memory.get(&user).cloned().unwrap_or_default(),
            scheduled: self
                .scheduled
                .values()
                .filter(|event| event.user == user)
                .cloned()
                .collect(),
            seen: self.seen_in(&Scope::User(user.clone())),
            user,
        }
    }

    fn seen_in(&self, scope: &Scope) -> Vec<(MessageKey, Seen)> {
        let seen = self.seen.iter().filter(|(key, _)| key.scope == *scope);
        seen.map(|(key, seen)| (key.clone(), seen.clone()))
            .collect()
    }
}

/// A part of a list; the cursor is the number of rows before it.
fn page<Row>(rows: Vec<Row>, after: Option<Cursor>, limit: usize) -> Result<Page<Row>, StoreError> {
    let from = after.map_or(Ok(0), |cursor| {
        cursor
            .0
            .parse::<usize>()
            .map_err(|_| StoreError::not_a_cursor(&cursor))
    })?;
    let more = rows.len() > from.saturating_add(limit);
    Ok(Page {
        next: more.then(|| Cursor((from + limit).to_string())),
        rows: rows.into_iter().skip(from).take(limit).collect(),
    })
}
