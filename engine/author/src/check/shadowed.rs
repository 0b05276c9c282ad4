//! Transitions that are never taken because an earlier one always is.

use dialog::{Handlers, RouterWhen, Transitions, Trigger};

use super::{Checked, lists_of_flow, lists_outside_flows};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (_, flow) in checked.whole_flows() {
        for list in lists_of_flow(flow) {
            in_list(checked, list);
        }
    }
    for list in lists_outside_flows(checked.bot) {
        let first = list.first().map(|one| checked.transition_place(one).file);
        if first.is_some_and(|file| checked.cx.findings.is_whole(file)) {
            in_list(checked, list);
        }
    }
    in_handlers(checked, &checked.bot.anywhere);
    for flow in &checked.bot.flows {
        in_handlers(checked, &flow.on);
        for state in &flow.states {
            in_handlers(checked, &state.on);
        }
    }
    in_router(checked);
}

fn in_list(checked: &Checked<'_>, list: &Transitions) {
    for (number, transition) in list.iter().enumerate() {
        let before = &list[..number];
        let hidden = before.iter().any(|earlier| earlier.guard.is_none())
            || transition.guard.is_some()
                && before
                    .iter()
                    .any(|earlier| earlier.guard == transition.guard);
        if hidden {
            checked.cx.findings.add_with_help(
                &rule::SHADOWED_TRANSITION,
                checked.transition_place(transition),
                "this is never taken: an earlier transition of the list always is",
                "give the earlier one a guard, or delete this one",
            );
        }
    }
}

/// `intent.[a, b]` beside `intent.a`.
fn in_handlers(checked: &Checked<'_>, handlers: &Handlers) {
    for (number, (trigger, list)) in handlers.0.iter().enumerate() {
        let Trigger::Intent(intents) = trigger else {
            continue;
        };
        let hidden = |intent| {
            handlers.0[..number].iter().any(|(earlier, list)| {
                matches!(earlier, Trigger::Intent(names) if names.contains(intent))
                    && list.iter().any(|one| one.guard.is_none())
            })
        };
        for intent in intents.iter().filter(|intent| hidden(intent)) {
            let place = list
                .first()
                .and_then(|one| checked.records.handler_keys.get(&one.id));
            if let Some(place) = place {
                checked.cx.findings.add(
                    &rule::SHADOWED_TRANSITION,
                    *place,
                    format!(
                        "`{}` is already taken by an earlier line",
                        checked.bot.intents[intent.index()].name
                    ),
                );
            }
        }
    }
}

fn in_router(checked: &Checked<'_>) {
    let always = checked.bot.router.iter().position(|step| {
        step.when == RouterWhen::Always && step.guard.is_none() && step.times.is_none()
    });
    let nodes = checked
        .trees
        .iter()
        .find(|tree| tree.kind == crate::files::FileKind::Bot)
        .and_then(|tree| tree.root.as_ref())
        .and_then(|root| root.get("router"))
        .and_then(|router| router.as_list())
        .unwrap_or_default();
    if nodes.len() != checked.bot.router.len() {
        return;
    }
    for node in always.map_or(&[][..], |at| &nodes[at + 1..]) {
        checked.cx.findings.add(
            &rule::SHADOWED_TRANSITION,
            node.place,
            "this step of the router is never reached: an earlier one takes every message",
        );
    }
}
