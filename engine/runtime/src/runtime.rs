//! The runtime's interface: what servers, tests and commands call.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dialog::{
    BotVersion, ConversationId, DeskEvent, EffectId, Expected, Locale, Turn, Understanding, UserId,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::{BodyHash, Duplicate, Erased, Filter, MessageKey, Scope, Store, StoreError, Term};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use understand::Reading;

use crate::TurnError;
use crate::busy::Busy;
use crate::clock::Clock;
use crate::config::{
    ATTACHMENTS_MAX, CALLS_MAX, Config, DRAIN_MAX, ID_CHARS_MAX, PAGE_ROWS, TEXT_CHARS_MAX,
};
use crate::deployment::{Deployment, Versions};
use crate::desk::Board;
use crate::feed::{Feed, FeedItem, FeedKind};
use crate::id;
use crate::inbound::{
    Accepted, Addressee, Agent, Body, Inbound, NewConversation, Opened, OutsideEvent,
};
use crate::job::{Begin, Cause, Data, FromClient};
use crate::line::Lines;
use crate::turn::Done;
use crate::wheel::{Fired, Wheel};

/// Runs conversations. A clone is another handle to the same.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) versions: Versions,
    pub(crate) reviving: tokio::sync::Mutex<()>,
    pub(crate) lines: Lines,
    pub(crate) board: Board,
    pub(crate) wheel: Wheel,
    pub(crate) calls: Semaphore,
    pub(crate) term: Term,
    pub(crate) busy: Busy,
    /// Ends the wheel and all subscriptions.
    pub(crate) closing: CancellationToken,
    draining: AtomicBool,
    broken: CancellationToken,
    pub(crate) watcher: OnceLock<Watcher>,
}

/// Is shown every step: the conversation after it, and its whole trace, of which only the short part is kept.
pub type Watcher = Box<dyn Fn(&dialog::Conversation, &dialog::Trace) + Send + Sync>;

impl Runtime {
    /// Takes the store over, takes up what the last process left there, and runs.
    ///
    /// # Errors
    /// The store's.
    pub async fn start(
        config: Config,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        deployment: Deployment,
    ) -> Result<Self, TurnError> {
        let inner = Inner::seize(config, store, clock, deployment).await?;
        inner.read_board().await?;
        inner.recover().await?;
        tokio::spawn(inner.clone().turn_wheel());
        if let Some(retention) = inner.config.retention {
            tokio::spawn(inner.clone().retain(retention));
        }
        Ok(Self { inner })
    }

    /// Opens the store to look at it and to change it on an operator's word: nothing is taken up, no timer fires.
    ///
    /// # Errors
    /// The store's.
    pub async fn look(
        config: Config,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        deployment: Deployment,
    ) -> Result<Self, TurnError> {
        let inner = Inner::seize(config, store, clock, deployment).await?;
        Ok(Self { inner })
    }

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

