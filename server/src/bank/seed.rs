//! The accounts that the bank begins with. `docs` and tests rely on these numbers.
//!
//! | customer | telephone PIN | what is there |
//! |---|---|---|
//! | 10000001 Ana | 123456 | four cards, two of them with the same digits; a payment of each stage; two sources |
//! | 10000002 Bruno | 222222 | one card, its replacement delivered; one open payment; one source, which declines |
//! | 10000003 Carla | 333333 | nothing: a new account |

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::working_days_after;
use super::customers::TRIES_MAX;
use super::ledger::{Address, Card, Customer, Delivery, Ledger, Payment, Source, Stage};

const ANA: &str = "10000001";
const BRUNO: &str = "10000002";
const CARLA: &str = "10000003";

/// The bank on its first day.
pub(super) fn ledger(today: Date) -> Ledger {
    let mut ledger = Ledger::new(today);
    ledger.customers = customers(today);
    ledger.cards = cards();
    ledger.payments = payments(today);
    ledger.deliveries = deliveries(today);
    ledger
}

fn customers(today: Date) -> BTreeMap<String, Customer> {
    let source = |id: &str, label: &str, declines| Source {
        id: id.into(),
        label: label.into(),
        declines,
    };
    let ana = vec![
        source("s1", "Visa of Hansebank", false),
        source("s2", "Mastercard of Elbebank", false),
    ];
    let bruno = vec![source("s3", "Visa of Alsterbank", true)];
    [
        (ANA, "123456", ana),
        (BRUNO, "222222", bruno),
        (CARLA, "333333", Vec::new()),
    ]
    .into_iter()
    .map(|(id, pin, sources)| (id.to_owned(), customer(pin, sources, today)))
    .collect()
}

fn customer(pin: &str, sources: Vec<Source>, today: Date) -> Customer {
    Customer {
        pin: pin.into(),
        tries_left: TRIES_MAX,
        address: Address {
            street: "Hafenstraße 1".into(),
            postcode: "20359".into(),
            city: "Hamburg".into(),
            valid_from: today,
        },
        phone: "+49 40 1234567".into(),
        balance_cents: 120_050,
        topped_up_cents: 0,
        sources,
    }
}

fn cards() -> BTreeMap<String, Card> {
    let rows = [
        ("c1", ANA, "debit", "4711", "girocard"),
        ("c2", ANA, "credit", "8150", "Visa"),
        ("c3", ANA, "debit", "2222", "girocard household"),
        ("c4", ANA, "debit", "2222", "girocard travel"),
        ("c5", BRUNO, "debit", "6003", "girocard"),
    ];
    rows.into_iter()
        .map(|(id, customer, card_type, last4, label)| {
            (id.to_owned(), card(customer, card_type, last4, label))
        })
        .collect()
}

fn card(customer: &str, card_type: &str, last4: &str, label: &str) -> Card {
    Card {
        customer: customer.into(),
        card_type: card_type.into(),
        last4: last4.into(),
        label: label.into(),
        pin: "8351".into(),
        replaced_by: None,
        blocked: false,
    }
}

fn payments(today: Date) -> BTreeMap<String, Payment> {
    let rows = [
        (
            "TX-000101",
            ANA,
            "Bakery Petersen",
            1_240,
            1,
            "card_payment",
            Stage::Pending,
        ),
        (
            "TX-000102",
            ANA,
            "Rent to Ms Lorenz",
            85_000,
            1,
            "transfer",
            Stage::Sent,
        ),
        (
            "TX-000103",
            ANA,
            "Boat Shop Online",
            49_900,
            2,
            "card_payment",
            Stage::Held,
        ),
        (
            "TX-000104",
            ANA,
            "Transfer to Tom",
            5_000,
            3,
            "transfer",
            Stage::Returned,
        ),
        (
            "TX-000105",
            ANA,
            "Gamestore",
            5_999,
            9,
            "card_payment",
            Stage::Booked,
        ),
        (
            "TX-000106",
            ANA,
            "Gamestore",
            5_999,
            8,
            "card_payment",
            Stage::Booked,
        ),
        (
            "TX-000107",
            ANA,
            "Cash machine Altona",
            20_000,
            12,
            "cash_withdrawal",
            Stage::Booked,
        ),
        (
            "TX-000108",
            ANA,
            "Gym Nord",
            3_990,
            15,
            "direct_debit",
            Stage::Booked,
        ),
        (
            "TX-000201",
            BRUNO,
            "Flight to Riga",
            18_900,
            1,
            "card_payment",
            Stage::Pending,
        ),
    ];
    rows.into_iter()
        .map(|(id, customer, label, cents, days_ago, kind, stage)| {
            let payment = Payment {
                customer: customer.into(),
                label: label.into(),
                cents,
                day: today.saturating_sub(days_ago.days()),
                kind,
                stage,
                expected_on: working_days_after(today, 2),
                traced: false,
                disputed: false,
            };
            (id.to_owned(), payment)
        })
        .collect()
}

fn deliveries(today: Date) -> BTreeMap<String, Delivery> {
    let delivery = |customer: &str, label: &str, status, expected_on| Delivery {
        customer: customer.into(),
        label: label.into(),
        status,
        expected_on,
    };
    [
        (
            "A-051",
            delivery(
                ANA,
                "Mastercard (new)",
                "posted",
                working_days_after(today, 3),
            ),
        ),
        (
            "A-052",
            delivery(
                BRUNO,
                "girocard (new)",
                "delivered",
                today.saturating_sub(4.days()),
            ),
        ),
    ]
    .into_iter()
    .map(|(order_no, delivery)| (order_no.to_owned(), delivery))
    .collect()
}
