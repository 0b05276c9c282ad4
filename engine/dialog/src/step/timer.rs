//! Timers that are due.

use super::cx::Cx;
use crate::{DeskEvent, Route, StateId, TimerId, TimerKind};

impl<'b> Cx<'b> {
    pub(crate) fn fire(&mut self, timer: &TimerId) {
        self.route(Route::Timer);
        let due = self
            .c
            .timers(self.bot)
            .into_iter()
            .find(|(_, id)| id == timer);
        match due {
            Some((at, _)) if at <= self.now => self.fire_due(timer),
            Some(_) => self.note("the timer is not due yet"),
            None => self.note("the timer runs no more"),
        }
    }

    fn fire_due(&mut self, timer: &TimerId) {
        match timer.kind {
            TimerKind::After | TimerKind::NoInput => self.fire_state(timer),
            TimerKind::Announce => {
                if let Some(handoff) = &mut self.inside_mut().handoff {
                    handoff.announced = handoff.announced.saturating_add(1);
                    let position = handoff.position;
                    self.tell_position(position);
                }
            }
            // A session that is over was ended before its timer is looked at.
            TimerKind::SessionEnd => self.note("the session goes on"),
            TimerKind::GiveUp => {
                self.close_open_handoff();
                self.take_desk(&DeskEvent::GaveUp);
            }
        }
    }

    /// `after` and `no_input`; each fires once, whatever it says.
    fn fire_state(&mut self, timer: &TimerId) {
        let Some(state) = self.mark_fired(timer) else {
            return;
        };
        let Some(flow) = self.top_flow() else { return };
        let declared = &flow.states[state.index()];
        let timed = match timer.kind {
            TimerKind::After => &declared.after,
            _ => &declared.no_input,
        };
        if let Some(timed) = timed.get(usize::from(timer.index))
            && !self.take_first(&timed.then)
        {
            self.note("no transition of the timer holds");
        }
    }

    fn mark_fired(&mut self, timer: &TimerId) -> Option<StateId> {
        let frame = self.top_mut()?;
        let active = frame
            .active
            .iter_mut()
            .find(|active| active.entry == timer.entry)?;
        match timer.kind {
            TimerKind::After => active.after_fired.insert(timer.index),
            _ => active.no_input_fired.insert(timer.index),
        };
        Some(active.state)
    }
}
