//! A flow from its text.

use dialog::*;

use super::bot::{World, keys, slots};
use super::cel;
use super::yaml::Node;

/// The states of the flow that is read: path and node, parents before children.
pub struct States<'n> {
    flow: String,
    all: Vec<(String, Option<usize>, &'n Node)>,
}

pub fn flow(name: &str, node: &Node, w: &World) -> Flow {
    let mut states = States {
        flow: name.to_owned(),
        all: Vec::new(),
    };
    gather(node.get("states").expect("`states`"), None, &mut states);
    let start = node.get("start");
    Flow {
        name: name.to_owned(),
        description: String::new(),
        start: Start {
            intents: start
                .and_then(|start| start.get("intent"))
                .map_or(Vec::new(), |list| {
                    list.list().iter().map(|one| w.intent(one.text())).collect()
                }),
            event: start.and_then(|start| {
                let busy = match start.text_of("busy") {
                    Some("interrupt") => Busy::Interrupt,
                    Some("drop") => Busy::Drop,
                    _ => Busy::Wait,
                };
                Some((w.event(start.text_of("event")?), busy))
            }),
        },
        slots: slots(node.get("slots"), w),
        migration: None,
        returns: None,
        initial: states.find(node.text_of("initial").expect("`initial`"), None),
        states: (0..states.all.len())
            .map(|at| state(at, &states, w))
            .collect(),
        on: node.get("on").map_or(Handlers::default(), |on| {
            handlers(on, name, Some((&states, None)), w)
        }),
        digressions: node.get("digressions").map(|node| digressions(node, w)),
    }
}

fn gather<'n>(node: &'n Node, parent: Option<usize>, states: &mut States<'n>) {
    for (name, state) in node.map() {
        let path = match parent {
            Some(parent) => format!("{}.{name}", states.all[parent].0),
            None => name.clone(),
        };
        states.all.push((path, parent, state));
        let at = states.all.len() - 1;
        if let Some(children) = state.get("states") {
            gather(children, Some(at), states);
        }
    }
}

impl States<'_> {
    /// Among the siblings, then outward; `a.b` is a path from the flow.
    fn find(&self, name: &str, mut from: Option<usize>) -> StateId {
        loop {
            let path = match from {
                Some(parent) => format!("{}.{name}", self.all[parent].0),
                None => name.to_owned(),
            };
            if let Some(at) = self.all.iter().position(|(one, ..)| *one == path) {
                return StateId::from(at);
            }
            match from {
                Some(parent) => from = self.all[parent].1,
                None => panic!("no state `{name}` in `{}`", self.flow),
            }
        }
    }
}

/// Where a transition stands: its flow's states, and the state around it.
pub type Place<'p, 'n> = Option<(&'p States<'n>, Option<usize>)>;

fn state(at: usize, states: &States<'_>, w: &World) -> State {
    let (path, parent, node) = &states.all[at];
    let label = format!("{}.{path}", states.flow);
    // Targets are looked for among the siblings; a compound's own `done` too.
    let place = Some((states, *parent));
    let transitions_of = |key: &str| {
        node.get(key).map_or(Vec::new(), |node| {
            transitions(node, &format!("{label} {key}"), place, w)
        })
    };
    let timed = |key: &str| {
        node.get(key)
            .map_or(&[][..], Node::map)
            .iter()
            .map(|(after, node)| Timed {
                after: parse_duration(after).expect("a duration"),
                then: transitions(node, &format!("{label} {key}"), place, w),
            })
            .collect()
    };
    let kind = if let Some(items) = node.get("collect") {
        StateKind::Collect {
            items: items.list().iter().map(|item| collect(item, w)).collect(),
            done: transitions_of("done"),
        }
    } else if let Some(tool) = node.text_of("call") {
        StateKind::Call {
            tool: w.tool(tool),
            with: named(node.get("with"), w),
            done: transitions_of("done"),
            error: transitions_of("error"),
        }
    } else if let Some(flow) = node.text_of("flow") {
        StateKind::Flow {
            flow: w.flow(flow),
            with: with_flow(flow, node.get("with"), w),
            done: transitions_of("done"),
            error: transitions_of("error"),
        }
    } else if let Some(model) = node.text_of("generate") {
        StateKind::Generate {
            model: w.model(model),
            with: named(node.get("with"), w),
            done: transitions_of("done"),
            error: transitions_of("error"),
        }
    } else if let Some(desk) = node.text_of("handoff") {
        StateKind::Handoff {
            desk: w.desk(desk),
            why: node.text_of("why").unwrap_or_default().to_owned(),
            done: transitions_of("done"),
        }
    } else if node.get("states").is_some() {
        let initial = states.find(node.text_of("initial").expect("`initial`"), Some(at));
        StateKind::Compound {
            initial,
            done: transitions_of("done"),
        }
    } else if node.get("final").is_some() {
        StateKind::Final {
            returns: named(node.get("return"), w),
        }
    } else {
        StateKind::Wait
    };
    State {
        name: path.rsplit('.').next().expect("a name").to_owned(),
        path: path.clone(),
        parent: parent.map(StateId::from),
        say: node.get("say").map_or(Vec::new(), |say| says(say, w)),
        ask: node.get("ask").map_or(Vec::new(), |ask| says(ask, w)),
        choices: choices(node.get("choices"), w),
        on: node
            .get("on")
            .map_or(Handlers::default(), |on| handlers(on, &label, place, w)),
        always: transitions_of("always"),
        after: timed("after"),
        no_input: timed("no_input"),
        attempts: node.get("attempts").map(|attempts| Attempts {
            max: attempts
                .text_of("max")
                .expect("`max`")
                .parse()
                .expect("a number"),
            then: transitions(
                attempts.get("then").expect("`then`"),
                &format!("{label} attempts"),
                place,
                w,
            ),
        }),
        kind,
    }
}

