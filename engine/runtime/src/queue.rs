//! Who waits for a person.

use std::collections::BTreeMap;

use dialog::{ConversationId, Owner, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::{Filter, OwnerKind, Summary};

use crate::TurnError;
use crate::config::PAGE_ROWS;
use crate::runtime::{Inner, Runtime};

/// A conversation that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueEntry {
    /// Which.
    pub conversation: ConversationId,
    /// Whose.
    pub user: UserId,
    /// For which desk.
    pub desk: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// From 1, within its desk.
    pub position: usize,
}

impl Runtime {
    /// Who waits for a person, first come first.
    ///
    /// # Errors
    /// The store's.
    pub async fn queue(&self) -> Result<Vec<QueueEntry>, TurnError> {
        let waiting = Filter {
            owner: Some(OwnerKind::Queued),
            ..Filter::default()
        };
        let page = self.inner.store.list(waiting, None, PAGE_ROWS).await?;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut queue = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let Some(entry) = self.inner.queue_entry(row).await? else {
                continue;
            };
            let place = places.entry(entry.desk.clone()).or_default();
            *place += 1;
            queue.push(QueueEntry {
                position: *place,
                ..entry
            });
        }
        Ok(queue)
    }
}

impl Inner {
    async fn queue_entry(&self, row: Summary) -> Result<Option<QueueEntry>, TurnError> {
        let Some(stored) = self.store.load(&row.conversation).await? else {
            return Ok(None);
        };
        let loaded = self.restore(&row.conversation, &stored).await?;
        let Owner::Queued { desk, since } = loaded.conversation.owner else {
            return Ok(None);
        };
        let why = loaded.notes.desk.map(|file| file.why).unwrap_or_default();
        Ok(Some(QueueEntry {
            conversation: row.conversation,
            user: row.user,
            desk,
            why,
            since,
            position: 0,
        }))
    }

    /// The queues, as the store knows them.
    pub(crate) async fn read_board(&self) -> Result<(), TurnError> {
        let mut after = None;
        loop {
            let waiting = Filter {
                owner: Some(OwnerKind::Queued),
                ..Filter::default()
            };
            let page = self.store.list(waiting, after, PAGE_ROWS).await?;
            for row in page.rows {
                let stored = self.stored(&row.conversation).await?;
                let loaded = self.restore(&row.conversation, &stored).await?;
                self.board.owner_changed(
                    &self.lines,
                    &row.conversation,
                    &Owner::Bot,
                    &loaded.conversation.owner,
                );
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
