//! What is known in every state of a flow, whichever way it was reached: which slots are set, which lists are not empty.
//!
//! A forward analysis: what holds in a state is what holds on every transition into it. Started from "not reached", it only
//! loses facts, so it ends.

use std::collections::BTreeSet;

use dialog::{
    CollectItem, Flow, FlowId, Forget, Scope, SlotRef, StateId, StateKind, Then, Transition,
    Transitions,
};

use super::Checked;
use super::graph::{self, Moment, Tried};
use crate::expression::facts::common;
use crate::expression::{Fact, Facts};

/// What is known in the states of one flow; none = never reached.
pub(super) struct Known {
    states: Vec<Option<Facts>>,
}

/// What is known while a transition is taken.
pub(super) struct Taken {
    /// When its guard is evaluated.
    pub(super) guard: Facts,
    /// When its expressions are evaluated.
    pub(super) effects: Facts,
    /// When it says something: its slots are set, and not yet cleared.
    pub(super) said: Facts,
    /// Afterwards.
    pub(super) after: Facts,
}

impl Known {
    /// On entering a state.
    pub(super) fn on_entry(&self, state: StateId) -> Option<&Facts> {
        self.states[state.index()].as_ref()
    }

    /// Wherever the flow waits.
    pub(super) fn everywhere(&self) -> Facts {
        self.states
            .iter()
            .flatten()
            .cloned()
            .reduce(|a, b| common(&a, &b))
            .unwrap_or_default()
    }

    /// While a list that belongs to a state is tried.
    pub(super) fn at(
        &self,
        checked: &Checked<'_>,
        flow: &Flow,
        state: StateId,
        moment: Moment<'_>,
    ) -> Option<Facts> {
        let own = &flow.states[state.index()];
        let mut facts = match own.kind {
            StateKind::Compound { .. } => inner_states(flow, state, moment)
                .into_iter()
                .filter_map(|one| self.states[one.index()].clone())
                .reduce(|a, b| common(&a, &b))?,
            _ => self.states[state.index()].clone()?,
        };
        if let (Moment::Done, StateKind::Collect { items, .. }) = (moment, &own.kind) {
            facts.extend(
                items
                    .iter()
                    .filter_map(|item| collected(checked, flow, item)),
            );
        }
        Some(facts)
    }
}

/// The states within a compound one in which a list of it can be tried: it is done when a final one was reached.
fn inner_states(flow: &Flow, state: StateId, moment: Moment<'_>) -> Vec<StateId> {
    let mut within = graph::within(flow, state);
    within.retain(|one| {
        let inner = &flow.states[one.index()];
        let is_end = inner.parent == Some(state) && matches!(inner.kind, StateKind::Final { .. });
        *one != state && (moment != Moment::Done || is_end)
    });
    within
}

/// A slot that is set once all its state's questions are done.
fn collected(checked: &Checked<'_>, flow: &Flow, item: &CollectItem) -> Option<Fact> {
    let asked = item.when.is_none() && !item.optional;
    asked.then(|| set_fact(name(checked, Some(flow), item.slot)))
}

/// The fact that a slot is set.
pub(super) fn set_fact(name: &str) -> Fact {
    Fact::Set(format!("slots.{name}"))
}

/// Analyses a flow.
pub(super) fn known(checked: &Checked<'_>, id: FlowId) -> Known {
    let flow = &checked.bot.flows[id.index()];
    let mut known = Known {
        states: vec![None; flow.states.len()],
    };
    let mut work: BTreeSet<StateId> = BTreeSet::new();
    enter(
        flow,
        &mut known,
        flow.initial,
        &given(checked, id),
        &mut work,
    );
    while let Some(state) = work.pop_first() {
        spread(checked, flow, state, &mut known, &mut work);
    }
    known
}

/// Follows everything that can happen in a state.
fn spread(
    checked: &Checked<'_>,
    flow: &Flow,
    state: StateId,
    known: &mut Known,
    work: &mut BTreeSet<StateId>,
) {
    for around in graph::around(flow, state) {
        for tried in graph::lists(&flow.states[around.index()]) {
            let inner_end = matches!(flow.states[state.index()].kind, StateKind::Final { .. });
            if around != state && tried.moment == Moment::Done && !inner_end {
                continue;
            }
            let base = if around == state {
                known.at(checked, flow, state, tried.moment)
            } else {
                known.states[state.index()].clone()
            };
            follow(checked, flow, state, tried, base, known, work);
        }
    }
    for tried in graph::flow_lists(flow) {
        let base = known.states[state.index()].clone();
        follow(checked, flow, state, tried, base, known, work);
    }
}

fn follow(
    checked: &Checked<'_>,
    flow: &Flow,
    state: StateId,
    tried: Tried<'_>,
    base: Option<Facts>,
    known: &mut Known,
    work: &mut BTreeSet<StateId>,
) {
    let Some(base) = base else {
        return;
    };
    for (transition, taken) in walk(checked, flow, tried.list, base) {
        match transition.then {
            Then::Target(target) => enter(flow, known, target, &taken.after, work),
            Then::History(target) => {
                // The state that was left is entered with what was known in it.
                if known.states[target.index()].is_none() {
                    enter(flow, known, target, &taken.after, work);
                }
            }
            Then::Stay | Then::Handoff { .. } | Then::Flow { .. } => {
                meet(known, state, &taken.after, work);
            }
            Then::Cancel | Then::Generate(_) => {}
        }
    }
}

