//! States from which no end can be reached.

use std::collections::BTreeSet;

use dialog::{Flow, StateId, StateKind, Then, Trigger};

use super::{Checked, graph, reachable};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let cancels = checked.bot.anywhere.0.iter().any(|(trigger, list)| {
        matches!(trigger, Trigger::Event(_)) && list.iter().any(|one| one.then == Then::Cancel)
    });
    if cancels {
        return;
    }
    for (id, flow) in checked.whole_flows() {
        let out = with_way_out(flow);
        let reached = reachable::reached(flow);
        let stuck: Vec<StateId> = graph::ids(flow)
            .filter(|state| reached.contains(state) && !out.contains(state))
            .collect();
        for state in last_ones(flow, &stuck) {
            checked.cx.findings.add_with_help(
                &rule::NO_WAY_OUT,
                checked.state_place(id, state),
                format!(
                    "whoever comes to `{}` never gets out of this flow",
                    flow.states[state.index()].path
                ),
                "let a transition lead on, or make the state `final: true`",
            );
        }
    }
}

/// All states from which a final one, or `cancel`, can be reached.
fn with_way_out(flow: &Flow) -> BTreeSet<StateId> {
    let flow_level: Vec<_> = graph::flow_lists(flow);
    let mut out: BTreeSet<StateId> = BTreeSet::new();
    loop {
        let before = out.len();
        for state in graph::ids(flow) {
            let own = &flow.states[state.index()];
            let top_final = matches!(own.kind, StateKind::Final { .. });
            let around = graph::around(flow, state);
            let leads = around.iter().any(|one| {
                graph::lists(&flow.states[one.index()])
                    .iter()
                    .flat_map(|tried| tried.list)
                    .any(|transition| leads_out(transition, &out))
            }) || flow_level
                .iter()
                .flat_map(|tried| tried.list)
                .any(|transition| leads_out(transition, &out));
            let inner =
                matches!(own.kind, StateKind::Compound { initial, .. } if out.contains(&initial));
            if top_final || leads || inner {
                out.insert(state);
            }
        }
        if out.len() == before {
            return out;
        }
    }
}

fn leads_out(transition: &dialog::Transition, out: &BTreeSet<StateId>) -> bool {
    transition.then == Then::Cancel || graph::target(transition).is_some_and(|to| out.contains(&to))
}

/// Of states without a way out only those that do not lead to another one of them that is reported anyway.
fn last_ones(flow: &Flow, stuck: &[StateId]) -> Vec<StateId> {
    let dead: Vec<StateId> = stuck
        .iter()
        .copied()
        .filter(|state| {
            graph::next(flow, *state)
                .iter()
                .all(|next| next == state || !stuck.contains(next))
        })
        .collect();
    if dead.is_empty() {
        stuck.iter().copied().take(1).collect()
    } else {
        dead
    }
}
