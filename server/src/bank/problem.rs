//! What the bank says when it says no: problem details (RFC 9457) with a stable code.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    status: u16,
    code: &'static str,
    detail: String,
}

impl Problem {
    /// A refusal with an HTTP status, a code for programs and a sentence for people.
    pub(super) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
        }
    }

    /// 404.
    pub(super) fn not_found(code: &'static str, detail: &str) -> Self {
        Self::new(404, code, detail)
    }

    /// 409: true already, or not at the same time.
    pub(super) fn conflict(code: &'static str, detail: &str) -> Self {
        Self::new(409, code, detail)
    }

    /// 422: understood, but not acceptable.
    pub(super) fn unacceptable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(422, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        });
        (
            status,
            [(CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    }
}
