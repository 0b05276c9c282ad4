//! Which intents are taken for which, with the messages and the examples that make it so.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::answered::Answered;
use super::report::{Confused, Confusion, Matrix, Near};
use super::sample::{Examined, Sample};
use super::space::{Row, Space};
use crate::encoder::EncodeError;
use crate::trainer::Trainer;

/// How many confusions, and messages of each, a report holds.
const CONFUSIONS_MAX: usize = 50;
const MESSAGES_MAX: usize = 5;

/// Examples that are named for a message: the ones that most likely drew it over.
const NEAREST_MAX: usize = 3;

/// Intents of the matrix: more do not fit a page.
const MATRIX_INTENTS_MAX: usize = 16;

/// The confusions, the most frequent first; of each the surest messages, which are the hardest to explain away.
pub(super) fn confusions(own: &[&Answered]) -> Vec<Confusion> {
    let confusion = |((intent, taken_for), mut messages): (Pair, Vec<&Answered>)| {
        messages.sort_by(|a, b| b.confidence().total_cmp(&a.confidence()));
        Confusion {
            intent: intent.to_owned(),
            taken_for: taken_for.to_owned(),
            messages: messages.len(),
            placed: messages
                .iter()
                .filter(|one| one.message.place.is_some())
                .count(),
            examples: messages
                .into_iter()
                .take(MESSAGES_MAX)
                .map(confused)
                .collect(),
        }
    };
    let mut all: Vec<Confusion> = pairs(own).into_iter().map(confusion).collect();
    // What its author can change comes first: built-in examples stand nowhere.
    all.sort_by_key(|one| (Reverse(one.placed), Reverse(one.messages)));
    all.truncate(CONFUSIONS_MAX);
    all
}

type Pair<'a> = (&'a str, &'a str);

fn pairs<'a>(own: &[&'a Answered]) -> BTreeMap<Pair<'a>, Vec<&'a Answered>> {
    let mut pairs: BTreeMap<Pair, Vec<&Answered>> = BTreeMap::new();
    for one in own.iter().filter(|one| !one.is_right()) {
        let meant = one.message.intent.as_deref().unwrap_or_default();
        pairs.entry((meant, one.taken_for())).or_default().push(one);
    }
    pairs
}

fn confused(one: &Answered) -> Confused {
    Confused {
        text: one.message.text.clone(),
        place: one.message.place.clone(),
        confidence: one.confidence(),
        fold: one.fold,
        nearest: Vec::new(),
    }
}

/// Names the examples of the wrong intent that lie nearest to each message, of those that its model was trained on.
pub(super) fn explain(
    confusions: &mut [Confusion],
    trainer: &mut Trainer,
    examined: Examined,
) -> Result<(), EncodeError> {
    let mut by_intent: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    for sample in examined.samples() {
        by_intent.entry(sample.intent).or_default().push(sample);
    }
    let mut space = Space::of(trainer, examined.samples().map(|sample| sample.text));
    for confusion in confusions {
        let samples = by_intent.get(confusion.taken_for.as_str());
        let samples = samples.map_or(&[][..], Vec::as_slice);
        let texts: Vec<&str> = samples.iter().map(|sample| sample.text).collect();
        let rows = space.rows(&texts)?;
        for message in &mut confusion.examples {
            let own = space.rows(&[&message.text])?;
            let all = samples.iter().zip(&rows);
            let learnt =
                all.filter(|(sample, _)| sample.fold.is_none() || sample.fold != message.fold);
            message.nearest = own
                .first()
                .map(|own| nearest(own, learnt))
                .unwrap_or_default();
        }
    }
    Ok(())
}

/// The nearest first; of equals the first as given.
pub(super) fn nearest<'a>(
    to: &Row,
    samples: impl Iterator<Item = (&'a Sample<'a>, &'a Row)>,
) -> Vec<Near> {
    let near = |(sample, row): (&Sample, &Row)| Near {
        text: sample.text.to_owned(),
        intent: sample.intent.to_owned(),
        place: sample.place.cloned(),
        cosine: f64::from(to.cosine(row)),
    };
    let mut near: Vec<Near> = samples.map(near).collect();
    near.sort_by(|a, b| b.cosine.total_cmp(&a.cosine));
    near.truncate(NEAREST_MAX);
    near
}

/// The intents of the most frequent confusions, and how often each of them was taken for each.
pub(super) fn matrix(own: &[&Answered], confusions: &[Confusion]) -> Matrix {
    let mut intents: BTreeSet<&str> = BTreeSet::new();
    for one in confusions {
        let both = [one.intent.as_str(), one.taken_for.as_str()];
        let more = both
            .into_iter()
            .filter(|name| !intents.contains(name))
            .count();
        if intents.len() + more <= MATRIX_INTENTS_MAX {
            intents.extend(both);
        }
    }
    let at: BTreeMap<&str, usize> = intents.iter().copied().zip(0..).collect();
    let mut messages = vec![vec![0; intents.len()]; intents.len()];
    for one in own {
        let meant = one.message.intent.as_deref().unwrap_or_default();
        if let (Some(row), Some(column)) = (at.get(meant), at.get(one.taken_for())) {
            messages[*row][*column] += 1;
        }
    }
    Matrix {
        intents: intents.into_iter().map(str::to_owned).collect(),
        messages,
    }
}
