//! Handlers that leave a state while it calls something that may already have happened.

use dialog::{FlowId, Handlers, Repeat, StateId, StateKind, Trigger};

use super::{Checked, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (id, flow) in checked.flows() {
        for state in graph::ids(flow) {
            let StateKind::Call { tool, .. } = flow.states[state.index()].kind else {
                continue;
            };
            let tool = &checked.bot.tools[tool.index()];
            if tool.repeat == Repeat::Safe {
                continue;
            }
            for around in graph::around(flow, state) {
                handlers(
                    checked,
                    &flow.states[around.index()].on,
                    (id, state),
                    &tool.name,
                );
            }
            handlers(checked, &flow.on, (id, state), &tool.name);
        }
    }
}

fn handlers(checked: &Checked<'_>, handlers: &Handlers, at: (FlowId, StateId), tool: &str) {
    let flow = &checked.bot.flows[at.0.index()];
    for (trigger, list) in &handlers.0 {
        let by_itself = matches!(trigger, Trigger::Cancel | Trigger::CoreEvent(_));
        for transition in list {
            let leaves = graph::target(transition).is_some_and(|to| to != at.1);
            if leaves && !by_itself {
                checked.cx.findings.add_with_help(
                    &rule::LEAVES_RUNNING_CALL,
                    checked.transition_place(transition),
                    format!(
                        "this leaves `{}` while it calls `{tool}`, which may have done its work already",
                        flow.states[at.1.index()].path
                    ),
                    "say something without a target, or let `done` and `error` decide; if the tool only reads, say `repeat: safe`",
                );
            }
        }
    }
}
