//! The fit: the weights with which the marked labels are the most probable, kept small.
//!
//! Full gradients with a step of its own for every weight, which grows while the gradient keeps its sign and shrinks when it
//! turns (resilient propagation): no rate to choose, one thread, a fixed order, so the same bits every time.

use super::chain::Chain;
use super::feature::Words;
use super::sentence::{Sentence, common};
use super::transition::Transitions;
use crate::maths::add_scaled;

/// Passes over all examples; the likelihood hardly changes any more.
const PASSES: usize = 40;
/// How much a weight costs: half of this times its square.
const PENALTY: f32 = 0.5;

/// First, smallest and largest steps, and how they change: the values that the method was published with, but for the largest.
const STEP_START: f32 = 0.1;
const STEP_MIN: f32 = 1e-6;
const STEP_MAX: f32 = 1.0;
const GROW: f32 = 1.2;
const SHRINK: f32 = 0.5;

/// What was fitted.
pub(super) struct Fit {
    pub(super) common: Vec<u64>,
    pub(super) columns: Vec<u64>,
    /// By column, then by label.
    pub(super) weights: Vec<f32>,
    pub(super) transitions: Transitions,
}

/// An example as numbers: the columns of each word, and the labels.
struct Row {
    columns: Vec<Vec<usize>>,
    labels: Vec<usize>,
}

/// Fits these examples with so many labels.
pub(super) fn fit(sentences: &[&Sentence<'_>], labels: usize) -> Fit {
    let common = common(sentences);
    let features: Vec<Vec<Vec<u64>>> = sentences
        .iter()
        .map(|sentence| {
            let words = Words::new(&sentence.text, &sentence.seen, &common);
            let all = 0..sentence.text.tokens.len();
            all.map(|at| words.features(at)).collect()
        })
        .collect();
    let mut columns: Vec<u64> = features.iter().flatten().flatten().copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let column = |feature: &u64| columns.binary_search(feature).expect("it was collected");
    let rows: Vec<Row> = features
        .iter()
        .zip(sentences)
        .map(|(words, sentence)| Row {
            columns: words
                .iter()
                .map(|features| features.iter().map(column).collect())
                .collect(),
            labels: sentence.labels(),
        })
        .collect();
    let mut weights = Parameters::zero(columns.len() * labels);
    let mut transitions = Parameters::zero(labels * labels);
    for _ in 0..PASSES {
        let ready = Transitions::new(labels, transitions.values.clone());
        let (of_weights, of_transitions) = gradients(&rows, &weights.values, &ready);
        weights.step(&of_weights);
        transitions.step(&of_transitions);
    }
    Fit {
        common,
        columns,
        weights: weights.values,
        transitions: Transitions::new(labels, transitions.values),
    }
}

/// What each weight would add to the examples' surprise.
fn gradients(rows: &[Row], weights: &[f32], transitions: &Transitions) -> (Vec<f32>, Vec<f32>) {
    let labels = transitions.labels();
    let mut of_weights = vec![0.0; weights.len()];
    let mut of_transitions = vec![0.0; labels * labels];
    for row in rows {
        let scores: Vec<Vec<f32>> = row
            .columns
            .iter()
            .map(|columns| {
                let mut scores = vec![0.0; labels];
                for column in columns {
                    let of = &weights[column * labels..(column + 1) * labels];
                    add_scaled(&mut scores, 1.0, of);
                }
                scores
            })
            .collect();
        let mut expected = Chain::new(&scores, transitions).expected();
        let mut before = super::OUTSIDE;
        for (at, label) in row.labels.iter().enumerate() {
            expected.marginals[at][*label] -= 1.0;
            expected.pairs[before * labels + label] -= 1.0;
            before = *label;
            for column in &row.columns[at] {
                let to = &mut of_weights[column * labels..(column + 1) * labels];
                add_scaled(to, 1.0, &expected.marginals[at]);
            }
        }
        add_scaled(&mut of_transitions, 1.0, &expected.pairs);
    }
    (of_weights, of_transitions)
}

/// Weights, with the step and the last gradient of each.
struct Parameters {
    values: Vec<f32>,
    steps: Vec<f32>,
    last: Vec<f32>,
}

impl Parameters {
    fn zero(count: usize) -> Self {
        Self {
            values: vec![0.0; count],
            steps: vec![STEP_START; count],
            last: vec![0.0; count],
        }
    }

    fn step(&mut self, gradient: &[f32]) {
        let all = self
            .values
            .iter_mut()
            .zip(&mut self.steps)
            .zip(&mut self.last);
        for (((value, step), last), gradient) in all.zip(gradient) {
            let mut gradient = gradient + PENALTY * *value;
            let turned = gradient * *last;
            if turned > 0.0 {
                *step = (*step * GROW).min(STEP_MAX);
            } else if turned < 0.0 {
                *step = (*step * SHRINK).max(STEP_MIN);
                gradient = 0.0;
            }
            if gradient != 0.0 {
                *value -= gradient.signum() * *step;
            }
            *last = gradient;
        }
    }
}
