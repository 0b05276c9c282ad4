//! Faults on request, so that tests can see what a caller does when the bank is slow, broken or cut off.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Bank;
use super::problem::Problem;

/// The most faults that wait for their requests: tests ask for a handful.
const FAULTS_MAX: usize = 100;

/// The longest delay, in milliseconds: longer than any caller waits.
const DELAY_MS_MAX: u64 = 60_000;

/// A fault for the next requests of an address.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// Method and the beginning of the path: `POST /cards/`.
    on: String,
    /// How many requests it is for.
    #[serde(default = "once")]
    times: u32,
    /// Waits so long before the bank acts.
    #[serde(default)]
    delay_ms: u64,
    /// Answers with this status instead of acting.
    #[serde(default)]
    status: Option<u16>,
    /// Acts, and then breaks the connection instead of answering.
    #[serde(default)]
    lose_answer: bool,
}

fn once() -> u32 {
    1
}

/// The faults that wait for their requests, in the order in which they were asked for.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one.
    pub(super) fn add(&mut self, fault: Fault) -> Result<(), Problem> {
        if self.0.len() >= FAULTS_MAX || fault.delay_ms > DELAY_MS_MAX {
            return Err(Problem::unacceptable(
                "too-much",
                "Too many faults, or too long a delay.",
            ));
        }
        self.0.push(fault);
        Ok(())
    }

    /// Those that still wait.
    pub(super) fn waiting(&self) -> &[Fault] {
        &self.0
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn take(&mut self, request: &str) -> Option<Fault> {
        let at = self
            .0
            .iter()
            .position(|fault| request.starts_with(&fault.on))?;
        let fault = self.0[at].clone();
        if fault.times <= 1 {
            self.0.remove(at);
        } else {
            self.0[at].times -= 1;
        }
        Some(fault)
    }
}

/// Lets a request pass, or meets it with the fault that waits for it.
pub(super) async fn inject(
    State(bank): State<Arc<Bank>>,
    request: Request,
    next: Next,
) -> Response {
    let address = format!("{} {}", request.method(), request.uri().path());
    let Some(fault) = bank.faults().take(&address) else {
        return next.run(request).await;
    };
    tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
    if let Some(status) = fault.status {
        return Problem::new(status, "fault", "A fault that was asked for.").into_response();
    }
    let response = next.run(request).await;
    if fault.lose_answer {
        cut_off()
    } else {
        response
    }
}

/// An answer whose body breaks off, so that the connection ends in the middle of it.
fn cut_off() -> Response {
    let broken = futures_util::stream::once(async { Err::<&str, _>(io::Error::other("cut off")) });
    Body::from_stream(broken).into_response()
}
