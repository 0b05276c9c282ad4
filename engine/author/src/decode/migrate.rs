//! `migrate`: where conversations of an older version go on. The core does not move conversations yet, so it is read and
//! checked only.

use dialog::FlowId;

use super::actions;
use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use super::say::{SaidAt, say_under};
use super::transition::resolve;
use crate::expression::Scope;
use crate::schema;
use crate::yaml::{Node, NodeKind};

/// Checks a flow's migration.
pub(super) fn check(decoder: &Decoder<'_>, node: &Node, flow: FlowId) {
    let findings = decoder.cx.findings;
    let Some(keys) = Keys::read(findings, node, &schema::MIGRATE) else {
        return;
    };
    if let Some(from) = keys.required(findings, "from") {
        let _ = keys::name(findings, from, "a version");
    }
    let states = keys
        .get("states")
        .and_then(|node| keys::map(findings, node, "`states`"))
        .unwrap_or_default();
    for (_, target) in states {
        check_state(decoder, target, flow);
    }
    let slots = keys
        .get("slots")
        .and_then(|node| keys::map(findings, node, "`slots`"))
        .unwrap_or_default();
    for (_, new) in slots {
        if let Some(name) = keys::name(findings, new, "a slot") {
            let _ = actions::slot(decoder, name, new.place, Some(flow));
        }
    }
}

fn check_state(decoder: &Decoder<'_>, node: &Node, flow: FlowId) {
    let findings = decoder.cx.findings;
    if !matches!(node.kind, NodeKind::Map(_)) {
        if let Some(name) = keys::name(findings, node, "a state") {
            let _ = resolve(decoder, flow, None, name, node.place);
        }
        return;
    }
    let Some(keys) = Keys::read(findings, node, &schema::MIGRATE_STATE) else {
        return;
    };
    keys.at_most_one(findings, &["to", "end"]);
    if let Some(to) = keys.get("to")
        && let Some(name) = keys::name(findings, to, "a state")
    {
        let _ = resolve(decoder, flow, None, name, to.place);
    }
    if let Some(clear) = keys.get("clear") {
        let _ = actions::slots(decoder, clear, Some(flow));
    }
    let scope = Scope::of_flow(flow);
    let at = SaidAt {
        spot: Spot::Flow(flow),
        scope: &scope,
        label: "migrate",
    };
    let _ = say_under(decoder, keys, "say", at);
}
