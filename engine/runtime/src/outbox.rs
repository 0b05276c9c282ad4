//! Effects after their commit: calls of tools, answers of models, requests to desks.
//!
//! Every effect is a row of the outbox until the turn that takes its answer is committed. What a crash left there is begun
//! again at the next start, but for a `repeat: never` call whose request may have left: that one is `unknown`.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialog::{ConversationId, EffectId, ErrorKind, Repeat, ToolError, ToolOutcome, Value};
use futures_util::FutureExt;
use store::{Dead, DeadLetter, Mark, OutboxRow, StoreError, Stored};
use tools::{Call, Tool};
use tracing::{error, warn};

use crate::TurnError;
use crate::answer::Wanted;
use crate::busy::BusyGuard;
use crate::config::{CALLS_PER_CONVERSATION_MAX, PAGE_ROWS, STORE_PAUSE, STORE_TRIES};
use crate::deployment::Deployment;
use crate::effects::{Row, RowKind};
use crate::job::{Cause, Job};
use crate::line::{Line, lock};
use crate::row::{StoredTurnRow, record_of};
use crate::runtime::Inner;
use crate::secret;
use crate::state::Loaded;

/// A call to make.
pub(crate) struct CallToMake {
    pub(crate) id: EffectId,
    pub(crate) tool: String,
    pub(crate) args: BTreeMap<String, Value>,
    /// A request may have left before a crash.
    pub(crate) begun: bool,
}

/// A call with what it needs.
pub(crate) struct ReadyCall {
    call: CallToMake,
    tool: Option<Arc<dyn Tool>>,
    busy: BusyGuard,
}

impl Inner {
    /// Begins what a turn has asked for. Sends are in the feed already: they were before the calls.
    pub(crate) fn begin_effects(
        self: &Arc<Self>,
        line: &Arc<Line>,
        loaded: &Loaded,
        calls: Vec<CallToMake>,
        answers: Vec<(EffectId, Wanted)>,
        handoffs: Vec<(EffectId, String)>,
        cancelled: &[EffectId],
    ) {
        for call in cancelled {
            self.give_up(line, call);
        }
        for call in calls {
            self.begin_call(line, call, &loaded.deployment);
        }
        for (effect, wanted) in answers {
            self.begin_answer(line, effect, wanted, loaded.deployment.clone());
        }
        for (effect, desk) in handoffs {
            let event = self
                .board
                .ask(&loaded.deployment.bot, &line.id, &desk, self.clock.now());
            self.tell(
                line,
                Cause::Desk {
                    event,
                    duplicate: None,
                    effect: Some(effect),
                },
            );
        }
    }

    /// Puts a job that may not be refused into a conversation's line.
    pub(crate) fn tell(self: &Arc<Self>, line: &Arc<Line>, cause: Cause) {
        let job = Job {
            cause,
            reply: None,
            busy: self.busy.begin(),
        };
        if let Err(refused) = self.push(line, job) {
            error!(conversation = %line.id, %refused, "A result had no place in its conversation's line.");
        }
    }

    /// Puts a job into a conversation's line, and starts its runner if it has none.
    pub(crate) fn push(self: &Arc<Self>, line: &Arc<Line>, job: Job) -> Result<(), TurnError> {
        if line.push(job)? {
            tokio::spawn(self.clone().run_line(line.clone()));
        }
        Ok(())
    }

    fn begin_call(self: &Arc<Self>, line: &Arc<Line>, call: CallToMake, deployment: &Deployment) {
        let tool = deployment.tools.get(&call.tool).cloned();
        let ready = ReadyCall {
            call,
            tool,
            busy: self.busy.begin(),
        };
        let mut calls = lock(&line.calls);
        if calls.running.contains_key(&ready.call.id) {
            return;
        }
        if calls.running.len() >= CALLS_PER_CONVERSATION_MAX {
            calls.waiting.push_back(ready);
            return;
        }
        self.start_call(line, &mut calls.running, ready);
    }

