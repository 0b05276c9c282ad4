//! Reading what may be unset, an index or a division without a guard: in every expression, with what is known where it is
//! evaluated; and the same for the variables of every template that is said there.

use std::collections::BTreeMap;

use dialog::{Flow, FlowId, StateId, StateKind, Transitions};

use super::facts::{self, Known};
use super::{Checked, graph, template_variables};
use crate::decode::{Point, Said, Spot, Use};
use crate::expression::facts::covers;
use crate::expression::{Fact, Facts, Need};
use crate::rule;

/// Checks all flows, then what stands outside.
pub(super) fn check(checked: &Checked<'_>) {
    let mut at: BTreeMap<Spot, Facts> = BTreeMap::new();
    at.insert(Spot::Bot, Facts::new());
    for (id, _) in checked.flows() {
        flow(checked, id, &mut at);
    }
    for list in super::lists_outside_flows(checked.bot) {
        remember(checked, None, list, Facts::new(), &mut at);
    }
    for one in &checked.records.uses {
        if let Some(facts) = at.get(&one.spot) {
            report(checked, one, facts);
        }
    }
    for said in &checked.records.said {
        if let Some(facts) = at.get(&said_spot(said)) {
            template_variables::check(checked, said, facts);
        }
    }
}

/// What a transition says is said after its slots are set; that is kept under the spot of entering.
fn said_spot(said: &Said) -> Spot {
    match said.spot {
        Spot::Transition(id, _) => Spot::Transition(id, Point::Ask),
        other => other,
    }
}

fn flow(checked: &Checked<'_>, id: FlowId, at: &mut BTreeMap<Spot, Facts>) {
    let flow = &checked.bot.flows[id.index()];
    let known = facts::known(checked, id);
    for state in graph::ids(flow) {
        in_state(checked, id, state, &known, at);
    }
    let everywhere = known.everywhere();
    for tried in graph::flow_lists(flow) {
        remember(checked, Some(flow), tried.list, everywhere.clone(), at);
    }
    at.insert(Spot::Flow(id), everywhere);
}

fn in_state(
    checked: &Checked<'_>,
    id: FlowId,
    state: StateId,
    known: &Known,
    at: &mut BTreeMap<Spot, Facts>,
) {
    let flow = &checked.bot.flows[id.index()];
    let Some(entry) = known.on_entry(state) else {
        return;
    };
    for point in [Point::Guard, Point::Effects, Point::Enter, Point::Ask] {
        at.insert(Spot::State(id, state, point), entry.clone());
    }
    let own = &flow.states[state.index()];
    for tried in graph::lists(own) {
        if let Some(base) = known.at(checked, flow, state, tried.moment) {
            remember(checked, Some(flow), tried.list, base, at);
        }
    }
    if let StateKind::Collect { items, .. } = &own.kind {
        let mut before = entry.clone();
        for (number, item) in items.iter().enumerate() {
            at.insert(
                Spot::Question(id, state, number, Point::Guard),
                before.clone(),
            );
            let mut asked = before.clone();
            let told = checked.records.questions.get(&(id, state, number));
            asked.extend(told.into_iter().flatten().cloned());
            at.insert(Spot::Question(id, state, number, Point::Ask), asked);
            if item.when.is_none() && !item.optional {
                before.extend(slot_name(checked, flow, item.slot).map(facts::set_fact));
            }
        }
    }
}

fn slot_name<'a>(
    checked: &'a Checked<'_>,
    flow: &'a Flow,
    slot: dialog::SlotRef,
) -> Option<&'a str> {
    Some(match slot {
        dialog::SlotRef::Flow(at) => &flow.slots.get(usize::from(at))?.name,
        dialog::SlotRef::Shared(at) => &checked.bot.slots.get(usize::from(at))?.name,
    })
}

fn remember(
    checked: &Checked<'_>,
    flow: Option<&Flow>,
    list: &Transitions,
    base: Facts,
    at: &mut BTreeMap<Spot, Facts>,
) {
    for (transition, taken) in facts::walk_with(checked, flow, list, base) {
        let spot = |point| Spot::Transition(transition.id, point);
        at.insert(spot(Point::Guard), taken.guard);
        at.insert(spot(Point::Effects), taken.effects);
        at.insert(spot(Point::Ask), taken.said);
    }
}

fn report(checked: &Checked<'_>, one: &Use, facts: &Facts) {
    for need in &one.needs {
        if !covers(facts, &need.fact) {
            report_need(checked, need);
        }
    }
}

fn report_need(checked: &Checked<'_>, need: &Need) {
    let (rule, sentence, help) = match &need.fact {
        Fact::Set(path) => (
            &rule::MAY_BE_UNSET,
            format!("`{path}` may be unset here"),
            format!("say what counts instead, or({path}, …), or ask has({path}) first"),
        ),
        Fact::SizeAtLeast(path, size) => (
            &rule::UNGUARDED_INDEX,
            format!("`{path}` may have fewer than {size} items here"),
            format!("ask size({path}) first, in a guard"),
        ),
        Fact::NotZero(path) => (
            &rule::UNGUARDED_DIVISION,
            format!("`{path}` may be zero here, and nothing can be divided by zero"),
            format!("ask {path} != 0 first, in a guard"),
        ),
    };
    checked
        .cx
        .findings
        .add_with_help(rule, need.place, sentence, help);
}
