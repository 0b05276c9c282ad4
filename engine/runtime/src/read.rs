//! Stored turns, read again: what all other readings of a conversation begin with.

use dialog::{ConversationId, Turn};
use store::{Stored, TurnRecord};

use crate::TurnError;
use crate::config::{PAGE_ROWS, TURNS_PER_ANSWER_MAX};
use crate::feed::{FeedKind, Said};
use crate::inbound::Accepted;
use crate::row::StoredRoot;
use crate::runtime::Inner;

impl Inner {
    pub(crate) async fn stored(&self, id: &ConversationId) -> Result<Stored, TurnError> {
        self.store
            .load(id)
            .await?
            .ok_or_else(|| TurnError::NotFound(id.clone()))
    }

    /// What a message has caused so far.
    pub(crate) async fn answer(
        &self,
        id: &ConversationId,
        root: Turn,
    ) -> Result<Accepted, TurnError> {
        let stored = self.stored(id).await?;
        if root.0 == 0 || root > stored.turn {
            return Err(TurnError::NotFound(id.clone()));
        }
        let loaded = self.restore(id, &stored).await?;
        let turns = self.store.turns(id, root, TURNS_PER_ANSWER_MAX).await?;
        let messages = turns
            .iter()
            .filter(|turn| root_of(turn) == Some(root))
            .flat_map(said)
            .collect();
        Ok(Accepted {
            turn: root,
            messages,
            owner: loaded.conversation.owner.clone(),
            pending: loaded.notes.roots().contains(&root),
        })
    }

    pub(crate) async fn page(
        &self,
        id: &ConversationId,
        from: Turn,
    ) -> Result<(Vec<TurnRecord>, Option<Turn>), TurnError> {
        self.stored(id).await?;
        let turns = self.store.turns(id, from, PAGE_ROWS).await?;
        let next = match turns.last() {
            Some(last) if turns.len() == PAGE_ROWS => Some(Turn(last.turn.0 + 1)),
            Some(_) | None => None,
        };
        Ok((turns, next))
    }
}

fn root_of(turn: &TurnRecord) -> Option<Turn> {
    serde_json::from_slice::<StoredRoot>(&turn.event)
        .ok()
        .map(|row| row.root)
}

/// A turn's messages.
pub(crate) fn said(turn: &TurnRecord) -> impl Iterator<Item = Said> + '_ {
    turn.feed
        .iter()
        .filter_map(|entry| match serde_json::from_slice(entry) {
            Ok(FeedKind::Message(said)) => Some(said),
            Ok(_) | Err(_) => None,
        })
}
