//! A conversation's stored events, taken again: what each turn considered, which its stored trace leaves out.
//!
//! Replay proves itself. What comes out of a turn is compared with what was stored of it (the short trace, what was said), and
//! after the last turn the state with the stored one; a difference is told and ends what can be known. No effect leaves.
//! Secrets are not stored with events: replay takes a secret's marker for it, so a text may differ where a secret shows.

mod compare;

use std::panic::{AssertUnwindSafe, catch_unwind};

use dialog::{Considered, Conversation, ConversationId, EventKind, Trace, Turn};
use store::{Stored, TurnRecord};

use crate::TurnError;
use crate::config::{PAGE_ROWS, REPLAYED_TURNS_MAX};
use crate::effects;
use crate::feed::FeedKind;
use crate::job::Begin;
use crate::row::{Start, StoredTurnRow, record_of};
use crate::runtime::{Inner, Runtime};
use crate::state::Loaded;
use crate::step::{PANICKED, Stepped, stand_in};
use crate::trace::{self, TurnTrace};

/// What is told with a difference that may be no fault of the program's.
const SECRET_GIVEN: &str =
    "a secret was given, which is not stored: what looks into its value comes out otherwise";

/// What replay found out about a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Replay {
    /// The same came out again; so this is every transition that was considered, in order.
    Same(Vec<Considered>),
    /// Something else came out.
    Differs {
        /// What was considered this time, in order.
        considered: Vec<Considered>,
        /// What is not as it was, in sentences.
        how: Vec<String>,
    },
    /// The turn could not be taken again.
    Impossible(String),
}

impl Runtime {
    /// As [`Runtime::trace`], with what each turn considered.
    ///
    /// # Errors
    /// [`TurnError::NotFound`].
    pub async fn trace_considered(
        &self,
        id: &ConversationId,
        from: Turn,
    ) -> Result<(Vec<TurnTrace>, Option<Turn>), TurnError> {
        let stored = self.inner.stored(id).await?;
        let mut replayer = Replayer::new(&self.inner, id, stored);
        let (mut turns, mut page) = (Vec::new(), Turn(1));
        loop {
            let (records, next) = self.inner.page(id, page).await?;
            for record in &records {
                let replayed = replayer.take(record).await?;
                if record.turn >= from && turns.len() < PAGE_ROWS {
                    turns.extend(trace::trace(record, Some(replayed)));
                }
            }
            match next {
                Some(next) if turns.len() < PAGE_ROWS => page = next,
                next => {
                    let last = turns.last().map(|turn| Turn(turn.turn.0 + 1));
                    let more = last.filter(|last| next.is_some() || *last <= replayer.stored.turn);
                    return Ok((turns, more));
                }
            }
            // A long conversation must not keep a worker from others.
            tokio::task::yield_now().await;
        }
    }
}

/// A conversation on its way through its own past.
struct Replayer<'a> {
    inner: &'a Inner,
    id: &'a ConversationId,
    stored: Stored,
    /// Before the next turn, or why it isn't known.
    before: Result<Box<Loaded>, String>,
    /// Whether a secret was given so far, of which replay has only the marker.
    secret_given: bool,
}

/// A turn that was taken again.
struct Again {
    after: Box<Loaded>,
    considered: Vec<Considered>,
    trace: Trace,
    feed: Vec<FeedKind>,
    /// What is not as it was.
    differences: Vec<String>,
}

impl Again {
    fn differs(mut self, secret_given: bool) -> Replay {
        if secret_given {
            self.differences.push(SECRET_GIVEN.to_owned());
        }
        Replay::Differs {
            considered: self.considered,
            how: self.differences,
        }
    }
}

impl<'a> Replayer<'a> {
    fn new(inner: &'a Inner, id: &'a ConversationId, stored: Stored) -> Self {
        Self {
            inner,
            id,
            stored,
            before: Err("Its first turn is not stored.".to_owned()),
            secret_given: false,
        }
    }

    /// Takes the next turn's event.
    async fn take(&mut self, record: &TurnRecord) -> Result<Replay, TurnError> {
        let row = serde_json::from_slice::<StoredTurnRow>(&record.event);
        if let Ok(row) = &row
            && let Some(version) = &row.version
        {
            self.inner.revive(version).await?;
        }
        self.secret_given |= row.as_ref().is_ok_and(holds_secret);
        let before = std::mem::replace(&mut self.before, Err(String::new()));
        let again = row
            .map_err(|error| format!("Its event can't be read: {error}."))
            .and_then(|row| self.try_take(record, &row, before));
        let (after, replay) = match again {
            Ok(again) if again.differences.is_empty() => {
                (Ok(again.after), Replay::Same(again.considered))
            }
            Ok(again) => (
                Err(came_out_otherwise(record.turn)),
                again.differs(self.secret_given),
            ),
            Err(why) => (Err(why.clone()), Replay::Impossible(why)),
        };
        self.before = after;
        Ok(replay)
    }

