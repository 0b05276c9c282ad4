//! Transitions: a state's name, a map, or a list of them.

use dialog::{FlowId, StateId, Then, Transition, TransitionId, TransitionInfo, Transitions};

use super::actions;
use super::keys::{self, Keys};
use super::record::{Decoder, Point, Spot};
use super::say::{SaidAt, say_under};
use crate::expression::{Facts, Scope, lower};
use crate::names::{FlowNames, did_you_mean};
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Node, NodeKind};

/// Where transitions stand.
#[derive(Clone)]
pub(super) struct Site<'a> {
    /// What is known there.
    pub(super) scope: &'a Scope,
    /// The state around them, if there is one.
    pub(super) state: Option<StateId>,
    /// As people name it: `replace_card.confirm on intent.affirm`.
    pub(super) label: String,
}

/// Reads transitions.
pub(super) fn transitions(decoder: &Decoder<'_>, node: &Node, site: &Site<'_>) -> Transitions {
    keys::one_or_many(node)
        .iter()
        .enumerate()
        .filter_map(|(number, one)| transition(decoder, one, site, number + 1))
        .collect()
}

/// Reads transitions under a key, or none.
pub(super) fn transitions_under(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    key: &str,
    site: &Site<'_>,
) -> Transitions {
    keys.get(key)
        .map(|node| transitions(decoder, node, site))
        .unwrap_or_default()
}

fn transition(
    decoder: &Decoder<'_>,
    node: &Node,
    site: &Site<'_>,
    number: usize,
) -> Option<Transition> {
    match &node.kind {
        NodeKind::Scalar(_) => {
            let id = register(decoder, node.place, site, number, None);
            let then = target(decoder, node, site)?;
            Some(empty(id, then))
        }
        NodeKind::Map(_) => {
            let keys = Keys::read(decoder.cx.findings, node, &schema::TRANSITION)?;
            let guard = keys.get("guard").and_then(Node::as_text);
            let id = register(decoder, node.place, site, number, guard);
            mapped(decoder, keys, site, id)
        }
        NodeKind::List(_) => {
            decoder.cx.findings.add(
                &rule::WRONG_SHAPE,
                node.place,
                "a transition is a state's name or a map of keys, not a list in a list",
            );
            None
        }
        NodeKind::Broken => None,
    }
}

fn register(
    decoder: &Decoder<'_>,
    place: Place,
    site: &Site<'_>,
    number: usize,
    guard: Option<&str>,
) -> TransitionId {
    let info = TransitionInfo {
        label: format!("{} #{number}", site.label),
        file: decoder.cx.sources.name(place.file).to_owned(),
        line: place.line,
        guard: guard.map(str::to_owned),
    };
    decoder.transition(info, place)
}

fn empty(id: TransitionId, then: Then) -> Transition {
    Transition {
        id,
        guard: None,
        set: Vec::new(),
        set_locale: None,
        say: Vec::new(),
        clear: Vec::new(),
        forget: None,
        schedule: None,
        raise: None,
        miss: false,
        then,
    }
}

fn mapped(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    site: &Site<'_>,
    id: TransitionId,
) -> Option<Transition> {
    let findings = decoder.cx.findings;
    let flow = site.scope.flow;
    let spot = Spot::Transition(id, Point::Effects);
    let guard = keys
        .get("guard")
        .map(|node| guard(decoder, node, site.scope, id));
    let said = SaidAt {
        spot,
        scope: site.scope,
        label: &site.label,
    };
    let (set, set_locale) = keys
        .get("set")
        .map(|node| actions::set(decoder, node, site.scope, spot))
        .unwrap_or_default();
    let transition = Transition {
        guard: guard.clone().flatten(),
        set,
        set_locale,
        say: say_under(decoder, keys, "say", said),
        clear: keys
            .get("clear")
            .map(|node| actions::slots(decoder, node, flow))
            .unwrap_or_default(),
        forget: keys
            .get("forget")
            .map(|node| actions::forget(decoder, node, flow)),
        schedule: keys
            .get("schedule")
            .and_then(|node| actions::schedule(decoder, node, site.scope, spot)),
        raise: keys
            .get("raise")
            .and_then(|node| actions::raise(decoder, node, site.scope, spot)),
        miss: keys
            .get("miss")
            .and_then(|node| keys::bool(findings, node, "miss"))
            .unwrap_or(false),
        ..empty(id, then(decoder, keys, site, spot)?)
    };
    check_effect(decoder, keys, &transition);
    Some(transition)
}

/// A transition that does nothing at all is a mistake of indentation more often than a wish.
fn check_effect(decoder: &Decoder<'_>, keys: Keys<'_>, transition: &Transition) {
    const ACTIONS: &[&str] = &[
        "set", "say", "clear", "forget", "schedule", "raise", "target", "handoff", "cancel", "flow",
    ];
    if keys.present(ACTIONS).is_empty() && transition.then == Then::Stay {
        decoder.cx.findings.add(
            &rule::MISSING_KEY,
            keys.place,
            "this transition does nothing: it has no target and no action",
        );
    }
}

