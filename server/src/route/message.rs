//! A customer's message, click or event.

use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use dialog::{ChoiceId, Owner, Turn, Value};
use runtime::{Accepted, Authority, Body, Inbound, Said};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Any};
use utoipa::ToSchema;

use super::SharedApp;
use super::extract::{Json, OfConversation};
use crate::auth::{Caller, Role};
use crate::problem::Problem;

/// The longest `Prefer: wait`: proxies cut what takes longer.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// What a customer sends: exactly one of `text`, `choice` and `event`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    /// Made by the client. For seven days the same id is the same message, however often it comes.
    id: String,
    /// Words.
    text: Option<String>,
    /// The id of a choice that was offered.
    #[schema(value_type = Option<String>)]
    choice: Option<String>,
    /// An event that visitors may send.
    event: Option<SentEvent>,
    /// Files: each a map of name, mime, size and ref.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    attachments: Vec<Any>,
}

/// An event that bot.yaml declares `from_visitor`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentEvent {
    name: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Map<String, Any>,
}

/// What came of it, durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answered {
    /// The turn that it caused.
    #[schema(value_type = u64)]
    turn: Turn,
    /// All that it has caused to be said so far.
    #[schema(value_type = Vec<Object>)]
    messages: Vec<Said>,
    /// Who speaks now.
    owner: &'static str,
    /// More will come by itself: a call, a model or a desk has not answered.
    pending: bool,
}

/// Send a message. The answer comes after it is durable; the same id again gives the same turn.
#[utoipa::path(post, path = "/v1/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), ("Prefer" = Option<String>, Header, description = "`wait=10` waits for what is pending, in seconds")),
    request_body = Sent,
    responses((status = 200, body = Answered), (status = 404, body = Problem), (status = 409, description = "Ended", body = Problem),
        (status = 422, description = "The id was used for another body, or something in it can't be taken", body = Problem), (status = 503, description = "Busy or stopping", body = Problem)))]
pub(crate) async fn send(
    State(app): State<SharedApp>,
    of: OfConversation,
    headers: HeaderMap,
    Json(sent): Json<Sent>,
) -> Result<axum::Json<Answered>, Problem> {
    let wait = wait(&headers);
    let inbound = Inbound {
        conversation: of.id.clone(),
        source: "http".to_owned(),
        id: sent.id,
        body: body(sent.text, sent.choice, sent.event)?,
        attachments: sent
            .attachments
            .iter()
            .filter_map(Value::from_json)
            .collect(),
        by: authority(&of.caller),
    };
    let mut accepted = app.runtime.accept(inbound).await?;
    if let (true, Some(wait)) = (accepted.pending, wait) {
        accepted = app.runtime.wait(&of.id, accepted.turn, wait).await?;
    }
    Ok(axum::Json(Answered::from(accepted)))
}

fn body(
    text: Option<String>,
    choice: Option<String>,
    event: Option<SentEvent>,
) -> Result<Body, Problem> {
    match (text, choice, event) {
        (Some(text), None, None) => Ok(Body::Text(text)),
        (None, Some(choice), None) => choice.parse::<ChoiceId>().map(Body::Choice).map_err(|()| {
            Problem::unprocessable("choice-unknown", "No choice with that id was ever offered.")
        }),
        (None, None, Some(event)) => Ok(Body::Event {
            name: event.name,
            data: event.data,
        }),
        _ => Err(Problem::bad_request(
            "field-invalid",
            "A message has exactly one of `text`, `choice` and `event`.",
        )),
    }
}

/// `Prefer: wait=10` (RFC 7240).
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let preferences = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let seconds = preferences
        .flat_map(|value| value.split([',', ';']))
        .find_map(|one| one.trim().strip_prefix("wait=")?.parse().ok())?;
    Some(Duration::from_secs(seconds).min(WAIT_MAX))
}

/// What the caller may set and send.
pub(crate) fn authority(caller: &Caller) -> Authority {
    if caller.role >= Role::Integrator {
        Authority::Integrator
    } else {
        Authority::Visitor
    }
}

/// Who speaks, as clients see it.
pub(crate) fn owner_name(owner: &Owner) -> &'static str {
    match owner {
        Owner::Bot => "bot",
        Owner::Queued { .. } => "queued",
        Owner::Person { .. } => "person",
        Owner::Ended => "ended",
    }
}

impl From<Accepted> for Answered {
    fn from(accepted: Accepted) -> Self {
        Self {
            turn: accepted.turn,
            messages: accepted.messages,
            owner: owner_name(&accepted.owner),
            pending: accepted.pending,
        }
    }
}
