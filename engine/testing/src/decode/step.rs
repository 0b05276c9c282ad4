//! `steps:` of a test: what happens.

use std::collections::BTreeMap;

use author::yaml::{Node, NodeKind};
use dialog::{Locale, Value};
use serde_json::{Map, Value as Json};

use super::expect;
use super::read::{Reader, at};
use crate::test::{Action, DeskAction, Step, Visit};

const KEYS: &[&str] = &[
    "user",
    "choose",
    "advance",
    "crash",
    "event",
    "attach",
    "desk",
    "locale",
    "channel",
    "fail_delivery",
    "open",
    "during",
    "expect",
];

pub(super) fn steps(reader: &mut Reader<'_>, node: &Node) -> Vec<Step> {
    reader
        .list(node)
        .iter()
        .filter_map(|item| step(reader, item))
        .collect()
}

fn step(reader: &mut Reader<'_>, node: &Node) -> Option<Step> {
    let keys = reader.keys(node, "a step", KEYS)?;
    let actions: Vec<(&str, &Node)> = keys
        .iter()
        .filter(|(key, _)| !matches!(**key, "during" | "expect") && KEYS.contains(key))
        .map(|(key, node)| (*key, *node))
        .collect();
    let [(key, value)] = actions[..] else {
        let why = "a step has exactly one thing that happens: user, choose, advance, crash, event, attach, desk, locale, \
                   channel, fail_delivery or open";
        reader.wrong(node, "conflicting-keys", why);
        return None;
    };
    Some(Step {
        at: at(node),
        action: action(reader, key, value)?,
        during: keys
            .get("during")
            .map(|node| steps(reader, node))
            .unwrap_or_default(),
        expect: keys
            .get("expect")
            .map(|node| expect::expect(reader, node))
            .unwrap_or_default(),
    })
}

fn action(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Action> {
    Some(match key {
        "user" => Action::User(reader.text(node)?),
        "choose" => Action::Choose(reader.text(node)?),
        "advance" => Action::Advance(reader.duration(node)?),
        "crash" => Action::Crash,
        "event" => event(reader, node)?,
        "attach" => Action::Attach(file(reader, node)),
        "desk" => Action::Desk(desk(reader, node)?),
        "locale" => Action::Locale(locale(reader, node)?),
        "channel" => Action::Channel(reader.text(node)?),
        "fail_delivery" => Action::FailDelivery,
        _ => Action::Open(visit(reader, node)?),
    })
}

/// `name`, or `{ name: data }`.
fn event(reader: &mut Reader<'_>, node: &Node) -> Option<Action> {
    let (name, data) = match &node.kind {
        NodeKind::Scalar(scalar) => (scalar.text.clone(), Map::new()),
        NodeKind::Map(entries) if entries.len() == 1 => match reader.json(&entries[0].1) {
            Json::Object(data) => (entries[0].0.text.clone(), data),
            _ => {
                reader.wrong(
                    &entries[0].1,
                    "wrong-shape",
                    "an event's data is a map of fields",
                );
                return None;
            }
        },
        _ => {
            reader.wrong(
                node,
                "wrong-shape",
                "an event is its name, or `{ name: { field: value } }`",
            );
            return None;
        }
    };
    if reader.bot().event(&name).is_none() {
        reader.wrong(
            node,
            "unknown-event",
            &format!("bot.yaml has no event `{name}`"),
        );
        return None;
    }
    Some(Action::Event { name, data })
}

/// A file's name, or a map of name, mime and size.
fn file(reader: &mut Reader<'_>, node: &Node) -> Value {
    let given = reader.json(node);
    let text = |key: &str, default: &str| {
        Value::Text(
            given
                .get(key)
                .and_then(Json::as_str)
                .unwrap_or(default)
                .to_owned(),
        )
    };
    let name = given.as_str().unwrap_or("file").to_owned();
    let size = given.get("size").and_then(Json::as_i64).unwrap_or(1024);
    Value::Map(BTreeMap::from([
        ("name".to_owned(), text("name", &name)),
        ("mime".to_owned(), text("mime", "application/octet-stream")),
        ("size".to_owned(), Value::Int(size)),
        ("ref".to_owned(), text("ref", "test-file")),
    ]))
}

fn desk(reader: &mut Reader<'_>, node: &Node) -> Option<DeskAction> {
    if let Some(said) = node.get("said") {
        return Some(DeskAction::Said(reader.text(said)?));
    }
    Some(match node.as_text() {
        Some("joined") => DeskAction::Joined,
        Some("returned") => DeskAction::Returned,
        Some("ended") => DeskAction::Ended,
        Some("closed") => DeskAction::Closed,
        Some("gave_up") => DeskAction::GaveUp,
        Some("failed") => DeskAction::Failed,
        _ => {
            let why =
                "a desk step is joined, { said: text }, returned, ended, closed, gave_up or failed";
            reader.wrong(node, "unknown-value", why);
            return None;
        }
    })
}

pub(super) fn locale(reader: &mut Reader<'_>, node: &Node) -> Option<Locale> {
    let text = reader.text(node)?;
    let found = reader
        .bot()
        .locales
        .iter()
        .find(|one| one.as_str() == text)
        .cloned();
    if found.is_none() {
        reader.wrong(
            node,
            "unknown-locale",
            &format!("the bot does not speak `{text}`"),
        );
    }
    found
}

fn visit(reader: &mut Reader<'_>, node: &Node) -> Option<Visit> {
    match node.as_text() {
        Some("first") => Some(Visit::First),
        Some("returning") => Some(Visit::Returning),
        _ => {
            reader.wrong(
                node,
                "unknown-value",
                "`first` or `returning` is wanted here",
            );
            None
        }
    }
}
