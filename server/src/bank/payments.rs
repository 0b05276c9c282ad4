//! Payments: where they are, having them traced, disputing them.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Bank;
use super::calendar::working_days_after;
use super::incoming::Incoming;
use super::ledger::{Ledger, Payment, Stage, euros};
use super::problem::Problem;

type Answered = Result<Answer<Json>, Problem>;

/// Working days until a traced or disputed payment is answered.
const ANSWER_DAYS: u32 = 10;

/// The most payments in one dispute.
const DISPUTED_MAX: usize = 3;

/// The longest description of a dispute.
const DESCRIPTION_CHARS_MAX: usize = 500;

#[derive(Deserialize)]
pub(super) struct Which {
    state: Booking,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Booking {
    Open,
    Booked,
}

/// `GET /customers/{customer_id}/payments?state=open|booked`
pub(super) async fn of_customer(
    State(bank): State<Arc<Bank>>,
    Path(customer): Path<String>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Answered {
    let Query(which) =
        which.map_err(|_| Problem::unacceptable("malformed", "`state` is open or booked."))?;
    let mut ledger = bank.ledger();
    ledger.customer(&customer)?;
    let booked = which.state == Booking::Booked;
    let wanted = |payment: &Payment| {
        payment.customer == customer && (payment.stage == Stage::Booked) == booked
    };
    let list: Vec<Json> = ledger
        .payments
        .iter()
        .filter(|(_, payment)| wanted(payment))
        .map(|(id, payment)| shown(id, payment))
        .collect();
    Ok(Answer(json!({ "payments": list })))
}

fn shown(id: &str, payment: &Payment) -> Json {
    json!({
        "id": id,
        "label": payment.label,
        "amount": euros(payment.cents),
        "day": payment.day,
        "kind": payment.kind,
    })
}

/// `GET /payments/{payment_id}`
pub(super) async fn one(State(bank): State<Arc<Bank>>, Path(id): Path<String>) -> Answered {
    let mut ledger = bank.ledger();
    let payment = payment(&mut ledger, &id)?;
    Ok(Answer(
        json!({ "status": payment.stage.name(), "expected_on": payment.expected_on }),
    ))
}

fn payment<'a>(ledger: &'a mut Ledger, id: &str) -> Result<&'a mut Payment, Problem> {
    ledger
        .payments
        .get_mut(id)
        .ok_or_else(|| Problem::not_found("no-such-payment", "There is no payment of that id."))
}

fn own_payment<'a>(
    ledger: &'a mut Ledger,
    id: &str,
    customer: &str,
) -> Result<&'a mut Payment, Problem> {
    let payment = payment(ledger, id)?;
    if payment.customer != customer {
        return Err(Problem::new(
            403,
            "not-yours",
            "This payment belongs to another account.",
        ));
    }
    Ok(payment)
}

#[derive(Deserialize)]
pub(super) struct Tracing {
    customer_id: String,
}

/// `POST /payments/{payment_id}/trace`
pub(super) async fn trace(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    request: Incoming<Tracing>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let customer = request.body.customer_id;
    let answer = bank
        .ledger()
        .once("trace_payment", stamp, |ledger, number| {
            let answer_by = working_days_after(ledger.today, ANSWER_DAYS);
            let payment = own_payment(ledger, &id, &customer)?;
            if payment.traced {
                return Err(Problem::conflict(
                    "already-traced",
                    "This payment is being traced already.",
                ));
            }
            payment.traced = true;
            Ok(json!({ "case_no": format!("T-{number}"), "answer_by": answer_by }))
        })?;
    Ok(Answer(answer))
}

#[derive(Deserialize)]
pub(super) struct Dispute {
    payment_ids: Vec<String>,
    #[serde(rename = "reason")]
    _reason: Reason,
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    NotMine,
    WrongAmount,
    Twice,
    NotDelivered,
    Cancelled,
}

/// `POST /customers/{customer_id}/disputes`: each letter opens a case, so there is no key that makes it safe to repeat.
pub(super) async fn dispute(
    State(bank): State<Arc<Bank>>,
    Path(customer): Path<String>,
    request: Incoming<Dispute>,
) -> Answered {
    let wanted = request.body;
    let answer = bank
        .ledger()
        .once("file_dispute", request.stamp, |ledger, number| {
            ledger.customer(&customer)?;
            check_dispute(ledger, &customer, &wanted)?;
            for id in &wanted.payment_ids {
                own_payment(ledger, id, &customer)?.disputed = true;
            }
            let answer_by = working_days_after(ledger.today, ANSWER_DAYS);
            Ok(json!({ "case_no": format!("D-{number}"), "answer_by": answer_by }))
        })?;
    Ok(Answer(answer))
}

fn check_dispute(ledger: &mut Ledger, customer: &str, wanted: &Dispute) -> Result<(), Problem> {
    if wanted.payment_ids.is_empty() || wanted.payment_ids.len() > DISPUTED_MAX {
        return Err(Problem::unacceptable(
            "how-many",
            "Dispute one to three payments at a time.",
        ));
    }
    if wanted.description.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Problem::unacceptable(
            "too-long",
            "The description is too long.",
        ));
    }
    for id in &wanted.payment_ids {
        if own_payment(ledger, id, customer)?.disputed {
            return Err(Problem::conflict(
                "already-disputed",
                "One of these payments is disputed already.",
            ));
        }
    }
    Ok(())
}
