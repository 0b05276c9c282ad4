//! How well each sentence of a passage answers a question, beside its neighbours.

use std::collections::BTreeSet;

use crate::language::Language;
use crate::search::{AskedWord, Found};
use crate::text::sentence;
use crate::text::word::Reader;

/// What the meaning of a sentence counts beside its words.
const MEANING_SHARE: f64 = 2.0;
/// What a word counts that the headings have already: it says where to look, not which sentence is meant.
const HEADING_WORD_SHARE: f64 = 0.5;

/// In the passage's order.
pub(super) fn sentences(
    words: &[AskedWord],
    found: &Found,
    reader: &Reader,
    language: Language,
) -> Vec<f64> {
    let text = &found.passage().text;
    let stems = |text: &str| -> BTreeSet<String> {
        let words = reader.words(text).into_iter();
        words.map(|word| word.stem).collect()
    };
    let above = stems(&found.heading_path().join(" "));
    let weights: Vec<f64> = words.iter().map(|word| weight(word, &above)).collect();
    let total: f64 = weights.iter().sum();
    let score = |(at, (from, to)): (usize, &sentence::Span)| {
        let own = stems(&text[*from..*to]);
        let met = words
            .iter()
            .zip(&weights)
            .filter(|(word, _)| word.is_in(&own));
        let met: f64 = met.map(|(_, weight)| weight).sum();
        let near = found.nearness.get(at).copied().unwrap_or(0.0);
        met / total.max(f64::MIN_POSITIVE) + MEANING_SHARE * near
    };
    let spans = sentence::sentences(text, language);
    spans.iter().enumerate().map(score).collect()
}

fn weight(word: &AskedWord, above: &BTreeSet<String>) -> f64 {
    if word.is_in(above) {
        HEADING_WORD_SHARE * word.rarity
    } else {
        word.rarity
    }
}
