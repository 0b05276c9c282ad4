//! The world around a test's bot: tools that answer as the test says, on a clock that only the test moves.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dialog::{Bot, EffectId, Repeat, ToolDeclaration, ToolError, ToolOutcome};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use llm::{Arguments, End, Error, ErrorKind, Model, Piece, Request, Stop, ToolCall, Usage};
use runtime::{Clock, EXTRACTIVE, Target, Targets, VirtualClock};
use tokio::sync::watch;
use tools::{Call, CallFuture, Tool, Toolbox};

use crate::test::{Reply, Stub, Written};

/// What answers the bot's calls. It survives a crash of the bot, as the real world does.
pub(crate) struct World {
    pub(crate) clock: VirtualClock,
    hold: watch::Sender<bool>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    scripts: BTreeMap<String, Script>,
    /// What the models still have to say.
    replies: BTreeMap<String, VecDeque<Reply>>,
    /// Which calls came, by tool; the same effect again is the same call.
    called: BTreeMap<String, BTreeSet<EffectId>>,
    /// Calls that wait to be let go.
    held: usize,
    /// Calls that take their time, and when each is over.
    asleep: BTreeMap<u64, Timestamp>,
    sleeps: u64,
    problems: Vec<String>,
}

/// A tool's answers.
struct Script {
    stubs: Vec<Stub>,
    next: usize,
    /// What a call was answered: a `keyed` tool answers the same key alike.
    answered: BTreeMap<EffectId, usize>,
}

impl World {
    /// A world in which the tools answer so, in order. The last answer of a tool that is `repeat: safe` is given again and
    /// again; more calls of another tool than the test has answers for are a problem.
    pub(crate) fn new(
        now: Timestamp,
        tools: &BTreeMap<String, Vec<Stub>>,
        models: &BTreeMap<String, Vec<Reply>>,
    ) -> Arc<Self> {
        let scripts = tools.iter().map(|(name, stubs)| {
            let script = Script {
                stubs: stubs.clone(),
                next: 0,
                answered: BTreeMap::new(),
            };
            (name.clone(), script)
        });
        Arc::new(Self {
            clock: VirtualClock::new(now),
            hold: watch::Sender::new(false),
            state: Mutex::new(State {
                scripts: scripts.collect(),
                replies: models
                    .iter()
                    .map(|(name, replies)| (name.clone(), replies.iter().cloned().collect()))
                    .collect(),
                ..State::default()
            }),
        })
    }

    /// The bot's tools, each answered from here.
    pub(crate) fn tools(self: &Arc<Self>, declared: &[ToolDeclaration]) -> Toolbox {
        let mut toolbox = Toolbox::default();
        for declaration in declared {
            // What needs nothing of the world is itself, unless the test says otherwise.
            let is_scripted = self.state().scripts.contains_key(&declaration.name);
            let built_in = tools::built_in(declaration).filter(|_| !is_scripted);
            toolbox.insert(built_in.unwrap_or_else(|| {
                Arc::new(Scripted {
                    declaration: declaration.clone(),
                    world: self.clone(),
                })
            }));
        }
        toolbox
    }

    /// The bot's models that the test has answers for, each answered from here; the others are not there. Two models of a bot may
    /// have the same target, and are answered apart: each one's targets get its name in front.
    pub(crate) fn targets(self: &Arc<Self>, bot: &Bot) -> (Bot, Targets) {
        let state = self.state();
        let (mut bot, mut targets) = (bot.clone(), Targets::new());
        for model in &mut bot.models {
            let own = model.targets.iter_mut().chain(&mut model.complex_targets);
            for target in own.filter(|target| *target != EXTRACTIVE) {
                *target = format!("{}: {target}", model.name);
                if state.replies.contains_key(&model.name) {
                    let speaker = Speaker {
                        name: model.name.clone(),
                        world: self.clone(),
                    };
                    targets.insert(target.clone(), Target::Model(Arc::new(speaker)));
                }
            }
        }
        (bot, targets)
    }

