//! How far a question is answered by what was found: what the router asks as `knowledge.support`.

use super::bm25::{QuestionWord, Scores};
use super::fuse::Ranked;
use crate::fit::probability;

/// What speaks for an answer in the articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Evidence {
    /// Of the question's words, by their rarity, the share that the best passage has; the same of its whole article.
    pub in_passage: f64,
    /// See `in_passage`.
    pub in_article: f64,
    /// The share that no article has.
    pub unknown: f64,
    /// How near the nearest passage is by meaning; 0 without an encoder.
    pub cosine: f64,
}

/// A logistic regression over [`Evidence`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupportModel {
    /// For `in_passage`, `in_article`, `unknown`, `cosine`.
    pub weights: [f64; 4],
    /// What is added.
    pub offset: f64,
}

/// Both made by `--example support` from the questions of tests/knowledge/tuning.jsonl, which are none of those that are measured.
const BY_WORDS: SupportModel = SupportModel {
    weights: [0.595, 3.045, -0.968, 0.0],
    offset: -1.301,
};
const WITH_MEANING: SupportModel = SupportModel {
    weights: [0.283, 1.014, -0.659, 13.588],
    offset: -4.615,
};

impl SupportModel {
    /// The one for evidence with a cosine or without.
    pub fn fitted(with_meaning: bool) -> &'static Self {
        if with_meaning {
            &WITH_MEANING
        } else {
            &BY_WORDS
        }
    }

    /// The probability that the question is answered.
    pub fn support(&self, evidence: &Evidence) -> f64 {
        probability(&self.weights, self.offset, &evidence.row())
    }
}

impl Evidence {
    /// As numbers, in the order of [`SupportModel::weights`].
    pub fn row(&self) -> [f64; 4] {
        [self.in_passage, self.in_article, self.unknown, self.cosine]
    }

    pub(super) fn of(by_words: &Scores, by_meaning: Option<&[f64]>, order: &[Ranked]) -> Self {
        let total: f64 = by_words.words.iter().map(|word| word.rarity).sum();
        let Some(best) = order.first().filter(|_| total > 0.0) else {
            return Self {
                unknown: 1.0,
                ..Self::default()
            };
        };
        let share = |has: &dyn Fn(&QuestionWord) -> bool| {
            by_words
                .words
                .iter()
                .filter(|word| has(word))
                .map(|word| word.rarity)
                .sum::<f64>()
                / total
        };
        let scores =
            |word: &QuestionWord| word.scores.get(&best.place).copied().unwrap_or_default();
        Self {
            in_passage: share(&|word| scores(word).0 > 0.0),
            in_article: share(&|word| scores(word).1 > 0.0),
            unknown: share(&|word| !word.is_known).max(0.0),
            cosine: by_meaning.map_or(0.0, |cosines| cosines.iter().copied().fold(0.0, f64::max)),
        }
    }
}
