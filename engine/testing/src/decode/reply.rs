//! `models:` of a test: what each language model writes, in order.

use std::collections::BTreeMap;

use author::yaml::Node;
use jiff::SignedDuration;
use llm::ErrorKind;
use serde_json::{Map, Value as Json, json};

use super::read::Reader;
use crate::test::{Reply, Written};

const KEYS: &[&str] = &["says", "calls", "judges", "fails", "delay"];
/// The failures that a test can name.
const FAILURES: &[(&str, ErrorKind)] = &[
    ("log_in", ErrorKind::LogIn),
    ("quota", ErrorKind::Quota { retry_after: None }),
    ("too_long", ErrorKind::TooLong),
    ("unavailable", ErrorKind::Unavailable),
    ("empty", ErrorKind::Empty),
    ("refused", ErrorKind::Refused),
    ("cut_off", ErrorKind::CutOff),
    ("timeout", ErrorKind::Timeout),
    ("unreachable", ErrorKind::Unreachable),
];

pub(super) fn models(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, Vec<Reply>> {
    let mut models = BTreeMap::new();
    let Some(entries) = node.as_map() else {
        reader.wrong(node, "wrong-shape", "a map of models is wanted here");
        return models;
    };
    for (key, value) in entries {
        if reader.bot().model(&key.text).is_none() {
            let why = format!("bot.yaml has no model `{}`", key.text);
            reader.wrong_at(key.place, "unknown-model", &why);
            continue;
        }
        let replies = reader.list(value).iter();
        let replies = replies.filter_map(|item| reply(reader, item)).collect();
        models.insert(key.text.clone(), replies);
    }
    models
}

fn reply(reader: &mut Reader<'_>, node: &Node) -> Option<Reply> {
    let keys = reader.keys(node, "a model's answer", KEYS)?;
    let delay = keys
        .get("delay")
        .and_then(|node| reader.duration(node))
        .unwrap_or(SignedDuration::ZERO);
    let says = keys.get("says").map(|node| reader.text(node));
    let calls = keys.get("calls").map(|node| calls(reader, node));
    let judges = keys.get("judges").map(|node| verdict(reader, node));
    let outcome = match (says, calls, judges, keys.get("fails")) {
        (None, None, None, Some(fails)) => Err(failure(reader, fails)?),
        (None, None, Some(text), None) => Ok(Written {
            text,
            calls: Vec::new(),
        }),
        (None, None, None, None) | (.., Some(_)) | (_, _, Some(_), _) => {
            let why =
                "a model's answer has `says`, `calls` or both, or else `judges`, or else `fails`";
            reader.wrong(node, "conflicting-keys", why);
            return None;
        }
        (says, calls, None, None) => Ok(Written {
            text: says.flatten().unwrap_or_default(),
            calls: calls.unwrap_or_default(),
        }),
    };
    Some(Reply { outcome, delay })
}

/// `[ { tool: { argument: value } } ]`.
fn calls(reader: &mut Reader<'_>, node: &Node) -> Vec<(String, Map<String, Json>)> {
    let mut calls = Vec::new();
    for item in reader.list(node) {
        match reader.json(item) {
            Json::Object(tools) => calls.extend(tools.into_iter().map(|(tool, args)| {
                let args = args.as_object().cloned().unwrap_or_default();
                (tool, args)
            })),
            _ => {
                let why = "a call is a map of the tool's name and its arguments";
                reader.wrong(item, "wrong-shape", why);
            }
        }
    }
    calls
}

/// `[true, false]`: whether each sentence is supported, as a judge writes it.
fn verdict(reader: &mut Reader<'_>, node: &Node) -> String {
    let supported = reader.list(node).iter().map(|item| reader.json(item));
    let supported: Vec<Json> = supported.collect();
    if supported.iter().any(|one| !one.is_boolean()) {
        let why = "a judge says `true` or `false` of each sentence, in a list";
        reader.wrong(node, "wrong-shape", why);
    }
    let sentences = supported.iter().enumerate();
    let sentences: Vec<Json> = sentences
        .map(|(index, supported)| json!({ "n": index + 1, "supported": supported }))
        .collect();
    json!({ "sentences": sentences }).to_string()
}

fn failure(reader: &mut Reader<'_>, node: &Node) -> Option<ErrorKind> {
    let text = reader.text(node)?;
    let found = FAILURES.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let names: Vec<&str> = FAILURES.iter().map(|(name, _)| *name).collect();
        let why = format!(
            "a model does not fail by `{text}`; there are: {}",
            names.join(", ")
        );
        reader.wrong(node, "unknown-value", &why);
    }
    found.map(|(_, kind)| *kind)
}
