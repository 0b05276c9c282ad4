//! `properties`: what must always hold. Types and names are checked here; proving them needs an exploration of states.

use dialog::ValueType;

use super::actions::typed;
use super::handlers::intent;
use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use crate::expression::Scope;
use crate::names::did_you_mean;
use crate::rule;
use crate::schema;
use crate::yaml::Node;

/// Checks all properties.
pub(super) fn check(decoder: &Decoder<'_>, node: &Node) {
    let findings = decoder.cx.findings;
    let items = keys::list(findings, node, "`properties`").unwrap_or_default();
    for item in items {
        let Some(keys) = Keys::read(findings, item, &schema::PROPERTY) else {
            continue;
        };
        property(decoder, keys);
        findings.add(
            &rule::PROPERTY_NOT_PROVED,
            keys.place,
            "this property is read and its names and types are right, but it is not proved yet",
        );
    }
}

fn property(decoder: &Decoder<'_>, keys: Keys<'_>) {
    const KINDS: &[&str] = &["invariant", "reach", "never"];
    let findings = decoder.cx.findings;
    keys.at_most_one(findings, KINDS);
    if keys.present(KINDS).is_empty() {
        findings.add(
            &rule::MISSING_KEY,
            keys.place,
            "a property needs one of invariant, reach, never",
        );
    }
    for key in ["invariant", "never"] {
        if let Some(node) = keys.get(key) {
            invariant(decoder, node);
        }
    }
    for key in ["reach", "from"] {
        if let Some(node) = keys.get(key) {
            state(decoder, node, key);
        }
    }
    if let Some(node) = keys.get("on")
        && let Some(text) = keys::name(findings, node, "`on`")
        && let Some(name) = text.strip_prefix("intent.")
    {
        let _ = intent(decoder, name, node.place);
    }
    if let Some(node) = keys.get("within_user_turns") {
        let _ = keys::whole(findings, node, "within_user_turns", 1);
    }
}

/// What holds is asked of every state, so what may be unset is part of the question.
fn invariant(decoder: &Decoder<'_>, node: &Node) {
    let scope = Scope {
        property: true,
        ..Scope::bot()
    };
    let quiet = Decoder::new(decoder.cx);
    let _ = typed(&quiet, node, &scope, Spot::Bot, &ValueType::Bool);
}

fn state(decoder: &Decoder<'_>, node: &Node, key: &str) {
    let Some(name) = keys::name(decoder.cx.findings, node, key) else {
        return;
    };
    let words: &[&str] = if key == "from" {
        &["any", "start"]
    } else {
        &["handoff", "end"]
    };
    let broken = decoder
        .cx
        .names
        .broken
        .contains(&crate::files::FileKind::Flow);
    if words.contains(&name) || broken {
        return;
    }
    let paths: Vec<String> = decoder
        .cx
        .names
        .flows
        .iter()
        .flat_map(|flow| {
            flow.states
                .iter()
                .map(|state| format!("{}.{}", flow.name, state.path))
        })
        .collect();
    if !paths.iter().any(|path| path == name) {
        let known = paths
            .iter()
            .map(String::as_str)
            .chain(words.iter().copied());
        decoder.cx.findings.add(
            &rule::UNKNOWN_STATE,
            node.place,
            format!("no state `{name}`{}", did_you_mean(name, known)),
        );
    }
}
