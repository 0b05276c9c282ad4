//! The service desk: callbacks and ratings.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Bank;
use super::calendar::while_people_work;
use super::customers::reachable;
use super::incoming::Incoming;
use super::problem::Problem;

type Answered = Result<Answer<Json>, Problem>;

/// So many people can call at the same time.
const CALLBACKS_AT_ONCE: u32 = 3;

/// What a rating may be.
const STARS: std::ops::RangeInclusive<i64> = 1..=5;

#[derive(Deserialize)]
pub(super) struct Callback {
    phone: String,
    at: Timestamp,
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "topic")]
    _topic: String,
}

/// `POST /callbacks`: at the wanted time of day, on the next day when people work.
pub(super) async fn book_callback(
    State(bank): State<Arc<Bank>>,
    request: Incoming<Callback>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let wanted = request.body;
    let answer = bank
        .ledger()
        .once("book_callback", stamp, |ledger, number| {
            reachable(wanted.phone)?;
            let at = while_people_work(wanted.at);
            let booked = ledger.callbacks.entry(at.to_string()).or_default();
            if *booked >= CALLBACKS_AT_ONCE {
                return Err(Problem::conflict(
                    "nobody-free",
                    "Nobody is free to call then.",
                ));
            }
            *booked += 1;
            Ok(json!({ "reference": format!("C-{number}"), "at": at }))
        })?;
    Ok(Answer(answer))
}

#[derive(Deserialize)]
pub(super) struct Rating {
    stars: i64,
    #[serde(rename = "comment")]
    _comment: String,
}

/// `POST /ratings`
pub(super) async fn save_rating(
    State(bank): State<Arc<Bank>>,
    request: Incoming<Rating>,
) -> Answered {
    let stamp = request.stamp.with_key()?;
    let stars = request.body.stars;
    let answer = bank.ledger().once("save_rating", stamp, |_, _| {
        if STARS.contains(&stars) {
            Ok(json!({ "saved": true }))
        } else {
            Err(Problem::unacceptable(
                "no-such-rating",
                "A rating is from 1 to 5.",
            ))
        }
    })?;
    Ok(Answer(answer))
}
