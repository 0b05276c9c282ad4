//! Flows that run themselves, directly or through others.

use dialog::{FlowId, StateId, StateKind};

use super::{Checked, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (id, flow) in checked.flows() {
        for state in graph::ids(flow) {
            let StateKind::Flow { flow: called, .. } = flow.states[state.index()].kind else {
                continue;
            };
            if let Some(path) = path_back(checked, called, id) {
                report(checked, id, state, &path);
            }
        }
    }
}

fn report(checked: &Checked<'_>, id: FlowId, state: StateId, path: &[FlowId]) {
    let names: Vec<&str> = std::iter::once(&id)
        .chain(path)
        .map(|one| checked.bot.flows[one.index()].name.as_str())
        .collect();
    checked.cx.findings.add(
        &rule::RECURSIVE_FLOWS,
        checked.key_place(id, state, "flow"),
        format!("this flow runs itself without end: {}", names.join(" → ")),
    );
}

/// The flows from one to another, each running the next.
fn path_back(checked: &Checked<'_>, from: FlowId, to: FlowId) -> Option<Vec<FlowId>> {
    let mut paths = vec![vec![from]];
    let mut seen = std::collections::BTreeSet::from([from]);
    while let Some(path) = paths.pop() {
        let last = *path.last()?;
        if last == to {
            return Some(path);
        }
        for state in &checked.bot.flows[last.index()].states {
            if let StateKind::Flow { flow, .. } = state.kind
                && (seen.insert(flow) || flow == to)
            {
                paths.push([path.as_slice(), &[flow]].concat());
            }
        }
    }
    None
}
