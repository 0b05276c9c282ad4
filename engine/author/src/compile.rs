//! All files → a bot, in the order in which one thing needs another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialog::{Answer, Bot, BuiltInIntent, FlowId, IntentDeclaration, IntentId};
use understand::{Places, TrainingData};

use crate::context::Cx;
use crate::decode::{
    BotParts, Channel, Declared, Decoder, Login, Tree, answers_of, bot_parts, declare, flows,
};
use crate::diagnostic::{Diagnostic, Findings};
use crate::files::{FILES_MAX, FileKind, Files};
use crate::place::{FileId, Place, Sources};
use crate::{Catalogue, check, handover, rule, version, yaml};

/// What came of a folder.
#[derive(Debug)]
pub struct Compiled {
    /// The bot; none when there are errors.
    pub bot: Option<Arc<Bot>>,
    /// Its templates; none when one of them cannot be compiled.
    pub templates: Option<render::Templates>,
    /// What understanding is trained on; none when there is no bot.
    pub training: Option<TrainingData>,
    /// Where its examples stand.
    pub places: Places,
    /// With what texts are read: `auto`, `sparse`, or an encoder's name.
    pub encoder: &'static str,
    /// The channels that it is on.
    pub channels: BTreeMap<String, Channel>,
    /// How its tools show who they are.
    pub logins: BTreeMap<String, Login>,
    /// Everything found, by file, line and column.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that it was made of.
    pub files: Files,
}

/// Compiles and checks a bot. Never fails: what is wrong is in the diagnostics, all of it at once.
pub fn compile(files: &Files, catalogue: &Catalogue) -> Compiled {
    let mut sources = Sources::default();
    let findings = Findings::default();
    let (trees, broken) = read_trees(files, &mut sources, &findings);
    let declared = declare(&sources, &findings, &trees, &catalogue.operations, broken);
    let cx = Cx {
        sources: &sources,
        findings: &findings,
        names: &declared.names,
    };
    let decoder = Decoder::new(cx);
    let parts = trees
        .iter()
        .find(|tree| tree.kind == FileKind::Bot)
        .and_then(|tree| tree.root.as_ref())
        .and_then(|root| bot_parts(&decoder, root));
    let templates = handover::templates(cx, &declared.templates);
    let bot = assemble(&decoder, &declared, &trees, parts, templates.as_ref());
    let records = decoder.records.into_inner();
    if let Some((bot, parts)) = &bot {
        let checked = check::Checked {
            cx,
            bot,
            declared: &declared,
            trees: &trees,
            records: &records,
            templates: templates.as_ref(),
            catalogue,
            channels: &parts.channels,
            files,
        };
        check::all(&checked);
    }
    let (training, places) = handover::training(&declared, &sources);
    let good = findings.no_errors();
    let (bot, encoder, channels, logins) = match bot {
        Some((bot, parts)) => (Some(bot), parts.encoder, parts.channels, parts.logins),
        None => (None, "auto", BTreeMap::new(), BTreeMap::new()),
    };
    Compiled {
        bot: bot.filter(|_| good).map(|mut bot| {
            bot.version = version::of(files);
            Arc::new(bot)
        }),
        templates,
        training: good.then_some(training),
        places,
        encoder,
        channels,
        logins,
        diagnostics: findings.finish(&sources),
        files: files.clone(),
    }
}

/// Reads every YAML file of the bot; the kinds of those that could not be read come back too.
fn read_trees(
    files: &Files,
    sources: &mut Sources,
    findings: &Findings,
) -> (Vec<Tree>, BTreeSet<FileKind>) {
    let mut trees = Vec::new();
    let mut broken = BTreeSet::new();
    for (path, bytes) in files.iter().take(FILES_MAX) {
        let Some(kind) = FileKind::of(path) else {
            continue;
        };
        if matches!(kind, FileKind::Media | FileKind::Knowledge | FileKind::Test) {
            continue;
        }
        let (file, whole) = add_source(sources, findings, path, kind, bytes);
        if kind == FileKind::Spec {
            continue;
        }
        let before = findings.count();
        let root = if whole {
            yaml::parse(sources, file, findings)
        } else {
            None
        };
        if !whole || root.is_none() && findings.count() > before {
            broken.insert(kind);
        }
        trees.push(Tree {
            kind,
            path: path.clone(),
            file,
            root,
        });
    }
    if !files.contains_key("bot.yaml") {
        let file = sources.add("bot.yaml", String::new());
        findings.add_with_help(
            &rule::MISSING_KEY,
            Place::start_of(file),
            "there is no bot.yaml",
            "write one with `bot: name` and `locales: [en]`",
        );
    }
    (trees, broken)
}

