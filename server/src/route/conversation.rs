//! Opening conversations and looking at them.

use axum::extract::State;
use axum::http::StatusCode;
use dialog::{ConversationId, Locale, UserId};
use runtime::{NewConversation, Said};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Any, json};
use store::{Cursor, Filter, OwnerKind, Summary};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Agent, Json, OfConversation, Query};
use super::message::{authority, owner_name};
use super::{SharedApp, explain};
use crate::auth::{AuthError, Role};
use crate::problem::Problem;

/// Rows of a page, at most.
const PAGE_MAX: usize = 200;
const PAGE: usize = 50;

/// A conversation to open. Everything may be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    /// Chosen by an integrator; else the server makes one.
    id: Option<String>,
    /// Whose it is: an integrator's word. Without it the visitor is a new anonymous user.
    user: Option<String>,
    /// The customer's language.
    locale: Option<String>,
    /// Slots to begin with: those that visitors may set, or any for an integrator.
    #[serde(default)]
    #[schema(value_type = Object)]
    slots: Map<String, Any>,
}

/// An opened conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Opened {
    #[schema(value_type = String)]
    id: ConversationId,
    #[schema(value_type = String)]
    user: UserId,
    /// `Authorization: Bearer …` opens this conversation, and nothing else.
    token: String,
    /// The greeting.
    #[schema(value_type = Vec<Object>)]
    messages: Vec<Said>,
}

/// Open a conversation.
#[utoipa::path(post, path = "/v1/conversations", tag = "conversations", request_body = Opening,
    responses((status = 201, body = Opened), (status = 200, description = "It was open already", body = Opened), (status = 403, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn open(
    State(app): State<SharedApp>,
    headers: axum::http::HeaderMap,
    Json(opening): Json<Opening>,
) -> Result<(StatusCode, axum::Json<Opened>), Problem> {
    let credential = headers
        .get(axum::http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    // Everybody may open a conversation; only who is known may say whose it is.
    let caller = match app.gate.caller(credential, None) {
        Ok(caller) => caller,
        Err(AuthError::Missing) => crate::auth::Caller {
            name: "visitor".into(),
            role: Role::Public,
        },
        Err(error @ AuthError::Wrong) => return Err(Problem::unauthorized(error.to_string())),
    };
    if caller.role < Role::Integrator && (opening.user.is_some() || opening.id.is_some()) {
        return Err(Problem::forbidden(
            "user-refused",
            "Only an integrator's key may say whose a conversation is, or choose its id.",
        ));
    }
    let opened = app
        .runtime
        .open(NewConversation {
            id: opening.id.map(ConversationId::from),
            user: opening.user.map(UserId::from),
            channel: "http".to_owned(),
            locale: opening.locale.map(Locale::from),
            slots: opening.slots,
            by: authority(&caller),
        })
        .await?;
    let token = app.gate.token(&opened.conversation);
    let status = if opened.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        axum::Json(Opened {
            id: opened.conversation,
            user: opened.user,
            token,
            messages: opened.messages,
        }),
    ))
}

/// Which conversations.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `bot`, `queued`, `person` or `ended`.
    owner: Option<String>,
    /// A user's id.
    user: Option<String>,
    /// Active since, RFC 3339.
    #[param(value_type = Option<String>)]
    since: Option<jiff::Timestamp>,
    /// From the page before.
    cursor: Option<String>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// List conversations, those that were active last first. The queue is `?owner=queued`.
#[utoipa::path(get, path = "/v1/conversations", tag = "desk", params(Which), responses((status = 200, description = "`{conversations, next}`")))]
pub(crate) async fn list(
    _agent: Agent,
    State(app): State<SharedApp>,
    Query(which): Query<Which>,
) -> Result<axum::Json<Any>, Problem> {
    let owner = which.owner.as_deref().map(owner_kind).transpose()?;
    let filter = Filter {
        owner,
        user: which.user.map(UserId::from),
        since: which.since,
    };
    let limit = which.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let page = app
        .runtime
        .store()
        .list(filter, which.cursor.map(Cursor), limit)
        .await
        .map_err(runtime::TurnError::from)?;
    let rows: Vec<Any> = page.rows.iter().map(row).collect();
    Ok(axum::Json(
        json!({ "conversations": rows, "next": page.next.map(|cursor| cursor.0) }),
    ))
}

fn owner_kind(name: &str) -> Result<OwnerKind, Problem> {
    match name {
        "bot" => Ok(OwnerKind::Bot),
        "queued" => Ok(OwnerKind::Queued),
        "person" => Ok(OwnerKind::Person),
        "ended" => Ok(OwnerKind::Ended),
        _ => Err(Problem::bad_request(
            "field-invalid",
            "`owner` is bot, queued, person or ended.",
        )),
    }
}

fn row(summary: &Summary) -> Any {
    let owner = match summary.owner {
        OwnerKind::Bot => "bot",
        OwnerKind::Queued => "queued",
        OwnerKind::Person => "person",
        OwnerKind::Ended => "ended",
    };
    json!({
        "id": summary.conversation,
        "user": summary.user,
        "owner": owner,
        "since": summary.owned_since,
        "active": summary.active,
        "turn": summary.turn,
        "version": summary.bot,
    })
}

/// A conversation's state: who speaks, where it is, its slots with secrets masked.
#[utoipa::path(get, path = "/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path, description = "The conversation")),
    responses((status = 200, description = "The state"), (status = 404, body = Problem)))]
