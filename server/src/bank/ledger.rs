//! What the bank knows: accounts, cards, payments, and everything that was ordered of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;

use super::incoming::Stamp;
use super::problem::Problem;

/// Orders are numbered from here, in the order in which the bank acted.
const FIRST_NUMBER: usize = 101;

/// All that the bank holds.
pub(super) struct Ledger {
    pub(super) today: Date,
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) cards: BTreeMap<String, Card>,
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) deliveries: BTreeMap<String, Delivery>,
    pub(super) callbacks: BTreeMap<String, u32>,
    pub(super) orders: Vec<Order>,
    answered: BTreeMap<String, Answered>,
}

/// A customer, by number.
pub(super) struct Customer {
    pub(super) pin: String,
    pub(super) tries_left: u32,
    pub(super) address: Address,
    pub(super) phone: String,
    pub(super) balance_cents: i64,
    pub(super) topped_up_cents: i64,
    pub(super) sources: Vec<Source>,
}

/// Where a customer lives.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Address {
    pub(super) street: String,
    pub(super) postcode: String,
    pub(super) city: String,
    pub(super) valid_from: Date,
}

/// Another bank's card, to top up from.
pub(super) struct Source {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) declines: bool,
}

/// A card of this bank.
pub(super) struct Card {
    pub(super) customer: String,
    pub(super) card_type: String,
    pub(super) last4: String,
    pub(super) label: String,
    pub(super) pin: String,
    pub(super) replaced_by: Option<String>,
    pub(super) blocked: bool,
}

/// A payment of a customer's.
pub(super) struct Payment {
    pub(super) customer: String,
    pub(super) label: String,
    pub(super) cents: i64,
    pub(super) day: Date,
    pub(super) kind: &'static str,
    pub(super) stage: Stage,
    pub(super) expected_on: Date,
    pub(super) traced: bool,
    pub(super) disputed: bool,
}

/// How far a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Pending,
    Held,
    Sent,
    Returned,
    Booked,
}

impl Stage {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Stage::Pending => "pending",
            Stage::Held => "held",
            Stage::Sent => "sent",
            Stage::Returned => "returned",
            Stage::Booked => "booked",
        }
    }
}

/// A card on its way.
pub(super) struct Delivery {
    pub(super) customer: String,
    pub(super) label: String,
    pub(super) status: &'static str,
    pub(super) expected_on: Date,
}

/// Something that was ordered: one entry for each time that the bank acted.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Order {
    pub(super) number: String,
    pub(super) kind: &'static str,
    pub(super) idempotency_key: Option<String>,
    pub(super) request: Json,
}

/// The answer to a request that may come again.
struct Answered {
    fingerprint: String,
    answer: Json,
}

impl Ledger {
    /// An empty ledger.
    pub(super) fn new(today: Date) -> Self {
        Self {
            today,
            customers: BTreeMap::new(),
            cards: BTreeMap::new(),
            payments: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            orders: Vec::new(),
            answered: BTreeMap::new(),
        }
    }

    /// Acts once under an idempotency key: the same request again gets the first answer, another request under the same
    /// key is refused. Without a key it acts each time. What is refused is not kept, so that it may be tried again.
    pub(super) fn once(
        &mut self,
        kind: &'static str,
        stamp: Stamp,
        act: impl FnOnce(&mut Ledger, &str) -> Result<Json, Problem>,
    ) -> Result<Json, Problem> {
        if let Some(known) = self.known(&stamp)? {
            return Ok(known);
        }
        let number = self.next_number();
        let answer = act(self, &number)?;
        self.orders.push(Order {
            number,
            kind,
            idempotency_key: stamp.key.clone(),
            request: stamp.request,
        });
        if let Some(key) = stamp.key {
            self.answered.insert(
                key,
                Answered {
                    fingerprint: stamp.fingerprint,
                    answer: answer.clone(),
                },
            );
        }
        Ok(answer)
    }

    fn known(&self, stamp: &Stamp) -> Result<Option<Json>, Problem> {
        match stamp.key.as_ref().and_then(|key| self.answered.get(key)) {
            None => Ok(None),
            Some(known) if known.fingerprint == stamp.fingerprint => Ok(Some(known.answer.clone())),
            Some(_) => Err(Problem::unacceptable(
                "key-reused",
                "This Idempotency-Key was used for another request.",
            )),
        }
    }

    fn next_number(&self) -> String {
        (FIRST_NUMBER + self.orders.len()).to_string()
    }

    /// The customer of that number.
    pub(super) fn customer(&mut self, id: &str) -> Result<&mut Customer, Problem> {
        self.customers.get_mut(id).ok_or_else(|| {
            Problem::not_found("no-such-customer", "There is no customer of that number.")
        })
    }
}

/// Money as the API writes it.
pub(super) fn euros(cents: i64) -> Json {
    serde_json::json!({ "amount": cents as f64 / 100.0, "currency": "EUR" })
}
