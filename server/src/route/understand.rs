//! What a text means, without a conversation.

use axum::extract::State;
use dialog::Locale;
use runtime::TEXT_CHARS_MAX;
use serde::Deserialize;
use serde_json::Value as Any;
use utoipa::ToSchema;

use super::SharedApp;
use super::extract::{Integrator, Json};
use crate::problem::Problem;

/// A text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    text: String,
    /// Its language; without it the bot's first.
    locale: Option<String>,
}

/// Intents with their confidence, entities, and how likely it is that the bot knows the subject.
#[utoipa::path(post, path = "/v1/understand", tag = "operator", request_body = Asked, responses((status = 200, description = "What was understood"), (status = 422, body = Problem)))]
pub(crate) async fn understand(
    _integrator: Integrator,
    State(app): State<SharedApp>,
    Json(asked): Json<Asked>,
) -> Result<axum::Json<Any>, Problem> {
    if asked.text.chars().count() > TEXT_CHARS_MAX {
        return Err(Problem::unprocessable(
            "text-too-long",
            format!("A text has at most {TEXT_CHARS_MAX} characters."),
        ));
    }
    let understanding = app
        .runtime
        .understand(&asked.text, asked.locale.map(Locale::from));
    serde_json::to_value(understanding)
        .map(axum::Json)
        .map_err(|_| Problem::internal())
}
