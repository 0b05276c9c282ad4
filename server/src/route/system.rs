//! Whether the server is well, what runs on it, and its own description.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value as Any, json};

use super::SharedApp;
use super::extract::{Operator, Query};
use crate::problem::Problem;

/// The versions of the bot that run; the first takes new conversations.
#[utoipa::path(get, path = "/v1/bots", tag = "operator", params(Bots), responses((status = 200, description = "`{bots: [{name, versions, kept, resting?}]}`: the versions that run, the current one first; those whose sources are kept for a restart; by version and state, how many conversations are in the middle of a flow")))]
pub(crate) async fn bots(
    _operator: Operator,
    State(app): State<SharedApp>,
    Query(which): Query<Bots>,
) -> Result<axum::Json<Any>, Problem> {
    let runtime = &app.runtime;
    let mut bot = json!({
        "name": runtime.current().bot.name,
        "versions": runtime.versions(),
        "kept": runtime.kept_versions().await?,
    });
    if which.resting {
        bot["resting"] = json!(runtime.resting().await?);
    }
    Ok(axum::Json(json!({ "bots": [bot] })))
}

/// What to say of the versions.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Bots {
    /// Also where conversations rest; reads every conversation
    #[serde(default)]
    resting: bool,
}

/// The process runs.
#[utoipa::path(get, path = "/health/live", tag = "operator", responses((status = 200, description = "It runs")))]
pub(crate) async fn live() -> axum::Json<Any> {
    axum::Json(json!({ "status": "ok" }))
}

/// New messages can be taken.
#[utoipa::path(get, path = "/health/ready", tag = "operator", responses((status = 200, description = "It is ready"), (status = 503, description = "Stopping, or the disk is nearly full", body = Problem)))]
pub(crate) async fn ready(State(app): State<SharedApp>) -> Response {
    if app.runtime.ready() {
        return axum::Json(json!({ "status": "ok" })).into_response();
    }
    Problem::unavailable(
        "not-ready",
        "No new messages are taken: the server is stopping, or its disk is nearly full.",
        5,
    )
    .into_response()
}

/// Figures in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operator", responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
pub(crate) async fn metrics(_operator: Operator, State(app): State<SharedApp>) -> Response {
    match &app.metrics {
        Some(recorder) => (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
            recorder.render(),
        )
            .into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// This API as OpenAPI 3.1.
pub(crate) async fn openapi(
    Extension(description): Extension<Arc<utoipa::openapi::OpenApi>>,
) -> axum::Json<utoipa::openapi::OpenApi> {
    axum::Json((*description).clone())
}

/// The same for people.
pub(crate) async fn docs(
    Extension(description): Extension<Arc<utoipa::openapi::OpenApi>>,
) -> Html<String> {
    let rows: String = description
        .paths
        .paths
        .iter()
        .map(|(path, item)| rows(path, item))
        .collect();
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Switchboard API</title>\
         <style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}}\
         table{{border-collapse:collapse;width:100%}}td{{padding:.4rem .6rem;border-top:1px solid #8884;vertical-align:top}}code{{white-space:nowrap}}</style>\
         <h1>Switchboard API</h1><p>Errors are RFC 9457 problem details with a stable <code>code</code>. \
         Machine-readable: <a href=/openapi.json>/openapi.json</a>.</p><table>{rows}</table></html>"
    ))
}

fn rows(path: &str, item: &utoipa::openapi::PathItem) -> String {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("DELETE", &item.delete),
    ];
    let known = methods
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
    known
        .map(|(method, operation)| {
            let summary = operation.summary.as_deref().unwrap_or_default();
            format!("<tr><td><code>{method}</code></td><td><code>{path}</code></td><td>{summary}</td></tr>")
        })
        .collect()
}