fn choices(node: Option<&Node>, w: &World) -> Vec<ChoiceDeclaration> {
    let Some(node) = node else { return Vec::new() };
    node.list()
        .iter()
        .map(|one| {
            let key = match one {
                Node::Text(key) => key.clone(),
                other => other.text_of("key").expect("`key`").to_owned(),
            };
            ChoiceDeclaration {
                intent: w.intents.contains(&key).then(|| w.intent(&key)),
                label: one
                    .map()
                    .iter()
                    .find(|(key, _)| key == "label")
                    .map(|(_, node)| w.template(node.text())),
                key,
            }
        })
        .collect()
}

fn collect(node: &Node, w: &World) -> CollectItem {
    let is = |key| node.get(key).is_some_and(Node::is_true);
    let says_of = |key| node.get(key).map_or(Vec::new(), |node| says(node, w));
    CollectItem {
        slot: cel::Names::slot(w, node.text_of("slot").expect("`slot`")),
        ask: says_of("ask"),
        when: node.text_of("when").map(|text| cel::parse(text, w)),
        optional: is("optional"),
        again: is("again"),
        accept: node.text_of("accept").map(|text| cel::parse(text, w)),
        reject: says_of("reject"),
        confirm: says_of("confirm"),
        verbatim: is("verbatim"),
        choices: choices(node.get("choices"), w),
        label: node.text_of("label").map(|name| w.template(name)),
    }
}

pub fn says(node: &Node, w: &World) -> Vec<Say> {
    node.list()
        .iter()
        .map(|one| match one {
            Node::Text(name) => Say::Template {
                template: w.template(name),
                with: Vec::new(),
            },
            other => match other.text_of("pause") {
                Some(pause) => Say::Pause(parse_duration(pause).expect("a duration")),
                None => Say::Template {
                    template: w.template(other.text_of("template").expect("`template`")),
                    with: named(other.get("with"), w),
                },
            },
        })
        .collect()
}

pub fn named(node: Option<&Node>, w: &World) -> Vec<(String, Expression)> {
    let fields = node.map_or(&[][..], Node::map);
    fields
        .iter()
        .map(|(name, one)| (name.clone(), cel::parse(one.text(), w)))
        .collect()
}

thread_local! {
    static SLOTS: std::cell::RefCell<std::collections::BTreeMap<String, Vec<String>>> = Default::default();
}

/// Tells the reader the slots of another flow, for `with`.
pub fn know_slots(flows: &Node) {
    SLOTS.with_borrow_mut(|all| {
        for (name, flow) in flows.map() {
            all.insert(name.clone(), keys(flow, "slots"));
        }
    });
}

fn with_flow(flow: &str, node: Option<&Node>, w: &World) -> Vec<(u16, Expression)> {
    let slots = SLOTS.with_borrow(|all| all.get(flow).cloned().unwrap_or_default());
    named(node, w)
        .into_iter()
        .map(|(name, expression)| {
            (
                super::bot::index(&slots, &name, "slot of the flow") as u16,
                expression,
            )
        })
        .collect()
}

pub fn words(rest: &str) -> Vec<String> {
    let list = rest
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split(',');
    list.map(|one| one.trim().to_owned()).collect()
}

pub fn handlers(node: &Node, label: &str, place: Place<'_, '_>, w: &World) -> Handlers {
    let handlers = node.map().iter().map(|(key, then)| {
        let trigger = match key.split_once('.') {
            Some(("intent", names)) => {
                Trigger::Intent(words(names).iter().map(|name| w.intent(name)).collect())
            }
            Some(("choice", key)) => Trigger::Choice(key.to_owned()),
            Some(("event", name)) if w.events.iter().any(|one| one == name) => {
                Trigger::Event(w.event(name))
            }
            Some(("event", name)) => Trigger::CoreEvent(name.to_owned()),
            Some(("entity", name)) => Trigger::Entity(cel::Names::entity(w, name)),
            Some(("desk", name)) => Trigger::Desk(name.to_owned()),
            _ => match key.as_str() {
                "attachment" => Trigger::Attachment,
                "cancel" => Trigger::Cancel,
                "no_match" => Trigger::NoMatch,
                other => panic!("no trigger `{other}`"),
            },
        };
        (
            trigger,
            transitions(then, &format!("{label} on {key}"), place, w),
        )
    });
    Handlers(handlers.collect())
}

