//! A conversation's state as others see it, and lists of conversations.

use std::collections::BTreeMap;

use dialog::{ConversationId, Owner, Turn, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::{Cursor, Filter, Page, Summary};

use crate::TurnError;
use crate::config::PAGE_ROWS;
use crate::runtime::Runtime;
use crate::state::DeskFile;

/// A conversation as an integrator or a desk sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub user: UserId,
    /// Its channel.
    pub channel: String,
    /// Its language.
    pub locale: dialog::Locale,
    /// The version of the bot that it runs on.
    pub version: dialog::BotVersion,
    /// Its last turn.
    pub turn: Turn,
    /// Who speaks.
    pub owner: Owner,
    /// When it began.
    pub begun: Timestamp,
    /// When it was last active.
    pub active: Timestamp,
    /// Slots by name, secrets masked.
    pub slots: BTreeMap<String, dialog::Value>,
    /// Where it is, as `flow.state`; none = in no flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether something has not answered yet.
    pub pending: bool,
    /// What the desk that has it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskFile>,
}

impl Runtime {
    /// A conversation's state.
    ///
    /// # Errors
    /// [`TurnError::NotFound`].
    pub async fn conversation(&self, id: &ConversationId) -> Result<ConversationView, TurnError> {
        let stored = self.inner.stored(id).await?;
        let loaded = self.inner.restore(id, &stored).await?;
        let bot = &loaded.deployment.bot;
        let conversation = &loaded.conversation;
        Ok(ConversationView {
            id: id.clone(),
            user: conversation.user.clone(),
            channel: conversation.channel.clone(),
            locale: conversation.locale.clone(),
            version: conversation.version.clone(),
            turn: conversation.turn,
            owner: conversation.owner.clone(),
            begun: stored.begun,
            active: stored.active,
            slots: conversation.slots(bot),
            state: conversation.state(bot),
            pending: !loaded.notes.open.is_empty(),
            desk: loaded.notes.desk.clone(),
        })
    }

    /// Conversations, with cursors.
    ///
    /// # Errors
    /// The store's; [`TurnError::Internal`] for a cursor that is none.
    pub async fn conversations(
        &self,
        filter: Filter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Summary>, TurnError> {
        Ok(self
            .inner
            .store
            .list(filter, after, limit.clamp(1, PAGE_ROWS))
            .await?)
    }
}
