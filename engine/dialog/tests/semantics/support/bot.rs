//! A bot from one text: what bot.yaml, tools.yaml, the flows and the answers hold, under the keys `flows`, `answers`, `tools`,
//! `entities` (name → type) and `templates` (name → what it reads); all else as in bot.yaml.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use dialog::*;

use super::cel::Names;
use super::flow;
use super::yaml::{self, Node};

/// The names of a bot while it is read.
pub struct World {
    pub intents: Vec<String>,
    pub entities: Vec<(String, ValueType)>,
    pub events: Vec<String>,
    pub tools: Vec<String>,
    pub models: Vec<String>,
    pub desks: Vec<String>,
    pub flows: Vec<String>,
    pub shared: Vec<String>,
    /// The slots of the flow that is read.
    pub own: Vec<String>,
    pub templates: Vec<String>,
    pub transitions: Mutex<Vec<TransitionInfo>>,
}

const BUILT_IN: [(&str, BuiltInIntent); 11] = [
    ("affirm", BuiltInIntent::Affirm),
    ("back", BuiltInIntent::Back),
    ("cancel", BuiltInIntent::Cancel),
    ("correct", BuiltInIntent::Correct),
    ("deny", BuiltInIntent::Deny),
    ("done", BuiltInIntent::Done),
    ("help", BuiltInIntent::Help),
    ("maybe", BuiltInIntent::Maybe),
    ("repeat", BuiltInIntent::Repeat),
    ("skip", BuiltInIntent::Skip),
    ("talk_to_person", BuiltInIntent::TalkToPerson),
];

const BUILT_IN_TEMPLATES: [&str; 16] = [
    "busy",
    "cancelled",
    "choice_gone",
    "clarify",
    "did_that_help",
    "may_i",
    "not_done",
    "call_failed",
    "call_unclear",
    "failed",
    "glad_to_help",
    "handing_over",
    "interrupted",
    "offer",
    "refused",
    "too_late",
];

impl Names for World {
    fn slot(&self, name: &str) -> SlotRef {
        match self.own.iter().position(|one| one == name) {
            Some(index) => SlotRef::Flow(index as u16),
            None => SlotRef::Shared(index(&self.shared, name, "slot") as u16),
        }
    }

    fn entity(&self, name: &str) -> EntityId {
        let at = self.entities.iter().position(|(one, _)| one == name);
        EntityId::from(at.unwrap_or_else(|| panic!("no entity `{name}`")))
    }
}

pub fn index(names: &[String], name: &str, what: &str) -> usize {
    let at = names.iter().position(|one| one == name);
    at.unwrap_or_else(|| panic!("no {what} `{name}` among {names:?}"))
}

impl World {
    pub fn intent(&self, name: &str) -> IntentId {
        IntentId::from(index(&self.intents, name, "intent"))
    }

    pub fn template(&self, name: &str) -> TemplateId {
        TemplateId::from(index(&self.templates, name, "template"))
    }

    pub fn desk(&self, name: &str) -> DeskId {
        DeskId::from(index(&self.desks, name, "desk"))
    }

    pub fn flow(&self, name: &str) -> FlowId {
        FlowId::from(index(&self.flows, name, "flow"))
    }

    pub fn tool(&self, name: &str) -> ToolId {
        ToolId::from(index(&self.tools, name, "tool"))
    }

    pub fn model(&self, name: &str) -> ModelId {
        ModelId::from(index(&self.models, name, "model"))
    }

    pub fn event(&self, name: &str) -> EventId {
        EventId::from(index(&self.events, name, "event"))
    }
}

