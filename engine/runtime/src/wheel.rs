//! What happens by itself: timers of conversations and events that were scheduled. The store knows the deadlines; this wakes
//! up for the earliest, so that a restart loses none and fires none twice (a turn that fires one changes it in its commit).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use dialog::ConversationId;
use jiff::{SignedDuration, Timestamp};
use store::Scheduled;
use tokio::sync::{Notify, oneshot};
use tracing::{debug, error, warn};

use crate::TurnError;
use crate::config::{PAGE_ROWS, TIMER_AGAIN, TIMERS_PER_WAKE_MAX};
use crate::effects::ScheduledRow;
use crate::inbound::Authority;
use crate::job::{Begin, Cause, Data, Job};
use crate::line::{Line, lock};
use crate::runtime::Inner;
use crate::state::Loaded;
use crate::turn::Done;
use crate::user;

/// How far ahead the wheel looks; nearer deadlines that come up meanwhile wake it.
const HORIZON: SignedDuration = SignedDuration::from_secs(60);

/// When to try again what could not be done now.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// Wakes conversations up.
pub(crate) struct Wheel {
    wake: Notify,
    state: Mutex<State>,
}

struct State {
    /// Until when it sleeps.
    until: Timestamp,
    /// Woken and not yet done.
    firing: BTreeSet<ConversationId>,
    /// A stored deadline for which the conversation has no timer: looked at again then.
    snoozed: BTreeMap<ConversationId, Timestamp>,
}

impl Wheel {
    pub(crate) fn new() -> Self {
        Self {
            wake: Notify::new(),
            state: Mutex::new(State {
                until: Timestamp::MAX,
                firing: BTreeSet::new(),
                snoozed: BTreeMap::new(),
            }),
        }
    }

    /// A deadline was set.
    pub(crate) fn heard(&self, deadline: Timestamp) {
        if deadline < lock(&self.state).until {
            self.wake.notify_one();
        }
    }

    /// Whether the conversation should be woken now; noted, if so.
    fn take(&self, id: &ConversationId, now: Timestamp) -> bool {
        let mut state = lock(&self.state);
        if state.snoozed.get(id).is_some_and(|until| *until > now) {
            return false;
        }
        state.snoozed.remove(id);
        state.firing.insert(id.clone())
    }

    /// The conversation was woken and is done.
    pub(crate) fn fired(&self, id: &ConversationId, snooze_until: Option<Timestamp>) {
        let mut state = lock(&self.state);
        state.firing.remove(id);
        if let Some(until) = snooze_until {
            state.snoozed.insert(id.clone(), until);
        }
        drop(state);
        self.wake.notify_one();
    }

    fn sleeps_until(&self, until: Timestamp) {
        lock(&self.state).until = until;
    }
}

impl Inner {
    /// Fires what is due, until the runtime closes.
    pub(crate) async fn turn_wheel(self: Arc<Self>) {
        while !self.closing.is_cancelled() {
            // Whatever is set while this looks wakes it again.
            self.wheel.sleeps_until(Timestamp::MAX);
            let next = match self.fire_due().await {
                Ok(Fired { next, .. }) => next,
                Err(problem) => {
                    warn!(%problem, "What is due could not be read; trying again in a moment.");
                    self.clock.now() + AGAIN
                }
            };
            self.wheel.sleeps_until(next);
            tokio::select! {
                () = self.closing.cancelled() => {}
                () = self.wheel.wake.notified() => {}
                () = self.clock.sleep_until(next) => {}
            }
        }
    }

    /// Wakes every conversation with a timer that is due, and gives out every event that is.
    pub(crate) async fn fire_due(self: &Arc<Self>) -> Result<Fired, TurnError> {
        let now = self.clock.now();
        let horizon = now.checked_add(HORIZON).unwrap_or(Timestamp::MAX);
        let mut fired = Fired {
            any: false,
            next: horizon,
        };
        for due in self.store.due_timers(horizon, PAGE_ROWS).await? {
            if due.at > now {
                fired.next = fired.next.min(due.at);
            } else if self.wheel.take(&due.conversation, now) {
                fired.any = true;
                let line = self.lines.get(&due.conversation);
                self.tell(&line, Cause::Due);
            }
        }
        for scheduled in self.store.due_scheduled(horizon, PAGE_ROWS).await? {
            if scheduled.at > now {
                fired.next = fired.next.min(scheduled.at);
            } else if self.give_out(scheduled).await? {
                fired.any = true;
            } else {
                fired.next = fired.next.min(now + AGAIN);
            }
        }
        Ok(fired)
    }

