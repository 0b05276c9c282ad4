//! A turn as the store writes it, all at once.

use dialog::{Conversation, Event, Trace, Turn};
use store::{Changes, Commit, Dead, DeadLetter, Head, TurnRecord};

use crate::config::TIMER_AGAIN;
use crate::effects::{self, Planned};
use crate::job::Cause;
use crate::row::{Start, turn_row};
use crate::runtime::Inner;
use crate::state::{Loaded, owner_kind};
use crate::turn::Before;

impl Inner {
    #[expect(
        clippy::too_many_arguments,
        reason = "a commit is made of all that the turn brought"
    )]
    pub(crate) fn commit(
        &self,
        loaded: &Loaded,
        before: &Before,
        start: Option<Start>,
        cause: &Cause,
        event: &Event,
        trace: &Trace,
        planned: &Planned,
        root: Turn,
        panicked: Option<String>,
    ) -> Commit {
        let conversation = &loaded.conversation;
        let (state, record) = loaded.row();
        let row = |start| turn_row(root, event, &conversation.version, start);
        let dead = panicked.map(|why| dead_letter(conversation, event, why, row(None)));
        Commit {
            conversation: conversation.id.clone(),
            term: self.term,
            expected: loaded.version,
            at: event.at,
            duplicate: cause.duplicate().cloned(),
            head: Head {
                user: conversation.user.clone(),
                bot: conversation.version.clone(),
                owner: owner_kind(&conversation.owner),
                epoch: conversation.epoch,
                timer: next_timer(loaded, cause, event),
            },
            state,
            turn: TurnRecord {
                turn: conversation.turn,
                at: event.at,
                event: row(start.as_ref()),
                first_seq: loaded.last_seq + 1,
                feed: planned
                    .feed
                    .iter()
                    .map(|entry| crate::feed::to_json(entry).into_bytes())
                    .collect(),
                trace: serde_json::to_vec(trace)
                    .expect("plain data with text keys always serialises"),
            },
            bot_spoke_in: planned.bot_spoke.then_some(before.epoch),
            outbox: effects::outbox(loaded, planned, &record),
            scheduled: Changes {
                add: planned.scheduled.clone(),
                remove: cause.scheduled().cloned().into_iter().collect(),
            },
            dead_letters: Changes {
                add: dead.into_iter().collect(),
                remove: cause.letter().cloned().into_iter().collect(),
            },
            memory: planned.memory.clone(),
        }
    }
}

fn dead_letter(
    conversation: &Conversation,
    event: &Event,
    why: String,
    row: Vec<u8>,
) -> DeadLetter {
    DeadLetter {
        conversation: conversation.id.clone(),
        id: format!("event-{}", conversation.turn),
        at: event.at,
        why: format!("The step panicked: {why}"),
        what: Dead::Event(row),
    }
}

/// The earliest deadline. A timer that has just fired and still stands there would fire without end: it waits.
fn next_timer(loaded: &Loaded, cause: &Cause, event: &Event) -> Option<jiff::Timestamp> {
    let timers = loaded.conversation.timers(&loaded.deployment.bot);
    let (at, first) = timers.first()?;
    match cause {
        Cause::Timer(fired) if fired == first && *at <= event.at => {
            event.at.checked_add(TIMER_AGAIN).ok()
        }
        _ => Some(*at),
    }
}
