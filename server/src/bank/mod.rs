//! The demo's bank: a small API with seeded accounts behind the tools of `tools.yaml`.
//!
//! It takes no time from a clock and nothing from chance: days count from the day it is given, numbers from counters, so
//! that a test sees the same answers each time. It lives in memory and forgets everything when the process ends. It is no
//! model of a real bank's security: it exists to be called, to be wrong on request ([`fault`]) and to be looked at
//! ([`admin`]).

mod admin;
mod calendar;
mod cards;
mod customers;
mod fault;
mod incoming;
mod ledger;
mod payments;
mod problem;
mod seed;
mod service;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tools;
mod top_ups;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use jiff::civil::Date;

use fault::Faults;
use ledger::Ledger;
use problem::Problem;

/// The header that carries the caller's key.
const KEY_HEADER: &str = "x-api-key";

/// The largest request: the longest field that any of them carries is a description of 500 characters.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// The bank: its accounts, what was ordered, and the faults that were asked for.
pub(crate) struct Bank {
    key: String,
    ledger: Mutex<Ledger>,
    faults: Mutex<Faults>,
}

impl Bank {
    /// A bank with its seeded accounts. Deliveries and due dates count from `today`; callers must send `key`.
    pub(crate) fn new(today: Date, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ledger: Mutex::new(seed::ledger(today)),
            faults: Mutex::default(),
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The bank's routes. `/openapi.json` is open; everything else asks for the key.
pub(crate) fn router(bank: Arc<Bank>) -> Router {
    let customers = Router::new()
        .route("/cards/search", post(cards::search))
        .route("/cards/{card_id}/replacement", post(cards::replace))
        .route("/cards/{card_id}/pin", put(cards::set_pin))
        .route("/deliveries/{order_no}", get(cards::delivery))
        .route("/challenge", post(customers::challenge))
        .route("/customers/{customer_id}/cards", get(cards::of_customer))
        .route(
            "/customers/{customer_id}/deliveries",
            get(cards::deliveries_of),
        )
        .route(
            "/customers/{customer_id}/address",
            put(customers::save_address),
        )
        .route("/customers/{customer_id}/phone", put(customers::save_phone))
        .route(
            "/customers/{customer_id}/payments",
            get(payments::of_customer),
        )
        .route("/customers/{customer_id}/disputes", post(payments::dispute))
        .route("/customers/{customer_id}/sources", get(top_ups::sources_of))
        .route("/customers/{customer_id}/top-ups", post(top_ups::make))
        .route("/payments/{payment_id}", get(payments::one))
        .route("/payments/{payment_id}/trace", post(payments::trace))
        .route("/callbacks", post(service::book_callback))
        .route("/ratings", post(service::save_rating))
        .layer(from_fn_with_state(bank.clone(), fault::inject));
    let admin = Router::new()
        .route("/admin/orders", get(admin::orders))
        .route(
            "/admin/faults",
            get(admin::faults)
                .post(admin::add_fault)
                .delete(admin::clear_faults),
        );
    customers
        .merge(admin)
        .layer(from_fn_with_state(bank.clone(), ask_for_key))
        .route("/openapi.json", get(openapi))
        .fallback(async || Problem::not_found("no-such-path", "There is nothing at this address."))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(bank)
}

async fn ask_for_key(State(bank): State<Arc<Bank>>, request: Request, next: Next) -> Response {
    let sent = request.headers().get(KEY_HEADER).map(|key| key.as_bytes());
    if sent == Some(bank.key.as_bytes()) {
        next.run(request).await
    } else {
        Problem::new(
            401,
            "wrong-key",
            "Send the bank's key in the header X-Api-Key.",
        )
        .into_response()
    }
}

async fn openapi() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
}
