//! The built-in desk: who waits where, whether anybody is there, and who may do what with a conversation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use dialog::{Bot, ConversationId, DeskEvent, DeskStatus, Owner};
use jiff::Timestamp;

use crate::TurnError;
use crate::feed::{FeedItem, FeedKind};
use crate::job::Cause;
use crate::line::{Lines, lock};

/// Those far back in a queue are not told of every step: a place changes with everyone who is served.
const PLACES_TOLD_MAX: usize = 50;

/// Who waits for which desk. Kept in memory; read from the store at the start.
#[derive(Default)]
pub(crate) struct Board(Mutex<BTreeMap<String, Queue>>);

#[derive(Default)]
struct Queue {
    waiting: BTreeSet<(Timestamp, ConversationId)>,
    /// Said by the desk; nobody said anything = somebody is there.
    nobody_there: bool,
}

impl Board {
    /// How the bot's desks are.
    pub(crate) fn status(&self, bot: &Bot, at: Timestamp) -> BTreeMap<String, DeskStatus> {
        if bot.desks.is_empty() {
            return BTreeMap::new();
        }
        let board = lock(&self.0);
        bot.desks
            .iter()
            .map(|desk| {
                let queue = board.get(&desk.name);
                let waiting = queue.map_or(0, |queue| queue.waiting.len());
                let status = DeskStatus {
                    open: is_open(bot, &desk.name, at)
                        && queue.is_none_or(|queue| !queue.nobody_there),
                    waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
                };
                (desk.name.clone(), status)
            })
            .collect()
    }

    /// What a desk answers to a conversation that is handed over.
    pub(crate) fn ask(
        &self,
        bot: &Bot,
        id: &ConversationId,
        desk: &str,
        at: Timestamp,
    ) -> DeskEvent {
        let board = lock(&self.0);
        let queue = board.get(desk);
        if !is_open(bot, desk, at) || queue.is_some_and(|queue| queue.nobody_there) {
            return DeskEvent::Closed;
        }
        let others = queue.map_or(0, |queue| {
            queue
                .waiting
                .iter()
                .filter(|(_, other)| other != id)
                .count()
        });
        DeskEvent::Queued {
            position: u32::try_from(others + 1).unwrap_or(u32::MAX),
        }
    }

    /// Says whether anybody is at a desk.
    pub(crate) fn set_on_duty(&self, desk: &str, on_duty: bool) {
        lock(&self.0)
            .entry(desk.to_owned())
            .or_default()
            .nobody_there = !on_duty;
    }

    /// Keeps the queues, and tells those who wait where they stand.
    pub(crate) fn owner_changed(
        &self,
        lines: &Lines,
        id: &ConversationId,
        before: &Owner,
        after: &Owner,
    ) {
        if before == after {
            return;
        }
        let mut moved = Vec::new();
        let mut board = lock(&self.0);
        if let Owner::Queued { desk, since } = before {
            let queue = board.entry(desk.clone()).or_default();
            queue.waiting.remove(&(*since, id.clone()));
            moved = places(queue);
        }
        if let Owner::Queued { desk, since } = after {
            let queue = board.entry(desk.clone()).or_default();
            queue.waiting.insert((*since, id.clone()));
            moved.extend(
                places(queue)
                    .into_iter()
                    .filter(|(_, waiting)| waiting == id),
            );
        }
        drop(board);
        for (position, id) in moved {
            lines
                .get(&id)
                .tell(|| FeedItem::passing(&FeedKind::Queue { position }));
        }
    }

    /// A conversation doesn't exist any more.
    pub(crate) fn gone(&self, id: &ConversationId) {
        for queue in lock(&self.0).values_mut() {
            queue.waiting.retain(|(_, waiting)| waiting != id);
        }
    }
}

/// Those at the front of a queue, with their places.
fn places(queue: &Queue) -> Vec<(u32, ConversationId)> {
    let front = queue.waiting.iter().take(PLACES_TOLD_MAX);
    (1..).zip(front.map(|(_, id)| id.clone())).collect()
}

/// Refuses what doesn't fit who has the conversation.
pub(crate) fn check_owner(owner: &Owner, cause: &Cause) -> Result<(), TurnError> {
    let Cause::Desk {
        event,
        effect: None,
        ..
    } = cause
    else {
        return Ok(());
    };
    let wrong = |what: &str| Err(TurnError::WrongOwner(what.to_owned()));
    match (event, owner) {
        (_, Owner::Ended) => Err(TurnError::Ended),
        (DeskEvent::Joined { .. }, Owner::Person { name, .. }) => {
            wrong(&format!("{name} has this conversation already."))
        }
        (DeskEvent::Joined { .. }, Owner::Bot) => {
            wrong("This conversation waits for nobody: ask for it first (handoff).")
        }
        (DeskEvent::Said { person, .. }, Owner::Person { person: has, .. }) if person == has => {
            Ok(())
        }
        (DeskEvent::Said { .. }, _) => {
            wrong("Only the person who has the conversation can answer in it: claim it first.")
        }
        (DeskEvent::Returned | DeskEvent::Ended, Owner::Bot) => {
            wrong("The bot has this conversation already.")
        }
        (DeskEvent::Requested { .. }, Owner::Queued { .. } | Owner::Person { .. }) => {
            wrong("This conversation is with a desk already.")
        }
        _ => Ok(()),
    }
}

fn is_open(bot: &Bot, desk: &str, at: Timestamp) -> bool {
    bot.desk(desk)
        .and_then(|id| bot.desks[id.index()].hours.as_ref())
        .is_none_or(|hours| hours.is_open(at, &bot.tz))
}
