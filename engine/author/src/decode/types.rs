//! Types: `text`, `[a, b]`, `{ list: T, max: N }`, a map of fields.

use std::collections::BTreeMap;

use dialog::{Value, ValueType};

use super::keys::{check_name, text, whole};
use crate::diagnostic::Findings;
use crate::names::did_you_mean;
use crate::rule;
use crate::yaml::{Key, Node, NodeKind};

/// Types that are written as one word.
pub(crate) const TYPE_NAMES: &[&str] = &[
    "bool", "int", "number", "text", "date", "time", "datetime", "duration", "money", "email",
    "phone", "url", "iban", "file",
];

/// Reads a type.
pub(super) fn value_type(findings: &Findings, node: &Node) -> Option<ValueType> {
    match &node.kind {
        NodeKind::Scalar(scalar) => named(findings, node, &scalar.text),
        NodeKind::List(values) => enumeration(findings, node, values),
        NodeKind::Map(entries) if entries.iter().any(|(key, _)| key.text == "list") => {
            list_of(findings, entries)
        }
        NodeKind::Map(entries) => fields(findings, entries).map(ValueType::Map),
        NodeKind::Broken => None,
    }
}

fn named(findings: &Findings, node: &Node, name: &str) -> Option<ValueType> {
    Some(match name {
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
        _ => {
            findings.note(
                &rule::UNKNOWN_TYPE,
                node.place,
                format!(
                    "there is no type `{name}`{}",
                    did_you_mean(name, TYPE_NAMES.iter().copied())
                ),
                Some(format!(
                    "a type is {}, a list of values [a, b], {{ list: …, max: … }} or a map of fields",
                    TYPE_NAMES.join(", ")
                )),
            );
            return None;
        }
    })
}

fn enumeration(findings: &Findings, node: &Node, values: &[Node]) -> Option<ValueType> {
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let name = text(findings, value, "a value")?;
        if names.iter().any(|one| one == name) {
            findings.add(
                &rule::DUPLICATE_NAME,
                value.place,
                format!("the value `{name}` stands twice"),
            );
        } else {
            names.push(name.to_owned());
        }
    }
    if names.is_empty() {
        findings.add(
            &rule::EMPTY_VALUE,
            node.place,
            "a type needs at least one value",
        );
        return None;
    }
    Some(ValueType::Enum(names))
}

fn list_of(findings: &Findings, entries: &[(Key, Node)]) -> Option<ValueType> {
    let mut of = None;
    let mut max = Value::LIST_MAX;
    for (key, value) in entries {
        match key.text.as_str() {
            "list" => of = value_type(findings, value),
            "max" => max = list_max(findings, value)?,
            _ => findings.add(
                &rule::UNKNOWN_KEY,
                key.place,
                format!(
                    "a list's type has no key `{}`; it has `list` and `max`",
                    key.text
                ),
            ),
        }
    }
    Some(ValueType::List {
        of: Box::new(of?),
        max,
    })
}

fn list_max(findings: &Findings, node: &Node) -> Option<usize> {
    let max = whole(findings, node, "max", 1)? as usize;
    if max > Value::LIST_MAX {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("a list has at most {} items", Value::LIST_MAX),
        );
    }
    Some(max.min(Value::LIST_MAX))
}

/// Named fields.
pub(super) fn fields(
    findings: &Findings,
    entries: &[(Key, Node)],
) -> Option<BTreeMap<String, ValueType>> {
    let mut fields = BTreeMap::new();
    let mut whole = true;
    for (key, value) in entries {
        whole &= check_name(findings, key, "a field");
        match value_type(findings, value) {
            Some(value_type) => {
                fields.insert(key.text.clone(), value_type);
            }
            None => whole = false,
        }
    }
    whole.then_some(fields)
}
