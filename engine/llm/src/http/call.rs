//! What all calls of a model have in common: what is sent, and the head of what comes back, sorted.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use super::Client;
use crate::draft::Draft;
use crate::fault::{Fault, Told};
use crate::frames::{Framing, Pace};
use crate::wire::{Dialect, Wire};
use crate::{ErrorKind, Key, Provider, Request};

/// How much of an error's body is read: their sentences are at its beginning.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// What all calls of a model have in common.
pub(super) struct Call {
    pub(super) model: String,
    url: String,
    key: Option<Key>,
    extra: BTreeMap<String, Key>,
    pub(super) idle: Duration,
    pub(super) wire: &'static dyn Wire,
    client: Client,
    /// What this model was found not to take.
    dialect: Mutex<Dialect>,
}

impl Call {
    pub(super) fn new(
        provider: &Provider,
        model: &str,
        wire: &'static dyn Wire,
        client: &Client,
    ) -> Self {
        Self {
            model: model.to_owned(),
            url: join(&provider.base_url, &wire.path(model)),
            key: provider.key.clone(),
            extra: provider.headers.clone(),
            idle: provider.idle,
            wire,
            client: client.clone(),
            dialect: Mutex::default(),
        }
    }

    /// The head of a stream. A model that says no to a field of ours is asked once more without it, and from then on always so.
    pub(super) async fn open(&self, request: &Request, pace: Pace) -> Result<Response, Fault> {
        loop {
            let dialect = *self
                .dialect
                .lock()
                .expect("nothing panics while it is held");
            let response = self.send(request, dialect, pace).await?;
            let fault = match self.sort(response, pace).await {
                Ok(response) => return Ok(response),
                Err(fault) => fault,
            };
            // Ends, because each lesson can be learned once.
            let learned = (fault.kind == ErrorKind::Invalid)
                .then(|| dialect.without(&fault.message))
                .flatten();
            match learned {
                Some(better) => {
                    *self
                        .dialect
                        .lock()
                        .expect("nothing panics while it is held") = better;
                }
                None => return Err(fault),
            }
        }
    }

    async fn send(
        &self,
        request: &Request,
        dialect: Dialect,
        pace: Pace,
    ) -> Result<Response, Fault> {
        let sent = self
            .client
            .0
            .post(&self.url)
            .headers(self.headers()?)
            .json(&self.wire.body(&self.model, request, dialect))
            .send();
        pace.wait(sent).await?.map_err(|error| unsent(&error))
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &Key> {
        self.key.iter().chain(self.extra.values())
    }

    fn headers(&self) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.wire.headers() {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        for (name, value) in &self.extra {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                Fault::new(
                    ErrorKind::Invalid,
                    format!("`{name}` is no name of a header"),
                )
            })?;
            headers.insert(name, secret(value.expose())?);
        }
        if let Some(key) = &self.key {
            let (name, prefix) = self.wire.log_in();
            let value = secret(&format!("{prefix}{}", key.expose()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }

    /// The response, if it begins a stream.
    async fn sort(&self, response: Response, pace: Pace) -> Result<Response, Fault> {
        let status = response.status();
        if status.is_success() && may_be_stream(response.headers(), self.wire.framing()) {
            return Ok(response);
        }
        let retry_after = retry_after(response.headers());
        let body = beginning(response, pace).await;
        if status.is_success() {
            let value = serde_json::from_str(&body).unwrap_or_default();
            return Err(match Told::find(&value) {
                Some(told) => told.sort(self.wire.words()),
                None => Fault {
                    status: Some(status.as_u16()),
                    ..not_a_stream()
                },
            });
        }
        let mut told = Told::read(&body);
        told.status = Some(status.as_u16());
        told.retry_after = retry_after.or(told.retry_after);
        if status.is_redirection() {
            told.message = "the address redirects, which is not followed".to_owned();
        }
        Err(told.sort(self.wire.words()))
    }

    pub(super) fn read(&self, value: &serde_json::Value, draft: &mut Draft) -> Result<(), Fault> {
        if let Some(told) = Told::find(value) {
            return Err(told.sort(self.wire.words()));
        }
        self.wire.read(value, draft)
    }
}

/// The address of a path below a base that may end with a slash and may have a query.
fn join(base: &str, path: &str) -> String {
    let (base, query) = base.split_once('?').unwrap_or((base, ""));
    let mark = match (query, path.contains('?')) {
        ("", _) => "",
        (_, true) => "&",
        (_, false) => "?",
    };
    format!("{}{path}{mark}{query}", base.trim_end_matches('/'))
}

fn secret(text: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::new(ErrorKind::LogIn, "the key has characters that no key has"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn may_be_stream(headers: &HeaderMap, framing: Framing) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let foreign: &[&str] = match framing {
        Framing::Events => &["text/html", "application/json"],
        Framing::Lines => &["text/html"],
    };
    !foreign.iter().any(|one| kind.starts_with(one))
}

fn not_a_stream() -> Fault {
    Fault::new(
        ErrorKind::NotAStream,
        "the server answered, but not with a stream: is the address right?",
    )
}

/// The beginning of a body as text; what can't be read is left out, for the status says enough.
async fn beginning(mut response: Response, pace: Pace) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ERROR_BYTES_MAX {
        match pace.wait(response.chunk()).await {
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
            _ => break,
        }
    }
    bytes.truncate(ERROR_BYTES_MAX);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// When to ask again: milliseconds, seconds, or a date. A date counts from the server's own, so that our clock does not matter.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|ms| ms.parse().ok()) {
        return Some(Duration::from_millis(ms));
    }
    let after = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = after.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(after).ok()?;
    let now = httpdate::parse_http_date(text(DATE.as_str())?).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Errors of the client carry addresses, and those may carry passwords: only what happened is told.
fn unsent(error: &reqwest::Error) -> Fault {
    let (kind, message) = match () {
        () if error.is_builder() => (ErrorKind::Invalid, "the address is not a URL"),
        () if error.is_timeout() && !error.is_connect() => {
            (ErrorKind::Timeout, "the server did not answer in time")
        }
        () if error.is_connect() => (ErrorKind::Unreachable, "the server can't be reached"),
        () => (
            ErrorKind::Unreachable,
            "the connection ended before an answer began",
        ),
    };
    Fault::new(kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_with_and_without_a_slash() {
        assert_eq!(join("http://a/v1/", "/chat"), "http://a/v1/chat");
        assert_eq!(join("http://a/x/v1", "/chat"), "http://a/x/v1/chat");
        assert_eq!(join("http://a?v=2", "/chat"), "http://a/chat?v=2");
        assert_eq!(
            join("http://a/?v=2", "/c?alt=sse"),
            "http://a/c?alt=sse&v=2"
        );
    }

    #[test]
    fn a_date_counts_from_the_servers_own() {
        let mut headers = HeaderMap::new();
        let set = |headers: &mut HeaderMap, name, value| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        set(&mut headers, RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(retry_after(&headers), None);
        set(&mut headers, DATE, "Sun, 06 Nov 1994 08:49:07 GMT");
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(30)));
        set(&mut headers, RETRY_AFTER, "7");
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
        set(&mut headers, RETRY_AFTER, "-7");
        assert_eq!(retry_after(&headers), None);
    }
}
