//! What the support of an answer is computed from: its sentences' evidence as one row of numbers.
//!
//! Nothing here grows with the number of sentences: what was fitted on short answers must hold for long ones.

use super::evidence::Evidence;

/// Their names, in order.
const NAMES: [&str; 27] = [
    "covered",
    "covered_worst",
    "nearly_covered",
    "nearly_covered_worst",
    "at_once",
    "at_once_worst",
    "pairs",
    "pairs_worst",
    "pairs_of_weight",
    "pairs_of_weight_worst",
    "in_order",
    "in_order_worst",
    "missing",
    "missing_worst",
    "echoed",
    "missing_small",
    "missing_small_worst",
    "exhausted",
    "denied_otherwise",
    "first_person",
    "opinion",
    "bounds",
    "facts_missing",
    "question",
    "claimless",
    "near",
    "near_worst",
];

/// How many numbers there are.
pub const FEATURES: usize = NAMES.len();
/// How many of them need no encoder; they come first.
pub const LEXICAL: usize = FEATURES - 2;

/// An answer as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Features(pub [f64; FEATURES]);

impl Features {
    /// Their names, in order.
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }

    pub(super) fn of(evidence: &[Evidence]) -> Self {
        let all = Answer(evidence);
        Self([
            all.mean(|one| one.covered),
            all.worst(|one| one.covered),
            all.mean(|one| one.nearly_covered),
            all.worst(|one| one.nearly_covered),
            all.mean(|one| one.covered_at_once),
            all.worst(|one| one.covered_at_once),
            all.mean(|one| one.pairs),
            all.worst(|one| one.pairs),
            all.mean(|one| one.pairs_of_weight),
            all.worst(|one| one.pairs_of_weight),
            all.mean(|one| one.in_order),
            all.worst(|one| one.in_order),
            all.mean(|one| libm::log1p(one.missing)),
            all.most(|one| libm::log1p(one.missing)),
            all.mean(|one| libm::log1p(one.echoed)),
            all.mean(|one| libm::log1p(one.missing_small)),
            all.most(|one| libm::log1p(one.missing_small)),
            all.mean(|one| one.exhausted),
            all.most(|one| one.denied_otherwise),
            all.most(|one| libm::log1p(one.first_person)),
            all.most(|one| libm::log1p(one.opinion)),
            all.most(|one| libm::log1p(one.bounds)),
            all.most(|one| libm::log1p(one.facts_missing)),
            all.most(|one| one.question),
            all.mean(|one| one.claimless),
            all.mean(|one| one.near),
            all.worst(|one| one.near),
        ])
    }
}

/// An answer's sentences.
struct Answer<'a>(&'a [Evidence]);

impl Answer<'_> {
    /// By the number of words.
    fn mean(&self, of: fn(&Evidence) -> f64) -> f64 {
        let words: f64 = self.0.iter().map(|one| one.words).sum();
        let sum: f64 = self.0.iter().map(|one| one.words * of(one)).sum();
        if words > 0.0 { sum / words } else { 0.0 }
    }

    /// The least; a sentence that states nothing can't be the worst.
    fn worst(&self, of: fn(&Evidence) -> f64) -> f64 {
        let stating = self.0.iter().filter(|one| one.claimless == 0.0);
        stating.map(of).fold(1.0, f64::min)
    }

    fn most(&self, of: fn(&Evidence) -> f64) -> f64 {
        self.0.iter().map(of).fold(0.0, f64::max)
    }
}
