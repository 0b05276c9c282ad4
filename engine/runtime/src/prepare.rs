//! From a cause to the event that the core is told, with all that an expression may read of it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dialog::{
    Bot, Event, EventKind, Expected, IncomingMessage, KnowledgeSupport, Locale, Owner, SlotKind,
    Turn, Understanding, Value, ValueType,
};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use store::{BodyHash, Seen};
use tracing::error;
use understand::Reading;

use crate::TurnError;
use crate::answer;
use crate::deployment::Deployment;
use crate::inbound::Authority;
use crate::job::{Begin, Cause, Data, FromClient};
use crate::runtime::Inner;
use crate::secret;
use crate::state::{Loaded, locale_of};
use crate::user;

/// What a cause comes to.
pub(crate) enum Prepared {
    /// An event to take.
    Event {
        event: Box<Event>,
        /// The user's memory, where it was read: a session begins.
        memory: Option<user::Rows>,
    },
    /// It was taken before.
    Repeated(Seen),
}

impl Inner {
    /// The event of a cause, or why it can't be taken.
    pub(crate) async fn prepare(
        &self,
        loaded: &mut Loaded,
        cause: &Cause,
    ) -> Result<Prepared, TurnError> {
        if let (Owner::Ended, Some(duplicate)) = (&loaded.conversation.owner, cause.duplicate()) {
            let seen = self.store.seen(&duplicate.key, self.clock.now()).await?;
            return seen.map(Prepared::Repeated).ok_or(TurnError::Ended);
        }
        if let (Cause::Open { begin }, true) = (cause, loaded.version.0 > 0) {
            return opened_before(loaded, begin);
        }
        crate::desk::check_owner(&loaded.conversation.owner, cause)?;
        let at = self.clock.now();
        let (kind, secrets) = self.kind(loaded, cause, at).await?;
        let begins = cause.may_begin_session()
            && loaded
                .conversation
                .session_is_over(&loaded.deployment.bot, at);
        let memory = match begins {
            true => Some(self.store.memory(&loaded.conversation.user).await?),
            false => None,
        };
        let mut event = Event {
            at,
            kind,
            user: memory.as_ref().map(|rows| user::session_view(rows, at)),
            desks: self.board.status(&loaded.deployment.bot, at),
            secrets,
        };
        secret::hide(&loaded.deployment.bot, &mut event);
        Ok(Prepared::Event {
            event: Box::new(event),
            memory,
        })
    }

    /// The language of a conversation that begins: wanted, else the user's, else the bot's first.
    pub(crate) async fn first_locale(&self, begin: &Begin, bot: &Bot) -> Result<Locale, TurnError> {
        if begin.locale.is_some() {
            return Ok(locale_of(bot, begin.locale.as_ref()));
        }
        let rows = self.store.memory(&begin.user).await?;
        let known = user::about(&rows).and_then(|about| about.locale);
        Ok(locale_of(bot, known.as_ref()))
    }