fn guard(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    id: TransitionId,
) -> Option<dialog::Expression> {
    let wanted = dialog::ValueType::Bool;
    let spot = Spot::Transition(id, Point::Guard);
    let lowered = lower(decoder.cx, node, scope)?;
    decoder.note(spot, &lowered);
    if !crate::expression::ty::fits(&lowered.ty, &wanted) {
        decoder.cx.findings.add_with_help(
            &rule::TYPE_ERROR,
            node.place,
            format!("a guard is true or false, not {}", lowered.ty.describe()),
            "compare it with something, or write `has(…)` to ask whether it is set",
        );
        return None;
    }
    let facts: (Facts, Facts) = (lowered.yes, lowered.no);
    decoder.records.borrow_mut().guards.insert(id, facts);
    Some(lowered.expression)
}

/// Where a transition leads.
fn then(decoder: &Decoder<'_>, keys: Keys<'_>, site: &Site<'_>, spot: Spot) -> Option<Then> {
    let findings = decoder.cx.findings;
    keys.at_most_one(findings, &["target", "handoff", "cancel", "flow"]);
    if let Some(node) = keys.get("target") {
        return target(decoder, node, site);
    }
    if let Some(node) = keys.get("handoff") {
        let desk = actions::desk(decoder, node);
        let why = why(decoder, keys);
        return Some(Then::Handoff {
            desk: desk?,
            why: why?,
        });
    }
    if let Some(node) = keys.get("cancel") {
        keys::word(findings, node, "cancel", &[("flow", ())])?;
        return Some(Then::Cancel);
    }
    if let Some(node) = keys.get("flow") {
        let flow = actions::flow(decoder, node)?;
        let with = actions::flow_arguments(decoder, flow, keys.get("with"), site.scope, spot);
        return Some(Then::Flow { flow, with });
    }
    for key in keys.present(&["with", "why"]) {
        findings.add(
            &rule::CONFLICTING_KEYS,
            key.place,
            format!("`{}` has nothing to go with here", key.text),
        );
    }
    Some(Then::Stay)
}

/// `why`, which a handoff must have.
pub(super) fn why(decoder: &Decoder<'_>, keys: Keys<'_>) -> Option<String> {
    let node = keys.required(decoder.cx.findings, "why")?;
    keys::text(decoder.cx.findings, node, "`why`").map(str::to_owned)
}

/// The state that a node names.
fn target(decoder: &Decoder<'_>, node: &Node, site: &Site<'_>) -> Option<Then> {
    let name = keys::name(decoder.cx.findings, node, "a state")?;
    let Some(flow) = site.scope.flow else {
        decoder.cx.findings.add_with_help(
            &rule::UNKNOWN_STATE,
            node.place,
            format!("there is no flow around this, so there is no state `{name}` to go to"),
            "start a flow: { flow: name }, or say something: { say: template }",
        );
        return None;
    };
    resolve(decoder, flow, site.state, name, node.place)
}

/// Looks a state up: among the siblings, then outward; then as a path; `x.history`.
pub(super) fn resolve(
    decoder: &Decoder<'_>,
    flow: FlowId,
    from: Option<StateId>,
    name: &str,
    place: Place,
) -> Option<Then> {
    let names = &decoder.cx.names.flows[flow.index()];
    if let Some(state) = find(names, from, name) {
        return Some(Then::Target(state));
    }
    if let Some(parent) = name.strip_suffix(".history")
        && let Some(state) = find(names, from, parent)
    {
        return Some(Then::History(state));
    }
    let known = names
        .states
        .iter()
        .flat_map(|state| [state.name.as_str(), state.path.as_str()]);
    decoder.cx.findings.add(
        &rule::UNKNOWN_STATE,
        place,
        format!(
            "no state `{name}` in flow `{}`{}",
            names.name,
            did_you_mean(name, known)
        ),
    );
    None
}

fn find(flow: &FlowNames, from: Option<StateId>, name: &str) -> Option<StateId> {
    let mut around = from.and_then(|state| flow.states[state.index()].parent);
    loop {
        let sibling = flow
            .states
            .iter()
            .position(|state| state.parent == around && state.name == name);
        if let Some(found) = sibling {
            return Some(StateId::from(found));
        }
        match around {
            Some(parent) => around = flow.states[parent.index()].parent,
            None => break,
        }
    }
    flow.states
        .iter()
        .position(|state| state.path == name)
        .map(StateId::from)
}

/// Whether a list handles every case: its last transition has no guard.
pub(super) fn check_last_resort(
    decoder: &Decoder<'_>,
    transitions: &Transitions,
    node: &Node,
    key: &str,
) {
    let written = keys::one_or_many(node).len();
    let last = transitions.last();
    if written == transitions.len() && last.is_some_and(|last| last.guard.is_some()) {
        decoder.cx.findings.add_with_help(
            &rule::NO_LAST_RESORT,
            node.place,
            format!("if none of these guards holds, nothing handles `{key}`"),
            "end the list with a transition without a guard",
        );
    }
}
