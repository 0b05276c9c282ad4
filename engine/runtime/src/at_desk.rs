//! What people at desks do with conversations.

use dialog::{ConversationId, DeskEvent};
use store::{Duplicate, MessageKey, Scope};

use crate::TurnError;
use crate::bounds::{check_id, check_text};
use crate::inbound::{Accepted, Agent};
use crate::job::Cause;
use crate::repetition::{DESK, hash};
use crate::runtime::Runtime;

impl Runtime {
    /// Asks for a person, without the bot having offered one.
    ///
    /// # Errors
    /// [`TurnError::WrongOwner`] if it is with a desk already.
    pub async fn handoff(
        &self,
        conversation: &ConversationId,
        desk: Option<String>,
        why: String,
    ) -> Result<Accepted, TurnError> {
        let bot = &self.current().bot;
        let known = desk
            .as_deref()
            .map_or(!bot.desks.is_empty(), |name| bot.desk(name).is_some());
        if !known {
            return Err(TurnError::refused(
                "desk-unknown",
                "The bot has no such desk.",
            ));
        }
        self.desk(conversation, DeskEvent::Requested { desk, why }, None)
            .await
    }

    /// A person takes a waiting conversation.
    ///
    /// # Errors
    /// [`TurnError::WrongOwner`] if it doesn't wait, or another was faster.
    pub async fn claim(
        &self,
        conversation: &ConversationId,
        agent: Agent,
    ) -> Result<Accepted, TurnError> {
        self.desk(
            conversation,
            DeskEvent::Joined {
                person: agent.person,
                name: agent.name,
            },
            None,
        )
        .await
    }

    /// The person who has the conversation writes. The same id again is the same message.
    ///
    /// # Errors
    /// [`TurnError::WrongOwner`] for anybody else.
    pub async fn say(
        &self,
        conversation: &ConversationId,
        id: String,
        text: String,
        agent: Agent,
    ) -> Result<Accepted, TurnError> {
        check_id(&id)?;
        check_text(&text)?;
        let duplicate = Duplicate {
            body: hash(&[agent.person.as_str().as_bytes(), text.as_bytes()]),
            key: MessageKey {
                scope: Scope::Conversation(conversation.clone()),
                source: DESK.to_owned(),
                id: id.clone(),
            },
        };
        let said = DeskEvent::Said {
            id,
            text,
            person: agent.person,
        };
        self.desk(conversation, said, Some(duplicate)).await
    }

    /// The person gives the conversation back to the bot.
    ///
    /// # Errors
    /// [`TurnError::WrongOwner`] if the bot has it.
    pub async fn return_to_bot(
        &self,
        conversation: &ConversationId,
    ) -> Result<Accepted, TurnError> {
        self.desk(conversation, DeskEvent::Returned, None).await
    }

    /// Takes what a desk reports of a conversation that it was asked for.
    ///
    /// # Errors
    /// [`TurnError::WrongOwner`] for what can't happen there now.
    pub async fn desk_reports(
        &self,
        conversation: &ConversationId,
        event: DeskEvent,
    ) -> Result<Accepted, TurnError> {
        self.desk(conversation, event, None).await
    }

    /// Says whether anybody is at a desk; while nobody is, it counts as closed.
    pub fn set_on_duty(&self, desk: &str, on_duty: bool) {
        self.inner.board.set_on_duty(desk, on_duty);
    }

    async fn desk(
        &self,
        conversation: &ConversationId,
        event: DeskEvent,
        duplicate: Option<Duplicate>,
    ) -> Result<Accepted, TurnError> {
        self.inner.admit()?;
        let line = self.inner.lines.get(conversation);
        let done = self
            .inner
            .ask(
                &line,
                Cause::Desk {
                    event,
                    duplicate,
                    effect: None,
                },
            )
            .await?;
        self.inner.accepted(conversation, done).await
    }
}
