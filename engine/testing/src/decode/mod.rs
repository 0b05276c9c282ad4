//! Files under `tests/conversations` → tests, or everything that is wrong with them at once.

mod expect;
mod read;
mod reply;
mod step;
mod stub;

use author::yaml::{Node, NodeKind};
use author::{Diagnostic, Files};
use dialog::Bot;
use jiff::Timestamp;
use serde_json::Map;

use crate::test::Test;
use read::Reader;

/// Where the tests lie in a bot's folder.
pub const FOLDER: &str = "tests/conversations/";

/// When a test begins that does not say it: a Monday morning, so that desks with usual hours are open.
const CLOCK: &str = "2026-03-02T10:00:00Z";

const KEYS: &[&str] = &[
    "test", "tools", "models", "clock", "locale", "channel", "user", "slots", "steps",
];

/// The tests of a bot's files, and what is wrong with them.
pub fn decode(files: &Files, bot: &Bot) -> (Vec<Test>, Vec<Diagnostic>) {
    let mut tests = Vec::new();
    let mut diagnostics = Vec::new();
    let of_tests = |path: &str| path.starts_with(FOLDER) && path.ends_with(".yaml");
    for (path, bytes) in files.iter().filter(|(path, _)| of_tests(path)) {
        let text = String::from_utf8_lossy(bytes);
        let tree = author::yaml::read(path, &text);
        let mut reader = Reader::new(path, bot, tree.diagnostics);
        if let Some(root) = &tree.root
            && let Some(test) = test(&mut reader, root)
        {
            tests.push(test);
        }
        diagnostics.extend(reader.finish());
    }
    diagnostics.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    (tests, diagnostics)
}

fn test(reader: &mut Reader<'_>, root: &Node) -> Option<Test> {
    let keys = reader.keys(root, "a test", KEYS)?;
    let name = match keys.get("test") {
        Some(node) => reader.text(node)?,
        None => {
            let why = "a test needs the key `test`: a sentence that says what it shows";
            reader.wrong(root, "missing-key", why);
            return None;
        }
    };
    let steps = match keys.get("steps") {
        Some(node) => step::steps(reader, node),
        None => Vec::new(),
    };
    if steps.is_empty() && reader.is_clean() {
        reader.wrong(root, "missing-key", "a test needs at least one step");
    }
    Some(Test {
        file: reader.file().to_owned(),
        name,
        clock: keys
            .get("clock")
            .map_or_else(default_clock, |node| clock(reader, node)),
        locale: keys
            .get("locale")
            .and_then(|node| step::locale(reader, node)),
        channel: keys
            .get("channel")
            .and_then(|node| reader.text(node))
            .unwrap_or_else(|| "http".to_owned()),
        user: keys
            .get("user")
            .map_or_else(Map::new, |node| shared_slots(reader, node)),
        slots: keys
            .get("slots")
            .map_or_else(Map::new, |node| shared_slots(reader, node)),
        tools: keys
            .get("tools")
            .map(|node| stub::tools(reader, node))
            .unwrap_or_default(),
        models: keys
            .get("models")
            .map(|node| reply::models(reader, node))
            .unwrap_or_default(),
        steps,
    })
}

fn clock(reader: &mut Reader<'_>, node: &Node) -> Timestamp {
    let parsed = node.as_text().and_then(|text| text.parse().ok());
    if parsed.is_none() {
        let why = "a moment is wanted here, such as 2026-03-02T09:00:00+01:00";
        reader.wrong(node, "wrong-value", why);
    }
    parsed.unwrap_or_else(default_clock)
}

fn default_clock() -> Timestamp {
    CLOCK.parse().expect("the constant is a moment")
}

/// Values for slots of bot.yaml.
fn shared_slots(reader: &mut Reader<'_>, node: &Node) -> Map<String, serde_json::Value> {
    for (key, _) in node.as_map().unwrap_or_default() {
        let known = reader.bot().slots.iter().any(|slot| slot.name == key.text);
        if !known {
            let why = format!("bot.yaml has no slot `{}`", key.text);
            reader.wrong_at(key.place, "unknown-slot", &why);
        }
    }
    match (&node.kind, reader.json(node)) {
        (NodeKind::Map(_), serde_json::Value::Object(map)) => map,
        _ => {
            reader.wrong(node, "wrong-shape", "a map of slots is wanted here");
            Map::new()
        }
    }
}
