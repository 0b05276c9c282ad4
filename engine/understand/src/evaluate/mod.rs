//! How good a model is: measured on messages of its own, or by cross-validation where there are none.

mod corpus;
mod measure;
mod report;

pub use corpus::{CorpusError, CorpusLine, CorpusSplits, read_corpus};
pub use report::{
    Bin, CalibrationReport, Confusion, IntentReport, LatencyReport, OutOfScopeReport, Report,
};

use std::time::Duration;

use crate::classifier::Classification;
use crate::encoder::EncodeError;
use crate::model::Model;
use crate::train::Progress;
use crate::trainer::Trainer;
use crate::training::{Example, IntentExamples, TrainingData};

/// Folds of [`cross_validate`].
const FOLDS: usize = 5;

/// A message whose meaning is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestMessage {
    /// What was written.
    pub text: String,
    /// What it means; none = nothing that the bot knows.
    pub intent: Option<String>,
}

/// A message with what was made of it.
struct Answered<'a> {
    message: &'a TestMessage,
    answer: Classification,
    took: Duration,
}

/// Measures a model on messages that it was not trained on. `clock` gives the time since any fixed moment.
pub fn evaluate(
    model: &Model,
    messages: &[TestMessage],
    clock: &mut dyn FnMut() -> Duration,
) -> Report {
    measure::report(&answer(model, messages, clock))
}

/// Measures what a model trained on this data would do: trains on four fifths and measures on the last, five times.
///
/// # Errors
/// When the trainer's encoder can't be run.
pub fn cross_validate(
    trainer: &mut Trainer,
    data: &TrainingData,
    progress: &mut dyn FnMut(Progress),
    clock: &mut dyn FnMut() -> Duration,
) -> Result<Report, EncodeError> {
    let parts: Vec<(TrainingData, Vec<TestMessage>)> =
        (0..FOLDS).map(|fold| part(data, fold)).collect();
    let mut answered = Vec::new();
    for (training, messages) in &parts {
        let model = trainer.train(training, progress)?;
        answered.extend(answer(&model, messages, clock));
    }
    Ok(measure::report(&answered))
}

fn answer<'a>(
    model: &Model,
    messages: &'a [TestMessage],
    clock: &mut dyn FnMut() -> Duration,
) -> Vec<Answered<'a>> {
    let one = |message: &'a TestMessage| {
        let before = clock();
        let answer = model.classify(&message.text);
        Answered {
            message,
            answer,
            took: clock().saturating_sub(before),
        }
    };
    messages.iter().map(one).collect()
}

/// The data without a fold, and the fold: every fifth example of each list.
fn part(data: &TrainingData, fold: usize) -> (TrainingData, Vec<TestMessage>) {
    let mut held_out = Vec::new();
    let mut keep = |of: &IntentExamples| {
        let (out, kept): (Vec<_>, Vec<_>) = of
            .examples
            .iter()
            .enumerate()
            .partition(|(index, _)| index % FOLDS == fold);
        held_out.extend(out.into_iter().map(|(_, example)| TestMessage {
            text: example.text.clone(),
            intent: Some(of.intent.clone()),
        }));
        let examples: Vec<Example> = kept
            .into_iter()
            .map(|(_, example)| example.clone())
            .collect();
        IntentExamples {
            examples,
            ..of.clone()
        }
    };
    let intents = data.intents.iter().map(&mut keep).collect();
    (
        TrainingData {
            intents,
            ..data.clone()
        },
        held_out,
    )
}
