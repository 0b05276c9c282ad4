//! One turn: load, understand, step, render, commit; only then is it acknowledged, and only then do its effects begin.

use std::sync::Arc;

use dialog::{Event, Owner, Turn};
use store::{CommitOutcome, Duplicate, Seen};
use tokio::time::Instant;
use tracing::{debug, error};

use crate::TurnError;
use crate::answer::Digest;
use crate::config::{STORE_PAUSE, STORE_TRIES};
use crate::effects::{self, Planned};
use crate::feed::{FeedItem, FeedKind, Said};
use crate::job::Cause;
use crate::line::Line;
use crate::prepare::Prepared;
use crate::runtime::Inner;
use crate::state::Loaded;
use crate::step::Stepped;
use crate::user;

/// A turn that is durable.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) turn: Turn,
    pub(crate) said: Vec<Said>,
    pub(crate) owner: Owner,
    pub(crate) pending: bool,
    /// It was taken before: what it caused must be read.
    pub(crate) repeated: bool,
}

/// What came of one try.
pub(crate) enum Tried {
    Done(Done),
    /// The conversation changed underneath: load it again.
    Conflict,
}

/// What was before the step and must be known after it.
pub(crate) struct Before {
    pub(crate) owner: Owner,
    pub(crate) epoch: u64,
}

impl Inner {
    /// Takes what waits for a conversation, one after another, until nothing does.
    pub(crate) async fn run_line(self: Arc<Self>, line: Arc<Line>) {
        let _abandon = AbandonOnPanic(&self, &line);
        while let Some((job, kept)) = line.next() {
            let began = Instant::now();
            let kind = job.cause.name();
            let answer = self.take_surely(&line, kept, &job.cause).await;
            let outcome = if answer.is_ok() { "ok" } else { "refused" };
            metrics::histogram!("switchboard_turn_seconds", "cause" => kind)
                .record(began.elapsed().as_secs_f64());
            metrics::counter!("switchboard_turns_total", "cause" => kind, "outcome" => outcome)
                .increment(1);
            if let Some(reply) = job.reply {
                // Nobody waits any more: the turn is durable all the same.
                let _ = reply.send(answer);
            }
            drop(job.busy);
        }
    }