pub(crate) async fn show(
    State(app): State<SharedApp>,
    of: OfConversation,
) -> Result<axum::Json<Any>, Problem> {
    let view = app.runtime.conversation(&of.id).await?;
    let owner = owner_name(&view.owner);
    let mut answer = serde_json::to_value(view).map_err(|_| Problem::internal())?;
    answer["owner"] = json!(owner);
    Ok(axum::Json(answer))
}

/// From where to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// This turn and those after it; without it from the first.
    from: Option<u64>,
}

impl From {
    fn turn(&self) -> dialog::Turn {
        dialog::Turn(self.from.unwrap_or(1))
    }
}

/// What was said by whom.
#[utoipa::path(get, path = "/v1/conversations/{id}/transcript", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), From), responses((status = 200, description = "`{messages: [{id, from, text, turn, at}]}`"), (status = 404, body = Problem)))]
pub(crate) async fn transcript(
    State(app): State<SharedApp>,
    of: OfConversation,
    Query(from): Query<From>,
) -> Result<axum::Json<Any>, Problem> {
    let (messages, next) = app.runtime.transcript(&of.id, from.turn()).await?;
    Ok(axum::Json(json!({ "messages": messages, "next": next })))
}

/// From where to read, and how much.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TraceOf {
    /// This turn and those after it; without it from the first.
    from: Option<u64>,
    /// Also every transition that was considered, in order, and what refused it. It is not stored: the conversation is replayed
    /// from its events, and what came out is compared with what was stored.
    #[serde(default)]
    considered: bool,
}

/// Why each turn went as it did: what was understood, which rule took it, what was taken, entered and said; with `considered`
/// every transition that was looked at.
///
/// `replay.outcome` says how far `considered` is to be believed: `same` = the turn came out again as it was stored; `differs`
/// = it did not, see `differences`; `impossible` = it could not be replayed, see `why`.
#[utoipa::path(get, path = "/v1/conversations/{id}/trace", tag = "operator",
    params(("id" = String, Path, description = "The conversation"), TraceOf),
    responses((status = 200, description = "`{turns: [{turn, root, at, version, event, understanding, route, entered, taken, answered, says, notes, messages, considered?: [{transition, file, line, guard, refused: {code, why} | null}], replay?: {outcome, differences?, why?}, lines}], next}`"),
        (status = 403, description = "A desk's agent or more is needed", body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn trace(
    State(app): State<SharedApp>,
    of: OfConversation,
    Query(which): Query<TraceOf>,
) -> Result<axum::Json<Any>, Problem> {
    of.at_least(Role::Agent)?;
    let from = dialog::Turn(which.from.unwrap_or(1));
    let (turns, next) = match which.considered {
        true => app.runtime.trace_considered(&of.id, from).await?,
        false => app.runtime.trace(&of.id, from).await?,
    };
    let turns = explain::turns(&turns, &app.runtime);
    Ok(axum::Json(json!({ "turns": turns, "next": next })))
}
