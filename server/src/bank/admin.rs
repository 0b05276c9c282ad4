//! For tests and for whoever shows the demo: what was ordered, and which faults wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use serde_json::{Value as Json, json};

use super::Bank;
use super::fault::Fault;
use super::incoming::Incoming;
use super::problem::Problem;

/// `GET /admin/orders`: every time that the bank acted, with its key, and how often it did what.
pub(super) async fn orders(State(bank): State<Arc<Bank>>) -> Answer<Json> {
    let ledger = bank.ledger();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for order in &ledger.orders {
        *counts.entry(order.kind).or_default() += 1;
    }
    Answer(json!({ "orders": ledger.orders, "counts": counts }))
}

/// `GET /admin/faults`
pub(super) async fn faults(State(bank): State<Arc<Bank>>) -> Answer<Json> {
    Answer(json!({ "faults": bank.faults().waiting() }))
}

/// `POST /admin/faults`
pub(super) async fn add_fault(
    State(bank): State<Arc<Bank>>,
    request: Incoming<Fault>,
) -> Result<Answer<Json>, Problem> {
    bank.faults().add(request.body)?;
    Ok(faults(State(bank)).await)
}

/// `DELETE /admin/faults`
pub(super) async fn clear_faults(State(bank): State<Arc<Bank>>) -> Answer<Json> {
    bank.faults().clear();
    faults(State(bank)).await
}
