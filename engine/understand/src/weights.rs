//! A fit's weights as they are kept and used: one byte each, with a scale for every column.
//!
//! A byte costs no accuracy that could be measured, and a bot of a hundred intents fits in a few megabytes.

use crate::logistic::Blocks;
use crate::matrix::{LANES, Lane, Matrix};
use crate::parallel;
use crate::vocabulary::SparseVector;

/// Weights by column and class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weights {
    classes: usize,
    /// What a column's bytes are multiplied by.
    scales: Vec<f32>,
    /// Column after column.
    bytes: Vec<i8>,
}

impl Weights {
    /// The weights `Xᵀ·A` of a fit.
    pub(crate) fn of(matrix: &Matrix, combination: &Blocks, classes: usize) -> Self {
        let mut blocks: Vec<(&[Lane], Vec<Lane>)> = combination
            .iter()
            .map(|a| (a.as_slice(), Vec::new()))
            .collect();
        parallel::each(
            &mut blocks,
            &mut vec![(); parallel::threads()],
            |_, (a, sums), _| {
                matrix.transposed_times(a, sums);
            },
        );
        let mut weights = Self {
            classes,
            scales: Vec::new(),
            bytes: Vec::new(),
        };
        for column in 0..matrix.columns() {
            let row: Vec<f32> = (0..classes)
                .map(|c| blocks[c / LANES].1[column][c % LANES])
                .collect();
            weights.push(&row);
        }
        weights
    }

    /// From rows of weights, one a column.
    pub(crate) fn from_rows<'a>(classes: usize, rows: impl Iterator<Item = &'a [f32]>) -> Self {
        let mut weights = Self {
            classes,
            scales: Vec::new(),
            bytes: Vec::new(),
        };
        rows.for_each(|row| weights.push(row));
        weights
    }

    fn push(&mut self, row: &[f32]) {
        let max = row
            .iter()
            .fold(f32::MIN_POSITIVE, |max, weight| max.max(weight.abs()));
        let scale = max / f32::from(i8::MAX);
        self.scales.push(scale);
        self.bytes
            .extend(row.iter().map(|weight| (weight / scale).round() as i8));
    }

    /// From [`Weights::parts`]; none if their lengths do not fit each other.
    pub(crate) fn new(classes: usize, scales: Vec<f32>, bytes: Vec<i8>) -> Option<Self> {
        (classes * scales.len() == bytes.len()).then_some(Self {
            classes,
            scales,
            bytes,
        })
    }

    /// The columns' scales, and the bytes, column after column.
    pub(crate) fn parts(&self) -> (&[f32], &[i8]) {
        (&self.scales, &self.bytes)
    }

    /// Each class's score for a message.
    pub(crate) fn scores(&self, message: &SparseVector) -> Vec<f32> {
        let mut scores = vec![0.0; self.classes];
        for (column, value) in message {
            let column = *column as usize;
            let factor = value * self.scales[column];
            let bytes = &self.bytes[column * self.classes..(column + 1) * self.classes];
            for (score, byte) in scores.iter_mut().zip(bytes) {
                *score += factor * f32::from(*byte);
            }
        }
        scores
    }
}
