//! `attempts` whose end leads back to the same question.

use dialog::Then;

use super::{Checked, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (id, flow) in checked.flows() {
        for state in graph::ids(flow) {
            let Some(attempts) = &flow.states[state.index()].attempts else {
                continue;
            };
            let back = |then: &Then| {
                matches!(then, Then::Stay)
                    || matches!(then, Then::Target(target) | Then::History(target)
                        if graph::entered(flow, *target) == state)
            };
            let ends = attempts
                .then
                .iter()
                .any(|one| one.guard.is_none() && !back(&one.then));
            if !ends {
                checked.cx.findings.add_with_help(
                    &rule::ENDLESS_ATTEMPTS,
                    checked.key_place(id, state, "attempts"),
                    "when the attempts are used up, the same question is asked again, without end",
                    "let `then` lead to another state, to a person or to an end",
                );
            }
        }
    }
}
