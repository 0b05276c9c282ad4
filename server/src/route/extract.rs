//! What a route takes from a request, with our problems instead of axum's texts.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use dialog::ConversationId;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::SharedApp;
use crate::auth::{AuthError, Caller, Role};
use crate::problem::Problem;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<SharedApp> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Problem> {
        if !is_json(
            request
                .headers()
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok()),
        ) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "The body must be JSON, with `Content-Type: application/json`.",
            ));
        }
        let read = read(request.into_body(), app.body_bytes_max);
        let bytes = tokio::time::timeout(app.body_timeout, read)
            .await
            .map_err(|_| {
                Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "body-too-slow",
                    "The body did not arrive in time.",
                )
            })??;
        let mut read = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut read).map_err(|error| wrong(&error))?;
        read.end().map_err(|error| {
            Problem::bad_request("json-invalid", format!("The body is no JSON: {error}."))
        })?;
        Ok(Self(value))
    }
}

/// What stands behind the `?` of an address.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<SharedApp> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, app).await;
        let wrong = |rejection: QueryRejection| {
            Problem::bad_request("field-invalid", rejection.body_text() + ".")
        };
        read.map(|query| Self(query.0)).map_err(wrong)
    }
}

/// So much of a body that is too large is read and thrown away, so that a client that sends before it reads gets the answer
/// instead of a broken connection.
const DISCARDED_BYTES_MAX: usize = 4 << 20;

async fn read(body: Body, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let mut parts = body.into_data_stream();
    let (mut bytes, mut seen) = (Vec::new(), 0);
    while let Some(part) = parts.next().await {
        let part = part
            .map_err(|_| Problem::bad_request("body-broken", "The body did not arrive whole."))?;
        seen += part.len();
        if seen <= bytes_max {
            bytes.extend_from_slice(&part);
        } else if seen > bytes_max + DISCARDED_BYTES_MAX {
            break;
        }
    }
    if seen > bytes_max {
        let sentence =
            format!("The body is larger than the {bytes_max} bytes that this server takes.");
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            sentence,
        ));
    }
    Ok(bytes)
}

fn is_json(content_type: Option<&str>) -> bool {
    let mime = content_type.map(|value| value.split(';').next().unwrap_or_default().trim());
    mime.is_some_and(|mime| {
        mime.eq_ignore_ascii_case("application/json") || mime.ends_with("+json")
    })
}

/// The place of the mistake; never the value, which may be a secret.
fn wrong(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    let code = if inner.is_data() {
        "field-invalid"
    } else {
        "json-invalid"
    };
    let place = error.path().to_string();
    let place = if place == "." {
        String::new()
    } else {
        format!(" at `{place}`")
    };
    Problem::bad_request(
        code,
        format!("The body is not as it should be{place}: {inner}."),
    )
}

/// A caller of at least this role, wherever the route needs no conversation: the type says the role.
macro_rules! callers {
    ($($(#[$doc:meta])* $name:ident: $role:expr;)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name(#[expect(dead_code, reason = "some routes only need to know that there is one")] pub(crate) Caller);

            impl FromRequestParts<SharedApp> for $name {
                type Rejection = Problem;

                async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Problem> {
                    at_least($role, caller(parts, app, None)?).map(Self)
                }
            }
        )*
    };
}

callers! {
    /// An agent of a desk, or more.
    Agent: Role::Agent;
    /// An integrator, or more.
    Integrator: Role::Integrator;
    /// An operator.
    Operator: Role::Operator;
}

/// Somebody who may see a conversation, and its id from the path. What belongs to others is not found.
pub(crate) struct OfConversation {
    pub(crate) id: ConversationId,
    pub(crate) caller: Caller,
}

impl FromRequestParts<SharedApp> for OfConversation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::not_found("conversation"))?;
        let id = ConversationId::from(id);
        match caller(parts, app, Some(&id)) {
            Ok(caller) => Ok(Self { id, caller }),
            // A token that opens another conversation must not tell whether this one exists.
            Err(problem) if is_token(parts) => {
                let _ = problem;
                Err(Problem::not_found("conversation"))
            }
            Err(problem) => Err(problem),
        }
    }
}

impl OfConversation {
    /// # Errors
    /// When the caller's role is lower.
    pub(crate) fn at_least(&self, role: Role) -> Result<(), Problem> {
        at_least(role, self.caller.clone()).map(|_| ())
    }
}

/// A conversation's token has the length of an encoded SHA-256; a wrong API key is said to be wrong.
const TOKEN_CHARS: usize = 43;

fn is_token(parts: &Parts) -> bool {
    credential(parts)
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|token| token.trim().len() == TOKEN_CHARS)
}

fn credential(parts: &Parts) -> Option<&str> {
    parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
}

fn caller(
    parts: &Parts,
    app: &SharedApp,
    conversation: Option<&ConversationId>,
) -> Result<Caller, Problem> {
    // The control socket is a file that only the server's user can open.
    if parts.extensions.get::<FromControlSocket>().is_some() {
        return Ok(Caller {
            name: "control".into(),
            role: Role::Operator,
        });
    }
    app.gate
        .caller(credential(parts), conversation)
        .map_err(|error: AuthError| Problem::unauthorized(error.to_string()))
}

fn at_least(role: Role, caller: Caller) -> Result<Caller, Problem> {
    if caller.role >= role {
        return Ok(caller);
    }
    Err(Problem::forbidden(
        "role",
        format!(
            "This needs the role {role:?}; the key has {:?}.",
            caller.role
        )
        .to_lowercase(),
    ))
}

/// Marks requests that came through the control socket.
#[derive(Clone, Copy)]
pub(crate) struct FromControlSocket;
