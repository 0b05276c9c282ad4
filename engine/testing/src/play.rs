//! Plays one test: a runtime on a store in memory, told what the steps say, and looked at after each.

use std::sync::{Arc, Mutex, PoisonError};

use dialog::{Considered, ConversationId, DeskEvent, Locale, Turn, UserId};
use jiff::{SignedDuration, Timestamp};
use runtime::{
    Addressee, Agent, Authority, Body, Clock, Config, Deployment, Inbound, NewConversation,
    OutsideEvent, Runtime, TurnError, TurnTrace,
};
use serde_json::{Map, Value as Json};
use store::Memory;

use crate::observe::Observed;
use crate::test::{Action, DeskAction, Step, Test, Visit};
use crate::world::World;

/// Who plays the customer.
const USER: &str = "customer";
/// Who plays the person at the desk.
const PERSON: &str = "p1";
const PERSON_NAME: &str = "Ana";

/// How often the others may run before a test counts as one that never comes to rest.
const YIELDS_MAX: usize = 200_000;
/// The most wake-ups of one step: a day of minutes, twice over.
const WAKES_MAX: usize = 3_000;
/// A deadline that stays after it has passed must not stop the clock.
const STUCK_DEADLINE_STEP: SignedDuration = SignedDuration::from_mins(1);

/// Why a step could not be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlayError {
    /// The runtime refused it.
    #[error("the runtime refused this: {0}")]
    Refused(#[from] TurnError),
    /// There is nothing to do it with.
    #[error("{0}")]
    Impossible(String),
}

/// What the core said of each step, seen as it happens; the store keeps only the short form.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<SeenSteps>>);

#[derive(Default)]
pub(crate) struct SeenSteps {
    /// By conversation and turn.
    pub(crate) steps: Vec<(ConversationId, Turn, Vec<Considered>)>,
    /// Invariants that did not hold.
    pub(crate) broken: Vec<String>,
}

impl Seen {
    pub(crate) fn take(&self) -> SeenSteps {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A test being played.
pub(crate) struct Player<'a> {
    test: &'a Test,
    deployment: Deployment,
    world: Arc<World>,
    store: Memory,
    seen: Seen,
    /// The bot's process: its threads die with it.
    process: Option<Process>,
    conversation: ConversationId,
    channel: String,
    locale: Option<Locale>,
    is_open: bool,
    conversations: u32,
    messages: u32,
    /// The last turn that was looked at.
    looked_at: Turn,
}

struct Process {
    threads: tokio::runtime::Runtime,
    runtime: Runtime,
}

impl<'a> Player<'a> {
    /// A world and a bot in it, in which nothing has happened yet.
    pub(crate) fn new(test: &'a Test, deployment: &Deployment) -> Result<Self, PlayError> {
        let world = World::new(test.clock, &test.tools);
        let deployment = Deployment {
            tools: world.tools(&deployment.bot.tools),
            ..deployment.clone()
        };
        let mut player = Self {
            test,
            deployment,
            world,
            store: Memory::new(),
            seen: Seen::default(),
            process: None,
            conversation: ConversationId::from("c0"),
            channel: test.channel.clone(),
            locale: test.locale.clone(),
            is_open: false,
            conversations: 0,
            messages: 0,
            looked_at: Turn(0),
        };
        player.start()?;
        Ok(player)
    }

    /// How often each tool was called so far.
    pub(crate) fn calls(&self) -> std::collections::BTreeMap<String, usize> {
        self.world.calls()
    }

    pub(crate) fn bot(&self) -> &Arc<dialog::Bot> {
        &self.deployment.bot
    }

    /// Plays a step without what happens during it; its calls are held back if something does.
    pub(crate) fn act(&mut self, step: &Step) -> Result<(), PlayError> {
        if !self.is_open
            && !matches!(
                step.action,
                Action::Open(_) | Action::Locale(_) | Action::Channel(_)
            )
        {
            self.open_silently()?;
        }
        if !step.during.is_empty() {
            self.world.hold(true);
        }
        self.perform(&step.action)?;
        match self.is_open {
            true => self.settle(),
            false => Ok(()),
        }
    }

