//! From an answer's features to the probability that it is supported.

use super::feature::{FEATURES, Features};
use super::weights;
use crate::fit::probability;

/// A logistic regression: a weight for each feature, and one alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// By feature.
    pub weights: [f64; FEATURES],
    /// What is added.
    pub offset: f64,
}

impl Model {
    /// The one that was fitted, for features with those of an encoder or without.
    pub fn fitted(with_encoder: bool) -> &'static Self {
        if with_encoder {
            &weights::WITH_ENCODER
        } else {
            &weights::LEXICAL
        }
    }

    /// The probability.
    pub fn support(&self, features: &Features) -> f64 {
        probability(&self.weights, self.offset, &features.0)
    }
}
