//! `tools:` of a test: what each tool answers, in order.

use std::collections::BTreeMap;

use author::yaml::Node;
use dialog::{ErrorKind, ToolDeclaration, ToolError, ToolOutcome, Value};
use jiff::SignedDuration;

use super::read::Reader;
use crate::test::Stub;

const KEYS: &[&str] = &["returns", "error", "delay"];
const ERROR_KEYS: &[&str] = &["kind", "status", "code"];
const KINDS: &[ErrorKind] = &[
    ErrorKind::Timeout,
    ErrorKind::Unreachable,
    ErrorKind::Refused,
    ErrorKind::Failed,
    ErrorKind::Invalid,
    ErrorKind::Cancelled,
    ErrorKind::Unknown,
];

pub(super) fn tools(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, Vec<Stub>> {
    let mut tools = BTreeMap::new();
    let Some(entries) = node.as_map() else {
        reader.wrong(node, "wrong-shape", "a map of tools is wanted here");
        return tools;
    };
    for (key, value) in entries {
        let Some(tool) = reader.bot().tool(&key.text) else {
            let why = format!("there is no tool `{}`", key.text);
            reader.wrong_at(key.place, "unknown-tool", &why);
            continue;
        };
        let declaration = &reader.bot().tools[tool.index()];
        let stubs = reader
            .list(value)
            .iter()
            .filter_map(|item| stub(reader, item, declaration))
            .collect();
        tools.insert(key.text.clone(), stubs);
    }
    tools
}

fn stub(reader: &mut Reader<'_>, node: &Node, tool: &ToolDeclaration) -> Option<Stub> {
    let keys = reader.keys(node, "a tool's answer", KEYS)?;
    let delay = keys
        .get("delay")
        .and_then(|node| reader.duration(node))
        .unwrap_or(SignedDuration::ZERO);
    let outcome = match (keys.get("returns"), keys.get("error")) {
        (Some(result), None) => returned(reader, result, tool)?,
        (None, Some(error)) => failed(reader, error)?,
        _ => {
            let why = "a tool's answer has either `returns` or `error`";
            reader.wrong(node, "conflicting-keys", why);
            return None;
        }
    };
    Some(Stub { outcome, delay })
}

/// The result, read as the tool's real answer would be: one that it could never give is a mistake of the test.
fn returned(reader: &mut Reader<'_>, node: &Node, tool: &ToolDeclaration) -> Option<ToolOutcome> {
    let Some(returns) = &tool.returns else {
        let result = Value::Map(BTreeMap::new());
        return Some(ToolOutcome::Returned { result });
    };
    match dialog::coerce(&reader.json(node), returns) {
        Ok(result) => Some(ToolOutcome::Returned { result }),
        Err(wrong) => {
            let why = format!("`{}` never returns this: {wrong}", tool.name);
            reader.wrong(node, "wrong-value", &why);
            None
        }
    }
}

fn failed(reader: &mut Reader<'_>, node: &Node) -> Option<ToolOutcome> {
    let keys = reader.keys(node, "an error", ERROR_KEYS)?;
    let status = keys.get("status").and_then(|node| status(reader, node));
    let kind = match keys.get("kind") {
        Some(node) => kind(reader, node)?,
        None if status.is_some_and(|status| status >= 500) => ErrorKind::Failed,
        None if status.is_some() => ErrorKind::Refused,
        None => {
            reader.wrong(node, "missing-key", "an error needs a `kind` or a `status`");
            return None;
        }
    };
    let code = keys.get("code").and_then(|node| reader.text(node));
    Some(ToolOutcome::Failed(ToolError { kind, status, code }))
}

fn kind(reader: &mut Reader<'_>, node: &Node) -> Option<ErrorKind> {
    let text = reader.text(node)?;
    let found = KINDS.iter().copied().find(|kind| kind.name() == text);
    if found.is_none() {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        let why = format!(
            "there is no kind of error `{text}`; there are: {}",
            names.join(", ")
        );
        reader.wrong(node, "unknown-value", &why);
    }
    found
}

fn status(reader: &mut Reader<'_>, node: &Node) -> Option<u16> {
    let found = node
        .as_text()
        .and_then(|text| text.parse().ok())
        .filter(|status| (400..600).contains(status));
    if found.is_none() {
        reader.wrong(
            node,
            "wrong-value",
            "an HTTP status from 400 to 599 is wanted here",
        );
    }
    found
}