    /// Lets go the calls that were held back.
    pub(crate) fn let_go(&mut self) -> Result<(), PlayError> {
        self.world.hold(false);
        self.settle()
    }

    /// What happened since the last look.
    pub(crate) fn look(&mut self) -> Result<Observed, PlayError> {
        if self.conversations == 0 {
            return Ok(Observed::default());
        }
        self.follow()?;
        let runtime = self.runtime();
        let (id, from) = (self.conversation.clone(), Turn(self.looked_at.0 + 1));
        let (turns, view, memory) = self.threads().block_on(async {
            let turns = all_turns(&runtime, &id, from).await?;
            let view = runtime.conversation(&id).await?;
            let memory = runtime.user(&UserId::from(USER)).await?;
            Ok::<_, TurnError>((turns, view, memory))
        })?;
        self.looked_at = turns.last().map_or(self.looked_at, |turn| turn.turn);
        let seen = self.seen.take();
        let mut problems = self.world.take_problems();
        problems.extend(seen.broken);
        Ok(Observed {
            turns,
            considered: seen.steps.into_iter().flat_map(|(_, _, all)| all).collect(),
            calls: self.world.calls(),
            slots: view.slots,
            owner: view.owner,
            memory: memory.slots,
            problems,
        })
    }

    fn perform(&mut self, action: &Action) -> Result<(), PlayError> {
        match action {
            Action::User(text) => self.tell(Body::Text(text.clone()), Vec::new()),
            Action::Choose(key) => {
                let choice = self.offered(key)?;
                self.tell(Body::Choice(choice), Vec::new())
            }
            Action::Attach(file) => self.tell(Body::Text(String::new()), vec![file.clone()]),
            Action::Advance(time) => self.advance(*time),
            Action::Crash => self.start(),
            Action::Event { name, data } => self.event(name, data),
            Action::Desk(desk) => self.desk(desk),
            Action::Open(visit) => self.greet(*visit),
            Action::Locale(locale) => {
                self.locale = Some(locale.clone());
                self.go_on_elsewhere()
            }
            Action::Channel(channel) => {
                self.channel.clone_from(channel);
                self.go_on_elsewhere()
            }
            Action::FailDelivery => self.fail_delivery(),
        }
    }

    /// Starts the bot's process; one that runs dies on the spot, whatever it is doing.
    fn start(&mut self) -> Result<(), PlayError> {
        self.process = None;
        let threads = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| PlayError::Impossible(format!("no thread can be started: {error}")))?;
        let clock: Arc<dyn Clock> = Arc::new(WorldClock(self.world.clone()));
        let started = Runtime::start(
            Config::default(),
            Arc::new(self.store.clone()),
            clock,
            self.deployment.clone(),
        );
        let runtime = threads.block_on(started)?;
        runtime.watch(watcher(self.seen.clone(), self.deployment.bot.clone()));
        self.process = Some(Process { threads, runtime });
        Ok(())
    }

    fn tell(&mut self, body: Body, attachments: Vec<dialog::Value>) -> Result<(), PlayError> {
        self.messages += 1;
        let inbound = Inbound {
            conversation: self.conversation.clone(),
            source: "test".to_owned(),
            id: format!("m{}", self.messages),
            body,
            attachments,
            by: Authority::Visitor,
        };
        let runtime = self.runtime();
        self.threads().block_on(runtime.accept(inbound))?;
        Ok(())
    }

    fn event(&mut self, name: &str, data: &Map<String, Json>) -> Result<(), PlayError> {
        self.messages += 1;
        let event = OutsideEvent {
            id: format!("e{}", self.messages),
            name: name.to_owned(),
            data: data.clone(),
            to: Addressee::User(UserId::from(USER)),
        };
        let runtime = self.runtime();
        self.threads().block_on(runtime.outside(event))?;
        Ok(())
    }

