//! Several models in order: the next one is asked when one fails before its first word.
//!
//! What a customer has seen is never taken back, so after the first piece the chain stays where it is. Before that, each failure leads to
//! the next target at once, whatever it was, but for two: what one model refuses is not put before another, and a replay that lacks a
//! call must be noticed. Only when no target is left is a `Retry-After` worth waiting for, if it fits into the deadline, once a target.
//! So that a target that hangs leaves time for the others, it has its share of what is left to say its first word.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::warn;

use crate::model::Answer;
use crate::{Error, ErrorKind, Model, Piece, Request};

/// Models in the order in which they are asked. It is a [`Model`] itself.
pub struct Chain {
    name: String,
    models: Arc<[Arc<dyn Model>]>,
}

impl Chain {
    /// The chain of these models. An empty one answers every call with [`ErrorKind::Unreachable`].
    pub fn new(models: Vec<Arc<dyn Model>>) -> Self {
        let names: Vec<&str> = models.iter().map(|model| model.name()).collect();
        Self {
            name: names.join(", "),
            models: models.into(),
        }
    }
}

impl Model for Chain {
    /// The names of all its models.
    fn name(&self) -> &str {
        &self.name
    }

    fn stream(&self, request: Request, deadline: Duration) -> Answer {
        let trial = Trial {
            models: self.models.clone(),
            request,
            until: Instant::now() + deadline,
            asked: 0,
            current: None,
            failures: Vec::new(),
            spoken: false,
            over: false,
        };
        stream::unfold(trial, |mut trial| async move {
            let item = trial.next().await?;
            Some((item, trial))
        })
        .boxed()
    }
}

/// A call of the chain under way.
struct Trial {
    models: Arc<[Arc<dyn Model>]>,
    request: Request,
    until: Instant,
    /// How many of the models were asked.
    asked: usize,
    current: Option<(usize, Answer)>,
    failures: Vec<Failure>,
    spoken: bool,
    over: bool,
}

struct Failure {
    model: usize,
    error: Error,
    at: Instant,
}

impl Trial {
    async fn next(&mut self) -> Option<Result<Piece, Error>> {
        if self.over {
            return None;
        }
        let item = self.piece().await;
        self.over = !matches!(item, Ok(Piece::Text(_) | Piece::Call(_)));
        Some(item)
    }

    async fn piece(&mut self) -> Result<Piece, Error> {
        loop {
            let Some((model, answer)) = &mut self.current else {
                match self.choose().await {
                    Some(model) => self.ask(model),
                    None => return Err(self.give_up()),
                }
                continue;
            };
            let model = *model;
            let item = if self.spoken {
                answer.next().await
            } else {
                let share = share(self.until, self.models.len() - self.asked);
                timeout(share, answer.next()).await.unwrap_or_else(|_| {
                    let message = "it did not begin to answer in its share of the time";
                    let name = self.models[model].name();
                    Some(Err(Error::new(ErrorKind::Timeout, name, message)))
                })
            };
            match item.unwrap_or_else(|| Err(self.ended(model))) {
                Ok(Piece::End(mut end)) => {
                    end.tried = self.take_failures();
                    return Ok(Piece::End(end));
                }
                Ok(piece) => {
                    self.spoken = true;
                    return Ok(piece);
                }
                Err(error) if self.spoken || is_final(error.kind) => {
                    let tried = self.take_failures();
                    return Err(Error { tried, ..error });
                }
                Err(error) => self.fail(model, error),
            }
        }
    }

    fn ask(&mut self, model: usize) {
        let left = self.until.saturating_duration_since(Instant::now());
        let answer = self.models[model].stream(self.request.clone(), left);
        self.current = Some((model, answer));
    }

    fn fail(&mut self, model: usize, error: Error) {
        warn!(model = %error.target, kind = ?error.kind, status = error.status, "A model did not answer.");
        self.current = None;
        let at = Instant::now();
        self.failures.push(Failure { model, error, at });
    }

    /// The model to ask now: the next in order, or one that said when to come back.
    async fn choose(&mut self) -> Option<usize> {
        if self.until <= Instant::now() {
            return None;
        }
        if self.asked < self.models.len() {
            self.asked += 1;
            return Some(self.asked - 1);
        }
        let (again, model) = self.soonest()?;
        sleep_until(again).await;
        Some(model)
    }

    /// When the first of the models that asked for patience may be asked again; each of them is once.
    fn soonest(&self) -> Option<(Instant, usize)> {
        let failed_once = |one: &&Failure| {
            let times = self.failures.iter().filter(|two| two.model == one.model);
            times.count() == 1
        };
        self.failures
            .iter()
            .filter(failed_once)
            .filter_map(|failure| match failure.error.kind {
                ErrorKind::Quota {
                    retry_after: Some(after),
                } => Some((failure.at.checked_add(after)?, failure.model)),
                _ => None,
            })
            .filter(|(again, _)| *again < self.until)
            .min()
    }

    fn ended(&self, model: usize) -> Error {
        let message = "the answer stopped before its end";
        Error::new(ErrorKind::CutOff, self.models[model].name(), message)
    }

    fn take_failures(&mut self) -> Vec<Error> {
        let failures = std::mem::take(&mut self.failures);
        failures.into_iter().map(|failure| failure.error).collect()
    }

    /// The last failure's kind, and in words all of them.
    fn give_up(&mut self) -> Error {
        let mut tried = self.take_failures();
        if tried.len() == 1 {
            return tried.remove(0);
        }
        let sentences: Vec<String> = tried.iter().map(Error::to_string).collect();
        let (kind, message) = match tried.last() {
            Some(last) => (
                last.kind,
                format!("no model answered: {}", sentences.join("; ")),
            ),
            None => (
                ErrorKind::Unreachable,
                "there is no model to ask, or no time".to_owned(),
            ),
        };
        Error {
            tried,
            ..Error::new(kind, "chain", message)
        }
    }
}

/// How long the present target may take for its first word when `after` more wait for their turn.
fn share(until: Instant, after: usize) -> Duration {
    let left = until.saturating_duration_since(Instant::now());
    left / u32::try_from(after + 1).unwrap_or(u32::MAX)
}

fn is_final(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Refused | ErrorKind::NotRecorded)
}
