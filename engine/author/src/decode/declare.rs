//! The first pass: everything that a bot declares, from all files.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{EventDeclaration, Locale, ToolDeclaration};
use understand::EntityDefinition;

use super::entities::{self, ReadEntity};
use super::examples::{PlacedExample, examples};
use super::flow_names::flow_names;
use super::keys::{self, Keys, check_name};
use super::slots::{Owner, slots};
use super::templates::{self, Templates};
use super::tools;
use super::types::fields;
use crate::built_in;
use crate::context::Cx;
use crate::diagnostic::Findings;
use crate::files::FileKind;
use crate::names::{
    BUILT_IN_INTENTS, BUILT_IN_TEMPLATES, FlowNames, MEMORY_INTENTS, Names, did_you_mean,
};
use crate::place::{FileId, Place, Sources};
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// A file's tree.
#[derive(Debug)]
pub(crate) struct Tree {
    /// What the file is.
    pub(crate) kind: FileKind,
    /// Its path.
    pub(crate) path: String,
    /// Its text.
    pub(crate) file: FileId,
    /// Its content; none when it is empty.
    pub(crate) root: Option<Node>,
}

/// What is declared.
pub(crate) struct Declared<'a> {
    /// Names and types.
    pub(crate) names: Names,
    /// For training.
    pub(crate) entities: Vec<EntityDefinition>,
    /// Intents by file, with their examples.
    pub(crate) intents: Vec<ReadIntent>,
    /// Templates and labels.
    pub(crate) templates: Templates,
    /// The flows' trees, by name.
    pub(crate) flows: BTreeMap<String, &'a Node>,
}

/// An intent's examples in one file.
#[derive(Debug)]
pub(crate) struct ReadIntent {
    /// Its name.
    pub(crate) name: String,
    /// Where its name stands.
    pub(crate) place: Place,
    /// Their language.
    pub(crate) locale: Locale,
    /// The examples.
    pub(crate) examples: Vec<PlacedExample>,
    /// Whether the built-in examples of an intent of this name count too.
    pub(crate) built_in: bool,
}

/// Operations that are known from elsewhere than `tools.yaml`.
pub(super) struct Operations<'a> {
    known: &'a BTreeMap<String, Vec<ToolDeclaration>>,
    trees: &'a [Tree],
}

impl Operations<'_> {
    /// The operations of an OpenAPI document that a tool offers, as tools called `tool.operation`.
    pub(super) fn of(
        &self,
        findings: &Findings,
        key: &Key,
        keys: Keys<'_>,
        common: &ToolDeclaration,
    ) -> Vec<ToolDeclaration> {
        if let Some(known) = self.known.get(&key.text) {
            return known.clone();
        }
        super::openapi::operations(findings, self.trees, keys, common)
    }
}

/// Whether a bot has slots of long-term memory, or keeps notes of sessions.
fn keeps_memory(bot: &Node) -> bool {
    let is_long_term = |slot: &Node| slot.get("scope").and_then(Node::as_text) == Some("user");
    let slots = bot.get("slots").and_then(Node::as_map).unwrap_or_default();
    bot.get("episodes").is_some() || slots.iter().any(|(_, slot)| is_long_term(slot))
}

/// Reads what is declared.
pub(crate) fn declare<'a>(
    sources: &Sources,
    findings: &Findings,
    trees: &'a [Tree],
    known: &BTreeMap<String, Vec<ToolDeclaration>>,
    broken: BTreeSet<FileKind>,
) -> Declared<'a> {
    let mut names = Names {
        broken,
        ..Names::default()
    };
    let bot = root_of(trees, FileKind::Bot);
    if let Some(node) = bot {
        bot_names(findings, node, &mut names);
    }
    names.keeps_memory = bot.is_some_and(keeps_memory);
    let memory = MEMORY_INTENTS.iter().filter(|_| names.keeps_memory);
    names.intents = BUILT_IN_INTENTS
        .iter()
        .chain(memory)
        .map(|name| ((*name).to_owned(), None))
        .collect();
    names.templates = BUILT_IN_TEMPLATES
        .iter()
        .map(|name| ((*name).to_owned(), None))
        .collect();
    let locales = locales_of(findings, trees, &names);
    let entities = read_entities(findings, trees, &mut names);
    declare_intents(trees, &mut names);
    let intents = read_intents(sources, findings, trees, &names, &locales);
    let templates = read_templates(findings, trees, &locales, &mut names);
    if let Some(node) = root_of(trees, FileKind::Tools) {
        let operations = Operations { known, trees };
        tools::tools(findings, node, &mut names, &operations);
    }
    if let Some(node) = bot.and_then(|bot| bot.get("slots")) {
        (names.slots, names.slot_places) = slots(findings, &names, node, &Owner::Bot);
    }
    let flows = read_flows(findings, trees, &mut names);
    Declared {
        names,
        entities,
        intents,
        templates,
        flows,
    }
}

