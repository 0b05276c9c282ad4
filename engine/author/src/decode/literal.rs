//! Values that stand for themselves: a slot's `default`.

use dialog::{Value, ValueType};
use serde_json::Value as Json;

use crate::diagnostic::Findings;
use crate::expression::ty;
use crate::rule;
use crate::yaml::{Node, NodeKind, Scalar, Style};

/// Reads a value of a type.
pub(super) fn literal(findings: &Findings, node: &Node, value_type: &ValueType) -> Option<Value> {
    if let (NodeKind::Scalar(scalar), false) = (&node.kind, is_structured(value_type)) {
        let found = dialog::from_text(&scalar.text, value_type);
        if found.is_none() {
            report(findings, node, value_type);
        }
        return found;
    }
    let json = json(node)?;
    let found = dialog::coerce(&json, value_type).ok();
    if found.is_none() {
        report(findings, node, value_type);
    }
    found
}

fn is_structured(value_type: &ValueType) -> bool {
    matches!(
        value_type,
        ValueType::List { .. } | ValueType::Map(_) | ValueType::Money | ValueType::File { .. }
    )
}

fn report(findings: &Findings, node: &Node, value_type: &ValueType) {
    findings.add(
        &rule::WRONG_VALUE,
        node.place,
        format!("{} is wanted here", ty::describe(value_type)),
    );
}

/// A node as JSON, by YAML's own rules.
fn json(node: &Node) -> Option<Json> {
    Some(match &node.kind {
        NodeKind::Scalar(scalar) => json_scalar(scalar),
        NodeKind::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        NodeKind::Map(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| Some((key.text.clone(), json(value)?)))
                .collect::<Option<_>>()?,
        ),
        NodeKind::Broken => return None,
    })
}

fn json_scalar(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    if scalar.style != Style::Plain {
        return text.into();
    }
    match (text, text.parse::<i64>(), text.parse::<f64>()) {
        ("true", ..) => true.into(),
        ("false", ..) => false.into(),
        (_, Ok(int), _) => int.into(),
        (_, _, Ok(number)) if number.is_finite() => number.into(),
        _ => text.into(),
    }
}
