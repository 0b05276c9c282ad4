//! Carrying a transition out: leave, set, say, clear, forget, schedule, raise, enter.

use super::cx::{Cx, Raised};
use super::pick::Plan;
use crate::{EffectKind, Forget, SlotRef, StateId, Then, Transition};

impl<'b> Cx<'b> {
    /// Takes the first transition that holds; whether there was one.
    pub(crate) fn take_first(&mut self, transitions: &'b [Transition]) -> bool {
        let plan = self.pick(transitions);
        plan.map(|plan| self.perform(plan)).is_some()
    }

    pub(crate) fn perform(&mut self, mut plan: Plan<'b>) {
        let with = std::mem::take(&mut plan.with);
        let transition = plan.transition;
        self.apply(plan);
        self.go(transition, with);
    }

    /// All that a transition does but going where it leads.
    pub(crate) fn apply(&mut self, plan: Plan<'b>) {
        self.moves += 1;
        let transition = plan.transition;
        self.trace.taken.push(transition.id);
        if let Then::Target(target) | Then::History(target) = transition.then {
            self.leave_for(target);
        }
        self.set_all(&plan);
        self.say_with(&transition.say, plan.say);
        for &slot in &transition.clear {
            self.unset(slot);
        }
        if !transition.set.is_empty() || !transition.clear.is_empty() {
            self.drop_items_without_list();
        }
        if let Some(forget) = &transition.forget {
            self.forget(forget);
        }
        if let Some((schedule, at, data)) = plan.schedule {
            let event = self.bot.events[schedule.event.index()].name.clone();
            self.emit(EffectKind::Schedule { event, at, data });
        }
        if let Some((event, data)) = plan.raise {
            self.raised.push_back(Raised::Authors(event, data));
        }
    }

    fn set_all(&mut self, plan: &Plan<'b>) {
        for (slot, value) in &plan.set {
            self.assign(*slot, value.clone());
            if let Some(frame) = self.slots_frame_mut() {
                frame.collected.remove(slot);
                frame.unconfirmed.remove(slot);
                frame.computed.insert(*slot, plan.reads.clone());
            }
        }
        if let Some(locale) = &plan.locale {
            self.c.locale = locale.clone();
        }
    }

    fn forget(&mut self, forget: &Forget) {
        match forget {
            Forget::User => {
                for (index, declaration) in self.bot.slots.iter().enumerate() {
                    if super::say::is_long_term(declaration) {
                        self.unset(SlotRef::Shared(index as u16));
                    }
                }
                let known = &mut self.c.inside.known;
                known.consents.clear();
                known.facts.clear();
                known.pending.clear();
                known.episodes.clear();
                // What was said before is no part of a note.
                let next = crate::Turn(self.c.turn.0 + 1);
                self.c.inside.session_since = self.bot.episodes.as_ref().map(|_| next);
                self.c.inside.consents_open.clear();
                self.emit(EffectKind::Forget { slots: None });
            }
            Forget::Slots(slots) => {
                for &slot in slots {
                    self.unset(slot);
                }
                let names = slots
                    .iter()
                    .map(|slot| self.declaration(*slot).name.clone())
                    .collect();
                self.emit(EffectKind::Forget { slots: Some(names) });
            }
        }
    }

    fn go(&mut self, transition: &'b Transition, with: Vec<(u16, crate::Value)>) {
        match &transition.then {
            Then::Stay => {}
            Then::Target(target) => self.go_to(*target, transition.miss),
            Then::History(compound) => {
                let child = self
                    .top()
                    .and_then(|frame| frame.history.get(compound).copied());
                self.go_to(child.unwrap_or(*compound), transition.miss);
            }
            Then::Handoff { desk, why } => self.hand_over_and_back(*desk, why),
            Then::Cancel => self.cancel(),
            Then::Flow { flow, .. } => self.start_or_wait(*flow, with),
            Then::Generate(model) => self.generate_aside(*model),
        }
    }

    /// Enters the target; a miss may be one too many, then what `attempts` says comes instead.
    fn go_to(&mut self, target: StateId, miss: bool) {
        if !miss || self.is_exhausted() {
            return self.enter(target, None);
        }
        let counted = self.count_miss_for(target);
        let plan = counted.filter(|(_, full)| *full).and_then(|(state, _)| {
            let flow = self.top_flow()?;
            let attempts = flow.states[state.index()].attempts.as_ref()?;
            self.pick(&attempts.then)
        });
        match plan {
            Some(plan) if matches!(plan.transition.then, Then::Target(_) | Then::History(_)) => {
                self.perform(plan);
            }
            plan => {
                self.enter(target, counted.map(|(state, _)| state));
                if let Some(plan) = plan {
                    self.perform(plan);
                }
            }
        }
    }

    /// Counts a miss for the nearest state, from this one outward, that has `attempts`; whether it was the last one allowed.
    fn count_miss_for(&mut self, state: StateId) -> Option<(StateId, bool)> {
        let flow = self.top_flow()?;
        let mut next = Some(state);
        while let Some(state) = next {
            let declared = &flow.states[state.index()];
            if let Some(attempts) = &declared.attempts {
                let misses = self.top_mut()?.misses.entry(state).or_default();
                *misses += 1;
                return Some((state, *misses >= attempts.max));
            }
            next = declared.parent;
        }
        None
    }

    /// Counts a miss of the state that waits. True if it was one too many, and what `attempts` says was done instead.
    pub(crate) fn miss(&mut self) -> bool {
        let Some(leaf) = self.leaf().map(|active| active.state) else {
            return false;
        };
        let Some((state, true)) = self.count_miss_for(leaf) else {
            return false;
        };
        let Some(flow) = self.top_flow() else {
            return false;
        };
        let attempts = flow.states[state.index()].attempts.as_ref();
        attempts.is_some_and(|attempts| self.take_first(&attempts.then))
    }

    /// `attempts`: the misses that the active state has counted.
    pub(crate) fn attempts(&self) -> u32 {
        let Some(frame) = self.top() else { return 0 };
        let counting = self
            .states_outward()
            .into_iter()
            .zip(frame.active.iter().rev());
        let mut counting = counting.filter(|(state, _)| state.attempts.is_some());
        let state = counting.next().map(|(_, active)| active.state);
        state
            .and_then(|state| frame.misses.get(&state).copied())
            .unwrap_or(0)
    }
}
