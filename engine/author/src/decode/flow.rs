//! Flows and answers.

use std::collections::BTreeMap;

use dialog::{
    Allow, Answer, AnswerKind, Busy, Digressions, EventId, Flow, FlowId, IntentId, Start, StateId,
    ValueType,
};

use super::actions;
use super::answers::answer;
use super::handlers::{handlers, intent};
use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use super::say::{SaidAt, say_under};
use super::state::{initial, state};
use super::transition::Site;
use crate::expression::Scope;
use crate::names::did_you_mean;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// How deep digressions go when the author does not say.
const DEPTH: u8 = 3;

/// Reads all flows, in the order of their names.
pub(crate) fn flows(decoder: &Decoder<'_>, nodes: &BTreeMap<String, &Node>) -> Vec<Flow> {
    decoder
        .cx
        .names
        .flows
        .iter()
        .enumerate()
        .filter_map(|(number, names)| {
            let node = nodes.get(&names.name)?;
            Some(flow(decoder, node, FlowId::from(number)))
        })
        .collect()
}

fn flow(decoder: &Decoder<'_>, node: &Node, id: FlowId) -> Flow {
    let names = &decoder.cx.names.flows[id.index()];
    let findings = decoder.cx.findings;
    let scope = Scope::of_flow(id);
    let mut flow = Flow {
        name: names.name.clone(),
        description: String::new(),
        start: Start::default(),
        slots: names.slots.clone(),
        returns: names.returns.clone(),
        initial: StateId(0),
        states: states(decoder, node, id),
        on: dialog::Handlers::default(),
        digressions: None,
        migration: None,
    };
    let Some(keys) = Keys::quiet(node, &schema::FLOW) else {
        return flow;
    };
    if let Some(node) = keys.get("description") {
        flow.description = keys::text(findings, node, "`description`")
            .unwrap_or_default()
            .to_owned();
    }
    if let Some(node) = keys.get("start") {
        flow.start = start(decoder, node);
    }
    if let Some(node) = keys.required(findings, "initial") {
        flow.initial = initial(decoder, node, id).unwrap_or(StateId(0));
    }
    if let Some(node) = keys.get("on") {
        let site = Site {
            scope: &scope,
            state: None,
            label: names.name.clone(),
        };
        flow.on = handlers(decoder, node, &site);
    }
    flow.digressions = keys
        .get("digressions")
        .and_then(|node| digressions(decoder, node, id));
    if let Some(node) = keys.get("migrate") {
        flow.migration = super::migrate::migration(decoder, node, id);
    }
    flow
}

/// The states in the order of their ids: the names were read in the same order.
fn states(decoder: &Decoder<'_>, node: &Node, flow: FlowId) -> Vec<dialog::State> {
    let names = &decoder.cx.names.flows[flow.index()].states;
    names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let found = name
                .path
                .split('.')
                .try_fold(node, |around, step| around.get("states")?.get(step));
            state(decoder, found.unwrap_or(node), flow, StateId::from(number))
        })
        .collect()
}

fn start(decoder: &Decoder<'_>, node: &Node) -> Start {
    let findings = decoder.cx.findings;
    let Some(keys) = Keys::read(findings, node, &schema::START) else {
        return Start::default();
    };
    let intents = keys
        .get("intent")
        .map(|node| intents(decoder, node))
        .unwrap_or_default();
    let busy = [
        ("wait", Busy::Wait),
        ("interrupt", Busy::Interrupt),
        ("drop", Busy::Drop),
    ];
    let busy = keys
        .get("busy")
        .and_then(|node| keys::word(findings, node, "busy", &busy))
        .unwrap_or_default();
    let event: Option<EventId> = keys
        .get("event")
        .and_then(|node| actions::event(decoder, node));
    Start {
        intents,
        event: event.map(|event| (event, busy)),
    }
}

