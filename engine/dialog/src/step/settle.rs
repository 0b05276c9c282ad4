//! What moves without an event: `always`, what a state does once it is entered, raised events. One bound for all of it.

use super::TRANSITIONS_PER_EVENT_MAX;
use super::cx::{Cx, Raised, Reask};
use crate::conversation::{Active, FrameKind};
use crate::{ErrorKind, StateKind, ToolError, Transitions};

impl<'b> Cx<'b> {
    pub(crate) fn settle(&mut self) {
        loop {
            if self.is_exhausted() {
                let why = format!("more than {TRANSITIONS_PER_EVENT_MAX} transitions in one event");
                if self.failed {
                    self.note(why);
                    self.drop_frames(0);
                    return;
                }
                self.fail(why);
                self.moves = 0;
            }
            if self.advance() {
                self.moves += 1;
            } else if !self.deliver_raised() {
                return;
            }
        }
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.moves > TRANSITIONS_PER_EVENT_MAX
    }

    /// One move of the top frame; whether there was one.
    fn advance(&mut self) -> bool {
        let Some(frame) = self.top() else {
            return self.start_waiting();
        };
        if let FrameKind::Handoff(_) = frame.kind {
            return self.end_closed_handoff();
        }
        let Some(leaf) = self.leaf_state() else {
            return false;
        };
        if !self.may_speak() {
            return false;
        }
        if let StateKind::Final { .. } = leaf.kind {
            return self.end_final();
        }
        if self.bot_speaks() && self.deliver_held() {
            return true;
        }
        if self.take_always() {
            return true;
        }
        if self.leaf().is_some_and(|active| !active.begun) {
            if let Some(active) = self.leaf_mut() {
                active.begun = true;
            }
            return self.begin(&leaf.kind);
        }
        self.move_on(&leaf.kind)
    }

    /// A state that has begun what it does: whether that lets it go on.
    fn move_on(&mut self, kind: &'b StateKind) -> bool {
        match kind {
            StateKind::Collect { done, .. } if self.next_question().is_none() => {
                self.take_or_fail(done);
                true
            }
            StateKind::Handoff { .. } => self.end_closed_handoff(),
            StateKind::Call { error, .. }
            | StateKind::Generate { error, .. }
            | StateKind::Flow { error, .. }
                if self.top().is_some_and(|frame| {
                    let asks = |leaf: &Active| self.inside().asks_for(leaf.entry);
                    let waits = frame.operation.is_some() || frame.leaf().is_some_and(asks);
                    !waits && frame.held.is_none()
                }) =>
            {
                // What it waited for was cancelled under it.
                self.set_error(&ToolError {
                    kind: ErrorKind::Cancelled,
                    status: None,
                    code: None,
                });
                self.take_or_fail(error);
                true
            }
            _ => false,
        }
    }

    /// `always` of the active states, innermost first. One that stays is taken when the leaf was just entered, and once.
    fn take_always(&mut self) -> bool {
        let fresh = self.leaf().is_some_and(|active| !active.begun);
        for state in self.states_outward() {
            for transition in &state.always {
                let stays = transition.then == crate::Then::Stay;
                if stays && !fresh {
                    continue;
                }
                if let Some(plan) = self.pick(std::slice::from_ref(transition)) {
                    self.perform(plan);
                    if !stays {
                        return true;
                    }
                    break;
                }
            }
        }
        false
    }

    pub(crate) fn take_or_fail(&mut self, transitions: &'b Transitions) {
        if !self.take_first(transitions) {
            self.fail("no transition of an outcome holds");
        }
    }

    /// What the state does once it is entered; whether it can move on at once.
    fn begin(&mut self, kind: &'b StateKind) -> bool {
        match kind {
            StateKind::Call { tool, with, .. } => self.begin_call(*tool, with),
            StateKind::Flow { flow, with, .. } => self.begin_flow(*flow, with),
            StateKind::Generate { model, with, .. } => self.begin_generate(*model, with),
            StateKind::Handoff { desk, why, .. } => {
                let entry = self.leaf().map(|active| active.entry);
                if let Some(entry) = entry {
                    self.open_handoff(*desk, why, entry);
                }
            }
            StateKind::Wait
            | StateKind::Collect { .. }
            | StateKind::Compound { .. }
            | StateKind::Final { .. } => {}
        }
        true
    }

    fn deliver_raised(&mut self) -> bool {
        let Some(Raised::Authors(event, data)) = self.raised.pop_front() else {
            return false;
        };
        self.moves += 1;
        self.take_event(event, data);
        true
    }

    /// The flow cannot go on: it ends with those that called it, and what the bot says about that comes instead.
    pub(crate) fn fail(&mut self, why: impl Into<String>) {
        let why = why.into();
        self.note(format!("cannot go on: {why}"));
        self.failed = true;
        self.package = Some(self.package());
        let lowest = self.inside().top_chain();
        self.drop_frames(lowest);
        self.raised.clear();
        self.chain_ended = true;
        self.reask(Reask::Resume);
        if self.take_first(&self.bot.on_failed) {
            return;
        }
        self.say_template(self.bot.built_in.failed, Vec::new());
        if !self.bot.desks.is_empty() {
            self.hand_over_and_back(crate::DeskId(0), "failed");
        }
    }
}
