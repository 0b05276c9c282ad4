//! The HTTP API: one file a subject, each route with its description for `/openapi.json`.

pub(crate) mod conversation;
pub(crate) mod costs;
pub(crate) mod desk;
pub(crate) mod event;
pub(crate) mod explain;
pub(crate) mod extract;
pub(crate) mod guard;
pub(crate) mod message;
pub(crate) mod operate;
pub(crate) mod stream;
pub(crate) mod system;
pub(crate) mod understand;
pub(crate) mod user;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use runtime::{Runtime, TurnError};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Gate;
use crate::problem::Problem;

/// What every route can reach.
pub(crate) struct App {
    pub(crate) runtime: Runtime,
    pub(crate) gate: Gate,
    /// The data folder.
    pub(crate) data: PathBuf,
    pub(crate) exposure: guard::Exposure,
    pub(crate) body_bytes_max: usize,
    /// How long a body may take: it is small.
    pub(crate) body_timeout: Duration,
    /// Renders `/metrics`; none where nobody installed a recorder (tests in one process).
    pub(crate) metrics: Option<metrics_exporter_prometheus::PrometheusHandle>,
}

pub(crate) type SharedApp = Arc<App>;

#[derive(OpenApi)]
#[openapi(
    info(title = "Switchboard", description = "Conversations with a bot, and what is around them. Errors are RFC 9457 problem details with a stable `code`."),
    tags((name = "conversations"), (name = "desk"), (name = "users"), (name = "operator"))
)]
struct Description;

/// All routes, and their description.
pub(crate) fn routes(app: &SharedApp) -> (Router, utoipa::openapi::OpenApi) {
    let (router, description) = OpenApiRouter::<SharedApp>::with_openapi(Description::openapi())
        .routes(routes!(conversation::open, conversation::list))
        .routes(routes!(conversation::show))
        .routes(routes!(conversation::transcript))
        .routes(routes!(conversation::trace))
        .routes(routes!(message::send))
        .routes(routes!(stream::events))
        .routes(routes!(stream::websocket))
        .routes(routes!(desk::hand_over))
        .routes(routes!(desk::claim))
        .routes(routes!(desk::say))
        .routes(routes!(desk::give_back))
        .routes(routes!(desk::end))
        .routes(routes!(event::send))
        .routes(routes!(user::show, user::erase))
        .routes(routes!(user::export))
        .routes(routes!(understand::understand))
        .routes(routes!(system::bots))
        .routes(routes!(system::live))
        .routes(routes!(system::ready))
        .routes(routes!(system::metrics))
        .routes(routes!(operate::status))
        .routes(routes!(operate::not_understood))
        .routes(routes!(operate::dead_letters))
        .routes(routes!(operate::redrive))
        .routes(routes!(operate::discard))
        .routes(routes!(operate::export))
        .routes(routes!(costs::costs))
        .split_for_parts();
    let router = router
        .route("/openapi.json", axum::routing::get(system::openapi))
        .route("/docs", axum::routing::get(system::docs))
        .fallback(|| async { Problem::not_found("page") })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                axum::http::StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "This address does not know that method.",
            )
        })
        .layer(DefaultBodyLimit::disable()) // bodies are read, and bounded, in extract.rs only
        .layer(axum::Extension(Arc::new(description.clone())))
        .with_state(app.clone());
    (router, description)
}

/// The routes as the world sees them: with the checks of where a request comes from.
pub(crate) fn public(app: &SharedApp) -> Router {
    guarded(routes(app).0, app)
}

/// Further pages beside the API (the demo's), under the same checks.
pub(crate) fn guarded(router: Router, app: &SharedApp) -> Router {
    router
        .layer(middleware::from_fn_with_state(app.clone(), guard::check))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(
            |_panic: Box<dyn std::any::Any + Send>| {
                axum::response::IntoResponse::into_response(Problem::internal())
            },
        ))
}

/// The routes for the control socket: whoever can open that file is the operator.
pub(crate) fn control(app: &SharedApp) -> Router {
    routes(app)
        .0
        .layer(axum::Extension(extract::FromControlSocket))
}

impl From<TurnError> for Problem {
    fn from(error: TurnError) -> Self {
        let sentence = error.to_string();
        match error {
            TurnError::NotFound(_) => Problem::not_found("conversation"),
            TurnError::Gone => Problem::new(axum::http::StatusCode::GONE, "events-gone", sentence),
            TurnError::Ended => Problem::conflict("conversation-ended", sentence),
            TurnError::IdReused => Problem::unprocessable("id-reused", sentence),
            TurnError::Refused { code, .. } => Problem::unprocessable(code, sentence),
            TurnError::WrongOwner(_) => Problem::conflict("wrong-owner", sentence),
            TurnError::Full => Problem::unavailable("busy", sentence, 1),
            TurnError::Draining => Problem::unavailable("draining", sentence, 5),
            TurnError::Unhealthy => Problem::unavailable("unhealthy", sentence, 5),
            TurnError::Broken(_) => {
                Problem::unavailable("broken", "The server can't keep anything at the moment.", 5)
            }
            TurnError::Internal(what) => {
                tracing::error!(what, "A request failed inside.");
                Problem::internal()
            }
        }
    }
}
