//! Events from outside.

use axum::extract::State;
use dialog::{ConversationId, UserId};
use runtime::{Addressee, OutsideEvent};
use serde::Deserialize;
use serde_json::{Map, Value as Any, json};
use utoipa::ToSchema;

use super::SharedApp;
use super::extract::{Integrator, Json};
use crate::problem::Problem;

/// An event that bot.yaml declares.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Happened {
    /// Made by the sender: the same id is the same event.
    id: String,
    name: String,
    /// By the declared types.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Map<String, Any>,
    to: To,
}

/// Whom it is for: exactly one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum To {
    /// A user: the conversation that is open, else a new one on the user's last channel.
    User(String),
    /// One conversation.
    Conversation(String),
}

/// Tell a conversation that something happened.
#[utoipa::path(post, path = "/v1/events", tag = "conversations", request_body = Happened,
    responses((status = 200, description = "`{conversation, turn}`"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn send(
    _integrator: Integrator,
    State(app): State<SharedApp>,
    Json(body): Json<Happened>,
) -> Result<axum::Json<Any>, Problem> {
    let to = match body.to {
        To::User(user) => Addressee::User(UserId::from(user)),
        To::Conversation(conversation) => {
            Addressee::Conversation(ConversationId::from(conversation))
        }
    };
    let event = OutsideEvent {
        id: body.id,
        name: body.name,
        data: body.data,
        to,
    };
    let (conversation, accepted) = app.runtime.outside(event).await?;
    Ok(axum::Json(
        json!({ "conversation": conversation, "turn": accepted.turn }),
    ))
}