fn root_of(trees: &[Tree], kind: FileKind) -> Option<&Node> {
    trees
        .iter()
        .find(|tree| tree.kind == kind)
        .and_then(|tree| tree.root.as_ref())
}

/// What stands in `bot.yaml` by name.
fn bot_names(findings: &Findings, node: &Node, names: &mut Names) {
    let text_list = |key: &str| -> Vec<Node> {
        node.get(key)
            .map(|node| keys::one_or_many(node).to_vec())
            .unwrap_or_default()
    };
    for one in text_list("locales") {
        locale(findings, &one, names);
    }
    if names.locales.is_empty() {
        findings.add_with_help(
            &rule::MISSING_KEY,
            node.place,
            "a bot needs the key `locales`: its languages, the default first",
            "locales: [en]",
        );
    }
    let named = |key: &str| node.get(key).and_then(Node::as_map).unwrap_or_default();
    names.desks = named("desks")
        .iter()
        .map(|(key, _)| key.text.clone())
        .collect();
    names.logins = named("logins")
        .iter()
        .map(|(key, _)| key.text.clone())
        .collect();
    for (key, _) in named("models") {
        check_name(findings, key, "a model");
        names.models.insert(key.text.clone(), key.place);
    }
    for (key, _) in named("desks") {
        check_name(findings, key, "a desk");
    }
    for (key, value) in named("events") {
        names.events.extend(event(findings, key, value));
    }
    names.events.sort_by(|a, b| a.name.cmp(&b.name));
}