    fn try_take(
        &self,
        record: &TurnRecord,
        row: &StoredTurnRow,
        before: Result<Box<Loaded>, String>,
    ) -> Result<Again, String> {
        if record.turn.0 > REPLAYED_TURNS_MAX {
            return Err(format!(
                "Only the first {REPLAYED_TURNS_MAX} turns of a conversation are replayed."
            ));
        }
        let then: Trace = serde_json::from_slice(&record.trace)
            .map_err(|error| format!("Its trace can't be read: {error}."))?;
        let mut before = self.begin(row, before)?;
        // The feed's numbers are part of what was said.
        before.last_seq = record.first_seq - 1;
        let mut again = self.step(before, row, &then);
        let (trace, feed) = (&again.trace, &again.feed);
        let mut differences = compare::traces(&then, trace, &again.after.deployment.bot);
        differences.extend(compare::feeds(&record.feed, feed));
        if record.turn == self.stored.turn {
            differences.extend(self.compare_state(&again.after));
        }
        again.differences = differences;
        Ok(again)
    }

    /// The step and its words; one that panicked then is not tried again.
    fn step(&self, before: Box<Loaded>, row: &StoredTurnRow, then: &Trace) -> Again {
        let owner = before.conversation.owner.clone();
        let panicked = then.notes.iter().any(|note| note == PANICKED);
        let bot = before.deployment.bot.clone();
        let conversation = before.conversation.clone();
        let step = || dialog::step(&bot, conversation, &row.event);
        let stepped = match panicked {
            true => None,
            false => catch_unwind(AssertUnwindSafe(step)).ok(),
        };
        let Stepped {
            loaded: mut after,
            effects,
            mut trace,
            ..
        } = match stepped {
            Some(step) => Stepped::again(before, step),
            None => stand_in(before, String::new()),
        };
        let planned = effects::plan(&self.inner.config, &mut after, effects, row.root, &owner);
        after.conversation.label_choices(&planned.choices);
        Again {
            after,
            considered: std::mem::take(&mut trace.considered),
            trace,
            feed: planned.feed,
            differences: Vec::new(),
        }
    }

    /// The conversation before a turn, on the version of the bot that took it.
    fn begin(
        &self,
        row: &StoredTurnRow,
        before: Result<Box<Loaded>, String>,
    ) -> Result<Box<Loaded>, String> {
        let version = row.version.as_ref();
        let version = version.ok_or("The version of the bot that took it was not noted then.")?;
        let deployment = self.inner.versions.get(version).ok_or_else(|| {
            format!("It ran on version {version} of the bot, which is not here any more.")
        })?;
        match &row.start {
            None => before.and_then(|loaded| match loaded.deployment.bot.version == *version {
                true => Ok(loaded),
                false => Err("It went over to another version of the bot unseen.".to_owned()),
            }),
            Some(Start::New { channel, locale }) => {
                let begin = Begin::replayed(self.stored.head.user.clone(), channel.clone());
                let id = self.id.clone();
                Ok(Box::new(Loaded::begin(
                    id,
                    &begin,
                    locale.clone(),
                    deployment,
                )))
            }
            Some(Start::Moved(state)) => {
                let conversation = Conversation::from_record(&deployment.bot, state)
                    .map_err(|error| format!("Its state before can't be read: {error}."))?;
                Ok(Box::new(Loaded::replayed(conversation, deployment)))
            }
        }
    }

    fn compare_state(&self, loaded: &Loaded) -> Vec<String> {
        let again = loaded.conversation.to_record(&loaded.deployment.bot);
        match record_of(&self.stored.state) {
            Ok(then) => compare::states(&then, &again),
            Err(error) => vec![format!("The stored state can't be read: {error}.")],
        }
    }
}

/// Whether the customer gave a secret, in whose place a marker stands.
fn holds_secret(row: &StoredTurnRow) -> bool {
    matches!(&row.event.kind, EventKind::Message(message) if message.text.contains(compare::MARKER_START))
}

fn came_out_otherwise(turn: Turn) -> String {
    format!(
        "Turn {turn} came out otherwise than it did, so what followed is not known for certain."
    )
}