/// Adds a file's text; not whole when it is too large or no UTF-8.
fn add_source(
    sources: &mut Sources,
    findings: &Findings,
    path: &str,
    kind: FileKind,
    bytes: &[u8],
) -> (FileId, bool) {
    if bytes.len() as u64 > kind.bytes_max() {
        let file = sources.add(path, String::new());
        findings.add(
            &rule::FILE_BOUNDS,
            Place::start_of(file),
            format!("the file is larger than {} MB", kind.bytes_max() >> 20),
        );
        return (file, false);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (sources.add(path, text.to_owned()), true),
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            let at = good.len();
            let file = sources.add(path, good);
            findings.add_with_help(
                &rule::FILE_BOUNDS,
                sources.place(file, at, 1),
                "here is something that is no UTF-8 text",
                "save the file as UTF-8",
            );
            (file, false)
        }
    }
}

fn assemble(
    decoder: &Decoder<'_>,
    declared: &Declared<'_>,
    trees: &[Tree],
    parts: Option<BotParts>,
    templates: Option<&render::Templates>,
) -> Option<(Bot, BotParts)> {
    let names = &declared.names;
    let flows = flows(decoder, &declared.flows);
    let mut answers: BTreeMap<IntentId, Answer> = BTreeMap::new();
    for tree in trees.iter().filter(|tree| tree.kind == FileKind::Flow) {
        if let Some(root) = tree
            .root
            .as_ref()
            .filter(|root| root.get("flow").is_none() && root.get("answers").is_some())
        {
            answers_of(decoder, root, &mut answers);
        }
    }
    let mut parts = parts?;
    let built_in = handover::built_in_templates(names)?;
    let on_failed = handover::on_failed(
        decoder,
        std::mem::take(&mut parts.on_failed),
        built_in.failed,
        &parts.desks,
    );
    let bot = Bot {
        name: parts.name.clone(),
        version: dialog::BotVersion::default(),
        locales: names.locales.clone(),
        detects_language: parts.detects_language,
        tz: parts.tz.clone(),
        bands: parts.bands,
        slots: names.slots.clone(),
        intents: intents(names, &flows),
        entities: names.entities.iter().map(|(one, _)| one.clone()).collect(),
        events: names.events.clone(),
        templates: handover::declarations(names, templates),
        tools: names.tools.clone(),
        models: parts.models.clone(),
        desks: parts.desks.clone(),
        flows,
        answers,
        anywhere: parts.anywhere.clone(),
        router: parts.router.clone(),
        on_failed,
        session: parts.session.clone(),
        episodes: parts.episodes.clone(),
        built_in,
        transitions: decoder.records.borrow().transitions.clone(),
    };
    (!bot.locales.is_empty()).then_some((bot, parts))
}

fn intents(names: &crate::names::Names, flows: &[dialog::Flow]) -> Vec<IntentDeclaration> {
    names
        .intents
        .keys()
        .enumerate()
        .map(|(number, name)| {
            let id = IntentId::from(number);
            let starts = flows
                .iter()
                .position(|flow| flow.start.intents.contains(&id));
            IntentDeclaration {
                name: name.clone(),
                starts: starts.map(FlowId::from),
                built_in: built_in(name),
            }
        })
        .collect()
}

fn built_in(name: &str) -> Option<BuiltInIntent> {
    Some(match name {
        "affirm" => BuiltInIntent::Affirm,
        "deny" => BuiltInIntent::Deny,
        "maybe" => BuiltInIntent::Maybe,
        "cancel" => BuiltInIntent::Cancel,
        "skip" => BuiltInIntent::Skip,
        "repeat" => BuiltInIntent::Repeat,
        "back" => BuiltInIntent::Back,
        "done" => BuiltInIntent::Done,
        "help" => BuiltInIntent::Help,
        "correct" => BuiltInIntent::Correct,
        "talk_to_person" => BuiltInIntent::TalkToPerson,
        _ => return None,
    })
}
