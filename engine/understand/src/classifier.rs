//! A trained classifier: from a text to ranked intents and how probable it is that it is in scope.

use dialog::{Confidence, RankedIntent};

use crate::calibration::Calibration;
use crate::deep::Deep;
use crate::encoder::Encoder;
use crate::feature::{Gram, grams};
use crate::normalise::normalise;
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
    /// What was learnt above an encoder.
    pub(crate) deep: Option<Deep>,
}

/// From this confidence of the first tier on, and if it takes the text for one in scope, the encoder is not asked. Chosen by
/// cross-validation: `docs/decisions/understanding.md` has the trade.
const SURE: f32 = 0.98;

/// In scope: the middle of the in-scope score, see [`crate::scope`].
const IN_SCOPE: f32 = 0.5;

/// A classifier with the encoder that it was trained with, if any.
#[derive(Clone, Copy)]
pub(crate) struct Tiers<'a> {
    pub(crate) classifier: &'a Classifier,
    pub(crate) encoder: Option<&'a dyn Encoder>,
}

impl Tiers<'_> {
    /// Reads a text: with the encoder where n-grams alone are not sure. An encoder that fails leaves the first tier's answer.
    pub(crate) fn classify(&self, text: &str) -> Classification {
        let grams = grams(text);
        let quick = self.classifier.read(&grams);
        if quick.intents.is_empty() || quick.is_sure() {
            return quick;
        }
        self.deepen(text, &grams).unwrap_or(quick)
    }

    fn deepen(&self, text: &str, grams: &[(Gram, u16)]) -> Option<Classification> {
        let deep = self.classifier.deep.as_ref()?;
        let vector = self.encoder?.encode(&[&normalise(text)]).ok()?.pop()?;
        let (scores, probabilities, in_scope) =
            deep.read(&self.classifier.vocabulary, grams, &vector);
        Some(Classification {
            intents: self.classifier.rank(&scores, &probabilities),
            in_scope: Confidence(in_scope),
        })
    }
}

impl Classification {
    fn is_sure(&self) -> bool {
        self.in_scope.0 >= IN_SCOPE
            && self
                .intents
                .first()
                .is_some_and(|best| best.confidence.0 >= SURE)
    }
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
            deep: None,
        }
    }

    /// Reads a text by its n-grams alone.
    pub(crate) fn quick(&self, text: &str) -> Classification {
        self.read(&grams(text))
    }

    fn read(&self, grams: &[(Gram, u16)]) -> Classification {
        if grams.is_empty() || self.intents.is_empty() {
            return Classification::default();
        }
        let scores = self.weights.scores(&self.vocabulary.vector(grams));
        let (probabilities, in_scope) = self.calibration.read(&scores, &[]);
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
