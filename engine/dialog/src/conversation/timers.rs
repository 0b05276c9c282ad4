//! Which timers run. They are derived from the state: nothing has to be started or stopped.

use jiff::{SignedDuration, Timestamp};

use super::{Active, Conversation, Frame, FrameKind, Handoff, TimerId, TimerKind};
use crate::{Bot, Entry, Owner, State};

impl Conversation {
    /// The timers that run, earliest first; ties by id. One that is due already is among them, once its frame is on top.
    pub fn timers(&self, bot: &Bot) -> Vec<(Timestamp, TimerId)> {
        let mut timers = Vec::new();
        match &self.owner {
            Owner::Bot => {
                self.state_timers(bot, &mut timers);
                timers.extend(self.session_timer(bot));
            }
            Owner::Queued { .. } => {
                self.state_timers(bot, &mut timers);
                if let Some(handoff) = &self.inside.handoff {
                    desk_timers(bot, handoff, &mut timers);
                }
            }
            Owner::Person { .. } | Owner::Ended => {}
        }
        timers.sort();
        timers
    }

    /// When the session ends by itself. Only a note of it makes that worth a turn of its own.
    fn session_timer(&self, bot: &Bot) -> Option<(Timestamp, TimerId)> {
        bot.episodes.as_ref()?;
        let at = self.inside.active_at?.checked_add(bot.session.idle).ok()?;
        let id = TimerId {
            entry: Entry(0),
            kind: TimerKind::SessionEnd,
            index: 0,
        };
        Some((at, id))
    }

    fn state_timers(&self, bot: &Bot, timers: &mut Vec<(Timestamp, TimerId)>) {
        let Some(Frame {
            kind: FrameKind::Flow(flow),
            active,
            ..
        }) = self.inside.frames.last()
        else {
            return;
        };
        for active in active {
            let state = &bot.flows[flow.index()].states[active.state.index()];
            after_timers(state, active, timers);
            if let Some(heard) = self.inside.heard_at {
                no_input_timers(state, active, heard.max(active.since), timers);
            }
        }
    }
}

fn after_timers(state: &State, active: &Active, timers: &mut Vec<(Timestamp, TimerId)>) {
    for (index, timed) in state.after.iter().enumerate() {
        let index = index as u16;
        if !active.after_fired.contains(&index) {
            let id = TimerId {
                entry: active.entry,
                kind: TimerKind::After,
                index,
            };
            push(timers, active.since, timed.after, id);
        }
    }
}

fn no_input_timers(
    state: &State,
    active: &Active,
    heard: Timestamp,
    timers: &mut Vec<(Timestamp, TimerId)>,
) {
    for (index, timed) in state.no_input.iter().enumerate() {
        let index = index as u16;
        if !active.no_input_fired.contains(&index) {
            let id = TimerId {
                entry: active.entry,
                kind: TimerKind::NoInput,
                index,
            };
            push(timers, heard, timed.after, id);
        }
    }
}

fn desk_timers(bot: &Bot, handoff: &Handoff, timers: &mut Vec<(Timestamp, TimerId)>) {
    let desk = &bot.desks[handoff.desk.index()];
    if let Some(after) = desk.give_up_after {
        let id = TimerId {
            entry: handoff.entry,
            kind: TimerKind::GiveUp,
            index: 0,
        };
        push(timers, handoff.since, after, id);
    }
    if let Some(every) = desk.announce_every
        && let Some(after) = every.checked_mul(i32::from(handoff.announced) + 1)
    {
        let index = handoff.announced;
        let id = TimerId {
            entry: handoff.entry,
            kind: TimerKind::Announce,
            index,
        };
        push(timers, handoff.since, after, id);
    }
}

/// A deadline beyond the calendar never comes.
fn push(
    timers: &mut Vec<(Timestamp, TimerId)>,
    since: Timestamp,
    after: SignedDuration,
    id: TimerId,
) {
    if let Ok(at) = since.checked_add(after) {
        timers.push((at, id));
    }
}