/// The bot that the text describes.
pub fn bot(text: &str) -> Bot {
    let node = yaml::parse(text);
    let mut world = world(&node);
    if let Some(flows) = node.get("flows") {
        flow::know_slots(flows);
    }
    let shared = slots(node.get("slots"), &world);
    let flows = keys(&node, "flows").into_iter().map(|name| {
        let written = node
            .get("flows")
            .and_then(|flows| flows.get(&name))
            .expect("its flow");
        world.own = keys(written, "slots");
        flow::flow(&name, written, &world)
    });
    let mut flows: Vec<Flow> = flows.collect();
    flows.sort_by(|a, b| a.name.cmp(&b.name));
    world.own = Vec::new();
    let w = &world;
    let intents = w.intents.iter().map(|name| IntentDeclaration {
        name: name.clone(),
        starts: flows
            .iter()
            .position(|flow| flow.start.intents.contains(&w.intent(name)))
            .map(FlowId::from),
        built_in: BUILT_IN
            .iter()
            .find(|(one, _)| one == name)
            .map(|(_, kind)| *kind),
    });
    let understanding = node.get("understanding");
    let band = |key, default| {
        understanding
            .and_then(|node| node.text_of(key))
            .map_or(default, |text| text.parse().expect("a number"))
    };
    let session = node.get("session");
    let greet = session.and_then(|session| session.get("greet"));
    let greeting = |key| {
        greet
            .and_then(|greet| greet.get(key))
            .map_or(Vec::new(), |node| flow::transitions(node, "greet", None, w))
    };
    Bot {
        name: "test".to_owned(),
        version: "v1".into(),
        locales: vec!["en".into(), "de".into()],
        detects_language: true,
        tz: jiff::tz::TimeZone::UTC,
        bands: Bands {
            accept: band("accept", 0.75),
            confirm: band("confirm", 0.4),
            several: match understanding.and_then(|node| node.text_of("several")) {
                Some("clarify") => Several::Clarify,
                _ => Several::InTurn,
            },
        },
        slots: shared,
        intents: intents.collect(),
        entities: w
            .entities
            .iter()
            .map(|(name, value_type)| EntityDeclaration {
                name: name.clone(),
                value_type: value_type.clone(),
                pattern: None,
            })
            .collect(),
        events: w
            .events
            .iter()
            .map(|name| EventDeclaration {
                name: name.clone(),
                fields: fields(node.get("events").and_then(|events| events.get(name))),
                from_visitor: false,
            })
            .collect(),
        templates: w
            .templates
            .iter()
            .map(|name| TemplateDeclaration {
                name: name.clone(),
                reads: node
                    .get("templates")
                    .and_then(|templates| templates.get(name))
                    .map_or(Vec::new(), |reads| {
                        reads
                            .list()
                            .iter()
                            .map(|path| path.text().split('.').map(str::to_owned).collect())
                            .collect()
                    }),
            })
            .collect(),
        tools: w
            .tools
            .iter()
            .map(|name| tool(name, at(&node, "tools", name)))
            .collect(),
        models: w
            .models
            .iter()
            .map(|name| model(name, at(&node, "models", name), w))
            .collect(),
        desks: w
            .desks
            .iter()
            .map(|name| desk(name, at(&node, "desks", name), w))
            .collect(),
        answers: keys(&node, "answers")
            .into_iter()
            .map(|name| {
                (
                    w.intent(&name),
                    Answer {
                        kind: answer(&name, at(&node, "answers", &name), w),
                    },
                )
            })
            .collect(),
        anywhere: node.get("anywhere").map_or(Handlers::default(), |on| {
            flow::handlers(on, "anywhere", None, w)
        }),
        router: node.get("router").map_or(Vec::new(), |steps| {
            steps
                .list()
                .iter()
                .map(|step| router_step(step, w))
                .collect()
        }),
        on_failed: node.get("on_failed").map_or(Vec::new(), |node| {
            flow::transitions(node, "on_failed", None, w)
        }),
        session: SessionPolicy {
            idle: session
                .and_then(|session| session.text_of("idle"))
                .map_or(SESSION_IDLE, |text| {
                    parse_duration(text).expect("a duration")
                }),
            greet_first: greeting("first"),
            greet_returning: greeting("returning"),
        },
        episodes: node.get("episodes").map(|episodes| EpisodePolicy {
            keep: episodes
                .text_of("keep")
                .and_then(parse_duration)
                .expect("a duration"),
            guard: None,
        }),
        built_in: BuiltInTemplates {
            failed: w.template("failed"),
            busy: w.template("busy"),
            interrupted: w.template("interrupted"),
            too_late: w.template("too_late"),
            cancelled: w.template("cancelled"),
            refused: w.template("refused"),
            offer: w.template("offer"),
            clarify: w.template("clarify"),
            handing_over: w.template("handing_over"),
            choice_gone: w.template("choice_gone"),
            may_i: w.template("may_i"),
            not_done: w.template("not_done"),
            call_failed: w.template("call_failed"),
            call_unclear: w.template("call_unclear"),
            did_that_help: w.template("did_that_help"),
            glad_to_help: w.template("glad_to_help"),
        },
        transitions: world.transitions.lock().expect("one thread").clone(),
        flows,
    }
}