    fn desk(&mut self, what: &DeskAction) -> Result<(), PlayError> {
        let (runtime, id) = (self.runtime(), self.conversation.clone());
        let agent = Agent {
            person: PERSON.into(),
            name: PERSON_NAME.to_owned(),
        };
        self.messages += 1;
        let said = format!("p{}", self.messages);
        self.threads().block_on(async {
            let reported = |event| runtime.desk_reports(&id, event);
            match what {
                DeskAction::Joined => runtime.claim(&id, agent).await,
                DeskAction::Said(text) => runtime.say(&id, said, text.clone(), agent).await,
                DeskAction::Returned => runtime.return_to_bot(&id).await,
                DeskAction::Ended => reported(DeskEvent::Ended).await,
                DeskAction::Closed => reported(DeskEvent::Closed).await,
                DeskAction::GaveUp => reported(DeskEvent::GaveUp).await,
                DeskAction::Failed => {
                    let why = "the desk does not answer".to_owned();
                    reported(DeskEvent::Failed { why }).await
                }
            }
        })?;
        Ok(())
    }

    /// The offered choice with this key or label: the latest message that offered it, so that a test can click an old one.
    fn offered(&self, key: &str) -> Result<dialog::ChoiceId, PlayError> {
        let (runtime, id) = (self.runtime(), self.conversation.clone());
        let turns = self.threads().block_on(all_turns(&runtime, &id, Turn(1)))?;
        let messages = turns
            .iter()
            .rev()
            .flat_map(|turn| turn.messages.iter().rev());
        let mut choices = messages.flat_map(|message| &message.choices);
        choices
            .find(|choice| choice.id.key == key || choice.label == key)
            .map(|choice| choice.id.clone())
            .ok_or_else(|| PlayError::Impossible(format!("no choice `{key}` was offered")))
    }

    /// Greets, as a part of the test.
    fn greet(&mut self, visit: Visit) -> Result<(), PlayError> {
        if visit == Visit::Returning || !self.test.user.is_empty() {
            self.visit_before()?;
        }
        self.looked_at = Turn(0);
        self.open()
    }

    /// A conversation whose greeting the test does not look at.
    fn open_silently(&mut self) -> Result<(), PlayError> {
        if !self.test.user.is_empty() {
            self.visit_before()?;
        }
        self.open()?;
        self.settle()?;
        self.look().map(|_| ())
    }

    /// An earlier conversation, in which what the test says of the user was learnt.
    fn visit_before(&mut self) -> Result<(), PlayError> {
        self.open_with(self.test.user.clone())?;
        self.settle()?;
        self.look().map(|_| ())
    }

    fn open(&mut self) -> Result<(), PlayError> {
        self.is_open = true;
        self.open_with(self.test.slots.clone())
    }

    fn open_with(&mut self, slots: Map<String, Json>) -> Result<(), PlayError> {
        self.conversations += 1;
        self.conversation = ConversationId(format!("c{}", self.conversations));
        self.looked_at = Turn(0);
        let new = NewConversation {
            id: Some(self.conversation.clone()),
            user: Some(UserId::from(USER)),
            channel: self.channel.clone(),
            locale: self.locale.clone(),
            slots,
            by: Authority::Integrator,
        };
        let runtime = self.runtime();
        self.threads().block_on(runtime.open(new))?;
        Ok(())
    }

    fn go_on_elsewhere(&mut self) -> Result<(), PlayError> {
        match self.is_open {
            true => self.open_silently(),
            false => Ok(()),
        }
    }

    fn fail_delivery(&mut self) -> Result<(), PlayError> {
        let (runtime, id) = (self.runtime(), self.conversation.clone());
        let turns = self.threads().block_on(all_turns(&runtime, &id, Turn(1)))?;
        let last = turns.iter().rev().find_map(|turn| turn.messages.last());
        let effect = last
            .map(|message| message.id.clone())
            .ok_or_else(|| PlayError::Impossible("the bot has said nothing yet".to_owned()))?;
        let why = "the test says so".to_owned();
        self.threads()
            .block_on(runtime.delivery_failed(effect, why))?;
        Ok(())
    }