    /// Whether calls that begin from now on wait.
    pub(crate) fn hold(&self, hold: bool) {
        self.hold.send_replace(hold);
    }

    /// How many calls wait for the test: to be let go, or for their time.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.state();
        state.held + state.asleep.len()
    }

    /// When the next call is over that takes its time.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.state().asleep.values().min().copied()
    }

    /// How often each tool was called so far.
    pub(crate) fn calls(&self) -> BTreeMap<String, usize> {
        let state = self.state();
        let called = state.called.iter();
        called
            .map(|(tool, effects)| (tool.clone(), effects.len()))
            .collect()
    }

    /// What the bot did that the test has no answer for.
    pub(crate) fn take_problems(&self) -> Vec<String> {
        std::mem::take(&mut self.state().problems)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_call(&self, tool: &str, effect: &EffectId) {
        let mut state = self.state();
        state
            .called
            .entry(tool.to_owned())
            .or_default()
            .insert(effect.clone());
    }

    async fn let_go(&self) {
        let mut hold = self.hold.subscribe();
        if !*hold.borrow() {
            return;
        }
        self.state().held += 1;
        let _held = Held(self);
        // Fails only when the sender is gone, and that is in self.
        let _ = hold.wait_for(|hold| !hold).await;
    }

    async fn sleep(&self, time: SignedDuration) {
        if !time.is_positive() {
            return;
        }
        let until = self.clock.now().checked_add(time).unwrap_or(Timestamp::MAX);
        let asleep = {
            let mut state = self.state();
            state.sleeps += 1;
            let id = state.sleeps;
            state.asleep.insert(id, until);
            Asleep(self, id)
        };
        self.clock.sleep_until(until).await;
        drop(asleep);
    }

    /// The next answer of a tool.
    fn answer(&self, tool: &ToolDeclaration, effect: &EffectId) -> Stub {
        let mut state = self.state();
        let State {
            scripts, problems, ..
        } = &mut *state;
        let Some(script) = scripts.get_mut(&tool.name) else {
            problems.push(format!(
                "the bot called `{}`, for which the test has no answer under `tools`",
                tool.name
            ));
            return nobody();
        };
        let again = script.answered.get(effect).copied();
        let last = script.stubs.len().saturating_sub(1);
        let too_often = script.next > last && again.is_none() && tool.repeat != Repeat::Safe;
        if too_often {
            problems.push(format!(
                "the bot called `{}` more often than the test has answers for ({})",
                tool.name,
                script.stubs.len()
            ));
        }
        let index = script.next.min(last);
        script.next += 1;
        script.answered.insert(effect.clone(), index);
        script.stubs.get(index).cloned().unwrap_or_else(nobody)
    }
}

/// A language model as the test has it.
struct Speaker {
    name: String,
    world: Arc<World>,
}

impl Model for Speaker {
    fn name(&self) -> &str {
        &self.name
    }

    /// Time passes on the test's clock.
    fn stream(&self, _: Request, deadline: Duration) -> llm::Answer {
        let (name, world) = (self.name.clone(), self.world.clone());
        let pieces = async move { stream::iter(world.reply(&name, deadline).await) };
        stream::once(pieces).flatten().boxed()
    }
}

impl World {
    /// The next answer of a model.
    async fn reply(&self, model: &str, deadline: Duration) -> Vec<Result<Piece, Error>> {
        self.let_go().await;
        let reply = {
            let mut state = self.state();
            let reply = state.replies.get_mut(model).and_then(VecDeque::pop_front);
            if reply.is_none() {
                let why =
                    format!("the bot asked `{model}` more often than the test has answers for");
                state.problems.push(why);
            }
            reply
        };
        let Some(Reply { outcome, delay }) = reply else {
            let why = "the test has no answer";
            return vec![Err(Error::new(ErrorKind::Unreachable, model, why))];
        };
        let deadline = SignedDuration::try_from(deadline).unwrap_or(SignedDuration::MAX);
        self.sleep(delay.min(deadline)).await;
        if delay > deadline {
            let why = "it did not answer in time";
            return vec![Err(Error::new(ErrorKind::Timeout, model, why))];
        }
        match outcome {
            Err(kind) => vec![Err(Error::new(kind, model, "the test says so"))],
            Ok(written) => pieces(model, &written),
        }
    }
}

