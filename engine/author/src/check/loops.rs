//! Rounds without input: `always` transitions that lead in a circle and never wait.

use dialog::{Flow, StateId, StateKind};

use super::{Checked, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (id, flow) in checked.whole_flows() {
        let mut reported = Vec::new();
        for start in graph::ids(flow) {
            let circle = circle(flow, start);
            if circle.is_empty() || circle.iter().any(|one| reported.contains(one)) {
                continue;
            }
            let names: Vec<&str> = circle
                .iter()
                .map(|one| flow.states[one.index()].path.as_str())
                .collect();
            checked.cx.findings.add_with_help(
                &rule::LOOP_WITHOUT_INPUT,
                checked.key_place(id, start, "always"),
                format!(
                    "this goes round without end and without waiting: {}",
                    names.join(" → ")
                ),
                "add a guard, or a state that waits for the customer",
            );
            reported.extend(circle);
        }
    }
}

/// The states from a state back to itself, where each leaves at once.
fn circle(flow: &Flow, start: StateId) -> Vec<StateId> {
    let mut passed = Vec::new();
    let mut at = start;
    while let Some(next) = leaves_at_once(flow, at) {
        passed.push(at);
        if next == start {
            return passed;
        }
        if passed.contains(&next) {
            return Vec::new();
        }
        at = next;
    }
    Vec::new()
}

/// Where a state leads before anything can happen, if it surely does.
fn leaves_at_once(flow: &Flow, state: StateId) -> Option<StateId> {
    let own = &flow.states[state.index()];
    if matches!(own.kind, StateKind::Final { .. }) {
        return None;
    }
    let first = own.always.first()?;
    if first.guard.is_some() {
        return None;
    }
    graph::target(first).map(|to| graph::entered(flow, to))
}
