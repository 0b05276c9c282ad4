//! States that nothing leads to, and flows that nothing starts.

use std::collections::BTreeSet;

use dialog::{Flow, FlowId, StateId, StateKind, Then};

use super::{Checked, every_transition, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (id, flow) in checked.whole_flows() {
        let reached = reached(flow);
        for state in graph::ids(flow).filter(|state| !reached.contains(state)) {
            let own = &flow.states[state.index()];
            checked.cx.findings.add_with_help(
                &rule::UNREACHABLE_STATE,
                checked.state_place(id, state),
                format!("nothing leads to the state `{}`", own.path),
                "let a transition lead to it, or delete it",
            );
        }
        if checked.flows_are_read() && !is_started(checked, id) {
            checked.cx.findings.add_with_help(
                &rule::UNREACHABLE_STATE,
                checked.cx.names.flows[id.index()].place,
                format!("nothing starts the flow `{}`", flow.name),
                "give it a `start`, or let another flow run it",
            );
        }
    }
}

/// All states that can be entered, from the initial one.
pub(super) fn reached(flow: &Flow) -> BTreeSet<StateId> {
    let mut reached = BTreeSet::new();
    let mut work = vec![flow.initial];
    let anywhere = graph::flow_lists(flow);
    work.extend(
        anywhere
            .iter()
            .flat_map(|tried| tried.list.iter().filter_map(graph::target)),
    );
    while let Some(state) = work.pop() {
        for around in graph::around(flow, state) {
            if reached.insert(around) {
                work.extend(graph::next(flow, around));
            }
        }
    }
    reached
}

fn is_started(checked: &Checked<'_>, id: FlowId) -> bool {
    let flow = &checked.bot.flows[id.index()];
    let by_itself = !flow.start.intents.is_empty() || flow.start.event.is_some();
    let called = checked
        .bot
        .flows
        .iter()
        .flat_map(|flow| &flow.states)
        .any(|state| matches!(state.kind, StateKind::Flow { flow, .. } if flow == id));
    let started = every_transition(checked.bot)
        .any(|transition| matches!(transition.then, Then::Flow { flow, .. } if flow == id));
    by_itself || called || started
}
