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
    /// How many of the question's words the best passage has, as a logarithm: two that meet say more than one.
    pub met: f64,
    /// How rare the rarest is of those that it lacks, 1 for a word that no passage has: that is what the question is about.
    pub missing: f64,
    /// How near the best passage is by meaning; 0 without an encoder.
    pub near: f64,
    /// What the best article is ahead of the next by; 0 without an encoder.
    pub margin: f64,
}

/// How many numbers a support is computed from.
const WIDTH: usize = 5;

/// A logistic regression over [`Evidence`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupportModel {
    /// In the order of [`Evidence::row`].
    pub weights: [f64; WIDTH],
    /// What is added.
    pub offset: f64,
}

/// Both made by `--example support` from the questions of tests/knowledge/tuning.jsonl, which are none of those that are measured.
const BY_WORDS: SupportModel = SupportModel {
    weights: [1.129, 1.825, -1.660, 0.0, 0.0],
    offset: -1.023,
};
const WITH_MEANING: SupportModel = SupportModel {
    weights: [0.0, 0.0, 0.0, 14.596, 13.380],
    offset: -6.776,
};

impl SupportModel {
    /// The one for evidence of an encoder or without.
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
    /// As numbers, in the order of [`SupportModel::weights`]. The share of the
    /// best passage is not among them: with the number of words beside it, it would only tell long questions from short ones. With
    /// an encoder only the last two count: it has compared the words.
    pub fn row(&self) -> [f64; WIDTH] {
        [
            self.in_article,
            self.met,
            self.missing,
            self.near,
            self.margin,
        ]
    }

    /// `article_of` is each place's article.
    pub(super) fn of(
        by_words: &Scores,
        by_meaning: Option<&[f64]>,
        order: &[Ranked],
        article_of: impl Fn(usize) -> usize,
    ) -> Self {
        let total: f64 = by_words.words.iter().map(|word| word.rarity).sum();
        let Some(best) = order.first().filter(|_| total > 0.0) else {
            return Self {
                unknown: 1.0,
                missing: 1.0,
                ..Self::default()
            };
        };
        let scores =
            |word: &QuestionWord| word.scores.get(&best.place).copied().unwrap_or_default();
        let words = |has: &dyn Fn(&QuestionWord) -> bool| -> Vec<f64> {
            let words = by_words.words.iter().filter(|word| has(word));
            words.map(|word| word.rarity).collect()
        };
        // From a zero of our own: the sum of nothing is -0.
        let share = |rarities: &[f64]| rarities.iter().fold(0.0, |sum, one| sum + one) / total;
        let met = words(&|word| scores(word).0 > 0.0);
        let missing = words(&|word| scores(word).0 <= 0.0);
        let next = order
            .iter()
            .find(|one| article_of(one.place) != article_of(best.place));
        Self {
            in_passage: share(&met),
            in_article: share(&words(&|word| scores(word).1 > 0.0)),
            unknown: share(&words(&|word| !word.is_known)),
            met: libm::log1p(met.len() as f64),
            missing: missing.into_iter().fold(0.0, f64::max) / by_words.rarest,
            near: by_meaning.map_or(0.0, |near| near[best.place]),
            margin: by_meaning.map_or(0.0, |_| best.score - next.map_or(0.0, |one| one.score)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn support_rises_with_what_speaks_for_an_answer_and_does_not_end_early() {
        let all = Evidence {
            in_passage: 1.0,
            in_article: 1.0,
            met: libm::log1p(4.0),
            near: 0.7,
            margin: 0.2,
            ..Evidence::default()
        };
        let nothing = Evidence {
            unknown: 1.0,
            missing: 1.0,
            ..Evidence::default()
        };
        for with_meaning in [false, true] {
            let model = SupportModel::fitted(with_meaning);
            let of = |evidence: &Evidence| model.support(evidence);
            assert!(of(&all) > 0.94, "{with_meaning}: {}", of(&all));
            assert!(of(&nothing) < 0.1, "{with_meaning}: {}", of(&nothing));
            let less = Evidence {
                in_passage: 0.6,
                missing: 0.9,
                near: 0.6,
                ..all
            };
            assert!(of(&less) < of(&all));
        }
    }
}