    /// What must not be lost is tried again while the store takes nothing.
    async fn take_surely(
        self: &Arc<Self>,
        line: &Arc<Line>,
        mut kept: Option<Box<Loaded>>,
        cause: &Cause,
    ) -> Result<Done, TurnError> {
        let mut pause = STORE_PAUSE;
        for _ in 1..STORE_TRIES {
            let answer = self.take(line, kept.take(), cause).await;
            if !matches!(answer, Err(TurnError::Full)) || cause.answers().is_none() {
                return answer;
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.take(line, None, cause).await.inspect_err(|problem| {
            error!(conversation = %line.id, %problem, "A result could not be kept; the next start asks again.");
        })
    }

    async fn take(
        self: &Arc<Self>,
        line: &Arc<Line>,
        kept: Option<Box<Loaded>>,
        cause: &Cause,
    ) -> Result<Done, TurnError> {
        match cause {
            Cause::Due => self.fire_timers(line, kept).await,
            _ => self.turn(line, kept, cause).await,
        }
    }

    /// One turn; loads the conversation again, once, where it changed underneath.
    pub(crate) async fn turn(
        self: &Arc<Self>,
        line: &Arc<Line>,
        kept: Option<Box<Loaded>>,
        cause: &Cause,
    ) -> Result<Done, TurnError> {
        if let Tried::Done(done) = self.try_turn(line, kept, cause).await? {
            return Ok(done);
        }
        match self.try_turn(line, None, cause).await? {
            Tried::Done(done) => Ok(done),
            Tried::Conflict => Err(TurnError::Full),
        }
    }

    async fn try_turn(
        self: &Arc<Self>,
        line: &Arc<Line>,
        kept: Option<Box<Loaded>>,
        cause: &Cause,
    ) -> Result<Tried, TurnError> {
        let mut loaded = match kept {
            Some(loaded) => loaded,
            None => self.load(line, cause).await?,
        };
        if cause.may_move_version() {
            loaded.move_to(self.versions.current());
        }
        match self.prepare(&mut loaded, cause).await {
            Ok(Prepared::Event { event, memory }) => {
                self.commit_turn(line, loaded, cause, event, memory).await
            }
            Ok(Prepared::Repeated(seen)) => {
                line.keep(loaded);
                repeated(&seen, cause).map(Tried::Done)
            }
            Err(refused) => {
                if loaded.version.0 > 0 {
                    line.keep(loaded);
                }
                Err(refused)
            }
        }
    }

    /// The conversation from the store; or a new one, where the cause begins one.
    pub(crate) async fn load(&self, line: &Line, cause: &Cause) -> Result<Box<Loaded>, TurnError> {
        if let Some(stored) = self.store.load(&line.id).await? {
            return self.restore(&line.id, &stored).await.map(Box::new);
        }
        let Some(begin) = cause.begin() else {
            return Err(TurnError::NotFound(line.id.clone()));
        };
        let deployment = self.versions.current();
        let locale = self.first_locale(begin, &deployment.bot).await?;
        Ok(Box::new(Loaded::begin(
            line.id.clone(),
            begin,
            locale,
            deployment,
        )))
    }

    async fn commit_turn(
        self: &Arc<Self>,
        line: &Arc<Line>,
        loaded: Box<Loaded>,
        cause: &Cause,
        event: Box<Event>,
        memory: Option<user::Rows>,
    ) -> Result<Tried, TurnError> {
        let before = Before {
            owner: loaded.conversation.owner.clone(),
            epoch: loaded.conversation.epoch,
        };
        let Stepped {
            mut loaded,
            start,
            effects,
            trace,
            panicked,
        } = self.advance(line, loaded, cause, &event).await?;
        if let Some(watcher) = self.watcher.get() {
            watcher(&loaded.conversation, &trace);
        }
        let root = self.root(&loaded, cause);
        if let Some(effect) = cause.answers() {
            loaded.notes.closed(effect);
        }
        if let Cause::Generated { spent, digest, .. } = cause {
            loaded.notes.spent = loaded.notes.spent.and(*spent);
            loaded.notes.digest_to(digest);
        }
        if memory.is_some() {
            let before = Turn(loaded.conversation.turn.0.saturating_sub(1));
            loaded.notes.digest = Digest::from_now(before);
        }
        let mut planned = effects::plan(&self.config, &mut loaded, effects, root, &before.owner);
        planned.done.extend(cause.answers().cloned());
        if !planned.choices.is_empty() {
            loaded.conversation.label_choices(&planned.choices);
        }
        self.remember(&mut loaded, &mut planned, memory).await?;
        let commit = self.commit(
            &loaded, &before, start, cause, &event, &trace, &planned, root, panicked,
        );
        match self.store.commit(commit).await {
            Ok(CommitOutcome::Committed(version)) => {
                loaded.version = version;
                loaded.moved = false;
                Ok(Tried::Done(
                    self.committed(line, loaded, planned, root, &before),
                ))
            }
            Ok(CommitOutcome::Duplicate(seen)) => repeated(&seen, cause).map(Tried::Done),
            Ok(CommitOutcome::Conflict) => Ok(Tried::Conflict),
            Ok(CommitOutcome::Fenced) => Err(TurnError::Unhealthy),
            Err(problem) => Err(self.broke(problem)),
        }
    }

    /// The turn of the message that this one goes back to.
    fn root(&self, loaded: &Loaded, cause: &Cause) -> Turn {
        cause
            .goes_back_to()
            .and_then(|effect| loaded.notes.root_of(effect))
            .unwrap_or(loaded.conversation.turn)
    }

    /// Completes what is written to the user's memory.
    async fn remember(
        &self,
        loaded: &mut Loaded,
        planned: &mut Planned,
        rows: Option<user::Rows>,
    ) -> Result<(), TurnError> {
        if let Some(rows) = &rows {
            let about = user::About {
                returning: true,
                conversation: Some(loaded.conversation.id.clone()),
                channel: Some(loaded.conversation.channel.clone()),
                locale: Some(loaded.conversation.locale.clone()),
                ..user::about(rows).unwrap_or_default()
            };
            user::keep_about(&mut planned.memory, &about);
        }
        if !planned.forget_all && planned.episode.is_none() {
            return Ok(());
        }
        let rows = match rows {
            Some(rows) => rows,
            None => self.store.memory(&loaded.conversation.user).await?,
        };
        if planned.forget_all {
            loaded.notes.digest = Digest::from_now(loaded.conversation.turn);
            user::forget_all(&mut planned.memory, &rows);
        } else if let Some(session) = planned.episode {
            self.keep_episode(loaded, &mut planned.memory, &rows, session)
                .await?;
        }
        Ok(())
    }

    /// After the commit: those who listen are told, and the effects begin.
    fn committed(
        self: &Arc<Self>,
        line: &Arc<Line>,
        mut loaded: Box<Loaded>,
        planned: Planned,
        root: Turn,
        before: &Before,
    ) -> Done {
        // Before anybody is told: who answers at once what this turn asked must not count as late.
        line.note_turn(loaded.conversation.turn);
        for (i, entry) in planned.feed.iter().enumerate() {
            line.tell(|| FeedItem {
                seq: Some(loaded.last_seq + 1 + i as u64),
                kind: entry.name(),
                json: crate::feed::to_json(entry).into(),
            });
        }
        loaded.last_seq += planned.feed.len() as u64;
        debug!(conversation = %line.id, turn = %loaded.conversation.turn, "Turn committed.");
        self.board.owner_changed(
            &self.lines,
            &line.id,
            &before.owner,
            &loaded.conversation.owner,
        );
        if let Some((deadline, _)) = loaded.conversation.timers(&loaded.deployment.bot).first() {
            self.wheel.heard(*deadline);
        }
        for scheduled in &planned.scheduled {
            self.wheel.heard(scheduled.at);
        }
        self.begin_effects(
            line,
            &loaded,
            planned.calls,
            planned.answers,
            planned.handoffs,
            &planned.cancelled,
        );
        let done = Done {
            turn: loaded.conversation.turn,
            said: planned.said,
            owner: loaded.conversation.owner.clone(),
            pending: loaded.notes.roots().contains(&root),
            repeated: false,
        };
        if done.pending && done.owner == Owner::Bot {
            line.tell(|| FeedItem::passing(&FeedKind::Typing));
        }
        line.settled.send_replace(loaded.settled());
        line.keep(loaded);
        done
    }
}

/// A message that was taken before is answered from its turn; another body under its id is a mistake of the sender's.
fn repeated(seen: &Seen, cause: &Cause) -> Result<Done, TurnError> {
    match cause.duplicate() {
        Some(Duplicate { body, .. }) if *body != seen.body => Err(TurnError::IdReused),
        Some(_) | None => Ok(Done {
            turn: seen.turn,
            said: Vec::new(),
            owner: Owner::Bot,
            pending: false,
            repeated: true,
        }),
    }
}

/// A runner that panics must not leave its line waiting for ever.
struct AbandonOnPanic<'a>(&'a Inner, &'a Line);

impl Drop for AbandonOnPanic<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        error!(conversation = %self.1.id, "The runner of a conversation ended unexpectedly; what waited is dropped.");
        self.1.abandon();
        self.0.wheel.fired(&self.1.id, None);
    }
}