    async fn kind(
        &self,
        loaded: &Loaded,
        cause: &Cause,
        at: Timestamp,
    ) -> Result<(EventKind, BTreeMap<String, String>), TurnError> {
        let bot = &loaded.deployment.bot;
        let kind = match cause {
            Cause::Open { begin } => EventKind::SessionStart {
                slots: slots(bot, &begin.slots, begin.by)?,
            },
            Cause::Client {
                what:
                    FromClient::Text {
                        id,
                        text,
                        attachments,
                    },
                seen,
                ..
            } => {
                let (mut message, secrets) = self.read(loaded, text, at).await;
                message.id.clone_from(id);
                message.attachments.clone_from(attachments);
                message.seen = *seen;
                return Ok((EventKind::Message(message), secrets));
            }
            Cause::Client {
                what: FromClient::Choice(choice),
                ..
            } => EventKind::Choice {
                choice: choice.clone(),
            },
            Cause::Client {
                what: FromClient::Event { name, data },
                by,
                ..
            } => EventKind::Outside {
                name: name.clone(),
                data: event_data(bot, name, data, *by)?,
            },
            Cause::Outside {
                name,
                data: Data::Json(data),
                ..
            } => EventKind::Outside {
                name: name.clone(),
                data: event_data(bot, name, data, Authority::Integrator)?,
            },
            Cause::Outside {
                name,
                data: Data::Values(data),
                ..
            } => EventKind::Outside {
                name: name.clone(),
                data: data.clone(),
            },
            Cause::Returned { effect, outcome } => EventKind::ToolReturned {
                effect: effect.clone(),
                outcome: outcome.clone(),
            },
            Cause::Sentence {
                effect,
                n,
                text,
                score,
            } => EventKind::Sentence {
                effect: effect.clone(),
                n: *n,
                text: text.clone(),
                score: *score,
            },
            Cause::Generated {
                effect, outcome, ..
            } => EventKind::Generated {
                effect: effect.clone(),
                outcome: outcome.clone(),
            },
            Cause::Timer(timer) => EventKind::TimerFired {
                timer: timer.clone(),
            },
            Cause::Due => return Err(TurnError::Internal("a wake-up is no event".to_owned())),
            Cause::Desk { event, .. } => EventKind::Desk(event.clone()),
            Cause::DeliveryFailed { effect, why } => EventKind::DeliveryFailed {
                effect: effect.clone(),
                why: why.clone(),
            },
            Cause::End => EventKind::End,
            Cause::Again { event, .. } => event.kind.clone(),
        };
        Ok((kind, BTreeMap::new()))
    }

    /// Masks a text's secrets, then understands it.
    async fn read(
        &self,
        loaded: &Loaded,
        text: &str,
        at: Timestamp,
    ) -> (IncomingMessage, BTreeMap<String, String>) {
        let expected = loaded.conversation.expected(&loaded.deployment.bot);
        let (text, secrets) = dialog::mask(text, &expected);
        let mut understanding = understand(loaded, &text, expected, at).await;
        dialog::drop_marked(&mut understanding, &text);
        let knowledge = self.knowledge(loaded, &text, &understanding).await;
        let message = IncomingMessage {
            id: String::new(),
            text,
            understanding,
            attachments: Vec::new(),
            seen: None,
            knowledge,
        };
        (message, secrets)
    }

    /// What the articles have on a message that no intent is sure of: the router asks for it.
    async fn knowledge(
        &self,
        loaded: &Loaded,
        text: &str,
        understanding: &Understanding,
    ) -> Option<KnowledgeSupport> {
        let Deployment { bot, articles, .. } = &*loaded.deployment;
        if understanding.is_accepted(&bot.bands) {
            return None;
        }
        let locale = understanding.locale.as_ref();
        let locale = locale.unwrap_or(&loaded.conversation.locale);
        answer::support(articles, locale, text).await
    }
}

/// Two that open the same conversation at once: the second gets what the first began, if it is theirs.
fn opened_before(loaded: &Loaded, begin: &Begin) -> Result<Prepared, TurnError> {
    let conversation = &loaded.conversation;
    if conversation.user != begin.user {
        return Err(TurnError::NotFound(conversation.id.clone()));
    }
    Ok(Prepared::Repeated(Seen {
        conversation: conversation.id.clone(),
        turn: Turn(1),
        body: BodyHash([0; 32]),
        at: Timestamp::UNIX_EPOCH,
    }))
}

async fn understand(
    loaded: &Loaded,
    text: &str,
    expected: Expected,
    at: Timestamp,
) -> Understanding {
    let deployment = loaded.deployment.clone();
    let turned = turned(loaded, text, at);
    let locale = turned
        .clone()
        .unwrap_or_else(|| loaded.conversation.locale.clone());
    let understanding = if deployment.model.is_slow() {
        let text = text.to_owned();
        let beside = move || understand_now(&deployment, &locale, &text, &expected, at);
        tokio::task::spawn_blocking(beside)
            .await
            .unwrap_or_default()
    } else {
        understand_now(&deployment, &locale, text, &expected, at)
    };
    Understanding {
        locale: turned,
        ..understanding
    }
}

