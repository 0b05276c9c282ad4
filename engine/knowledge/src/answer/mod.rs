//! An answer without a model: the sentences of the articles that answer the question best, with their source; or that it is not
//! known. Nothing is put into other words, so nothing can be invented.

mod score;
mod window;

use crate::language::Language;
use crate::search::{Found, Search};
use crate::text::sentence::sentences;
use crate::text::word::Reader;
pub use window::QUOTE_CHARS_MAX;

/// Passages that are looked through.
const PASSAGES_READ: usize = 3;
/// From which support on a question is answered, where nothing else is said: where nine of ten foreign questions of the bot's trade in
/// tests/knowledge/tuning.jsonl are left unanswered, with an encoder and without.
pub const SUPPORT_MIN: f64 = 0.75;
/// What the best sentence of each passage behind the first must be better by.
const LATER_PASSAGE_SHARE: f64 = 0.85;

/// What was found to say.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Sentences of one passage, word for word, in their order.
    pub quote: String,
    /// Where they stand.
    pub source: Found,
    /// How probable it is that the question is answered.
    pub support: f64,
}

/// Quotes what answers a question best; none when nothing was found, or its support is below `support_min`. What an encoder knows
/// of the sentences is in what was found.
pub fn quote(search: &Search, language: Language, support_min: f64) -> Option<Answer> {
    if search.support < support_min {
        return None;
    }
    let reader = Reader::new(language);
    let highest = search.found.first().map_or(0.0, |found| found.score);
    let mut best: Option<(f64, &Found, usize)> = None;
    for (rank, found) in search.found.iter().take(PASSAGES_READ).enumerate() {
        let scores = score::sentences(&search.words, found, &reader, language);
        let Some((at, score)) = first_greatest(&scores) else {
            continue;
        };
        let score = score * libm::pow(LATER_PASSAGE_SHARE, rank as f64) + found.score / highest;
        if best.is_none_or(|(other, ..)| score > other) {
            best = Some((score, found, at));
        }
    }
    best.map(|(_, found, at)| {
        let text = &found.passage().text;
        let (from, to) = window::around(text, &sentences(text, language), at, language);
        Answer {
            quote: text[from..to].to_owned(),
            source: found.clone(),
            support: search.support,
        }
    })
}

fn first_greatest(scores: &[f64]) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for (at, score) in scores.iter().enumerate() {
        if best.is_none_or(|(_, other)| *score > other) {
            best = Some((at, *score));
        }
    }
    best
}
