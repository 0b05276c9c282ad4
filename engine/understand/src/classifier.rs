//! A trained classifier: from a text to ranked intents and how probable it is that it is in scope.

use dialog::{Confidence, RankedIntent};

use crate::calibration::Calibration;
use crate::feature::grams;
use crate::vocabulary::Vocabulary;
use crate::weights::Weights;

/// How many intents are told. The core asks back between a few at most, and events are stored.
const RANKED_MAX: usize = 5;

/// What was learnt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Classifier {
    /// Names, ordered.
    pub(crate) intents: Vec<String>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) weights: Weights,
    pub(crate) calibration: Calibration,
}

/// What a text seems to ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classification {
    /// The most probable intents, best first, at most five; none when the text has no words or the model no intents.
    pub intents: Vec<RankedIntent>,
    /// How probable it is that the text is about anything the bot knows.
    pub in_scope: Confidence,
}

impl Classifier {
    /// One that knows no intents.
    pub(crate) fn empty() -> Self {
        Self {
            intents: Vec::new(),
            vocabulary: Vocabulary::new(Vec::new(), Vec::new(), 1.0),
            weights: Weights::new(0, Vec::new(), Vec::new()).expect("nothing fits nothing"),
            calibration: Calibration::fit(&[], &[]),
        }
    }

    /// Reads a text.
    pub(crate) fn classify(&self, text: &str) -> Classification {
        let grams = grams(text);
        if grams.is_empty() || self.intents.is_empty() {
            return Classification::default();
        }
        let scores = self.weights.scores(&self.vocabulary.vector(&grams));
        let (probabilities, in_scope) = self.calibration.read(&scores);
        Classification {
            intents: self.rank(&scores, &probabilities),
            in_scope: Confidence(in_scope),
        }
    }

    /// Best first; of equals the first by name. By the scores, since very small probabilities are all the same.
    fn rank(&self, scores: &[f32], probabilities: &[f32]) -> Vec<RankedIntent> {
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let ranked = |class: usize| RankedIntent {
            intent: self.intents[class].clone(),
            confidence: Confidence(probabilities[class]),
        };
        order.into_iter().take(RANKED_MAX).map(ranked).collect()
    }
}
