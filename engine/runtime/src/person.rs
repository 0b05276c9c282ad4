//! Everything about one person: what is remembered, all of it as a copy, and its end.

use dialog::{ConversationId, Turn, UserId};
use serde_json::{Value as Json, json};
use store::{Erased, Filter, Summary};

use crate::TurnError;
use crate::config::PAGE_ROWS;
use crate::inbound::UserView;
use crate::runtime::Runtime;
use crate::user;

impl Runtime {
    /// What is remembered of a user.
    ///
    /// # Errors
    /// The store's.
    pub async fn user(&self, id: &UserId) -> Result<UserView, TurnError> {
        let rows = self.inner.store.memory(id).await?;
        Ok(user::view(&rows, &self.current().bot, self.now()))
    }

    /// Everything that is kept about a person.
    ///
    /// # Errors
    /// The store's.
    pub async fn export(&self, id: &UserId) -> Result<Json, TurnError> {
        let view = self.user(id).await?;
        let scheduled = self.inner.store.scheduled_of(id).await?;
        let scheduled: Vec<Json> = scheduled
            .iter()
            .map(|one| json!({ "at": one.at, "what": serde_json::from_slice::<Json>(&one.payload).ok() }))
            .collect();
        let mut conversations = Vec::new();
        let mut after = None;
        loop {
            let filter = Filter {
                user: Some(id.clone()),
                ..Filter::default()
            };
            let page = self.inner.store.list(filter, after, PAGE_ROWS).await?;
            for row in page.rows {
                conversations.push(self.exported(row).await?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(
            json!({ "user": id, "memory": view, "scheduled": scheduled, "conversations": conversations }),
        )
    }

    async fn exported(&self, row: Summary) -> Result<Json, TurnError> {
        let mut messages = Vec::new();
        let mut from = Some(Turn(1));
        while let Some(turn) = from {
            let (entries, next) = self.transcript(&row.conversation, turn).await?;
            messages.extend(entries);
            from = next;
        }
        let view = self.conversation(&row.conversation).await?;
        Ok(json!({ "conversation": view, "messages": messages }))
    }

    /// Removes everything of a person from what is live. On the disk old bytes stay until the store is compacted.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase(&self, user: &UserId) -> Result<Erased, TurnError> {
        let of_user = Filter {
            user: Some(user.clone()),
            ..Filter::default()
        };
        let mut conversations = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .inner
                .store
                .list(of_user.clone(), after, PAGE_ROWS)
                .await?;
            conversations.extend(page.rows.into_iter().map(|row| row.conversation));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let erased = self.inner.store.erase(self.inner.term, user).await?;
        for id in &conversations {
            let line = self.inner.lines.get(id);
            line.forget();
            line.hang_up();
            self.inner.board.gone(id);
        }
        self.erase_recorded(conversations).await?;
        Ok(erased)
    }

    /// Calls of models that were recorded for these conversations.
    async fn erase_recorded(&self, conversations: Vec<ConversationId>) -> Result<(), TurnError> {
        let Some(cassette) = self.inner.config.record.clone() else {
            return Ok(());
        };
        let erase = move || {
            conversations
                .iter()
                .try_for_each(|id| cassette.erase(id.as_str()).map(drop))
        };
        let erased = tokio::task::spawn_blocking(erase).await;
        let failed =
            |why: String| TurnError::Internal(format!("recorded calls could not be erased: {why}"));
        erased
            .map_err(|why| failed(why.to_string()))?
            .map_err(|why| failed(why.to_string()))
    }
}
