//! Choices that nothing takes, and handlers of choices that nobody offers.

use std::collections::BTreeSet;

use dialog::{
    Flow, FlowId, Handlers, IntentId, SlotKind, SlotRef, StateId, StateKind, Trigger, ValueType,
};

use super::{Checked, graph};
use crate::expression::slot_type;
use crate::names::did_you_mean;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for choice in &checked.records.choices {
        let (flow, state) = choice.state;
        let whole = checked.cx.findings.is_whole(choice.place.file);
        if whole && !is_taken(checked, flow, state, &choice.key) {
            let intent = checked.cx.names.intent(&choice.key).is_some();
            let help = if intent {
                format!("take it: on: {{ intent.{}: … }}", choice.key)
            } else {
                format!("take it: on: {{ choice.{}: … }}", choice.key)
            };
            checked.cx.findings.add_with_help(
                &rule::CHOICE_WITHOUT_TAKER,
                choice.place,
                format!("nothing happens when somebody chooses `{}`", choice.key),
                help,
            );
        }
    }
    for (id, flow) in checked.whole_flows() {
        for state in graph::ids(flow) {
            handled(checked, id, flow, state);
        }
    }
}

fn is_taken(checked: &Checked<'_>, id: FlowId, state: StateId, key: &str) -> bool {
    let flow = &checked.bot.flows[id.index()];
    let intent = checked.cx.names.intent(key);
    let takes = |handlers: &Handlers| {
        handlers
            .0
            .iter()
            .any(|(trigger, _)| taken(trigger, key, intent))
    };
    graph::around(flow, state)
        .into_iter()
        .any(|around| takes(&flow.states[around.index()].on))
        || takes(&flow.on)
        || takes(&checked.bot.anywhere)
        || intent.is_some_and(|intent| {
            checked.bot.answers.contains_key(&intent)
                || checked.bot.intents[intent.index()].starts.is_some()
        })
        || answers_question(checked, flow, state, key)
}

fn taken(trigger: &Trigger, key: &str, intent: Option<IntentId>) -> bool {
    match trigger {
        Trigger::Choice(name) => name == key,
        Trigger::Intent(intents) => intent.is_some_and(|intent| intents.contains(&intent)),
        _ => false,
    }
}

/// A choice that is a value of the asked slot; `skip`, `affirm` and `deny` answer questions by themselves.
fn answers_question(checked: &Checked<'_>, flow: &Flow, state: StateId, key: &str) -> bool {
    let StateKind::Collect { items, .. } = &flow.states[state.index()].kind else {
        return false;
    };
    items.iter().any(|item| {
        let slot = match item.slot {
            SlotRef::Flow(at) => &flow.slots[usize::from(at)],
            SlotRef::Shared(at) => &checked.bot.slots[usize::from(at)],
        };
        let value_type = slot_type(slot);
        let is_value =
            value_type != ValueType::Text && dialog::from_text(key, &value_type).is_some();
        is_value
            || match key {
                "skip" => item.optional,
                "affirm" => !item.confirm.is_empty() || value_type == ValueType::Bool,
                "deny" => {
                    !item.confirm.is_empty() || item.optional || value_type == ValueType::Bool
                }
                _ => false,
            }
    })
}

/// `on: choice.x` where `x` is offered by nothing.
fn handled(checked: &Checked<'_>, id: FlowId, flow: &Flow, state: StateId) {
    let own = &flow.states[state.index()];
    let named: Vec<(&str, &dialog::Transitions)> = own
        .on
        .0
        .iter()
        .filter_map(|(trigger, list)| match trigger {
            Trigger::Choice(name) => Some((name.as_str(), list)),
            _ => None,
        })
        .collect();
    if named.is_empty() {
        return;
    }
    let Some(offered) = offered(checked, flow, state) else {
        return;
    };
    for (name, list) in named {
        if offered.contains(name) {
            continue;
        }
        let place = list
            .first()
            .and_then(|one| checked.records.handler_keys.get(&one.id))
            .copied()
            .unwrap_or_else(|| checked.key_place(id, state, "on"));
        checked.cx.findings.add(
            &rule::UNKNOWN_CHOICE,
            place,
            format!(
                "no choice `{name}` is offered here{}",
                did_you_mean(name, offered.iter().map(String::as_str))
            ),
        );
    }
}

/// Everything that can be chosen in a state; none when it is only known at run time.
fn offered(checked: &Checked<'_>, flow: &Flow, state: StateId) -> Option<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for one in graph::within(flow, state) {
        let own = &flow.states[one.index()];
        keys.extend(own.choices.iter().map(|choice| choice.key.clone()));
        let StateKind::Collect { items, .. } = &own.kind else {
            continue;
        };
        for item in items {
            keys.extend(item.choices.iter().map(|choice| choice.key.clone()));
            let slot = match item.slot {
                SlotRef::Flow(at) => &flow.slots[usize::from(at)],
                SlotRef::Shared(at) => &checked.bot.slots[usize::from(at)],
            };
            match &slot.kind {
                SlotKind::ItemOf { .. } => return None,
                SlotKind::Typed(ValueType::Enum(values)) => keys.extend(values.iter().cloned()),
                SlotKind::Typed(ValueType::Bool) => {
                    keys.extend(["affirm".to_owned(), "deny".to_owned()]);
                }
                SlotKind::Typed(_) => {}
            }
        }
    }
    Some(keys)
}
