//! What a label behind a label is worth, made ready once for all messages.

use super::{OUTSIDE, entity_of};
use crate::maths::exp;

/// Scores of a label behind a label, and their exponentials. What may not follow is worth nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transitions {
    labels: usize,
    /// As they were learned, by the label before, then by the label.
    learned: Vec<f32>,
    /// The same, without end below zero for what may not follow.
    scores: Vec<f32>,
    /// `e^score`.
    factors: Vec<f32>,
    /// The factors by the label, then by the label before: so both ways go through memory in its order.
    turned: Vec<f32>,
}

/// Whether a label may stand behind another: a value goes on only behind its own beginning.
pub(super) fn may_follow(before: usize, label: usize) -> bool {
    match entity_of(label) {
        Some((entity, false)) => entity_of(before).is_some_and(|(other, _)| other == entity),
        _ => true,
    }
}

impl Transitions {
    /// From the scores by the label before, then by the label.
    pub(crate) fn new(labels: usize, learned: Vec<f32>) -> Self {
        let score = |(place, score): (usize, &f32)| match may_follow(place / labels, place % labels)
        {
            true => *score,
            false => f32::NEG_INFINITY,
        };
        let scores: Vec<f32> = learned.iter().enumerate().map(score).collect();
        let factor = |score: &f32| {
            if score.is_finite() { exp(*score) } else { 0.0 }
        };
        let factors: Vec<f32> = scores.iter().map(factor).collect();
        let turned =
            (0..labels * labels).map(|place| factors[place % labels * labels + place / labels]);
        Self {
            labels,
            turned: turned.collect(),
            learned,
            scores,
            factors,
        }
    }

    /// What [`Transitions::new`] takes.
    pub(crate) fn learned(&self) -> &[f32] {
        &self.learned
    }

    /// How many labels there are.
    pub(super) fn labels(&self) -> usize {
        self.labels
    }

    /// The scores of all labels behind a label.
    pub(super) fn scores(&self, before: usize) -> &[f32] {
        &self.scores[before * self.labels..(before + 1) * self.labels]
    }

    /// The scores of all labels at the beginning.
    pub(super) fn first_scores(&self) -> &[f32] {
        self.scores(OUTSIDE)
    }

    /// The factors of all labels behind a label.
    pub(super) fn factors(&self, before: usize) -> &[f32] {
        &self.factors[before * self.labels..(before + 1) * self.labels]
    }

    /// The factors of a label behind all labels.
    pub(super) fn factors_to(&self, label: usize) -> &[f32] {
        &self.turned[label * self.labels..(label + 1) * self.labels]
    }
}