fn at<'n>(node: &'n Node, key: &str, name: &str) -> &'n Node {
    node.get(key)
        .and_then(|all| all.get(name))
        .expect("what has this name")
}

pub fn keys(node: &Node, key: &str) -> Vec<String> {
    let keys = node.get(key).map_or(&[][..], Node::map);
    keys.iter().map(|(name, _)| name.clone()).collect()
}

fn sorted(node: &Node, key: &str) -> Vec<String> {
    let mut names = keys(node, key);
    names.sort();
    names
}

fn world(node: &Node) -> World {
    let mut intents: BTreeSet<String> = BUILT_IN
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let mut templates: BTreeSet<String> = BUILT_IN_TEMPLATES
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    intents.extend(keys(node, "answers"));
    templates.extend(keys(node, "templates"));
    collect_names(node, &mut intents, &mut templates);
    let mut entities: Vec<(String, ValueType)> = node
        .get("entities")
        .map_or(&[][..], Node::map)
        .iter()
        .map(|(name, node)| (name.clone(), value_type(node)))
        .collect();
    entities.sort_by(|a, b| a.0.cmp(&b.0));
    World {
        intents: intents.into_iter().collect(),
        entities,
        events: sorted(node, "events"),
        tools: sorted(node, "tools"),
        models: sorted(node, "models"),
        desks: keys(node, "desks"),
        flows: sorted(node, "flows"),
        shared: keys(node, "slots"),
        own: Vec::new(),
        templates: templates.into_iter().collect(),
        transitions: Mutex::default(),
    }
}

/// Every intent and template that is named anywhere.
fn collect_names(node: &Node, intents: &mut BTreeSet<String>, templates: &mut BTreeSet<String>) {
    if let Node::List(items) = node {
        items
            .iter()
            .for_each(|item| collect_names(item, intents, templates));
    }
    for (key, value) in node.map() {
        if let Some(rest) = key.strip_prefix("intent.") {
            intents.extend(flow::words(rest));
        }
        match (key.as_str(), value) {
            ("intent", Node::Text(_) | Node::List(_)) => {
                intents.extend(value.list().iter().map(|one| one.text().to_owned()));
            }
            (
                "say" | "ask" | "reject" | "confirm" | "label" | "refuse" | "on_resume" | "consent",
                Node::Text(name),
            ) if !name.starts_with("user") => {
                templates.insert(name.clone());
            }
            ("say" | "ask" | "reject" | "confirm" | "refuse" | "on_resume", Node::List(items)) => {
                for item in items {
                    if let Node::Text(name) = item {
                        templates.insert(name.clone());
                    }
                }
            }
            _ => {}
        }
        if let Some(name) = value.map().iter().find(|(key, _)| key == "template") {
            templates.insert(name.1.text().to_owned());
        }
        collect_names(value, intents, templates);
    }
}

