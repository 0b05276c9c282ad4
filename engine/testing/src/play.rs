//! Plays one test: a runtime on a store in memory, told what the steps say, and looked at after each.

mod perform;
mod time;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use dialog::{Considered, ConversationId, Locale, Turn, UserId};
use jiff::Timestamp;
use runtime::{Clock, Config, Deployment, Runtime, TurnError, TurnTrace};
use store::Memory;

use crate::observe::Observed;
use crate::test::{Action, Step, Test};
use crate::world::World;

/// Who plays the customer.
const USER: &str = "customer";

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
        let world = World::new(test.clock, &test.tools, &test.models);
        let (bot, targets) = world.targets(&deployment.bot);
        let deployment = Deployment {
            tools: world.tools(&bot.tools),
            bot: Arc::new(bot),
            targets,
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
    pub(crate) fn calls(&self) -> BTreeMap<String, usize> {
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
            episodes: memory.episodes.into_iter().map(|one| one.text).collect(),
            problems,
        })
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