    /// The abort handle is noted under the same lock under which the call's end looks for it.
    fn start_call(
        self: &Arc<Self>,
        line: &Arc<Line>,
        running: &mut BTreeMap<EffectId, tokio::task::AbortHandle>,
        ready: ReadyCall,
    ) {
        let effect = ready.call.id.clone();
        let task = tokio::spawn(self.clone().make_call(line.clone(), ready));
        running.insert(effect, task.abort_handle());
    }

    async fn make_call(self: Arc<Self>, line: Arc<Line>, ready: ReadyCall) {
        let ReadyCall { call, tool, busy } = ready;
        let effect = call.id.clone();
        if let Some(outcome) = self.outcome(call, tool).await {
            self.tell(
                &line,
                Cause::Returned {
                    effect: effect.clone(),
                    outcome,
                },
            );
        }
        self.call_ended(&line, &effect);
        drop(busy);
    }

    /// The call's outcome; none if nobody waits for it any more, or it can't be begun now and stays in the outbox.
    async fn outcome(&self, call: CallToMake, tool: Option<Arc<dyn Tool>>) -> Option<ToolOutcome> {
        let Some(tool) = tool else {
            return Some(failed(ErrorKind::Unreachable, Some("no-such-tool")));
        };
        let _place = self.calls.acquire().await.ok()?;
        let name = tool.declaration().name.clone();
        let never = tool.declaration().repeat == Repeat::Never;
        if never && let Some(instead) = self.mark(&call).await {
            return instead;
        }
        let request = Call {
            effect: call.id,
            args: call.args,
        };
        let made = std::panic::AssertUnwindSafe(tool.call(request))
            .catch_unwind()
            .await;
        let outcome = made.unwrap_or_else(|_| panicked(&name, never));
        count(&outcome);
        Some(outcome)
    }

    /// Notes durably that a `never` call is about to leave. None = it may; else what comes in its place.
    async fn mark(&self, call: &CallToMake) -> Option<Option<ToolOutcome>> {
        let mut pause = STORE_PAUSE;
        for _ in 0..STORE_TRIES {
            match self.store.mark_begun(self.term, &call.id).await {
                Ok(Mark::Begun) if !call.begun => return None,
                Ok(Mark::Begun | Mark::AlreadyBegun) => {
                    return Some(Some(failed(ErrorKind::Unknown, None)));
                }
                Ok(Mark::Gone) => return Some(None),
                Err(StoreError::Full { .. }) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(problem) => {
                    warn!(effect = %call.id, %problem, "A call could not be marked, and so is not made.");
                    self.broke(problem);
                    return Some(None);
                }
            }
        }
        Some(Some(failed(ErrorKind::Unreachable, Some("not-marked"))))
    }

    pub(crate) fn call_ended(self: &Arc<Self>, line: &Arc<Line>, effect: &EffectId) {
        let mut calls = lock(&line.calls);
        calls.running.remove(effect);
        if let Some(next) = calls.waiting.pop_front() {
            self.start_call(line, &mut calls.running, next);
        }
    }

    /// A call whose state was left. Its row went with the turn.
    fn give_up(self: &Arc<Self>, line: &Arc<Line>, effect: &EffectId) {
        let mut calls = lock(&line.calls);
        calls.waiting.retain(|ready| ready.call.id != *effect);
        if let Some(task) = calls.running.remove(effect) {
            task.abort();
            if let Some(next) = calls.waiting.pop_front() {
                self.start_call(line, &mut calls.running, next);
            }
        }
    }

    /// Takes up what the last process left in the outbox.
    pub(crate) async fn recover(self: &Arc<Self>) -> Result<(), TurnError> {
        let mut after = None;
        loop {
            let rows = self.store.outbox(after, PAGE_ROWS).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            for row in rows {
                self.take_up(row).await?;
            }
        }
    }