    /// Fires the timers of a conversation that are due, each in a turn of its own.
    pub(crate) async fn fire_timers(
        self: &Arc<Self>,
        line: &Arc<Line>,
        kept: Option<Box<Loaded>>,
    ) -> Result<Done, TurnError> {
        let mut kept = kept;
        let mut last = Err(TurnError::NotFound(line.id.clone()));
        for _ in 0..TIMERS_PER_WAKE_MAX {
            let loaded = match kept.take() {
                Some(loaded) => loaded,
                None => match self.load(line, &Cause::Due).await {
                    Ok(loaded) => loaded,
                    Err(problem) => {
                        last = Err(problem);
                        break;
                    }
                },
            };
            let timers = loaded.conversation.timers(&loaded.deployment.bot);
            let Some((_, timer)) = timers
                .into_iter()
                .next()
                .filter(|(at, _)| *at <= self.clock.now())
            else {
                line.keep(loaded);
                break;
            };
            last = self.turn(line, Some(loaded), &Cause::Timer(timer)).await;
            if last.is_err() {
                break;
            }
            kept = line.take_kept();
        }
        if let Some(loaded) = kept {
            line.keep(loaded);
        }
        let snooze = match last.is_err() && self.is_due(&line.id).await {
            true => self.clock.now().checked_add(TIMER_AGAIN).ok(),
            false => None,
        };
        self.wheel.fired(&line.id, snooze);
        last
    }

    /// Whether the store still holds a deadline that has passed: it would wake the conversation without end.
    async fn is_due(&self, id: &ConversationId) -> bool {
        let stored = self.store.load(id).await.ok().flatten();
        let due = stored
            .and_then(|stored| stored.head.timer)
            .is_some_and(|at| at <= self.clock.now());
        if due {
            debug!(conversation = %id, "A deadline has passed for which the conversation has no timer.");
        }
        due
    }

    /// Gives an event that was scheduled to the user's conversation, or opens one on the user's last channel. Whether it is
    /// done with.
    async fn give_out(self: &Arc<Self>, scheduled: Scheduled) -> Result<bool, TurnError> {
        let key = scheduled.key();
        let Ok(row) = serde_json::from_slice::<ScheduledRow>(&scheduled.payload) else {
            error!(user = %scheduled.user, "An event for later can't be read and is dropped.");
            self.store.unschedule(self.term, key).await?;
            return Ok(true);
        };
        let (event, data) = match row {
            ScheduledRow::Event { event, data } => (event, data),
            ScheduledRow::Expiry { expires } => return self.expire(scheduled, expires).await,
        };
        let (line, begin) = self.conversation_of(&scheduled.user).await?;
        let cause = Cause::Outside {
            duplicate: None,
            name: event,
            data: Data::Values(data),
            scheduled: Some(key.clone()),
            begin: Some(begin),
        };
        // One after another: the next event for the user finds the conversation that this one opened.
        let Err(problem) = self.ask(&line, cause).await else {
            return Ok(true);
        };
        warn!(user = %scheduled.user, %problem, "An event for later could not be given out.");
        let hopeless = matches!(
            problem,
            TurnError::Ended | TurnError::NotFound(_) | TurnError::Refused { .. }
        );
        if hopeless {
            self.store.unschedule(self.term, key).await?;
        }
        Ok(hopeless)
    }

    /// Forgets what was not to be kept for longer; what was told anew has a later end.
    async fn expire(&self, scheduled: Scheduled, expires: String) -> Result<bool, TurnError> {
        let rows = self.store.memory(&scheduled.user).await?;
        if user::is_over(&rows, &expires, self.clock.now()) {
            let changes = user::RowChanges::from([(expires, None)]);
            self.store
                .remember(self.term, &scheduled.user, changes)
                .await?;
        }
        self.store.unschedule(self.term, scheduled.key()).await?;
        Ok(true)
    }

    /// Where an event for a user goes: the open conversation, else a new one on the last channel.
    pub(crate) async fn conversation_of(
        &self,
        user: &dialog::UserId,
    ) -> Result<(Arc<Line>, Begin), TurnError> {
        let rows = self.store.memory(user).await?;
        let about = user::about(&rows).unwrap_or_default();
        let begin = Begin {
            user: user.clone(),
            channel: about.channel.unwrap_or_else(|| "http".to_owned()),
            locale: about.locale,
            slots: serde_json::Map::new(),
            by: Authority::Integrator,
        };
        if let Some(id) = about.conversation
            && let Some(stored) = self.store.load(&id).await?
            && stored.head.owner != store::OwnerKind::Ended
            && stored.head.user == *user
        {
            return Ok((self.lines.get(&id), begin));
        }
        Ok((self.lines.get(&crate::id::conversation()), begin))
    }

    /// Tells a conversation something and waits until it is durable.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        line: &Arc<Line>,
        cause: Cause,
    ) -> Result<Done, TurnError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            cause,
            reply: Some(reply),
            busy: self.busy.begin(),
        };
        self.push(line, job)?;
        answer
            .await
            .unwrap_or_else(|_| Err(TurnError::Internal("the turn was dropped".to_owned())))
    }
}

/// What came of looking.
pub(crate) struct Fired {
    /// Whether anything was due.
    pub(crate) any: bool,
    /// When to look again.
    pub(crate) next: Timestamp,
}