fn intents(decoder: &Decoder<'_>, node: &Node) -> Vec<IntentId> {
    keys::one_or_many(node)
        .iter()
        .filter_map(|one| {
            let name = keys::name(decoder.cx.findings, one, "an intent")?;
            intent(decoder, name, one.place)
        })
        .collect()
}

fn digressions(decoder: &Decoder<'_>, node: &Node, flow: FlowId) -> Option<Digressions> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node, &schema::DIGRESSIONS)?;
    let label = format!("{} digressions", decoder.cx.names.flows[flow.index()].name);
    let scope = Scope::of_flow(flow);
    let wanted = [("wanted".to_owned(), ValueType::Text)];
    let refusing = scope.with_event(wanted.into_iter().collect());
    let said = |scope| SaidAt {
        spot: Spot::Flow(flow),
        scope,
        label: &label,
    };
    let refuse = say_under(decoder, keys, "refuse", said(&refusing));
    Some(Digressions {
        allow: keys
            .get("allow")
            .and_then(|node| allow(decoder, node))
            .unwrap_or(Allow::Answers),
        refuse: (!refuse.is_empty()).then_some(refuse),
        later: keys
            .get("later")
            .and_then(|node| keys::bool(findings, node, "later"))
            .unwrap_or(false),
        depth: keys
            .get("depth")
            .and_then(|node| keys::whole(findings, node, "depth", 1))
            .map_or(DEPTH, |depth| u8::try_from(depth).unwrap_or(u8::MAX)),
        on_resume: say_under(decoder, keys, "on_resume", said(&scope)),
    })
}

fn allow(decoder: &Decoder<'_>, node: &Node) -> Option<Allow> {
    let findings = decoder.cx.findings;
    if node.as_list().is_none() {
        let words = [("none", 0), ("answers", 1), ("flows", 2), ("all", 3)];
        return Some(match keys::word(findings, node, "allow", &words)? {
            0 => Allow::None,
            1 => Allow::Answers,
            2 => Allow::Flows,
            _ => Allow::All,
        });
    }
    let names = decoder.cx.names;
    let (mut flows, mut answers) = (Vec::new(), Vec::new());
    for one in keys::one_or_many(node) {
        let name = keys::name(findings, one, "a flow or answer")?;
        match (names.flow(name), names.answers.contains(name)) {
            (Some(flow), _) => flows.push(flow),
            (None, true) => answers.extend(names.intent(name)),
            (None, false) => {
                let known = names.flows.iter().map(|flow| flow.name.as_str());
                let known = known.chain(names.answers.iter().map(String::as_str));
                findings.add(
                    &rule::UNKNOWN_FLOW,
                    one.place,
                    format!("no flow or answer `{name}`{}", did_you_mean(name, known)),
                );
            }
        }
    }
    Some(Allow::Named { flows, answers })
}

/// Reads the answers of one file.
pub(crate) fn answers_of(
    decoder: &Decoder<'_>,
    node: &Node,
    read: &mut BTreeMap<IntentId, Answer>,
) {
    let findings = decoder.cx.findings;
    let Some(keys) = Keys::read(findings, node, &schema::ANSWERS) else {
        return;
    };
    let entries = keys
        .get("answers")
        .and_then(|node| keys::map(findings, node, "`answers`"))
        .unwrap_or_default();
    for (key, value) in entries {
        one_answer(decoder, key, value, read);
    }
}

fn one_answer(
    decoder: &Decoder<'_>,
    key: &Key,
    value: &Node,
    read: &mut BTreeMap<IntentId, Answer>,
) {
    let id = intent(decoder, &key.text, key.place);
    let kind: Option<AnswerKind> = answer(decoder, key, value);
    let (Some(id), Some(kind)) = (id, kind) else {
        return;
    };
    if read.insert(id, Answer { kind }).is_some() {
        decoder.cx.findings.add(
            &rule::DUPLICATE_NAME,
            key.place,
            format!("`{}` is answered twice", key.text),
        );
    }
}
