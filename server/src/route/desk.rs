//! People at a desk: taking a conversation, speaking in it, giving it back.

use axum::extract::State;
use dialog::PersonId;
use runtime::{Accepted, Agent as Person};
use serde::Deserialize;
use serde_json::{Value as Any, json};
use utoipa::ToSchema;

use super::SharedApp;
use super::extract::{Json, OfConversation};
use super::message::owner_name;
use crate::auth::Role;
use crate::problem::Problem;

/// A request to hand over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandingOver {
    /// The desk; without it the bot's first.
    desk: Option<String>,
    /// Why, for the desk.
    #[serde(default)]
    why: String,
}

/// Who takes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claiming {
    /// As the customer sees it; without it the key's name.
    name: Option<String>,
}

/// What a person says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saying {
    /// Made by the client: the same id is the same message.
    id: String,
    text: String,
}

/// Nothing to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Put a conversation into a desk's queue.
#[utoipa::path(post, path = "/v1/conversations/{id}/handoff", tag = "desk", params(("id" = String, Path, description = "The conversation")), request_body = HandingOver,
    responses((status = 200, description = "`{turn, owner}`"), (status = 409, body = Problem)))]
pub(crate) async fn hand_over(
    State(app): State<SharedApp>,
    of: OfConversation,
    Json(body): Json<HandingOver>,
) -> Result<axum::Json<Any>, Problem> {
    of.at_least(Role::Agent)?;
    Ok(answer(
        app.runtime.handoff(&of.id, body.desk, body.why).await?,
    ))
}

/// Take a conversation that waits.
#[utoipa::path(post, path = "/v1/conversations/{id}/claim", tag = "desk", params(("id" = String, Path, description = "The conversation")), request_body = Claiming,
    responses((status = 200, description = "`{turn, owner}`"), (status = 409, body = Problem)))]
pub(crate) async fn claim(
    State(app): State<SharedApp>,
    of: OfConversation,
    Json(body): Json<Claiming>,
) -> Result<axum::Json<Any>, Problem> {
    of.at_least(Role::Agent)?;
    Ok(answer(
        app.runtime.claim(&of.id, person(&of, body.name)).await?,
    ))
}

/// Speak to the customer.
#[utoipa::path(post, path = "/v1/conversations/{id}/say", tag = "desk", params(("id" = String, Path, description = "The conversation")), request_body = Saying,
    responses((status = 200, description = "`{turn, owner}`"), (status = 409, body = Problem)))]
pub(crate) async fn say(
    State(app): State<SharedApp>,
    of: OfConversation,
    Json(body): Json<Saying>,
) -> Result<axum::Json<Any>, Problem> {
    of.at_least(Role::Agent)?;
    Ok(answer(
        app.runtime
            .say(&of.id, body.id, body.text, person(&of, None))
            .await?,
    ))
}

/// Give the conversation back to the bot.
#[utoipa::path(post, path = "/v1/conversations/{id}/return", tag = "desk", params(("id" = String, Path, description = "The conversation")), request_body = Nothing,
    responses((status = 200, description = "`{turn, owner}`"), (status = 409, body = Problem)))]
pub(crate) async fn give_back(
    State(app): State<SharedApp>,
    of: OfConversation,
    _body: Json<Nothing>,
) -> Result<axum::Json<Any>, Problem> {
    of.at_least(Role::Agent)?;
    Ok(answer(app.runtime.return_to_bot(&of.id).await?))
}

/// End the conversation.
#[utoipa::path(post, path = "/v1/conversations/{id}/end", tag = "conversations", params(("id" = String, Path, description = "The conversation")), request_body = Nothing,
    responses((status = 200, description = "`{turn, owner}`"), (status = 409, body = Problem)))]
pub(crate) async fn end(
    State(app): State<SharedApp>,
    of: OfConversation,
    _body: Json<Nothing>,
) -> Result<axum::Json<Any>, Problem> {
    Ok(answer(app.runtime.end(&of.id).await?))
}

fn answer(accepted: Accepted) -> axum::Json<Any> {
    axum::Json(json!({ "turn": accepted.turn, "owner": owner_name(&accepted.owner) }))
}

/// The key's name is who it is; what the customer sees may be another name.
fn person(of: &OfConversation, name: Option<String>) -> Person {
    let name = name.unwrap_or_else(|| of.caller.name.clone());
    Person {
        person: PersonId::from(of.caller.name.clone()),
        name,
    }
}