pub fn value_type(node: &Node) -> ValueType {
    match node {
        Node::List(values) => {
            ValueType::Enum(values.iter().map(|one| one.text().to_owned()).collect())
        }
        Node::Map(_) => match node.get("list") {
            Some(of) => ValueType::List {
                of: Box::new(value_type(of)),
                max: node
                    .text_of("max")
                    .map_or(100, |text| text.parse().expect("a number")),
            },
            None => ValueType::Map(fields(Some(node))),
        },
        Node::Text(name) => match name.as_str() {
            "bool" => ValueType::Bool,
            "int" => ValueType::Int,
            "number" => ValueType::Number,
            "text" => ValueType::Text,
            "date" => ValueType::Date,
            "time" => ValueType::Time,
            "datetime" => ValueType::Datetime,
            "duration" => ValueType::Duration,
            "money" => ValueType::Money,
            "email" => ValueType::Email,
            "phone" => ValueType::Phone,
            "url" => ValueType::Url,
            "iban" => ValueType::Iban,
            "file" => ValueType::File {
                accept: Vec::new(),
                size_max: None,
            },
            other => panic!("no type `{other}`"),
        },
    }
}

fn fields(node: Option<&Node>) -> BTreeMap<String, ValueType> {
    let fields = node.map_or(&[][..], Node::map);
    fields
        .iter()
        .map(|(name, node)| (name.clone(), value_type(node)))
        .collect()
}

pub fn slots(node: Option<&Node>, world: &World) -> Vec<SlotDeclaration> {
    let slots = node.map_or(&[][..], Node::map);
    let list_types: BTreeMap<&str, ValueType> = slots
        .iter()
        .filter_map(|(name, slot)| Some((name.as_str(), value_type(slot.get("type")?))))
        .collect();
    slots
        .iter()
        .map(|(name, slot)| {
            let kind = match (slot.get("type"), slot.text_of("item_of")) {
                (Some(node), _) => SlotKind::Typed(value_type(node)),
                (None, Some(list)) => SlotKind::ItemOf {
                    list: world.slot(list),
                    max: slot
                        .text_of("max")
                        .map(|text| text.parse().expect("a number")),
                    of: match list_types.get(list) {
                        Some(ValueType::List { of, .. }) => (**of).clone(),
                        other => panic!("`{list}` is no list but {other:?}"),
                    },
                },
                (None, None) => panic!("slot `{name}` has no type"),
            };
            SlotDeclaration {
                name: name.clone(),
                from: slot
                    .text_of("from")
                    .map(|from| match from.strip_prefix("entity.") {
                        Some(name) => SlotSource::Entity(world.entity(name)),
                        None => SlotSource::BuiltIn(from.to_owned()),
                    }),
                scope: match slot.text_of("scope") {
                    Some("session") => Scope::Session,
                    Some("user") => Scope::User,
                    _ => Scope::Flow,
                },
                default: slot.text_of("default").map(|text| match &kind {
                    SlotKind::Typed(value_type) => from_text(text, value_type).expect("a value"),
                    SlotKind::ItemOf { .. } => panic!("no default for an item"),
                }),
                pattern: slot
                    .text_of("pattern")
                    .map(|text| Pattern::new(text).expect("a pattern")),
                secret: slot.get("secret").is_some_and(Node::is_true),
                ttl: slot.text_of("ttl").and_then(parse_duration),
                consent: slot.text_of("consent").map(|name| world.template(name)),
                from_visitor: false,
                kind,
            }
        })
        .collect()
}

fn tool(name: &str, node: &Node) -> ToolDeclaration {
    let args = node
        .get("args")
        .map_or(&[][..], Node::map)
        .iter()
        .map(|(name, node)| ArgDeclaration {
            name: name.clone(),
            value_type: value_type(node),
            place: ArgPlace::Body,
            optional: false,
            secret: false,
        });
    ToolDeclaration {
        name: name.to_owned(),
        description: String::new(),
        kind: ToolKind::Builtin("test".to_owned()),
        args: args.collect(),
        returns: node.get("returns").map(value_type),
        timeout: jiff::SignedDuration::from_secs(4),
        retry: Retry::default(),
        repeat: match node.text_of("repeat") {
            Some("never") => Repeat::Never,
            Some("keyed") => Repeat::Keyed,
            _ => Repeat::Safe,
        },
        fresh: node.text_of("fresh").and_then(parse_duration),
        login: None,
        confirm: node.text_of("confirm") == Some("user"),
        ask: None,
    }
}

