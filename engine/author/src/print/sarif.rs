//! SARIF 2.1.0: for code hosts and editors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::rule::Rule;
use crate::{Diagnostic, Severity};

/// All diagnostics as a SARIF log of one run.
pub fn sarif(diagnostics: &[Diagnostic]) -> String {
    let rules: BTreeMap<&str, &Rule> = diagnostics
        .iter()
        .map(|one| (one.rule.code, one.rule))
        .collect();
    let rules: Vec<Value> = rules.values().map(|rule| described(rule)).collect();
    let results: Vec<Value> = diagnostics.iter().map(result).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "switchboard",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "defaultConfiguration": { "level": level(rule.severity) },
        "fullDescription": { "text": crate::explain::finds(rule) },
    })
}

fn result(one: &Diagnostic) -> Value {
    let text = match &one.help {
        Some(help) => format!("{} ({help})", one.sentence),
        None => one.sentence.clone(),
    };
    json!({
        "ruleId": one.rule.code,
        "level": level(one.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": one.file },
            "region": {
                "startLine": one.line,
                "startColumn": one.column,
                "endColumn": one.column + one.length,
            },
        } }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