fn locale(findings: &Findings, node: &Node, names: &mut Names) {
    let Some(text) = keys::name(findings, node, "a language") else {
        return;
    };
    let language = text.split('-').next().unwrap_or_default();
    let good =
        (2..=3).contains(&language.len()) && language.chars().all(|c| c.is_ascii_lowercase());
    if !good {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{text}` is no language tag like `en` or `de-CH`"),
        );
    }
    if names.locales.iter().any(|one| one.0 == text) {
        findings.add(
            &rule::DUPLICATE_NAME,
            node.place,
            format!("the language `{text}` stands twice"),
        );
        return;
    }
    names.locales.push(text.into());
}

fn event(findings: &Findings, key: &Key, node: &Node) -> Option<EventDeclaration> {
    check_name(findings, key, "an event");
    let has_form = node.as_map().is_some_and(|entries| {
        entries.iter().any(|(key, value)| {
            key.text == "fields" && value.as_map().is_some()
                || key.text == "from_visitor" && matches!(value.as_text(), Some("true" | "false"))
        })
    });
    let (fields_node, from_visitor) = if has_form {
        let keys = Keys::read(findings, node, &schema::EVENT)?;
        let from_visitor = keys
            .get("from_visitor")
            .and_then(|node| keys::bool(findings, node, "from_visitor"));
        (keys.get("fields"), from_visitor.unwrap_or(false))
    } else {
        (Some(node), false)
    };
    let entries = fields_node
        .and_then(|node| keys::map(findings, node, "an event's data"))
        .unwrap_or_default();
    Some(EventDeclaration {
        name: key.text.clone(),
        fields: fields(findings, entries).unwrap_or_default(),
        from_visitor,
    })
}

/// The language of each file below `intents/` and `templates/`, by its folder.
fn locales_of(findings: &Findings, trees: &[Tree], names: &Names) -> BTreeMap<FileId, Locale> {
    let mut locales = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for tree in trees {
        if !matches!(tree.kind, FileKind::Intents | FileKind::Templates) {
            continue;
        }
        let folder = tree.path.split('/').nth(1).unwrap_or_default();
        locales.insert(tree.file, folder.into());
        let known = names.locales.iter().any(|locale| locale.0 == folder);
        if !known && !names.locales.is_empty() && reported.insert((tree.kind, folder)) {
            let near = did_you_mean(folder, names.locales.iter().map(Locale::as_str));
            findings.add(
                &rule::UNKNOWN_LOCALE,
                Place::start_of(tree.file),
                format!(
                    "the folder `{folder}` is no language of this bot (`locales` in bot.yaml){near}"
                ),
            );
        }
    }
    locales
}

fn read_entities(findings: &Findings, trees: &[Tree], names: &mut Names) -> Vec<EntityDefinition> {
    let mut read: Vec<ReadEntity> = Vec::new();
    for node in roots(trees, FileKind::Intents) {
        let Some(keys) = Keys::read(findings, node, &schema::INTENTS) else {
            continue;
        };
        let entries = keys
            .get("entities")
            .and_then(|node| keys::map(findings, node, "`entities`"))
            .unwrap_or_default();
        for (key, value) in entries {
            if read.iter().any(|one| one.declaration.name == key.text) {
                findings.add(
                    &rule::DUPLICATE_NAME,
                    key.place,
                    format!(
                        "the entity `{}` is declared twice; its values are shared by all languages",
                        key.text
                    ),
                );
                continue;
            }
            read.extend(entities::entity(findings, &names.locales, key, value));
        }
    }
    let (definitions, declarations) = entities::finish(findings, read);
    names.entities = declarations;
    definitions
}

fn roots(trees: &[Tree], kind: FileKind) -> impl Iterator<Item = &Node> {
    trees
        .iter()
        .filter(move |tree| tree.kind == kind)
        .filter_map(|tree| tree.root.as_ref())
}

fn declare_intents(trees: &[Tree], names: &mut Names) {
    for node in roots(trees, FileKind::Intents) {
        for (key, _) in node
            .get("intents")
            .and_then(Node::as_map)
            .unwrap_or_default()
        {
            let place = names.intents.entry(key.text.clone()).or_default();
            if place.is_none() {
                *place = Some(key.place);
            }
        }
    }
}

fn read_intents(
    sources: &Sources,
    findings: &Findings,
    trees: &[Tree],
    names: &Names,
    locales: &BTreeMap<FileId, Locale>,
) -> Vec<ReadIntent> {
    let cx = Cx {
        sources,
        findings,
        names,
    };
    let mut read = Vec::new();
    for tree in trees.iter().filter(|tree| tree.kind == FileKind::Intents) {
        let entries = tree
            .root
            .as_ref()
            .and_then(|root| root.get("intents"))
            .and_then(|node| keys::map(findings, node, "`intents`"))
            .unwrap_or_default();
        for (key, value) in entries {
            check_name(findings, key, "an intent");
            let Some(keys) = Keys::read(findings, value, &schema::INTENT) else {
                continue;
            };
            let Some(node) = keys.required(findings, "examples") else {
                continue;
            };
            read.push(ReadIntent {
                name: key.text.clone(),
                place: key.place,
                locale: locales[&tree.file].clone(),
                examples: examples(cx, node),
                built_in: with_built_in(findings, names, keys, &key.text),
            });
        }
    }
    read
}

/// Whether an intent's built-in examples count.
fn with_built_in(findings: &Findings, names: &Names, keys: Keys<'_>, intent: &str) -> bool {
    let Some(node) = keys.get(built_in::KEY) else {
        return true;
    };
    if !names.is_built_in(intent) {
        let sentence = format!("`{intent}` is no built-in intent, it has only your own examples");
        findings.add(&rule::WRONG_VALUE, node.place, sentence);
    }
    keys::bool(findings, node, built_in::KEY).unwrap_or(true)
}

fn read_templates(
    findings: &Findings,
    trees: &[Tree],
    locales: &BTreeMap<FileId, Locale>,
    names: &mut Names,
) -> Templates {
    let mut read = Templates::default();
    for tree in trees.iter().filter(|tree| tree.kind == FileKind::Templates) {
        if let Some(root) = &tree.root {
            templates::file(findings, &locales[&tree.file], root, &mut read);
        }
    }
    for ((name, _), place) in &read.places {
        let known = names.templates.entry(name.clone()).or_default();
        if known.is_none() {
            *known = Some(*place);
        }
    }
    read
}

fn read_flows<'a>(
    findings: &Findings,
    trees: &'a [Tree],
    names: &mut Names,
) -> BTreeMap<String, &'a Node> {
    let mut flows = BTreeMap::new();
    for tree in trees.iter().filter(|tree| tree.kind == FileKind::Flow) {
        let Some(node) = &tree.root else {
            continue;
        };
        if let Some(answers) = node.get("answers").filter(|_| node.get("flow").is_none()) {
            let entries = answers.as_map().unwrap_or_default();
            names
                .answers
                .extend(entries.iter().map(|(key, _)| key.text.clone()));
            continue;
        }
        if node.get("flow").is_none() && node.get("states").is_none() {
            findings.add_with_help(
                &rule::MISSING_KEY,
                node.place,
                "this file is neither a flow nor answers",
                "a flow begins with `flow: name`, answers with `answers:`",
            );
            continue;
        }
        let shared = std::mem::take(&mut names.slots);
        let found = flow_names(findings, names, &shared, node);
        names.slots = shared;
        if let Some(found) = found {
            add_flow(findings, found, node, names, &mut flows);
        }
    }
    names.flows.sort_by(|a, b| a.name.cmp(&b.name));
    flows
}

fn add_flow<'a>(
    findings: &Findings,
    found: FlowNames,
    node: &'a Node,
    names: &mut Names,
    flows: &mut BTreeMap<String, &'a Node>,
) {
    if flows.contains_key(&found.name) {
        findings.add(
            &rule::DUPLICATE_NAME,
            found.place,
            format!("there are two flows called `{}`", found.name),
        );
        return;
    }
    flows.insert(found.name.clone(), node);
    names.flows.push(found);
}
