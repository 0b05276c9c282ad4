//! What came back → an outcome in the words that flows test. Pure.

use std::collections::BTreeMap;

use dialog::{ErrorKind, ToolError, ToolOutcome, Value, ValueType};
use serde_json::Value as Json;

/// A longer code is no code; it may be said to a customer or stand in a metric.
const CODE_CHARS_MAX: usize = 80;

/// How one attempt ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Attempt {
    /// As the flow would see it.
    pub(crate) outcome: ToolOutcome,
    /// Whether the same request may well succeed a little later.
    pub(crate) may_pass: bool,
}

impl Attempt {
    /// An attempt that failed before there was an answer.
    pub(crate) fn failed(kind: ErrorKind, may_pass: bool) -> Self {
        Self::failed_with(kind, None, None, may_pass)
    }

    /// An attempt that failed, with all that is known.
    pub(crate) fn failed_with(
        kind: ErrorKind,
        status: Option<u16>,
        code: Option<String>,
        may_pass: bool,
    ) -> Self {
        Self {
            outcome: ToolOutcome::Failed(ToolError { kind, status, code }),
            may_pass,
        }
    }
}

/// Sorts an answer by its status and reads its body by the declared type.
pub(crate) fn sort(status: u16, body: &[u8], returns: Option<&ValueType>) -> Attempt {
    let failed = |kind, may_pass| Attempt::failed_with(kind, Some(status), code(body), may_pass);
    match status {
        200..=299 => read(status, body, returns),
        408 | 425 | 429 => failed(ErrorKind::Refused, true),
        400..=499 => failed(ErrorKind::Refused, false),
        500 | 502..=504 => failed(ErrorKind::Failed, true),
        500..=599 => failed(ErrorKind::Failed, false),
        _ => failed(ErrorKind::Invalid, false),
    }
}

fn read(status: u16, body: &[u8], returns: Option<&ValueType>) -> Attempt {
    let Some(returns) = returns else {
        return returned(Value::Map(BTreeMap::new()));
    };
    let value = serde_json::from_slice::<Json>(body)
        .ok()
        .and_then(|json| dialog::coerce(&json, returns).ok());
    match value {
        Some(value) => returned(value),
        None => Attempt::failed_with(ErrorKind::Invalid, Some(status), None, false),
    }
}

fn returned(result: Value) -> Attempt {
    Attempt {
        outcome: ToolOutcome::Returned { result },
        may_pass: false,
    }
}

/// The outside's own code: `code` of a problem report (RFC 9457) or of a plain JSON error, or OAuth's `error`.
fn code(body: &[u8]) -> Option<String> {
    let json: Json = serde_json::from_slice(body).ok()?;
    let found = [
        json.get("code"),
        json.pointer("/error/code"),
        json.get("error"),
    ]
    .into_iter()
    .flatten()
    .find_map(|code| match code {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    })?;
    (found.chars().count() <= CODE_CHARS_MAX).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, body: &str) -> (ErrorKind, Option<String>, bool) {
        let attempt = sort(status, body.as_bytes(), None);
        match attempt.outcome {
            ToolOutcome::Failed(error) => {
                assert_eq!(error.status, Some(status));
                (error.kind, error.code, attempt.may_pass)
            }
            ToolOutcome::Returned { .. } => panic!("{status} is a failure"),
        }
    }

    #[test]
    fn a_status_says_whose_fault_it_was_and_whether_it_may_pass() {
        assert_eq!(failure(404, ""), (ErrorKind::Refused, None, false));
        assert_eq!(failure(429, ""), (ErrorKind::Refused, None, true));
        assert_eq!(failure(503, "oops"), (ErrorKind::Failed, None, true));
        assert_eq!(failure(501, ""), (ErrorKind::Failed, None, false));
        assert_eq!(failure(302, ""), (ErrorKind::Invalid, None, false));
    }

    #[test]
    fn the_code_of_a_problem_report_is_kept() {
        let code = |body| failure(409, body).1;
        assert_eq!(
            code(r#"{"type":"about:blank","code":"card-blocked"}"#).as_deref(),
            Some("card-blocked")
        );
        assert_eq!(code(r#"{"error":{"code":17}}"#).as_deref(), Some("17"));
        assert_eq!(
            code(r#"{"error":"invalid_grant"}"#).as_deref(),
            Some("invalid_grant")
        );
        assert_eq!(code(&format!(r#"{{"code":"{}"}}"#, "x".repeat(81))), None);
    }
}
