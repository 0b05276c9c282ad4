//! What is known of a person, and forgetting it.

use axum::extract::{Path, State};
use dialog::UserId;
use runtime::UserView;
use serde_json::{Value as Any, json};

use super::SharedApp;
use super::extract::{Integrator, Operator};
use crate::problem::Problem;

/// What is remembered of a user.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "users", params(("id" = String, Path, description = "The user")), responses((status = 200, description = "Slots with where they come from, consents, notes of past sessions"), (status = 404, body = Problem)))]
pub(crate) async fn show(
    _integrator: Integrator,
    State(app): State<SharedApp>,
    Path(id): Path<String>,
) -> Result<axum::Json<Any>, Problem> {
    let view = known(app.runtime.user(&UserId::from(id)).await?)?;
    serde_json::to_value(view)
        .map(axum::Json)
        .map_err(|_| Problem::internal())
}

/// Everything about a person: memory, conversations with every turn.
#[utoipa::path(get, path = "/v1/users/{id}/export", tag = "users", params(("id" = String, Path, description = "The user")), responses((status = 200, description = "One JSON document"), (status = 404, body = Problem)))]
pub(crate) async fn export(
    _integrator: Integrator,
    State(app): State<SharedApp>,
    Path(id): Path<String>,
) -> Result<axum::Json<Any>, Problem> {
    let id = UserId::from(id);
    known(app.runtime.user(&id).await?)?;
    Ok(axum::Json(app.runtime.export(&id).await?))
}

/// Erase a person. Gone at once from all that is live; on disk until the store is compacted, which the answer says.
#[utoipa::path(delete, path = "/v1/users/{id}", tag = "users", params(("id" = String, Path, description = "The user")), responses((status = 200, description = "What was removed")))]
pub(crate) async fn erase(
    _operator: Operator,
    State(app): State<SharedApp>,
    Path(id): Path<String>,
) -> Result<axum::Json<Any>, Problem> {
    let erased = app.runtime.erase(&UserId::from(id)).await?;
    Ok(axum::Json(json!({
        "conversations": erased.conversations,
        "memories": erased.memories,
        "scheduled": erased.scheduled,
        "on_disk_until": "compact",
    })))
}

/// Somebody who was never here is not found.
fn known(view: UserView) -> Result<UserView, Problem> {
    let seen = view.last_conversation.is_some()
        || !view.slots.is_empty()
        || !view.consents.is_empty()
        || !view.episodes.is_empty();
    if seen {
        Ok(view)
    } else {
        Err(Problem::not_found("user"))
    }
}