pub fn transitions(node: &Node, label: &str, place: Place<'_, '_>, w: &World) -> Transitions {
    node.list()
        .iter()
        .map(|one| transition(one, label, place, w))
        .collect()
}

fn transition(node: &Node, label: &str, place: Place<'_, '_>, w: &World) -> Transition {
    let id = {
        let mut all = w.transitions.lock().expect("one thread");
        all.push(TransitionInfo {
            label: label.to_owned(),
            file: String::new(),
            line: 0,
            guard: node
                .get_in_map("guard")
                .map(|guard| guard.text().to_owned()),
        });
        TransitionId::from(all.len() - 1)
    };
    let expression = |key: &str| node.get_in_map(key).map(|text| cel::parse(text.text(), w));
    let set = node.get_in_map("set").map_or(&[][..], Node::map);
    let (locale, set): (Vec<_>, Vec<_>) = set.iter().partition(|(name, _)| name == "locale");
    Transition {
        id,
        guard: expression("guard"),
        set: set
            .iter()
            .map(|(name, one)| (cel::Names::slot(w, name), cel::parse(one.text(), w)))
            .collect(),
        set_locale: locale.first().map(|(_, one)| cel::parse(one.text(), w)),
        say: node
            .get_in_map("say")
            .map_or(Vec::new(), |say| says(say, w)),
        clear: slot_list(node.get_in_map("clear"), w),
        forget: node.get_in_map("forget").map(|what| match what {
            Node::Text(text) if text == "user" => Forget::User,
            list => Forget::Slots(slot_list(Some(list), w)),
        }),
        schedule: node.get_in_map("schedule").map(|node| ScheduleDeclaration {
            event: w.event(node.text_of("event").expect("`event`")),
            at: cel::parse(node.text_of("at").expect("`at`"), w),
            with: named(node.get("with"), w),
        }),
        raise: node.get_in_map("raise").map(|one| match one {
            Node::Text(name) => (w.event(name), Vec::new()),
            map => (
                w.event(map.text_of("event").expect("`event`")),
                named(map.get("with"), w),
            ),
        }),
        miss: node.get_in_map("miss").is_some_and(Node::is_true),
        then: then(node, place, w),
    }
}

fn slot_list(node: Option<&Node>, w: &World) -> Vec<SlotRef> {
    let Some(node) = node else { return Vec::new() };
    node.list()
        .iter()
        .map(|one| cel::Names::slot(w, one.text()))
        .collect()
}

fn then(node: &Node, place: Place<'_, '_>, w: &World) -> Then {
    let target = match node {
        Node::Text(name) => Some(name.as_str()),
        other => other.text_of("target"),
    };
    if let Some(name) = target {
        let (states, from) = place.expect("only a flow's transitions have a target");
        return match name.strip_suffix(".history") {
            Some(compound) => Then::History(states.find(compound, from)),
            None => Then::Target(states.find(name, from)),
        };
    }
    if let Some(desk) = node.text_of("handoff") {
        let why = node.text_of("why").unwrap_or_default().to_owned();
        return Then::Handoff {
            desk: w.desk(desk),
            why,
        };
    }
    if node.get("cancel").is_some() {
        return Then::Cancel;
    }
    if let Some(model) = node.text_of("generate") {
        return Then::Generate(w.model(model));
    }
    match node.text_of("flow") {
        Some(flow) => Then::Flow {
            flow: w.flow(flow),
            with: with_flow(flow, node.get("with"), w),
        },
        None => Then::Stay,
    }
}

fn digressions(node: &Node, w: &World) -> Digressions {
    Digressions {
        allow: match node.get("allow") {
            None => Allow::Answers,
            Some(Node::Text(text)) => match text.as_str() {
                "none" => Allow::None,
                "flows" => Allow::Flows,
                "all" => Allow::All,
                _ => Allow::Answers,
            },
            Some(list) => {
                let names = || list.list().iter().map(|one| one.text().to_owned());
                Allow::Named {
                    flows: names()
                        .filter(|name| w.flows.contains(name))
                        .map(|name| w.flow(&name))
                        .collect(),
                    answers: names()
                        .filter(|name| w.intents.contains(name))
                        .map(|name| w.intent(&name))
                        .collect(),
                }
            }
        },
        refuse: node.get("refuse").map(|say| says(say, w)),
        later: node.get("later").is_some_and(Node::is_true),
        depth: node
            .text_of("depth")
            .map_or(3, |text| text.parse().expect("a number")),
        on_resume: node.get("on_resume").map_or(Vec::new(), |say| says(say, w)),
    }
}

impl Node {
    /// The value of a key if this is a map.
    fn get_in_map(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(_) => self.get(key),
            _ => None,
        }
    }
}
