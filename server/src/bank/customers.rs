//! Customers: who they are, where they live, how they are reached.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Bank;
use super::incoming::Incoming;
use super::ledger::Address;
use super::problem::Problem;

type Answered = Result<Answer<Json>, Problem>;

/// Germany's postcodes; outside of them there is no town.
const POSTCODES: std::ops::RangeInclusive<&str> = "01001"..="99998";

/// How many digits a telephone number has: the longest of E.164, the shortest with an area code.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// Wrong tries before a customer is locked out.
pub(super) const TRIES_MAX: u32 = 3;

#[derive(Deserialize)]
pub(super) struct Challenge {
    customer_no: String,
    pin: String,
}

/// `POST /challenge`
pub(super) async fn challenge(
    State(bank): State<Arc<Bank>>,
    request: Incoming<Challenge>,
) -> Answered {
    let mut ledger = bank.ledger();
    // Nobody learns here which numbers exist.
    let Ok(customer) = ledger.customer(&request.body.customer_no) else {
        return Ok(Answer(json!({ "ok": false, "tries_left": TRIES_MAX - 1 })));
    };
    if customer.tries_left == 0 {
        return Err(Problem::new(423, "locked", "Too many wrong tries."));
    }
    let ok = customer.pin == request.body.pin;
    customer.tries_left = if ok {
        TRIES_MAX
    } else {
        customer.tries_left - 1
    };
    Ok(Answer(
        json!({ "ok": ok, "tries_left": customer.tries_left }),
    ))
}

#[derive(Deserialize)]
pub(super) struct NewAddress {
    street: String,
    postcode: String,
    city: String,
    valid_from: Date,
}

/// `PUT /customers/{customer_id}/address`
pub(super) async fn save_address(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    request: Incoming<NewAddress>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let NewAddress {
        street,
        postcode,
        city,
        valid_from,
    } = request.body;
    let answer = bank
        .ledger()
        .once("save_address", stamp, |ledger, number| {
            if postcode.len() != 5 || !POSTCODES.contains(&postcode.as_str()) {
                return Err(Problem::unacceptable(
                    "no-such-postcode",
                    "There is no town with this postcode.",
                ));
            }
            ledger.customer(&id)?.address = Address {
                street,
                postcode,
                city,
                valid_from,
            };
            Ok(json!({ "reference": format!("R-{number}") }))
        })?;
    Ok(Answer(answer))
}

#[derive(Deserialize)]
pub(super) struct NewPhone {
    phone: String,
}

/// `PUT /customers/{customer_id}/phone`
pub(super) async fn save_phone(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    request: Incoming<NewPhone>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let answer = bank.ledger().once("save_phone", stamp, |ledger, number| {
        let phone = reachable(request.body.phone)?;
        ledger.customer(&id)?.phone = phone;
        Ok(json!({ "reference": format!("R-{number}") }))
    })?;
    Ok(Answer(answer))
}

/// The number, if it can be called: enough digits, and no premium service.
pub(super) fn reachable(phone: String) -> Result<String, Problem> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let premium = digits.starts_with("0900") || digits.starts_with("49900");
    if premium || !PHONE_DIGITS.contains(&digits.len()) {
        return Err(Problem::unacceptable(
            "not-reachable",
            "We can't call this number.",
        ));
    }
    Ok(phone)
}
