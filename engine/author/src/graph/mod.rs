//! A flow as a picture: Mermaid and DOT for other people's tools, SVG for a browser.
//!
//! The three are drawn from one plain [`Diagram`]; what a state machine looks like is decided here once.

mod dot;
mod mermaid;
mod svg;

use dialog::{
    Bot, Flow, FlowId, Handlers, State, StateId, StateKind, Then, Timed, Transitions, Trigger,
};

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

/// A flow's states and the ways between them, in the author's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// The flow's name.
    pub title: String,
    /// One a state; compound states stand before the states in them.
    pub nodes: Vec<Node>,
    /// One a transition that leads somewhere, and one a state that hands over to something outside the flow.
    pub edges: Vec<Edge>,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its path in the flow.
    pub path: String,
    /// What it does, in a few words: `asks card_type, last4`, `calls find_cards`.
    pub does: String,
    /// The path of the compound state around it.
    pub parent: Option<String>,
    /// What it is to the reader.
    pub kind: NodeKind,
}

/// What a state is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NodeKind {
    Initial,
    Waits,
    Works,
    Person,
    Compound,
    Final,
}

/// A way from a state to another, or to one of [`CANCELLED`], [`PERSON`], `flow NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// A state's path.
    pub from: String,
    /// A state's path, or what lies outside the flow.
    pub to: String,
    /// What takes it: `intent.affirm`, `done, if …`, `after 5m`.
    pub label: String,
}

/// Where `cancel: flow` leads.
pub const CANCELLED: &str = "cancelled";
/// Where a handoff from a transition leads.
pub const PERSON: &str = "a person";

/// The picture of one flow.
pub fn diagram(bot: &Bot, flow: FlowId) -> Diagram {
    let flow = &bot.flows[flow.index()];
    let mut edges = Vec::new();
    for (from, handlers) in handlers(flow) {
        for (trigger, transitions) in &handlers.0 {
            leads(
                bot,
                flow,
                &from,
                &trigger_name(bot, trigger),
                transitions,
                &mut edges,
            );
        }
    }
    for state in &flow.states {
        state_edges(bot, flow, state, &mut edges);
    }
    edges.dedup();
    let nodes = flow
        .states
        .iter()
        .enumerate()
        .map(|(index, state)| node(bot, flow, StateId::from(index), state))
        .collect();
    Diagram {
        title: flow.name.clone(),
        nodes,
        edges,
    }
}

/// The handlers of each state, and those of the flow, which are drawn from its initial state.
fn handlers(flow: &Flow) -> Vec<(String, &Handlers)> {
    let initial = flow.states[flow.initial.index()].path.clone();
    let own = flow
        .states
        .iter()
        .map(|state| (state.path.clone(), &state.on));
    std::iter::once((initial, &flow.on)).chain(own).collect()
}

fn node(bot: &Bot, flow: &Flow, id: StateId, state: &State) -> Node {
    let kind = match &state.kind {
        StateKind::Final { .. } => NodeKind::Final,
        StateKind::Handoff { .. } => NodeKind::Person,
        StateKind::Compound { .. } => NodeKind::Compound,
        _ if id == flow.initial => NodeKind::Initial,
        StateKind::Wait if state.always.is_empty() => NodeKind::Waits,
        StateKind::Collect { .. } => NodeKind::Waits,
        StateKind::Wait
        | StateKind::Call { .. }
        | StateKind::Flow { .. }
        | StateKind::Generate { .. } => NodeKind::Works,
    };
    let parent = state
        .parent
        .map(|parent| flow.states[parent.index()].path.clone());
    Node {
        path: state.path.clone(),
        does: does(bot, flow, state),
        parent,
        kind,
    }
}

fn does(bot: &Bot, flow: &Flow, state: &State) -> String {
    match &state.kind {
        StateKind::Collect { items, .. } => {
            let slots: Vec<&str> = items
                .iter()
                .map(|item| slot_name(bot, flow, item.slot))
                .collect();
            format!("asks {}", slots.join(", "))
        }
        StateKind::Call { tool, .. } => format!("calls {}", bot.tools[tool.index()].name),
        StateKind::Flow { flow, .. } => format!("runs {}", bot.flows[flow.index()].name),
        StateKind::Generate { model, .. } => format!("{} answers", bot.models[model.index()].name),
        StateKind::Handoff { desk, .. } => {
            format!("hands over to {}", bot.desks[desk.index()].name)
        }
        StateKind::Wait | StateKind::Compound { .. } | StateKind::Final { .. } => String::new(),
    }
}

fn slot_name<'a>(bot: &'a Bot, flow: &'a Flow, slot: dialog::SlotRef) -> &'a str {
    match slot {
        dialog::SlotRef::Flow(index) => &flow.slots[usize::from(index)].name,
        dialog::SlotRef::Shared(index) => &bot.slots[usize::from(index)].name,
    }
}

fn state_edges(bot: &Bot, flow: &Flow, state: &State, edges: &mut Vec<Edge>) {
    let mut add = |label: &str, transitions: &Transitions| {
        leads(bot, flow, &state.path, label, transitions, edges)
    };
    match &state.kind {
        StateKind::Collect { done, .. }
        | StateKind::Handoff { done, .. }
        | StateKind::Compound { done, .. } => add("done", done),
        StateKind::Call { done, error, .. }
        | StateKind::Flow { done, error, .. }
        | StateKind::Generate { done, error, .. } => {
            add("done", done);
            add("error", error);
        }
        StateKind::Wait | StateKind::Final { .. } => {}
    }
    add("", &state.always);
    for (word, timers) in [("after", &state.after), ("no input for", &state.no_input)] {
        for Timed { after, then } in timers {
            add(&format!("{word} {after:#}"), then);
        }
    }
    if let Some(attempts) = &state.attempts {
        add(&format!("{} misses", attempts.max), &attempts.then);
    }
}

/// Adds an edge for each transition that leads out of the state.
fn leads(
    bot: &Bot,
    flow: &Flow,
    from: &str,
    label: &str,
    transitions: &Transitions,
    edges: &mut Vec<Edge>,
) {
    for transition in transitions {
        let to = match &transition.then {
            Then::Stay | Then::Generate(_) => continue,
            Then::Target(state) | Then::History(state) => flow.states[state.index()].path.clone(),
            Then::Handoff { .. } => PERSON.to_owned(),
            Then::Cancel => CANCELLED.to_owned(),
            Then::Flow { flow, .. } => format!("flow {}", bot.flows[flow.index()].name),
        };
        let label = if transition.guard.is_some() {
            format!("{label} [if]").trim().to_owned()
        } else {
            label.to_owned()
        };
        edges.push(Edge {
            from: from.to_owned(),
            to,
            label,
        });
    }
}

fn trigger_name(bot: &Bot, trigger: &Trigger) -> String {
    match trigger {
        Trigger::Intent(intents) => {
            let names: Vec<&str> = intents
                .iter()
                .map(|intent| bot.intents[intent.index()].name.as_str())
                .collect();
            names.join(", ")
        }
        Trigger::Choice(key) => format!("choice {key}"),
        Trigger::Event(event) => format!("event {}", bot.events[event.index()].name),
        Trigger::CoreEvent(name) => format!("event {name}"),
        Trigger::Entity(entity) => format!("entity {}", bot.entities[entity.index()].name),
        Trigger::Desk(event) => format!("desk {event}"),
        Trigger::Attachment => "a file".to_owned(),
        Trigger::Cancel => "cancel".to_owned(),
        Trigger::NoMatch => "no match".to_owned(),
    }
}
