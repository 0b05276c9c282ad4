//! Cross-validation: what a model trained on this data would do with messages that it has not seen.

use std::collections::BTreeSet;
use std::time::Duration;

use super::answered::{Answered, TestMessage, answer};
use super::deal::{Deal, FOLDS};
use super::sample::Examined;
use crate::encoder::EncodeError;
use crate::train::Progress;
use crate::trainer::Trainer;
use crate::training::TrainingData;

/// One intent in so many is left out whole, to see how foreign messages are told apart.
const LEFT_OUT_ONE_IN: usize = 10;

/// With fewer intents than this, what is left is no bot any more.
const INTENTS_MIN: usize = 5;

/// Trains on four fifths and asks about the last, five times; the answers come in the order of the data.
///
/// # Errors
/// When the trainer's encoder can't be run.
pub fn cross_validate(
    trainer: &mut Trainer,
    examined: Examined,
    deal: &Deal,
    progress: &mut dyn FnMut(Progress),
    clock: &mut dyn FnMut() -> Duration,
) -> Result<Vec<Answered>, EncodeError> {
    let mut placed = Vec::new();
    for fold in 0..FOLDS {
        let kept = examined
            .data
            .without(|list, index| deal.fold(list, index) == fold);
        let (at, messages) = held_out(examined, |list, index| deal.fold(list, index) == fold);
        let model = trainer.train(&kept, &mut |one| progress(one.within(fold, FOLDS)))?;
        let answers = answer(&model, messages, clock).into_iter();
        let answers = answers.map(|one| Answered {
            fold: Some(fold),
            ..one
        });
        placed.extend(at.into_iter().zip(answers));
    }
    placed.sort_by_key(|(at, _)| *at);
    Ok(placed.into_iter().map(|(_, answered)| answered).collect())
}

/// Leaves one intent in ten out whole, and the first fold of the others; asks about both. Those of the intents that were left
/// out come as messages that mean nothing the model knows. Empty where there are too few intents.
///
/// # Errors
/// When the trainer's encoder can't be run.
pub fn leave_intents_out(
    trainer: &mut Trainer,
    examined: Examined,
    deal: &Deal,
    progress: &mut dyn FnMut(Progress),
    clock: &mut dyn FnMut() -> Duration,
) -> Result<Vec<Answered>, EncodeError> {
    let data = examined.data;
    let names: BTreeSet<&str> = data.intents.iter().map(|of| of.intent.as_str()).collect();
    if names.len() < INTENTS_MIN {
        return Ok(Vec::new());
    }
    let foreign: BTreeSet<&str> = names.into_iter().step_by(LEFT_OUT_ONE_IN).collect();
    let is_foreign = |list: usize| foreign.contains(data.intents[list].intent.as_str());
    let is_out = |list, index| is_foreign(list) || deal.fold(list, index) == 0;
    let mut kept = data.without(is_out);
    kept.intents
        .retain(|of| !foreign.contains(of.intent.as_str()));
    let (at, mut messages) = held_out(examined, is_out);
    for ((list, _), message) in at.into_iter().zip(&mut messages) {
        message.intent = message.intent.take().filter(|_| !is_foreign(list));
    }
    let model = trainer.train(&kept, progress)?;
    Ok(answer(&model, messages, clock))
}

/// The examples for which `is_out` says so, with their lists and positions.
fn held_out(
    examined: Examined,
    is_out: impl Fn(usize, usize) -> bool,
) -> (Vec<(usize, usize)>, Vec<TestMessage>) {
    let lists = examined.data.intents.iter().enumerate();
    let all = lists.flat_map(|(list, of)| {
        let examples = of.examples.iter().enumerate();
        examples.map(move |(index, example)| ((list, index), of, example))
    });
    all.filter(|((list, index), ..)| is_out(*list, *index))
        .map(|((list, index), of, example)| {
            let message = TestMessage {
                text: example.text.clone(),
                intent: Some(of.intent.clone()),
                place: examined.places.of(list, index).cloned(),
            };
            ((list, index), message)
        })
        .unzip()
}

impl TrainingData {
    /// The data without the examples for which `is_out` says so by list and position.
    fn without(&self, is_out: impl Fn(usize, usize) -> bool) -> Self {
        let mut kept = self.clone();
        for (list, of) in kept.intents.iter_mut().enumerate() {
            let mut index = 0;
            of.examples.retain(|_| {
                index += 1;
                !is_out(list, index - 1)
            });
        }
        kept
    }
}

impl Progress {
    /// As part of a longer work that trains so many times.
    fn within(self, round: usize, rounds: usize) -> Self {
        match self {
            Progress::Encoding { .. } => self,
            Progress::Fitting { part, parts, step } => Progress::Fitting {
                part: round * parts + part,
                parts: rounds * parts,
                step,
            },
        }
    }
}
