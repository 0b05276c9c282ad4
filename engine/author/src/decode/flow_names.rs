//! What a flow declares, before anything refers to it: its name, slots, result, states.

use dialog::{SlotDeclaration, StateId};

use super::keys::{self, Keys, check_name};
use super::slots::{Owner, slots};
use super::types::value_type;
use crate::diagnostic::Findings;
use crate::names::{FlowNames, Names, StateName};
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// The most states of a flow: beyond, a flow is no longer read by a person.
const STATES_MAX: usize = 500;

/// Reads a flow's names.
pub(super) fn flow_names(
    findings: &Findings,
    names: &Names,
    shared: &[SlotDeclaration],
    node: &Node,
) -> Option<FlowNames> {
    let keys = Keys::read(findings, node, &schema::FLOW)?;
    let name_node = keys.required(findings, "flow")?;
    let name = keys::name(findings, name_node, "a flow's name")?;
    let key = Key {
        text: name.to_owned(),
        place: name_node.place,
    };
    check_name(findings, &key, "a flow");
    let (slots, slot_places) = keys
        .get("slots")
        .map(|node| slots(findings, names, node, &Owner::Flow(shared)))
        .unwrap_or_default();
    let mut states = Vec::new();
    if let Some(node) = keys.required(findings, "states") {
        state_names(findings, node, None, "", &mut states);
        if states.is_empty() && node.as_map().is_some() {
            findings.add(
                &rule::EMPTY_VALUE,
                node.place,
                "a flow needs at least one state",
            );
        }
    }
    Some(FlowNames {
        name: key.text,
        place: key.place,
        slots,
        slot_places,
        returns: keys
            .get("returns")
            .and_then(|node| value_type(findings, node)),
        states,
        initial: text_at(node, &["initial"]).unwrap_or_default(),
        start_event: text_at(node, &["start", "event"]),
    })
}

/// The text at a path of keys, as written.
fn text_at(node: &Node, path: &[&str]) -> Option<String> {
    path.iter()
        .try_fold(node, |around, key| around.get(key))
        .and_then(Node::as_text)
        .map(str::to_owned)
}

fn state_names(
    findings: &Findings,
    node: &Node,
    parent: Option<StateId>,
    prefix: &str,
    states: &mut Vec<StateName>,
) {
    let entries = keys::map(findings, node, "`states`").unwrap_or_default();
    for (key, value) in entries {
        if states.len() == STATES_MAX {
            findings.add(
                &rule::FILE_BOUNDS,
                key.place,
                format!("a flow has at most {STATES_MAX} states"),
            );
        }
        if states.len() >= STATES_MAX {
            return;
        }
        check_state_name(findings, key);
        let id = StateId::from(states.len());
        let path = format!("{prefix}{}", key.text);
        states.push(StateName {
            name: key.text.clone(),
            path: path.clone(),
            parent,
            place: key.place,
        });
        if let Some(inner) = value.get("states") {
            state_names(findings, inner, Some(id), &format!("{path}."), states);
        }
    }
}

fn check_state_name(findings: &Findings, key: &Key) {
    if check_name(findings, key, "a state") && key.text == "history" {
        findings.add(
            &rule::BAD_NAME,
            key.place,
            "`history` cannot be the name of a state: `x.history` returns to where `x` was left",
        );
    }
}
