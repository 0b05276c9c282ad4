//! Cards: finding, replacing, their PIN, and where a new one is.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Bank;
use super::calendar::{post_has_come, working_days_after};
use super::incoming::Incoming;
use super::ledger::{Card, Delivery, Ledger};
use super::problem::Problem;

type Answered = Result<Answer<Json>, Problem>;

/// Working days that the post needs.
const STANDARD_DAYS: u32 = 5;

/// Working days that a courier needs.
const EXPRESS_DAYS: u32 = 2;

#[derive(Deserialize)]
pub(super) struct Search {
    r#type: String,
    last4: String,
}

/// `POST /cards/search`
pub(super) async fn search(State(bank): State<Arc<Bank>>, request: Incoming<Search>) -> Answered {
    let ledger = bank.ledger();
    let found =
        |card: &Card| card.card_type == request.body.r#type && card.last4 == request.body.last4;
    Ok(Answer(json!({ "cards": shown(&ledger, found) })))
}

/// `GET /customers/{customer_id}/cards`
pub(super) async fn of_customer(
    State(bank): State<Arc<Bank>>,
    Path(customer): Path<String>,
) -> Answered {
    let mut ledger = bank.ledger();
    ledger.customer(&customer)?;
    Ok(Answer(
        json!({ "cards": shown(&ledger, |card| card.customer == customer) }),
    ))
}

fn shown(ledger: &Ledger, wanted: impl Fn(&Card) -> bool) -> Vec<Json> {
    let status = |card: &Card| if card.blocked { "blocked" } else { "active" };
    ledger
        .cards
        .iter()
        .filter(|(_, card)| wanted(card))
        .map(|(id, card)| json!({ "id": id, "label": card.label, "status": status(card) }))
        .collect()
}

#[derive(Deserialize)]
pub(super) struct Replacement {
    customer_id: String,
    reason: Reason,
    delivery: Speed,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Reason {
    Lost,
    Stolen,
    Damaged,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Speed {
    Standard,
    Express,
}

/// `POST /cards/{card_id}/replacement`
pub(super) async fn replace(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    request: Incoming<Replacement>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let wanted = request.body;
    let answer = bank.ledger().once("order_card", stamp, |ledger, number| {
        order(ledger, &id, &wanted, number)
    })?;
    Ok(Answer(answer))
}

fn order(
    ledger: &mut Ledger,
    id: &str,
    wanted: &Replacement,
    number: &str,
) -> Result<Json, Problem> {
    let days = match wanted.delivery {
        Speed::Standard => STANDARD_DAYS,
        Speed::Express => EXPRESS_DAYS,
    };
    let arrives_on = working_days_after(ledger.today, days);
    let order_no = format!("A-{number}");
    let card = own_card(ledger, id, &wanted.customer_id)?;
    if card.replaced_by.is_some() {
        return Err(Problem::conflict(
            "already-replaced",
            "This card was replaced already.",
        ));
    }
    // A damaged card still pays until the new one is there.
    card.blocked = !matches!(wanted.reason, Reason::Damaged);
    card.replaced_by = Some(order_no.clone());
    let delivery = Delivery {
        customer: wanted.customer_id.clone(),
        label: format!("{} (new)", card.label),
        status: "in_production",
        expected_on: arrives_on,
    };
    ledger.deliveries.insert(order_no.clone(), delivery);
    Ok(json!({ "order_no": order_no, "arrives_on": arrives_on }))
}

fn own_card<'a>(ledger: &'a mut Ledger, id: &str, customer: &str) -> Result<&'a mut Card, Problem> {
    let card = ledger
        .cards
        .get_mut(id)
        .ok_or_else(|| Problem::not_found("no-such-card", "There is no card of that id."))?;
    if card.customer != customer {
        return Err(Problem::new(
            403,
            "not-yours",
            "This card belongs to another account.",
        ));
    }
    Ok(card)
}

#[derive(Deserialize)]
pub(super) struct NewPin {
    customer_id: String,
    pin: String,
}

/// `PUT /cards/{card_id}/pin`
pub(super) async fn set_pin(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    request: Incoming<NewPin>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let NewPin { customer_id, pin } = request.body;
    let answer = bank.ledger().once("set_card_pin", stamp, |ledger, _| {
        let card = own_card(ledger, &id, &customer_id)?;
        if !is_hard_to_guess(&pin) {
            return Err(Problem::unacceptable(
                "weak-pin",
                "Four digits that are not in a row and not all the same.",
            ));
        }
        card.pin = pin;
        Ok(json!({ "card_id": id }))
    })?;
    Ok(Answer(answer))
}

/// Four digits, not all the same, not all one up or all one down from the one before.
fn is_hard_to_guess(pin: &str) -> bool {
    let digits: Vec<i32> = pin
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|d| d as i32)
        .collect();
    let same_step = |step: i32| digits.windows(2).all(|pair| pair[1] - pair[0] == step);
    pin.len() == 4 && digits.len() == 4 && ![-1, 0, 1].into_iter().any(same_step)
}

/// `GET /customers/{customer_id}/deliveries`
pub(super) async fn deliveries_of(
    State(bank): State<Arc<Bank>>,
    Path(customer): Path<String>,
) -> Answered {
    let mut ledger = bank.ledger();
    ledger.customer(&customer)?;
    let of_customer = ledger
        .deliveries
        .iter()
        .filter(|(_, delivery)| delivery.customer == customer);
    let list: Vec<Json> = of_customer
        .map(|(order_no, delivery)| on_its_way(order_no, delivery))
        .collect();
    Ok(Answer(json!({ "deliveries": list })))
}

/// `GET /deliveries/{order_no}`
pub(super) async fn delivery(
    State(bank): State<Arc<Bank>>,
    Path(order_no): Path<String>,
) -> Answered {
    let ledger = bank.ledger();
    let found = ledger
        .deliveries
        .get(&order_no)
        .ok_or_else(|| Problem::not_found("no-such-order", "There is no order of that number."))?;
    Ok(Answer(json!({ "delivery": on_its_way(&order_no, found) })))
}

fn on_its_way(order_no: &str, delivery: &Delivery) -> Json {
    json!({
        "order_no": order_no,
        "label": delivery.label,
        "status": delivery.status,
        "expected_on": delivery.expected_on,
        "remind_at": post_has_come(delivery.expected_on),
    })
}