/// What a model writes, word by word as it would come.
fn pieces(model: &str, Written { text, calls }: &Written) -> Vec<Result<Piece, Error>> {
    let words = text.split_inclusive(' ');
    let words = words.map(|word| Piece::Text(word.to_owned()));
    let called = calls.iter().enumerate().map(|(index, (tool, args))| {
        Piece::Call(ToolCall {
            id: format!("call-{}", index + 1),
            tool: tool.clone(),
            arguments: Arguments::Object(args.clone()),
            signature: None,
        })
    });
    let end = Piece::End(End {
        stop: if calls.is_empty() {
            Stop::Done
        } else {
            Stop::Calls
        },
        usage: Usage::default(),
        model: model.to_owned(),
        tried: Vec::new(),
    });
    words.chain(called).chain([end]).map(Ok).collect()
}

/// As if nobody were there.
fn nobody() -> Stub {
    Stub {
        outcome: failed(dialog::ErrorKind::Unreachable),
        delay: SignedDuration::ZERO,
    }
}

/// A call that waits to be let go; a crash takes it along.
struct Held<'a>(&'a World);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.state().held -= 1;
    }
}

/// A call that takes its time.
struct Asleep<'a>(&'a World, u64);

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.0.state().asleep.remove(&self.1);
    }
}

/// A tool as the test has it, with the attempts that its declaration allows.
struct Scripted {
    declaration: ToolDeclaration,
    world: Arc<World>,
}

impl Tool for Scripted {
    fn declaration(&self) -> &ToolDeclaration {
        &self.declaration
    }

    fn call(&self, call: Call) -> CallFuture<'_> {
        Box::pin(self.run(call))
    }
}

impl Scripted {
    async fn run(&self, call: Call) -> ToolOutcome {
        self.world.note_call(&self.declaration.name, &call.effect);
        self.world.let_go().await;
        let mut backoff = self.declaration.retry.backoff;
        let mut retries = match self.declaration.repeat {
            Repeat::Never => 0,
            Repeat::Safe | Repeat::Keyed => self.declaration.retry.max,
        };
        loop {
            let outcome = self.attempt(&call.effect).await;
            if retries == 0 || !may_pass(&outcome) {
                return outcome;
            }
            retries -= 1;
            self.world.sleep(backoff).await;
            backoff = backoff.saturating_mul(2);
        }
    }

    async fn attempt(&self, effect: &EffectId) -> ToolOutcome {
        let Stub { outcome, delay } = self.world.answer(&self.declaration, effect);
        let limit = self.declaration.timeout;
        self.world.sleep(delay.min(limit)).await;
        match (delay > limit, self.declaration.repeat) {
            (false, _) => outcome,
            (true, Repeat::Never) => failed(dialog::ErrorKind::Unknown),
            (true, Repeat::Safe | Repeat::Keyed) => failed(dialog::ErrorKind::Timeout),
        }
    }
}

/// Whether the outside might answer another attempt better.
fn may_pass(outcome: &ToolOutcome) -> bool {
    match outcome {
        ToolOutcome::Returned { .. } => false,
        ToolOutcome::Failed(error) => matches!(
            error.kind,
            dialog::ErrorKind::Timeout | dialog::ErrorKind::Unreachable | dialog::ErrorKind::Failed
        ),
    }
}

fn failed(kind: dialog::ErrorKind) -> ToolOutcome {
    ToolOutcome::Failed(ToolError {
        kind,
        status: None,
        code: None,
    })
}
