//! Questions for a free text whose answer another intent would take.

use dialog::{Allow, Flow, FlowId, SlotKind, SlotRef, StateId, StateKind, ValueType};

use super::{Checked, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    if checked.bot.answers.is_empty() {
        return;
    }
    for (id, flow) in checked.flows() {
        let closed = flow
            .digressions
            .as_ref()
            .is_some_and(|digressions| digressions.allow == Allow::None);
        if closed {
            continue;
        }
        for state in graph::ids(flow) {
            in_state(checked, id, flow, state);
        }
    }
}

fn in_state(checked: &Checked<'_>, id: FlowId, flow: &Flow, state: StateId) {
    let StateKind::Collect { items, .. } = &flow.states[state.index()].kind else {
        return;
    };
    for item in items.iter().filter(|item| !item.verbatim) {
        let slot = match item.slot {
            SlotRef::Flow(at) => &flow.slots[usize::from(at)],
            SlotRef::Shared(at) => &checked.bot.slots[usize::from(at)],
        };
        let free = matches!(slot.kind, SlotKind::Typed(ValueType::Text));
        if free && slot.pattern.is_none() && slot.from.is_none() {
            checked.cx.findings.add_with_help(
                &rule::TEXT_SLOT_STOLEN,
                checked.key_place(id, state, "collect"),
                format!(
                    "what a customer writes for `{}` may sound like a question, and is then answered instead of kept",
                    slot.name
                ),
                "add `verbatim: true` to the question, or give the slot a `pattern`",
            );
        }
    }
}
