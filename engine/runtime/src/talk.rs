//! What the world tells conversations, and what it is told back.

use std::time::Duration;

use dialog::{ConversationId, EffectId, Turn};
use store::{Duplicate, MessageKey, Scope};

use crate::TurnError;
use crate::bounds::{check_id, check_inbound};
use crate::feed::{FeedItem, FeedKind};
use crate::id;
use crate::inbound::{Accepted, Addressee, Body, Inbound, NewConversation, Opened, OutsideEvent};
use crate::job::{Begin, Cause, Data, FromClient};
use crate::repetition::{EVENTS, body_hash, hash};
use crate::runtime::{Inner, Runtime};
use crate::turn::Done;

impl Runtime {
    /// Opens a conversation and greets. One that exists and is this user's is given back as it is.
    ///
    /// # Errors
    /// [`TurnError::NotFound`] for an id that is somebody else's; [`TurnError::Refused`] for slots that can't be set.
    pub async fn open(&self, new: NewConversation) -> Result<Opened, TurnError> {
        self.inner.admit()?;
        let NewConversation {
            id,
            user,
            channel,
            locale,
            slots,
            by,
        } = new;
        if let Some(id) = &id {
            check_id(id.as_str())?;
        }
        let conversation = id.unwrap_or_else(id::conversation);
        let user = user.unwrap_or_else(id::anonymous);
        let line = self.inner.lines.get(&conversation);
        let begin = Begin {
            user: user.clone(),
            channel,
            locale,
            slots,
            by,
        };
        let done = self.inner.ask(&line, Cause::Open { begin }).await?;
        let messages = match done.repeated {
            true => self.inner.answer(&conversation, done.turn).await?.messages,
            false => done.said,
        };
        Ok(Opened {
            conversation,
            user,
            messages,
            created: !done.repeated,
        })
    }

    /// Takes something that a customer sends. Durable when this answers; the same again gets the same turn.
    ///
    /// # Errors
    /// Each [`TurnError`] says what to do; nothing was taken then.
    pub async fn accept(&self, inbound: Inbound) -> Result<Accepted, TurnError> {
        self.inner.admit()?;
        check_inbound(&inbound)?;
        let line = self.inner.lines.get(&inbound.conversation);
        let seen = line.seen();
        let duplicate = Duplicate {
            body: body_hash(&inbound),
            key: MessageKey {
                scope: Scope::Conversation(inbound.conversation.clone()),
                source: inbound.source,
                id: inbound.id.clone(),
            },
        };
        let what = match inbound.body {
            Body::Text(text) => FromClient::Text {
                id: inbound.id,
                text,
                attachments: inbound.attachments,
            },
            Body::Choice(choice) => FromClient::Choice(choice),
            Body::Event { name, data } => FromClient::Event { name, data },
        };
        let cause = Cause::Client {
            duplicate,
            what,
            by: inbound.by,
            seen,
        };
        let done = self.inner.ask(&line, cause).await?;
        self.inner.accepted(&inbound.conversation, done).await
    }

    /// What a message has caused so far.
    ///
    /// # Errors
    /// [`TurnError::NotFound`] for a conversation or turn that there isn't.
    pub async fn answer(
        &self,
        conversation: &ConversationId,
        turn: Turn,
    ) -> Result<Accepted, TurnError> {
        self.inner.answer(conversation, turn).await
    }

    /// Waits until nothing that a message caused is outstanding, at most this long; gives all that it has caused by then.
    ///
    /// # Errors
    /// As [`Runtime::answer`].
    pub async fn wait(
        &self,
        conversation: &ConversationId,
        turn: Turn,
        at_most: Duration,
    ) -> Result<Accepted, TurnError> {
        let line = self.inner.lines.get(conversation);
        let mut settled = line.settled.subscribe();
        let deadline = tokio::time::Instant::now() + at_most;
        loop {
            let answer = self.inner.answer(conversation, turn).await?;
            let closing = self.inner.closing.cancelled();
            let over = tokio::time::sleep_until(deadline);
            if !answer.pending {
                return Ok(answer);
            }
            tokio::select! {
                changed = settled.changed() => {
                    if changed.is_err() {
                        return Ok(answer);
                    }
                }
                () = over => return Ok(answer),
                () = closing => return Ok(answer),
            }
        }
    }

    /// An event from outside, for a conversation or for whatever conversation the user has. The same id again does nothing.
    /// Gives where it went.
    ///
    /// # Errors
    /// [`TurnError::Refused`] for an event or data that the bot doesn't declare.
    pub async fn outside(
        &self,
        event: OutsideEvent,
    ) -> Result<(ConversationId, Accepted), TurnError> {
        self.inner.admit()?;
        check_id(&event.id)?;
        let (line, begin, scope) = match event.to {
            Addressee::Conversation(id) => {
                (self.inner.lines.get(&id), None, Scope::Conversation(id))
            }
            Addressee::User(user) => {
                let key = MessageKey {
                    scope: Scope::User(user.clone()),
                    source: EVENTS.to_owned(),
                    id: event.id.clone(),
                };
                if let Some(seen) = self.inner.store.seen(&key, self.inner.clock.now()).await? {
                    let answer = self.inner.answer(&seen.conversation, seen.turn).await?;
                    return Ok((seen.conversation, answer));
                }
                let (line, begin) = self.inner.conversation_of(&user).await?;
                (line, Some(begin), Scope::User(user))
            }
        };
        let body = hash(&[
            event.name.as_bytes(),
            serde_json::Value::Object(event.data.clone())
                .to_string()
                .as_bytes(),
        ]);
        let duplicate = Duplicate {
            key: MessageKey {
                scope,
                source: EVENTS.to_owned(),
                id: event.id,
            },
            body,
        };
        let cause = Cause::Outside {
            duplicate: Some(duplicate),
            name: event.name,
            data: Data::Json(event.data),
            scheduled: None,
            begin,
        };
        let done = self.inner.ask(&line, cause).await?;
        Ok((line.id.clone(), self.inner.accepted(&line.id, done).await?))
    }

    /// Tells subscribers that somebody types. Not kept.
    pub fn typing(&self, conversation: &ConversationId) {
        self.inner
            .lines
            .get(conversation)
            .tell(|| FeedItem::passing(&FeedKind::Typing));
    }

    /// Takes that a message of the bot's stayed undeliverable.
    ///
    /// # Errors
    /// As [`Runtime::accept`].
    pub async fn delivery_failed(
        &self,
        effect: EffectId,
        why: String,
    ) -> Result<Accepted, TurnError> {
        let line = self.inner.lines.get(&effect.conversation);
        let done = self
            .inner
            .ask(&line, Cause::DeliveryFailed { effect, why })
            .await?;
        self.inner.accepted(&line.id, done).await
    }

    /// Ends the conversation.
    ///
    /// # Errors
    /// [`TurnError::Ended`] if it is.
    pub async fn end(&self, conversation: &ConversationId) -> Result<Accepted, TurnError> {
        self.inner.admit()?;
        let line = self.inner.lines.get(conversation);
        let done = self.inner.ask(&line, Cause::End).await?;
        self.inner.accepted(conversation, done).await
    }
}

impl Inner {
    pub(crate) async fn accepted(
        &self,
        conversation: &ConversationId,
        done: Done,
    ) -> Result<Accepted, TurnError> {
        match done {
            Done {
                repeated: true,
                turn,
                ..
            } => self.answer(conversation, turn).await,
            Done {
                turn,
                said,
                owner,
                pending,
                ..
            } => Ok(Accepted {
                turn,
                messages: said,
                owner,
                pending,
            }),
        }
    }
}
