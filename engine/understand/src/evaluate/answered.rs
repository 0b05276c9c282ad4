//! Messages with what a model made of them.

use std::time::Duration;

use super::place::Place;
use crate::classifier::Classification;
use crate::model::Model;

/// A message whose meaning is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestMessage {
    /// What was written.
    pub text: String,
    /// What it means; none = nothing that the bot knows.
    pub intent: Option<String>,
    /// Where it stands.
    pub place: Option<Place>,
}

/// A message with what a model made of it that had not seen it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The message.
    pub message: TestMessage,
    /// What was made of it.
    pub answer: Classification,
    /// How long that took.
    pub took: Duration,
    /// The fold that held it out; none where the model was trained on something else altogether.
    pub(crate) fold: Option<usize>,
}

impl Answered {
    /// The intent that it was taken for; empty where none was found.
    pub(crate) fn taken_for(&self) -> &str {
        let first = self.answer.intents.first();
        first.map_or("", |best| best.intent.as_str())
    }

    /// How surely.
    pub(crate) fn confidence(&self) -> f64 {
        let first = self.answer.intents.first();
        first.map_or(0.0, |best| f64::from(best.confidence.0))
    }

    /// How probable its own intent was; 0 where that was not among the first.
    pub(crate) fn own_confidence(&self) -> f64 {
        let mut ranked = self.answer.intents.iter();
        ranked
            .find(|one| self.message.intent.as_ref() == Some(&one.intent))
            .map_or(0.0, |own| f64::from(own.confidence.0))
    }

    /// Whether it was taken for what it means.
    pub(crate) fn is_right(&self) -> bool {
        self.message.intent.as_deref() == Some(self.taken_for())
    }
}

/// Asks a model about messages that it was not trained on. `clock` gives the time since any fixed moment.
pub fn answer(
    model: &Model,
    messages: Vec<TestMessage>,
    clock: &mut dyn FnMut() -> Duration,
) -> Vec<Answered> {
    let one = |message: TestMessage| {
        let before = clock();
        let answer = model.classify(&message.text);
        Answered {
            message,
            answer,
            took: clock().saturating_sub(before),
            fold: None,
        }
    };
    messages.into_iter().map(one).collect()
}
