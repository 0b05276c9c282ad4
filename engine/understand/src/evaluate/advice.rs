//! What an author may look at, from what a model made of messages that it had not seen.

use std::collections::BTreeMap;

use super::answered::Answered;
use super::confusion;
use super::measure::own_and_foreign;
use super::report::{Advice, Near, Report, Scarce};
use super::sample::{Examined, Sample};
use super::space::{Row, Space};
use super::suspect::suspects;
use super::twin::twins;
use crate::encoder::EncodeError;
use crate::trainer::Trainer;

/// Below this many examples an intent is worth a look: with ten each, four of five messages of BANKING77's test split are
/// taken for what they mean, with all of them nine of ten.
const FEW: usize = 10;

impl Report {
    /// The same, with the examples behind each confusion, and advice. `answered` is what it was made of.
    ///
    /// # Errors
    /// When the trainer's encoder can't be run.
    pub fn with_advice(
        mut self,
        trainer: &mut Trainer,
        examined: Examined,
        answered: &[Answered],
    ) -> Result<Self, EncodeError> {
        confusion::explain(&mut self.confusions, trainer, examined)?;
        self.advice = Some(Advice {
            suspects: suspects(&own_and_foreign(answered).0),
            twins: twins(examined),
            scarce: scarce(&self, examined),
        });
        Ok(self)
    }
}

/// Intents with few examples of the author's, the fewest first. Built-in examples stand nowhere and do not count.
fn scarce(report: &Report, examined: Examined) -> Vec<Scarce> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in examined.samples().filter(|sample| sample.place.is_some()) {
        *counts.entry(sample.intent).or_default() += 1;
    }
    let recall = |intent: &str| {
        let mut intents = report.intents.iter();
        intents
            .find(|one| one.intent == intent)
            .map_or(0.0, |one| one.recall)
    };
    let few = counts.into_iter().filter(|(_, count)| *count < FEW);
    let mut scarce: Vec<Scarce> = few
        .map(|(intent, examples)| Scarce {
            intent: intent.to_owned(),
            examples,
            recall: recall(intent),
        })
        .collect();
    scarce.sort_by_key(|one| one.examples);
    scarce
}

/// The examples that lie nearest to a text, whatever their intent.
///
/// # Errors
/// When the trainer's encoder can't be run.
pub fn nearest_examples(
    trainer: &mut Trainer,
    examined: Examined,
    text: &str,
) -> Result<Vec<Near>, EncodeError> {
    let samples: Vec<Sample> = examined.samples().collect();
    let texts: Vec<&str> = samples.iter().map(|sample| sample.text).collect();
    let mut space = Space::of(trainer, texts.iter().copied());
    let rows: Vec<Row> = space.rows(&texts)?;
    let own = space.rows(&[text])?;
    Ok(own.first().map_or_else(Vec::new, |own| {
        confusion::nearest(own, samples.iter().zip(&rows))
    }))
}