    /// Tries a dead letter again: an effect goes back into the outbox, an event to its conversation. Whether there was one.
    pub(crate) async fn redrive(
        self: &Arc<Self>,
        id: &ConversationId,
        letter: &str,
    ) -> Result<bool, TurnError> {
        match self.store.redrive(self.term, id, letter).await? {
            None => Ok(false),
            Some(DeadLetter {
                what: Dead::Effect(row),
                ..
            }) => {
                self.take_up(OutboxRow {
                    begun: false,
                    ..row
                })
                .await?;
                Ok(true)
            }
            Some(DeadLetter {
                what: Dead::Event(row),
                ..
            }) => {
                let row: StoredTurnRow = serde_json::from_slice(&row).map_err(|problem| {
                    TurnError::Internal(format!("the dead letter can't be read: {problem}"))
                })?;
                let line = self.lines.get(id);
                self.ask(
                    &line,
                    Cause::Again {
                        event: Box::new(row.event),
                        letter: letter.to_owned(),
                    },
                )
                .await?;
                Ok(true)
            }
        }
    }

    async fn take_up(self: &Arc<Self>, row: OutboxRow) -> Result<(), TurnError> {
        let line = self.lines.get(&row.id.conversation);
        let what = match serde_json::from_slice::<Row>(&row.payload) {
            Ok(Row { what }) => what,
            Err(problem) => {
                error!(effect = %row.id, %problem, "A row of the outbox can't be read; it stays there.");
                return Ok(());
            }
        };
        match what {
            RowKind::Answer(wanted) => {
                let deployment = match self.store.load(&line.id).await? {
                    Some(stored) => self.deployment_of(&stored).await?,
                    None => self.versions.current(),
                };
                self.begin_answer(&line, row.id, wanted, deployment);
            }
            RowKind::Handoff { desk } => {
                let bot = self.versions.current().bot.clone();
                let event = self.board.ask(&bot, &line.id, &desk, self.clock.now());
                self.tell(
                    &line,
                    Cause::Desk {
                        event,
                        duplicate: None,
                        effect: Some(row.id),
                    },
                );
            }
            RowKind::Call { tool, args } => {
                let Some((deployment, args)) = self.arguments(&line.id, args).await? else {
                    self.tell(
                        &line,
                        Cause::Returned {
                            effect: row.id,
                            outcome: failed(ErrorKind::Cancelled, None),
                        },
                    );
                    return Ok(());
                };
                let call = CallToMake {
                    id: row.id,
                    tool,
                    args,
                    begun: row.begun,
                };
                self.begin_call(&line, call, &deployment);
            }
        }
        Ok(())
    }

    /// The version that a stored conversation is on, as far as it can be had.
    async fn deployment_of(&self, stored: &Stored) -> Result<Arc<Deployment>, TurnError> {
        self.revive(&stored.head.bot).await?;
        Ok(self
            .versions
            .get(&stored.head.bot)
            .unwrap_or_else(|| self.versions.current()))
    }

    /// A stored call's arguments, with the secrets from where they stand; none if one is gone.
    async fn arguments(
        &self,
        id: &ConversationId,
        args: secret::StoredArgs,
    ) -> Result<Option<(Arc<Deployment>, BTreeMap<String, Value>)>, TurnError> {
        let Some(stored) = self.store.load(id).await? else {
            return Ok(None);
        };
        let deployment = self.deployment_of(&stored).await?;
        let record = record_of(&stored.state)?;
        Ok(secret::restore(args, &record).map(|args| (deployment, args)))
    }
}

fn failed(kind: ErrorKind, code: Option<&str>) -> ToolOutcome {
    ToolOutcome::Failed(ToolError {
        kind,
        status: None,
        code: code.map(str::to_owned),
    })
}

fn panicked(tool: &str, never: bool) -> ToolOutcome {
    error!(tool, "A tool panicked.");
    metrics::counter!("switchboard_panics_total").increment(1);
    failed(
        if never {
            ErrorKind::Unknown
        } else {
            ErrorKind::Failed
        },
        None,
    )
}

fn count(outcome: &ToolOutcome) {
    let kind = match outcome {
        ToolOutcome::Returned { .. } => "none",
        ToolOutcome::Failed(error) => error.kind.name(),
    };
    metrics::counter!("switchboard_tool_calls_total", "error" => kind).increment(1);
}
