//! One JSON array: for scripts.

use serde_json::json;

use crate::Diagnostic;

/// All diagnostics as a JSON array.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let all: Vec<serde_json::Value> = diagnostics
        .iter()
        .map(|one| {
            json!({
                "code": one.rule.code,
                "name": one.rule.name,
                "severity": one.severity.name(),
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "length": one.length,
                "sentence": one.sentence,
                "help": one.help,
            })
        })
        .collect();
    format!("{:#}", serde_json::Value::from(all))
}