/// Enters a state and the first ones within it.
fn enter(
    flow: &Flow,
    known: &mut Known,
    state: StateId,
    facts: &Facts,
    work: &mut BTreeSet<StateId>,
) {
    for around in graph::around(flow, state) {
        meet(known, around, facts, work);
    }
    let mut at = state;
    while let StateKind::Compound { initial, .. } = flow.states[at.index()].kind {
        at = initial;
        meet(known, at, facts, work);
    }
}

fn meet(known: &mut Known, state: StateId, facts: &Facts, work: &mut BTreeSet<StateId>) {
    let slot = &mut known.states[state.index()];
    let met = match slot {
        None => facts.clone(),
        Some(before) => common(before, facts),
    };
    if slot.as_ref() != Some(&met) {
        *slot = Some(met);
        work.insert(state);
    }
}

/// What is known at each transition of a list.
pub(super) fn walk<'a>(
    checked: &Checked<'_>,
    flow: &Flow,
    list: &'a Transitions,
    base: Facts,
) -> Vec<(&'a Transition, Taken)> {
    walk_with(checked, Some(flow), list, base)
}

/// The same outside every flow.
pub(super) fn walk_with<'a>(
    checked: &Checked<'_>,
    flow: Option<&Flow>,
    list: &'a Transitions,
    base: Facts,
) -> Vec<(&'a Transition, Taken)> {
    let mut facts = base;
    let mut walked = Vec::new();
    for transition in list {
        let guard = facts.clone();
        let told = checked.records.guards.get(&transition.id);
        let mut effects = facts.clone();
        if let Some((yes, no)) = told {
            effects.extend(yes.iter().cloned());
            facts.extend(no.iter().cloned());
        }
        let said = after_set(checked, flow, transition, effects.clone());
        let after = after_all(checked, flow, transition, said.clone());
        let taken = Taken {
            guard,
            effects,
            said,
            after,
        };
        walked.push((transition, taken));
    }
    walked
}

fn after_set(
    checked: &Checked<'_>,
    flow: Option<&Flow>,
    transition: &Transition,
    mut facts: Facts,
) -> Facts {
    for (slot, _) in &transition.set {
        forget(&mut facts, name(checked, flow, *slot));
    }
    for (slot, _) in &transition.set {
        facts.insert(set_fact(name(checked, flow, *slot)));
    }
    facts
}

/// What is left when the step goes on: results and events are only known on the transition itself.
fn after_all(
    checked: &Checked<'_>,
    flow: Option<&Flow>,
    transition: &Transition,
    mut facts: Facts,
) -> Facts {
    for slot in &transition.clear {
        forget(&mut facts, name(checked, flow, *slot));
    }
    match &transition.forget {
        Some(Forget::User) => {
            for slot in checked
                .bot
                .slots
                .iter()
                .filter(|slot| slot.scope == Scope::User)
            {
                forget(&mut facts, &slot.name);
            }
        }
        Some(Forget::Slots(slots)) => {
            for slot in slots {
                forget(&mut facts, name(checked, flow, *slot));
            }
        }
        None => {}
    }
    facts.retain(|fact| path(fact).starts_with("slots."));
    facts
}

fn forget(facts: &mut Facts, slot: &str) {
    let own = format!("slots.{slot}");
    facts.retain(|fact| {
        let path = path(fact);
        path != own
            && !path.starts_with(&format!("{own}."))
            && !path.starts_with(&format!("{own}["))
    });
}

fn path(fact: &Fact) -> &str {
    match fact {
        Fact::Set(path) | Fact::SizeAtLeast(path, _) | Fact::NotZero(path) => path,
    }
}

fn name<'a>(checked: &'a Checked<'_>, flow: Option<&'a Flow>, slot: SlotRef) -> &'a str {
    match (slot, flow) {
        (SlotRef::Flow(at), Some(flow)) => &flow.slots[usize::from(at)].name,
        (SlotRef::Shared(at), _) => &checked.bot.slots[usize::from(at)].name,
        (SlotRef::Flow(_), None) => "",
    }
}

/// What every caller of a flow gives it; nothing if it also starts by itself.
fn given(checked: &Checked<'_>, id: FlowId) -> Facts {
    let flow = &checked.bot.flows[id.index()];
    if !flow.start.intents.is_empty() || flow.start.event.is_some() {
        return Facts::new();
    }
    let mut all: Option<Facts> = None;
    let mut add = |with: &[(u16, dialog::Expression)]| {
        let given: Facts = with
            .iter()
            .map(|(slot, _)| set_fact(&flow.slots[usize::from(*slot)].name))
            .collect();
        all = Some(match all.take() {
            Some(before) => common(&before, &given),
            None => given,
        });
    };
    for caller in &checked.bot.flows {
        for state in &caller.states {
            match &state.kind {
                StateKind::Flow { flow, with, .. } if *flow == id => add(with),
                _ => {}
            }
        }
    }
    for transition in super::every_transition(checked.bot) {
        if let Then::Flow { flow, with } = &transition.then
            && *flow == id
        {
            add(with);
        }
    }
    // Nobody calls it: that is reported elsewhere, so nothing more is said about its slots.
    all.unwrap_or_else(|| flow.slots.iter().map(|slot| set_fact(&slot.name)).collect())
}
