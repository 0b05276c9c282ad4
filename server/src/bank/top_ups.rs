//! Topping up from another bank's card.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Bank;
use super::incoming::Incoming;
use super::ledger::{Ledger, euros};
use super::problem::Problem;

type Answered = Result<Answer<Json>, Problem>;

/// One top-up, in cents: as `knowledge/en/prices/limits.md` says.
const ONE_CENTS: std::ops::RangeInclusive<i64> = 1_000..=100_000;

/// All top-ups of a day, in cents.
const DAY_CENTS_MAX: i64 = 250_000;

/// `GET /customers/{customer_id}/sources`
pub(super) async fn sources_of(
    State(bank): State<Arc<Bank>>,
    Path(customer): Path<String>,
) -> Answered {
    let mut ledger = bank.ledger();
    let sources = &ledger.customer(&customer)?.sources;
    let list: Vec<Json> = sources
        .iter()
        .map(|source| json!({ "id": source.id, "label": source.label }))
        .collect();
    Ok(Answer(json!({ "sources": list })))
}

#[derive(Deserialize)]
pub(super) struct TopUp {
    source_id: String,
    amount: Money,
}

#[derive(Deserialize)]
struct Money {
    amount: f64,
    currency: String,
}

/// `POST /customers/{customer_id}/top-ups`
pub(super) async fn make(
    State(bank): State<Arc<Bank>>,
    Path(customer): Path<String>,
    request: Incoming<TopUp>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let wanted = request.body;
    let answer = bank.ledger().once("make_top_up", stamp, |ledger, number| {
        credit(ledger, &customer, &wanted, number)
    })?;
    Ok(Answer(answer))
}

fn credit(
    ledger: &mut Ledger,
    customer: &str,
    wanted: &TopUp,
    number: &str,
) -> Result<Json, Problem> {
    let cents = cents(&wanted.amount)?;
    let customer = ledger.customer(customer)?;
    let source = customer
        .sources
        .iter()
        .find(|source| source.id == wanted.source_id)
        .ok_or_else(|| Problem::not_found("no-such-source", "This card was never added."))?;
    if customer.topped_up_cents + cents > DAY_CENTS_MAX {
        return Err(Problem::unacceptable(
            "over-limit",
            "This is over the limit of a day.",
        ));
    }
    if source.declines {
        return Err(Problem::new(
            402,
            "declined",
            "The card's own bank declined.",
        ));
    }
    customer.topped_up_cents += cents;
    customer.balance_cents += cents;
    Ok(json!({ "reference": format!("U-{number}"), "balance": euros(customer.balance_cents) }))
}

fn cents(money: &Money) -> Result<i64, Problem> {
    let cents = (money.amount * 100.0).round() as i64;
    if money.currency == "EUR" && ONE_CENTS.contains(&cents) {
        Ok(cents)
    } else {
        Err(Problem::unacceptable(
            "over-limit",
            "A top-up is from 10 to 1,000 euros.",
        ))
    }
}
