//! A writing request as the bank reads it: its body, and what makes it the same request when it comes again.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::problem::Problem;

/// The longest key: callers send ids, not texts.
const KEY_BYTES_MAX: usize = 255;

/// A request's body, and its stamp.
pub(super) struct Incoming<T> {
    pub(super) body: T,
    pub(super) stamp: Stamp,
}

/// What makes a request the same request.
pub(super) struct Stamp {
    /// The caller's `Idempotency-Key`.
    pub(super) key: Option<String>,
    /// Method, path and body.
    pub(super) fingerprint: String,
    /// The body, for whoever looks at the orders. Secrets are replaced.
    pub(super) request: Json,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Incoming<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let key = idempotency_key(&request)?;
        let address = format!("{} {}", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, state).await.map_err(|_| {
            Problem::new(413, "too-large", "The request is too large or was cut off.")
        })?;
        let json: Json = serde_json::from_slice(&bytes).map_err(|error| {
            Problem::unacceptable("malformed", format!("The body is no JSON: {error}."))
        })?;
        let fingerprint = format!("{address} {json}");
        let body = T::deserialize(&json).map_err(|error| {
            Problem::unacceptable("malformed", format!("The body does not fit: {error}."))
        })?;
        Ok(Self {
            body,
            stamp: Stamp {
                key,
                fingerprint,
                request: without_secrets(json),
            },
        })
    }
}

fn idempotency_key(request: &Request) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES_MAX => Ok(Some(key.to_owned())),
        _ => Err(Problem::new(
            400,
            "bad-key",
            "The Idempotency-Key must be a short visible text.",
        )),
    }
}

fn without_secrets(mut request: Json) -> Json {
    if let Some(pin) = request.get_mut("pin") {
        *pin = Json::from("***");
    }
    request
}

impl Stamp {
    /// The same, where a key is needed because acting twice would do harm.
    pub(super) fn with_key(self) -> Result<Self, Problem> {
        match self.key {
            Some(_) => Ok(self),
            None => Err(Problem::new(
                400,
                "key-missing",
                "Send an Idempotency-Key with this request.",
            )),
        }
    }
}