/// Another language than the conversation's, in which a session begins.
fn turned(loaded: &Loaded, text: &str, at: Timestamp) -> Option<Locale> {
    let Deployment { bot, model, .. } = &*loaded.deployment;
    let conversation = &loaded.conversation;
    if !bot.detects_language || !conversation.is_first_message(bot, at) {
        return None;
    }
    let language = |locale: &Locale| locale.as_str().split(['-', '_']).next().map(str::to_owned);
    let found = catch_unwind(AssertUnwindSafe(|| model.language(text))).ok()??;
    (language(&found) != language(&conversation.locale)).then_some(found)
}

/// A model that panics understands nothing: the router takes over.
fn understand_now(
    deployment: &Deployment,
    locale: &Locale,
    text: &str,
    expected: &Expected,
    at: Timestamp,
) -> Understanding {
    let Deployment { bot, model, .. } = deployment;
    let reading = Reading {
        locale,
        now: at.to_zoned(bot.tz.clone()),
        expected,
        bands: bot.bands,
    };
    catch_unwind(AssertUnwindSafe(|| model.understand(text, &reading))).unwrap_or_else(|_| {
        error!("Understanding a message panicked.");
        metrics::counter!("switchboard_panics_total").increment(1);
        Understanding::default()
    })
}

/// Slots that a client gave, by their declared types.
fn slots(
    bot: &Bot,
    given: &Map<String, Json>,
    by: Authority,
) -> Result<BTreeMap<String, Value>, TurnError> {
    given
        .iter()
        .filter(|(_, json)| !json.is_null())
        .map(|(name, json)| slot(bot, name, json, by))
        .collect()
}

fn slot(bot: &Bot, name: &str, json: &Json, by: Authority) -> Result<(String, Value), TurnError> {
    // What a visitor may not set is told as what doesn't exist: slots' names are nobody's business.
    let unknown = || {
        TurnError::refused(
            "slot-refused",
            format!("There is no slot `{name}` that can be set from outside."),
        )
    };
    let declared = bot
        .slots
        .iter()
        .find(|slot| slot.name == name)
        .ok_or_else(unknown)?;
    let SlotKind::Typed(value_type) = &declared.kind else {
        return Err(unknown());
    };
    if by == Authority::Visitor && !declared.from_visitor {
        return Err(unknown());
    }
    let value = dialog::coerce(json, value_type).map_err(|wrong| {
        TurnError::refused(
            "slot-refused",
            format!("The slot `{name}` can't hold that: {wrong}."),
        )
    })?;
    Ok((name.to_owned(), value))
}

/// An event's data, by its declared types.
fn event_data(
    bot: &Bot,
    name: &str,
    data: &Map<String, Json>,
    by: Authority,
) -> Result<BTreeMap<String, Value>, TurnError> {
    let unknown = || {
        TurnError::refused(
            "event-refused",
            format!("There is no event `{name}` that can be sent from outside."),
        )
    };
    let declared = bot
        .event(name)
        .map(|id| &bot.events[id.index()])
        .ok_or_else(unknown)?;
    if by == Authority::Visitor && !declared.from_visitor {
        return Err(unknown());
    }
    let fields = ValueType::Map(declared.fields.clone());
    match dialog::coerce(&Json::Object(data.clone()), &fields) {
        Ok(Value::Map(values)) => Ok(values),
        Ok(_) => Err(unknown()),
        Err(wrong) => Err(TurnError::refused(
            "event-refused",
            format!("The event `{name}` can't carry that: {wrong}."),
        )),
    }
}
