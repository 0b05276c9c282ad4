//! What `author` hands to `render` and `understand`, and what it takes from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialog::{
    BuiltInTemplates, DeskDeclaration, DeskId, Locale, Say, TemplateDeclaration, TemplateId, Then,
    Transition, TransitionInfo, Transitions,
};
use render::TemplateProblem;
use understand::{IntentExamples, Places, TrainingData};

use crate::built_in;
use crate::context::Cx;
use crate::decode::{Declared, Decoder, Field, Templates};
use crate::names::Names;
use crate::place::{FileId, Place, Sources};
use crate::rule;
use crate::yaml::place_within;

/// The compiled templates; what is wrong with them is reported with its place.
pub(crate) fn templates(cx: Cx<'_>, read: &Templates) -> Option<render::Templates> {
    let compiled = render::Templates::compile(&read.sources, &read.labels, &cx.names.locales);
    compiled
        .map_err(|problems| {
            for problem in problems {
                report(cx, read, &problem);
            }
        })
        .ok()
}

fn report(cx: Cx<'_>, read: &Templates, problem: &TemplateProblem) {
    let field = Field {
        template: problem.name.clone(),
        locale: problem.locale.clone(),
        channel: problem.channel.clone(),
        variant: problem.variant,
        name: problem.field.clone(),
    };
    let place = place_in_field(cx, read, &field, problem.line, problem.column);
    cx.findings
        .add(&rule::TEMPLATE_SYNTAX, place, sentence(&problem.sentence));
}

/// `render`'s sentences begin with a capital letter and end with a full stop; ours stand behind a code.
fn sentence(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The place of a line and column within a template's field.
pub(crate) fn place_in_field(
    cx: Cx<'_>,
    read: &Templates,
    field: &Field,
    line: usize,
    column: usize,
) -> Place {
    let Some(node) = read.fields.get(field) else {
        let id = (field.template.clone(), field.locale.clone());
        let place = read.places.get(&id).copied();
        return place.unwrap_or_else(|| Place::start_of(FileId(0)));
    };
    let text = node.as_text().unwrap_or_default();
    let before: usize = text
        .split('\n')
        .take(line.saturating_sub(1))
        .map(|line| line.chars().count() + 1)
        .sum();
    place_within(cx.sources, node, before + column.saturating_sub(1), 1)
}

/// The templates as the core knows them, by name.
pub(crate) fn declarations(
    names: &Names,
    templates: Option<&render::Templates>,
) -> Vec<TemplateDeclaration> {
    names
        .templates
        .keys()
        .map(|name| {
            let reads: BTreeSet<Vec<String>> = templates
                .map(|templates| templates.reads(name))
                .unwrap_or_default()
                .into_iter()
                .flat_map(|read| std::iter::once(read.path).chain(read.otherwise))
                .map(up_to_items)
                .collect();
            TemplateDeclaration {
                name: name.clone(),
                reads: reads.into_iter().collect(),
            }
        })
        .collect()
}

/// A path up to the list whose items are read: the core gives the list as a whole.
fn up_to_items(path: Vec<String>) -> Vec<String> {
    path.into_iter().take_while(|step| step != "[]").collect()
}

/// The ids of what the engine says itself; every one of them is declared.
pub(crate) fn built_in_templates(names: &Names) -> Option<BuiltInTemplates> {
    let id = |name: &str| {
        names
            .templates
            .keys()
            .position(|one| one == name)
            .map(TemplateId::from)
    };
    Some(BuiltInTemplates {
        failed: id("failed")?,
        busy: id("busy")?,
        interrupted: id("interrupted")?,
        too_late: id("too_late")?,
        cancelled: id("cancelled")?,
        refused: id("refused")?,
        offer: id("offer")?,
        clarify: id("clarify")?,
        handing_over: id("handing_over")?,
        choice_gone: id("choice_gone")?,
        did_that_help: id("did_that_help")?,
        glad_to_help: id("glad_to_help")?,
        may_i: id("may_i")?,
        not_done: id("not_done")?,
        call_failed: id("call_failed")?,
        call_unclear: id("call_unclear")?,
    })
}

/// The author's `on_failed`, else: say `failed` and hand over to the first desk.
pub(crate) fn on_failed(
    decoder: &Decoder<'_>,
    written: Transitions,
    failed: TemplateId,
    desks: &[DeskDeclaration],
) -> Transitions {
    if !written.is_empty() {
        return written;
    }
    let info = TransitionInfo {
        label: "on_failed (built in)".to_owned(),
        file: "bot.yaml".to_owned(),
        line: 1,
        guard: None,
    };
    let id = decoder.transition(info, Place::start_of(FileId(0)));
    let then = if desks.is_empty() {
        Then::Stay
    } else {
        Then::Handoff {
            desk: DeskId(0),
            why: "failed".to_owned(),
        }
    };
    vec![Transition {
        id,
        guard: None,
        set: Vec::new(),
        set_locale: None,
        say: vec![Say::Template {
            template: failed,
            with: Vec::new(),
        }],
        clear: Vec::new(),
        forget: None,
        schedule: None,
        raise: None,
        miss: false,
        then,
    }]
}

/// What understanding is trained on: of each intent the author's examples, then the built-in ones. And where the author's stand.
pub(crate) fn training(declared: &Declared<'_>, sources: &Sources) -> (TrainingData, Places) {
    let mut by_intent: BTreeMap<(String, Locale), Learnt> = BTreeMap::new();
    let mut files: BTreeMap<FileId, Arc<str>> = BTreeMap::new();
    for intent in &declared.intents {
        let learnt = by_intent
            .entry((intent.name.clone(), intent.locale.clone()))
            .or_insert_with(|| Learnt::none(&intent.name, &intent.locale));
        for one in &intent.examples {
            let Place { file, line, .. } = one.place();
            let file = files
                .entry(file)
                .or_insert_with(|| sources.name(file).into());
            learnt.examples.examples.push(one.example.clone());
            learnt.places.push(Some(understand::Place {
                file: file.clone(),
                line,
            }));
        }
    }
    for built_in in built_in::examples(declared) {
        let learnt = by_intent
            .entry((built_in.intent.clone(), built_in.locale.clone()))
            .or_insert_with(|| Learnt::none(&built_in.intent, &built_in.locale));
        learnt.places.extend(built_in.examples.iter().map(|_| None));
        learnt.examples.examples.extend(built_in.examples);
    }
    let lists = by_intent.into_values();
    let (intents, places) = lists.map(|learnt| (learnt.examples, learnt.places)).unzip();
    let data = TrainingData {
        locales: declared.names.locales.clone(),
        intents,
        entities: declared.entities.clone(),
    };
    (data, Places(places))
}

/// Examples of an intent, each with where it stands.
struct Learnt {
    examples: IntentExamples,
    places: Vec<Option<understand::Place>>,
}

impl Learnt {
    fn none(intent: &str, locale: &Locale) -> Self {
        Self {
            examples: IntentExamples {
                intent: intent.to_owned(),
                locale: locale.clone(),
                examples: Vec::new(),
            },
            places: Vec::new(),
        }
    }
}
