//! Where a request may come from.
//!
//! On loopback no key is needed, so a web page that the operator happens to visit must not reach the server: the `Host` has to
//! be loopback (a name that an attacker points here is not), a foreign `Origin` is refused, and so is anything that a proxy
//! passed on, as the caller is then somebody else.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::SharedApp;
use crate::problem::Problem;

/// Where the server listens, and which pages may call it.
#[derive(Clone, Debug)]
pub(crate) struct Exposure {
    /// Only this machine can connect.
    pub(crate) loopback: bool,
    /// Origins of other sites' pages that may call from a browser.
    pub(crate) origins: Vec<String>,
}

/// Refuses what must not come here; answers browsers that ask first.
pub(crate) async fn check(State(app): State<SharedApp>, request: Request, next: Next) -> Response {
    let origin = match permitted(&app.exposure, request.headers()) {
        Ok(origin) => origin,
        Err(problem) => return problem.into_response(),
    };
    let asks_first = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    if let Some(origin) = origin {
        allow(response.headers_mut(), origin);
    }
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The foreign origin that is let in, if there is one.
fn permitted(exposure: &Exposure, headers: &HeaderMap) -> Result<Option<HeaderValue>, Problem> {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    if exposure.loopback {
        if !host.is_some_and(is_loopback) {
            return Err(Problem::forbidden(
                "host",
                "This server listens on loopback, and answers to loopback names only.",
            ));
        }
        if headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded-") || name == header::FORWARDED)
        {
            return Err(Problem::forbidden(
                "forwarded",
                "This server listens on loopback without keys; a proxy in front of it would let everybody in.",
            ));
        }
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(None);
    };
    let text = origin.to_str().unwrap_or_default();
    let own = text
        .split_once("://")
        .map(|(_, rest)| rest)
        .zip(host)
        .is_some_and(|(rest, host)| rest.eq_ignore_ascii_case(host));
    if own {
        return Ok(None);
    }
    if exposure.origins.iter().any(|one| one == text) {
        return Ok(Some(origin.clone()));
    }
    Err(Problem::forbidden(
        "origin",
        "Pages of that site may not call this server; `allowed_origins` names those that may.",
    ))
}

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost`.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, last-event-id, prefer"),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(loopback: bool, pairs: &[(&str, &str)]) -> Option<&'static str> {
        let exposure = Exposure {
            loopback,
            origins: vec!["https://shop.example".into()],
        };
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        permitted(&exposure, &headers)
            .err()
            .map(|problem| problem.code)
    }

    #[test]
    fn loopback_answers_to_loopback_names_only() {
        assert_eq!(code(true, &[("host", "127.0.0.1:8080")]), None);
        assert_eq!(code(true, &[("host", "[::1]:8080")]), None);
        assert_eq!(code(true, &[("host", "localhost")]), None);
        assert_eq!(code(true, &[("host", "evil.example")]), Some("host"));
        assert_eq!(
            code(true, &[("host", "localhost.evil.example")]),
            Some("host")
        );
        assert_eq!(code(true, &[]), Some("host"));
        assert_eq!(
            code(
                true,
                &[("host", "localhost"), ("x-forwarded-for", "1.2.3.4")]
            ),
            Some("forwarded")
        );
        assert_eq!(
            code(
                false,
                &[("host", "chat.example"), ("x-forwarded-for", "1.2.3.4")]
            ),
            None
        );
    }

    #[test]
    fn foreign_pages_are_refused_unless_named() {
        assert_eq!(
            code(
                true,
                &[
                    ("host", "localhost:8080"),
                    ("origin", "http://localhost:8080")
                ]
            ),
            None
        );
        assert_eq!(
            code(
                true,
                &[
                    ("host", "localhost:8080"),
                    ("origin", "http://localhost:9090")
                ]
            ),
            Some("origin")
        );
        assert_eq!(
            code(true, &[("host", "localhost:8080"), ("origin", "null")]),
            Some("origin")
        );
        assert_eq!(
            code(
                false,
                &[("host", "chat.example"), ("origin", "https://shop.example")]
            ),
            None
        );
        assert_eq!(
            code(
                false,
                &[("host", "chat.example"), ("origin", "https://evil.example")]
            ),
            Some("origin")
        );
    }
}