    /// The conversation's feed after this number; 0 = from its beginning.
    ///
    /// # Errors
    /// [`TurnError::NotFound`], [`TurnError::Draining`]; [`TurnError::Gone`] if the entry of this number is not there any more:
    /// going on behind it would leave out what came between.
    pub async fn subscribe(
        &self,
        conversation: &ConversationId,
        after_seq: u64,
    ) -> Result<Feed, TurnError> {
        let inner = &self.inner;
        if inner.draining.load(Ordering::Acquire) {
            return Err(TurnError::Draining);
        }
        match inner.store.load(conversation).await? {
            Some(stored) if stored.last_seq >= after_seq => {}
            None if after_seq == 0 => return Err(TurnError::NotFound(conversation.clone())),
            Some(_) | None => return Err(TurnError::Gone),
        }
        let line = inner.lines.get(conversation);
        Ok(Feed::new(
            line,
            inner.store.clone(),
            after_seq,
            inner.closing.clone(),
        ))
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

    /// Says whether anybody is at a desk; while nobody is, it counts as closed.
    pub fn set_on_duty(&self, desk: &str, on_duty: bool) {
        self.inner.board.set_on_duty(desk, on_duty);
    }

    /// Makes a version the one that new conversations and those between flows take. Others stay on theirs.
    pub fn deploy(&self, deployment: Deployment) {
        info!(version = %deployment.bot.version, "Version deployed.");
        self.inner.versions.deploy(deployment);
    }

    /// The version that new conversations take.
    pub fn current(&self) -> Arc<Deployment> {
        self.inner.versions.current()
    }

    /// A version, if it runs.
    pub fn version(&self, version: &BotVersion) -> Option<Arc<Deployment>> {
        self.inner.versions.get(version)
    }

    /// The versions that run, the current one first.
    pub fn versions(&self) -> Vec<BotVersion> {
        self.inner.versions.all()
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
        Ok(erased)
    }

    /// Tries a dead letter again. Whether there was one.
    ///
    /// # Errors
    /// As [`Runtime::accept`]; then it stays.
    pub async fn redrive(
        &self,
        conversation: &ConversationId,
        letter: &str,
    ) -> Result<bool, TurnError> {
        self.inner.admit()?;
        self.inner.redrive(conversation, letter).await
    }

    /// What a text means to the current version, outside any conversation.
    pub fn understand(&self, text: &str, locale: Option<Locale>) -> Understanding {
        let deployment = self.current();
        let bot = &deployment.bot;
        let reading = Reading {
            locale: locale.as_ref().unwrap_or_else(|| bot.default_locale()),
            now: self.now().to_zoned(bot.tz.clone()),
            expected: &Expected::default(),
            bands: bot.bands,
        };
        deployment.model.understand(text, &reading)
    }

    /// The store, for an operator's chores.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The term under which this runtime writes.
    pub fn term(&self) -> Term {
        self.inner.term
    }

    /// The time that this runtime goes by.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Whether new turns are taken: not while it drains, the disk is nearly full, or the store broke.
    pub fn ready(&self) -> bool {
        self.inner.admit().is_ok()
    }

    /// Ends when the store can keep nothing any more: then the process must end with exit code 74.
    pub async fn broken(&self) {
        self.inner.broken.cancelled().await;
    }

    /// Fires what is due and waits until nothing is outstanding: no turn, no call. With a virtual clock, what a test waits for.
    ///
    /// # Errors
    /// The store's.
    pub async fn settle(&self) -> Result<(), TurnError> {
        loop {
            self.inner.busy.idle().await;
            let Fired { any, .. } = self.inner.fire_due().await?;
            if !any && self.inner.busy.is_idle() {
                return Ok(());
            }
        }
    }

    /// Shows every step from now on to this watcher. The first one stays.
    pub fn watch(&self, watcher: Watcher) {
        let _ = self.inner.watcher.set(watcher);
    }

    /// How many turns and calls are outstanding. For tests that hold a call back and wait for all else.
    pub fn outstanding(&self) -> usize {
        self.inner.busy.count()
    }

    /// Fires what is due; whether anything was.
    ///
    /// # Errors
    /// The store's.
    pub async fn fire(&self) -> Result<bool, TurnError> {
        Ok(self.inner.fire_due().await?.any)
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

    /// When the next timer or scheduled event is due.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_deadline(&self) -> Result<Option<Timestamp>, TurnError> {
        Ok(self.inner.store.next_deadline().await?)
    }

    /// The orderly end: nothing new is taken, subscriptions end, what has begun is finished; what a call has not answered by
    /// then is taken up at the next start.
    pub async fn drain(&self) {
        self.inner.draining.store(true, Ordering::Release);
        self.inner.closing.cancel();
        if tokio::time::timeout(DRAIN_MAX, self.inner.busy.idle())
            .await
            .is_err()
        {
            warn!("Some calls did not answer in time; the next start takes them up.");
        }
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

impl Inner {
    /// Takes the store over; nothing runs yet.
    async fn seize(
        config: Config,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        deployment: Deployment,
    ) -> Result<Arc<Self>, TurnError> {
        let term = store.take_over().await?;
        Ok(Arc::new(Self {
            config,
            store,
            clock,
            versions: Versions::new(deployment),
            reviving: tokio::sync::Mutex::default(),
            lines: Lines::new(),
            board: Board::default(),
            wheel: Wheel::new(),
            calls: Semaphore::new(CALLS_MAX),
            term,
            busy: Busy::default(),
            closing: CancellationToken::new(),
            draining: AtomicBool::new(false),
            broken: CancellationToken::new(),
            watcher: OnceLock::new(),
        }))
    }

    /// Whether something new can be taken.
    fn admit(&self) -> Result<(), TurnError> {
        if self.draining.load(Ordering::Acquire) {
            return Err(TurnError::Draining);
        }
        match self.store.healthy() {
            true => Ok(()),
            false => Err(TurnError::Unhealthy),
        }
    }

    async fn accepted(
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

    /// Notes a store that broke.
    pub(crate) fn broke(&self, problem: StoreError) -> TurnError {
        if matches!(problem, StoreError::Broken(_)) {
            self.broken.cancel();
        }
        problem.into()
    }
}

/// The sources of messages that are not a channel's.
const EVENTS: &str = "events";
const DESK: &str = "desk";

fn check_inbound(inbound: &Inbound) -> Result<(), TurnError> {
    check_id(&inbound.id)?;
    if inbound.attachments.len() > ATTACHMENTS_MAX {
        let what = format!("A message has at most {ATTACHMENTS_MAX} files.");
        return Err(TurnError::refused("too-many-attachments", what));
    }
    match &inbound.body {
        Body::Text(text) => check_text(text),
        Body::Choice(_) | Body::Event { .. } => Ok(()),
    }
}

fn check_id(id: &str) -> Result<(), TurnError> {
    let fits =
        !id.is_empty() && id.chars().count() <= ID_CHARS_MAX && !id.chars().any(char::is_control);
    match fits {
        true => Ok(()),
        false => Err(TurnError::refused(
            "id-refused",
            format!("An id has 1 to {ID_CHARS_MAX} characters, none of them control characters."),
        )),
    }
}

fn check_text(text: &str) -> Result<(), TurnError> {
    match text.chars().count() <= TEXT_CHARS_MAX {
        true => Ok(()),
        false => Err(TurnError::refused(
            "text-too-long",
            format!("A text has at most {TEXT_CHARS_MAX} characters."),
        )),
    }
}

/// What a client's message says, in so many bytes; salted with its id, so that equal texts don't show as equal rows.
fn body_hash(inbound: &Inbound) -> BodyHash {
    let body =
        serde_json::to_vec(&inbound.body).expect("plain data with text keys always serialises");
    let attachments = serde_json::to_vec(&inbound.attachments)
        .expect("plain data with text keys always serialises");
    hash(&[
        inbound.conversation.as_str().as_bytes(),
        inbound.id.as_bytes(),
        &body,
        &attachments,
    ])
}

fn hash(parts: &[&[u8]]) -> BodyHash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    BodyHash(hasher.finalize().into())
}