    /// Moves the clock through everything that falls due, in order.
    fn advance(&mut self, time: SignedDuration) -> Result<(), PlayError> {
        let until = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
        self.settle()?;
        for _ in 0..WAKES_MAX {
            let Some(next) = self.next_deadline()?.filter(|next| *next <= until) else {
                break;
            };
            let now = self.now();
            let stuck = now
                .checked_add(STUCK_DEADLINE_STEP)
                .unwrap_or(Timestamp::MAX);
            self.world
                .clock
                .set(if next > now { next } else { stuck.min(until) });
            self.settle()?;
            if self.now() >= until {
                break;
            }
        }
        self.world.clock.set(until);
        Ok(())
    }

    /// The next moment at which something happens by itself.
    fn next_deadline(&self) -> Result<Option<Timestamp>, PlayError> {
        let runtime = self.runtime();
        let timer = self.threads().block_on(runtime.next_deadline())?;
        Ok([timer, self.world.next_wake()].into_iter().flatten().min())
    }

    /// Waits until nothing is outstanding but calls that are held back. Calls that take their time get it.
    fn settle(&mut self) -> Result<(), PlayError> {
        for _ in 0..WAKES_MAX {
            self.come_to_rest()?;
            let Some(wake) = self.world.next_wake() else {
                return Ok(());
            };
            let timer = self.next_deadline()?.filter(|next| *next > self.now());
            self.world
                .clock
                .set(timer.map_or(wake, |timer| timer.min(wake)));
        }
        Err(PlayError::Impossible(
            "the step never comes to its end".to_owned(),
        ))
    }

    fn come_to_rest(&self) -> Result<(), PlayError> {
        let (runtime, world) = (self.runtime(), self.world.clone());
        self.threads().block_on(async {
            loop {
                rest(&runtime, &world).await?;
                if !runtime.fire().await? {
                    return Ok(());
                }
            }
        })
    }

    /// An event for the user may have opened another conversation: the test goes on there.
    fn follow(&mut self) -> Result<(), PlayError> {
        let runtime = self.runtime();
        let user = self.threads().block_on(runtime.user(&UserId::from(USER)))?;
        if let Some(newest) = user
            .last_conversation
            .filter(|newest| *newest != self.conversation)
        {
            self.conversation = newest;
            self.looked_at = Turn(0);
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    fn process(&self) -> &Process {
        self.process
            .as_ref()
            .expect("a process is started before anything is done with it")
    }

    fn threads(&self) -> &tokio::runtime::Runtime {
        &self.process().threads
    }

    fn runtime(&self) -> Runtime {
        self.process().runtime.clone()
    }
}

/// The world's clock, for a runtime.
struct WorldClock(Arc<World>);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn sleep_until(&self, at: Timestamp) -> runtime::Sleep<'_> {
        self.0.clock.sleep_until(at)
    }
}

fn watcher(seen: Seen, bot: Arc<dialog::Bot>) -> runtime::Watcher {
    Box::new(move |conversation, trace| {
        let mut seen = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        let considered = trace.considered.clone();
        seen.steps
            .push((conversation.id.clone(), conversation.turn, considered));
        if let Err(broken) = conversation.check(&bot) {
            seen.broken.push(broken);
        }
    })
}

/// Lets all others run until only the test can make anything happen.
async fn rest(runtime: &Runtime, world: &World) -> Result<(), PlayError> {
    for _ in 0..YIELDS_MAX {
        tokio::task::yield_now().await;
        if runtime.outstanding() == world.waiting() {
            return Ok(());
        }
    }
    Err(PlayError::Impossible(
        "the bot never comes to rest".to_owned(),
    ))
}

async fn all_turns(
    runtime: &Runtime,
    id: &ConversationId,
    from: Turn,
) -> Result<Vec<TurnTrace>, TurnError> {
    let mut turns = Vec::new();
    let mut next = Some(from);
    while let Some(from) = next {
        let (page, more) = runtime.trace(id, from).await?;
        turns.extend(page);
        next = more;
    }
    Ok(turns)
}
