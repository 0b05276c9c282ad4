//! A call whose outcome leads back to the questions that lead to it: without `miss` nothing ever ends that round.

use std::collections::BTreeSet;

use dialog::{Flow, StateId, StateKind};

use super::Checked;
use super::graph::{self, Moment};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (_, flow) in checked.whole_flows() {
        for state in graph::ids(flow) {
            if matches!(flow.states[state.index()].kind, StateKind::Call { .. }) {
                call(checked, flow, state);
            }
        }
    }
}

fn call(checked: &Checked<'_>, flow: &Flow, call: StateId) {
    for tried in graph::outcomes(&flow.states[call.index()]) {
        for transition in tried.list {
            let Some(target) = graph::target(transition).map(|to| graph::entered(flow, to)) else {
                continue;
            };
            let asks = matches!(flow.states[target.index()].kind, StateKind::Collect { .. });
            if asks && !transition.miss && !changes(transition) && leads_to(flow, target, call) {
                checked.cx.findings.add_with_help(
                    &rule::CYCLE_WITHOUT_MISS,
                    checked.transition_place(transition),
                    format!(
                        "this leads back to `{}`, and from there here again, as often as the customer tries",
                        flow.states[target.index()].path
                    ),
                    "add `miss: true`, so that the attempts of that state are counted",
                );
            }
        }
    }
}

/// A transition that stores a result has got somewhere: the next round asks something else.
fn changes(transition: &dialog::Transition) -> bool {
    !transition.set.is_empty()
}

/// Whether a state's being done leads to the call, past other states that are done.
fn leads_to(flow: &Flow, from: StateId, call: StateId) -> bool {
    let mut seen = BTreeSet::new();
    let mut work = vec![from];
    while let Some(state) = work.pop() {
        if state == call {
            return true;
        }
        if !seen.insert(state) {
            continue;
        }
        let own = &flow.states[state.index()];
        for tried in graph::lists(own) {
            if matches!(tried.moment, Moment::Done | Moment::Always) {
                let targets = tried.list.iter().filter_map(graph::target);
                work.extend(targets.map(|to| graph::entered(flow, to)));
            }
        }
    }
    false
}
