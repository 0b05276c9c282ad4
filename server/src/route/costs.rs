//! What the models cost, for the operator.

use axum::extract::State;

use super::SharedApp;
use super::extract::{Operator, Query};
use crate::costs::{Costs, Which};
use crate::problem::Problem;

/// What the models' calls took, summed up by day (of UTC), bot or model: the rows of `switchboard costs`.
#[utoipa::path(get, path = "/v1/costs", tag = "operator", params(Which),
    responses((status = 200, description = "`{rows: {name: sum}, total: sum}`; a sum is `{calls, input_tokens, cached_tokens, output_tokens, micro_usd, unpriced}`", body = Costs),
        (status = 400, description = "`by`, `from` or `to` can't be read", body = Problem)))]
pub(crate) async fn costs(
    _operator: Operator,
    State(app): State<SharedApp>,
    Query(which): Query<Which>,
) -> Result<axum::Json<Costs>, Problem> {
    let data = app.data.clone();
    let read = tokio::task::spawn_blocking(move || Costs::read(&data, &which)).await;
    match read {
        Ok(Ok(costs)) => Ok(axum::Json(costs)),
        Ok(Err(problem)) => {
            tracing::error!(%problem, "What the models cost can't be read.");
            Err(Problem::internal())
        }
        Err(_panicked) => Err(Problem::internal()),
    }
}
