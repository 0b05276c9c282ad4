//! States.

use dialog::{Attempts, FlowId, State, StateId, StateKind, Timed, Transitions, ValueType};

use super::actions::{self, typed};
use super::collect::{choices, collect};
use super::handlers::handlers;
use super::keys::{self, Keys};
use super::record::{Decoder, Point, Spot};
use super::say::{SaidAt, say_under};
use super::transition::{Site, check_last_resort, resolve, transitions, transitions_under, why};
use crate::expression::{Scope, Ty};
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::Node;

/// What a state can do; at most one of these.
const KINDS: &[&str] = &[
    "collect", "call", "flow", "generate", "handoff", "states", "final",
];

/// Reads the state with that id.
pub(super) fn state(decoder: &Decoder<'_>, node: &Node, flow: FlowId, id: StateId) -> State {
    let names = &decoder.cx.names.flows[flow.index()];
    let name = &names.states[id.index()];
    let scope = scope_of(decoder, flow, &name.path);
    let mut state = State {
        name: name.name.clone(),
        path: name.path.clone(),
        parent: name.parent,
        say: Vec::new(),
        ask: Vec::new(),
        choices: Vec::new(),
        on: dialog::Handlers::default(),
        always: Transitions::new(),
        after: Vec::new(),
        no_input: Vec::new(),
        attempts: None,
        kind: StateKind::Wait,
    };
    let Some(keys) = Keys::read(decoder.cx.findings, node, &schema::STATE) else {
        return state;
    };
    let reader = Reader {
        decoder,
        keys,
        flow,
        id,
        place: name.place,
        scope: &scope,
        label: format!("{}.{}", names.name, name.path),
    };
    reader.record_places();
    state.say = say_under(decoder, keys, "say", reader.said(Point::Enter));
    state.ask = say_under(decoder, keys, "ask", reader.said(Point::Ask));
    state.choices = keys
        .get("choices")
        .map(|node| choices(decoder, node, flow, id))
        .unwrap_or_default();
    state.on = keys
        .get("on")
        .map(|node| handlers(decoder, node, &reader.site("")))
        .unwrap_or_default();
    state.always = transitions_under(decoder, keys, "always", &reader.site(" always"));
    state.after = reader.timed("after");
    state.no_input = reader.timed("no_input");
    state.attempts = reader.attempts();
    state.kind = reader.kind().unwrap_or(StateKind::Wait);
    state
}

/// What is known in a state: where an event started the flow, its first state knows the event's data.
fn scope_of(decoder: &Decoder<'_>, flow: FlowId, path: &str) -> Scope {
    let names = &decoder.cx.names.flows[flow.index()];
    let scope = Scope::of_flow(flow);
    let event = names
        .start_event
        .as_ref()
        .filter(|_| names.initial == path)
        .and_then(|name| {
            decoder
                .cx
                .names
                .events
                .iter()
                .find(|event| event.name == *name)
        });
    match event {
        Some(event) => scope.with_event(event.fields.clone()),
        None => scope,
    }
}

struct Reader<'a> {
    decoder: &'a Decoder<'a>,
    keys: Keys<'a>,
    flow: FlowId,
    id: StateId,
    place: Place,
    scope: &'a Scope,
    label: String,
}