fn model(name: &str, node: &Node, w: &World) -> ModelDeclaration {
    let transitions = |key| {
        node.get(key)
            .map_or(Vec::new(), |node| flow::transitions(node, name, None, w))
    };
    ModelDeclaration {
        name: name.to_owned(),
        targets: vec!["test".to_owned()],
        system: None,
        passages_max: 5,
        complex_targets: Vec::new(),
        tools: node.get("tools").map_or(Vec::new(), |list| {
            list.list().iter().map(|one| w.tool(one.text())).collect()
        }),
        may_see: node.get("may_see").map_or(Vec::new(), |list| {
            list.list()
                .iter()
                .map(|one| one.text().to_owned())
                .collect()
        }),
        limits: ModelLimits {
            turns_max: 6,
            tokens_max: 4_000,
            deadline: jiff::SignedDuration::from_secs(20),
            cost_micro_usd_max: None,
            conversation: Allowance::default(),
            visitor: Allowance::default(),
            day: Allowance::default(),
        },
        check: AnswerCheck {
            send: 0.7,
            with_sources: 0.5,
            cite: Cite::default(),
            stream: true,
            judge: None,
            samples: 1,
            on_low: transitions("on_low"),
        },
        moderation: None,
        on_fail: transitions("on_fail"),
    }
}

fn desk(name: &str, node: &Node, w: &World) -> DeskDeclaration {
    let transitions = |key| {
        node.get(key)
            .map_or(Vec::new(), |node| flow::transitions(node, name, None, w))
    };
    DeskDeclaration {
        name: name.to_owned(),
        via: "console".to_owned(),
        hours: None,
        package: Vec::new(),
        announce_every: node.text_of("announce_every").and_then(parse_duration),
        give_up_after: node.text_of("give_up_after").and_then(parse_duration),
        closed: transitions("closed"),
        gave_up: transitions("gave_up"),
        after: transitions("after"),
    }
}

fn answer(name: &str, node: &Node, w: &World) -> AnswerKind {
    let say = node.get("say").map_or(Vec::new(), |say| flow::says(say, w));
    if let Some(tool) = node.text_of("call") {
        return AnswerKind::Call {
            tool: w.tool(tool),
            with: flow::named(node.get("with"), w),
            say,
            error: flow::transitions(node.get("error").expect("`error`"), name, None, w),
        };
    }
    match node.text_of("generate") {
        Some(model) => AnswerKind::Generate(w.model(model)),
        None => AnswerKind::Say(say),
    }
}

fn router_step(node: &Node, w: &World) -> RouterStep {
    let action = match node.text_of("do").expect("`do`") {
        "clarify" => RouterAction::Clarify {
            options_max: node
                .text_of("options_max")
                .map_or(3, |text| text.parse().expect("a number")),
        },
        "generate" => RouterAction::Generate(w.model(node.text_of("model").expect("`model`"))),
        "say" => RouterAction::Say(flow::says(node.get("say").expect("`say`"), w)),
        "handoff" => RouterAction::Handoff {
            desk: w.desk(node.text_of("to").expect("`to`")),
            why: node.text_of("why").unwrap_or_default().to_owned(),
        },
        other => panic!("the router does not `{other}`"),
    };
    RouterStep {
        when: match node.text_of("when") {
            Some("unsure") => RouterWhen::Unsure,
            Some("none") => RouterWhen::None,
            _ => RouterWhen::Always,
        },
        guard: node.text_of("guard").map(|text| super::cel::parse(text, w)),
        action,
        times: node
            .text_of("times")
            .map(|text| text.parse().expect("a number")),
    }
}
