//! The specification's example, end to end.

mod card;
mod correction;
mod desk;
mod message;
mod result;

use crate::support::bot;

fn bank() -> dialog::Bot {
    bot(include_str!("../bots/bank.yaml"))
}

/// To the question whether to order the card.
const TO_CONFIRM: [&str; 5] = [
    "user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card",
    "user: 4711 |",
    r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
    "user: 123456 |",
    r#"result: verify_customer {"ok":true}"#,
];

fn then<'l>(before: &[&'l str], lines: &[&'l str]) -> Vec<&'l str> {
    [before, lines].concat()
}