impl<'a> Reader<'a> {
    fn said(&self, point: Point) -> SaidAt<'_> {
        SaidAt {
            spot: Spot::State(self.flow, self.id, point),
            scope: self.scope,
            label: &self.label,
        }
    }

    fn site(&self, what: &str) -> Site<'_> {
        Site {
            scope: self.scope,
            state: Some(self.id),
            label: format!("{}{what}", self.label),
        }
    }

    fn record_places(&self) {
        let mut records = self.decoder.records.borrow_mut();
        for key in schema::STATE.names() {
            if let Some((found, _)) = self.keys.entry(key) {
                records
                    .state_keys
                    .insert((self.flow, self.id, key), found.place);
            }
        }
    }

    fn timed(&self, key: &str) -> Vec<Timed> {
        let findings = self.decoder.cx.findings;
        let Some(node) = self.keys.get(key) else {
            return Vec::new();
        };
        let entries = keys::map(findings, node, &format!("`{key}`")).unwrap_or_default();
        entries
            .iter()
            .filter_map(|(time, node)| {
                let after = keys::duration_text(findings, time.place, &time.text, key);
                let site = self.site(&format!(" {key} {}", time.text));
                let then = transitions(self.decoder, node, &site);
                Some(Timed {
                    after: after?,
                    then,
                })
            })
            .collect()
    }

    fn attempts(&self) -> Option<Attempts> {
        let findings = self.decoder.cx.findings;
        let keys = Keys::read(findings, self.keys.get("attempts")?, &schema::ATTEMPTS)?;
        let max = keys
            .required(findings, "max")
            .and_then(|node| keys::whole(findings, node, "max", 1));
        let then = keys
            .required(findings, "then")
            .map(|node| transitions(self.decoder, node, &self.site(" attempts")));
        Some(Attempts {
            max: max?,
            then: then?,
        })
    }

    fn kind(&self) -> Option<StateKind> {
        let keys = self.keys;
        keys.at_most_one(self.decoder.cx.findings, KINDS);
        let kind = keys.present(KINDS).first().map(|key| key.text.as_str());
        self.check_companions(kind);
        match kind? {
            "collect" => self.collect(),
            "call" => self.call(),
            "flow" => self.sub_flow(),
            "generate" => self.generate(),
            "handoff" => self.handoff(),
            "states" => self.compound(),
            _ => self.last(),
        }
    }

    /// Keys that mean nothing without the one that they belong to.
    fn check_companions(&self, kind: Option<&str>) {
        const COMPANIONS: &[(&str, &[&str])] = &[
            ("with", &["call", "flow", "generate"]),
            ("error", &["call", "flow", "generate"]),
            (
                "done",
                &["collect", "call", "flow", "generate", "handoff", "states"],
            ),
            ("why", &["handoff"]),
            ("initial", &["states"]),
            ("return", &["final"]),
        ];
        for (companion, kinds) in COMPANIONS {
            if let Some((key, _)) = self.keys.entry(companion)
                && !kind.is_some_and(|kind| kinds.contains(&kind))
            {
                self.decoder.cx.findings.add(
                    &rule::CONFLICTING_KEYS,
                    key.place,
                    format!("`{companion}` only goes with {}", kinds.join(", ")),
                );
            }
        }
    }

    fn collect(&self) -> Option<StateKind> {
        let node = self.keys.get("collect")?;
        let items = collect(self.decoder, node, self.flow, self.id, &self.label);
        if items.is_empty() && node.as_list().is_some_and(<[Node]>::is_empty) {
            self.decoder.cx.findings.add(
                &rule::EMPTY_VALUE,
                node.place,
                "`collect` asks for nothing",
            );
        }
        Some(StateKind::Collect {
            items,
            done: self.outcome("done", self.scope),
        })
    }

    fn call(&self) -> Option<StateKind> {
        let tool = actions::tool(self.decoder, self.keys.get("call")?);
        let declared = tool.map(|tool| &self.decoder.cx.names.tools[tool.index()]);
        let result = declared
            .and_then(|tool| tool.returns.clone())
            .map_or(Ty::Any, Ty::Of);
        let spot = Spot::State(self.flow, self.id, Point::Effects);
        let node = self.keys.get("with");
        let with = match declared {
            Some(tool) => Some(actions::tool_arguments(
                self.decoder,
                tool,
                node,
                self.place,
                self.scope,
                spot,
            )),
            None => node.map(|node| actions::expressions(self.decoder, node, self.scope, spot)),
        };
        let (done, error) = self.outcomes(result);
        Some(StateKind::Call {
            tool: tool?,
            with: with?,
            done,
            error,
        })
    }

    fn sub_flow(&self) -> Option<StateKind> {
        let flow = actions::flow(self.decoder, self.keys.get("flow")?);
        let result = flow
            .and_then(|flow| self.decoder.cx.names.flows[flow.index()].returns.clone())
            .map_or(Ty::Any, Ty::Of);
        let with = flow.map(|flow| {
            let spot = Spot::State(self.flow, self.id, Point::Effects);
            actions::flow_arguments(self.decoder, flow, self.keys.get("with"), self.scope, spot)
        });
        let (done, error) = self.outcomes(result);
        Some(StateKind::Flow {
            flow: flow?,
            with: with?,
            done,
            error,
        })
    }

    fn generate(&self) -> Option<StateKind> {
        let model = actions::model(self.decoder, self.keys.get("generate")?);
        let spot = Spot::State(self.flow, self.id, Point::Effects);
        let with = self
            .keys
            .get("with")
            .map(|node| actions::expressions(self.decoder, node, self.scope, spot))
            .unwrap_or_default();
        let (done, error) = self.outcomes(generated());
        Some(StateKind::Generate {
            model: model?,
            with,
            done,
            error,
        })
    }

    fn handoff(&self) -> Option<StateKind> {
        let desk = actions::desk(self.decoder, self.keys.get("handoff")?);
        let why = why(self.decoder, self.keys);
        let done = self.outcome("done", self.scope);
        Some(StateKind::Handoff {
            desk: desk?,
            why: why?,
            done,
        })
    }

    fn compound(&self) -> Option<StateKind> {
        let findings = self.decoder.cx.findings;
        let node = self.keys.required(findings, "initial");
        let done = transitions_under(self.decoder, self.keys, "done", &self.site(" done"));
        let node = node?;
        let name = keys::name(findings, node, "a state")?;
        let states = &self.decoder.cx.names.flows[self.flow.index()].states;
        let inside = states
            .iter()
            .position(|state| state.parent == Some(self.id) && state.name == name);
        if inside.is_none() {
            let known = states
                .iter()
                .filter(|state| state.parent == Some(self.id))
                .map(|state| state.name.as_str());
            findings.add(
                &rule::UNKNOWN_STATE,
                node.place,
                format!(
                    "no state `{name}` within `{}`{}",
                    states[self.id.index()].name,
                    crate::names::did_you_mean(name, known)
                ),
            );
        }
        Some(StateKind::Compound {
            initial: StateId::from(inside?),
            done,
        })
    }

    fn last(&self) -> Option<StateKind> {
        let findings = self.decoder.cx.findings;
        let node = self.keys.get("final")?;
        if keys::bool(findings, node, "final") == Some(false) {
            findings.add(
                &rule::WRONG_VALUE,
                node.place,
                "`final` is `true` or left out",
            );
        }
        let wanted = self.decoder.cx.names.flows[self.flow.index()]
            .returns
            .clone();
        let is_inner = self.decoder.cx.names.flows[self.flow.index()].states[self.id.index()]
            .parent
            .is_some();
        let returns = self.returns(wanted.as_ref().filter(|_| !is_inner));
        Some(StateKind::Final { returns })
    }

    /// What a final state returns, by the flow's declaration.
    fn returns(&self, wanted: Option<&ValueType>) -> Vec<(String, dialog::Expression)> {
        let findings = self.decoder.cx.findings;
        let fields = match wanted {
            Some(ValueType::Map(fields)) => Some(fields),
            _ => None,
        };
        let Some(node) = self.keys.get("return") else {
            if fields.is_some_and(|fields| !fields.is_empty()) {
                findings.add(
                    &rule::MISSING_KEY,
                    self.place,
                    "the flow `returns` a value, but this final state has no `return`",
                );
            }
            return Vec::new();
        };
        let entries = keys::map(findings, node, "`return`").unwrap_or_default();
        for name in fields.into_iter().flatten().map(|(name, _)| name) {
            if !entries.iter().any(|(key, _)| key.text == *name) {
                findings.add(
                    &rule::MISSING_KEY,
                    node.place,
                    format!("`return` needs a value for `{name}`"),
                );
            }
        }
        let spot = Spot::State(self.flow, self.id, Point::Effects);
        entries
            .iter()
            .filter_map(|(key, value)| {
                let wanted = fields.map(|fields| fields.get(&key.text));
                if wanted == Some(None) || fields.is_none() {
                    findings.add(
                        &rule::UNKNOWN_ARGUMENT,
                        key.place,
                        format!("the flow's `returns` has no `{}`", key.text),
                    );
                }
                let lowered = match wanted.flatten() {
                    Some(wanted) => typed(self.decoder, value, self.scope, spot, wanted),
                    None => actions::expression(self.decoder, value, self.scope, spot),
                }?;
                actions::refuse_secret(
                    self.decoder,
                    self.scope.flow,
                    &lowered,
                    "the flow that called this one",
                );
                Some((key.text.clone(), lowered.expression))
            })
            .collect()
    }

    fn outcomes(&self, result: Ty) -> (Transitions, Transitions) {
        let done = self.outcome("done", &self.scope.with_result(result));
        let error = self.outcome("error", &self.scope.with_error());
        (done, error)
    }

    /// An outcome that must be handled in every case.
    fn outcome(&self, key: &'static str, scope: &Scope) -> Transitions {
        let Some(node) = self.keys.get(key) else {
            self.decoder.cx.findings.add_with_help(
                &rule::MISSING_OUTCOME,
                self.place,
                format!(
                    "the state `{}` does not say where it goes on `{key}`",
                    self.label
                ),
                format!("add `{key}: …`"),
            );
            return Transitions::new();
        };
        let site = Site {
            scope,
            state: Some(self.id),
            label: format!("{} {key}", self.label),
        };
        let read = transitions(self.decoder, node, &site);
        check_last_resort(self.decoder, &read, node, key);
        read
    }
}

/// What a model's answer gives: the text, how far it is supported, its sources.
pub(super) fn generated() -> Ty {
    let fields = [
        ("text".to_owned(), ValueType::Text),
        ("score".to_owned(), ValueType::Number),
        (
            "sources".to_owned(),
            ValueType::List {
                of: Box::new(ValueType::Text),
                max: dialog::Value::LIST_MAX,
            },
        ),
    ];
    Ty::Of(ValueType::Map(fields.into_iter().collect()))
}

/// The state that a flow begins in.
pub(super) fn initial(decoder: &Decoder<'_>, node: &Node, flow: FlowId) -> Option<StateId> {
    let name = keys::name(decoder.cx.findings, node, "a state")?;
    match resolve(decoder, flow, None, name, node.place)? {
        dialog::Then::Target(state) => Some(state),
        _ => None,
    }
}
