//! `migrate`: where conversations of an older version go on.

use std::collections::BTreeMap;

use dialog::{BotVersion, FlowId, Migration, StateId, StateMove, Then};

use super::actions;
use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use super::say::{SaidAt, say_under};
use super::transition::resolve;
use crate::expression::Scope;
use crate::schema;
use crate::yaml::{Node, NodeKind};

/// A flow's migration; none if it says not from where.
pub(super) fn migration(decoder: &Decoder<'_>, node: &Node, flow: FlowId) -> Option<Migration> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node, &schema::MIGRATE)?;
    let from = keys
        .required(findings, "from")
        .and_then(|from| keys::name(findings, from, "a version"));
    let mut states = BTreeMap::new();
    let named = keys
        .get("states")
        .and_then(|node| keys::map(findings, node, "`states`"));
    for (old, target) in named.unwrap_or_default() {
        if let Some(moved) = state_move(decoder, target, flow) {
            states.insert(old.text.clone(), moved);
        }
    }
    let mut slots = BTreeMap::new();
    let named = keys
        .get("slots")
        .and_then(|node| keys::map(findings, node, "`slots`"));
    for (old, new) in named.unwrap_or_default() {
        let slot = keys::name(findings, new, "a slot")
            .and_then(|name| actions::slot(decoder, name, new.place, Some(flow)));
        if let Some(slot) = slot {
            slots.insert(old.text.clone(), slot);
        }
    }
    Some(Migration {
        from: BotVersion(from?.to_owned()),
        states,
        slots,
    })
}

fn state_move(decoder: &Decoder<'_>, node: &Node, flow: FlowId) -> Option<StateMove> {
    let findings = decoder.cx.findings;
    if !matches!(node.kind, NodeKind::Map(_)) {
        return Some(StateMove {
            to: Some(target(decoder, node, flow)?),
            clear: Vec::new(),
            say: Vec::new(),
        });
    }
    let keys = Keys::read(findings, node, &schema::MIGRATE_STATE)?;
    keys.at_most_one(findings, &["to", "end"]);
    let to = match keys.get("end") {
        Some(_) => None,
        None => Some(target(decoder, keys.required(findings, "to")?, flow)?),
    };
    let clear = keys
        .get("clear")
        .map(|node| actions::slots(decoder, node, Some(flow)))
        .unwrap_or_default();
    let scope = Scope::of_flow(flow);
    let at = SaidAt {
        spot: Spot::Flow(flow),
        scope: &scope,
        label: "migrate",
    };
    let say = say_under(decoder, keys, "say", at);
    Some(StateMove { to, clear, say })
}

fn target(decoder: &Decoder<'_>, node: &Node, flow: FlowId) -> Option<StateId> {
    let name = keys::name(decoder.cx.findings, node, "a state")?;
    match resolve(decoder, flow, None, name, node.place)? {
        Then::Target(state) => Some(state),
        _ => None,
    }
}
