//! An answer without a model: the sentences of the articles that answer the question best, with their source; or that it is not
//! known. Nothing is put into other words, so nothing can be invented.

use std::sync::Arc;

use understand::{EncodeError, Encoder};

use crate::language::Language;
use crate::search::{Found, Search};
use crate::text::sentence::sentences;
use crate::text::word::{Reader, Word};

/// Passages that are looked through.
const PASSAGES_READ: usize = 3;
/// Characters of a quotation: what is read in a chat without scrolling.
pub const QUOTE_CHARS_MAX: usize = 420;
/// From which support on a question is answered, where nothing else is said: where 19 of 20 foreign questions of
/// tests/knowledge/tuning.jsonl are left unanswered, with an encoder and without.
pub const SUPPORT_MIN: f64 = 0.75;
/// What each passage behind the first must be better by.
const LATER_PASSAGE_SHARE: f64 = 0.85;
/// What the meaning of a sentence counts beside its words.
const MEANING_SHARE: f64 = 2.0;

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

/// Quotes what answers a question best; none when nothing was found, or its support is below `support_min`.
///
/// # Errors
/// When the encoder fails.
pub fn quote(
    question: &str,
    search: &Search,
    language: Language,
    encoder: Option<&Arc<dyn Encoder>>,
    support_min: f64,
) -> Result<Option<Answer>, EncodeError> {
    if search.support < support_min {
        return Ok(None);
    }
    let reader = Reader::new(language);
    let asked = Asked::new(question, &reader, search, encoder)?;
    let mut best: Option<(f64, Answer)> = None;
    for (rank, found) in search.found.iter().take(PASSAGES_READ).enumerate() {
        let Some((score, quote)) = asked.best_of(found, language)? else {
            continue;
        };
        let score = score * libm::pow(LATER_PASSAGE_SHARE, rank as f64);
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((
                score,
                Answer {
                    quote,
                    source: found.clone(),
                    support: search.support,
                },
            ));
        }
    }
    Ok(best.map(|(_, answer)| answer))
}

/// A question, as sentences are compared with it.
struct Asked<'a> {
    reader: &'a Reader,
    /// Stems, and how much each counts.
    words: Vec<(String, f64)>,
    meaning: Option<(&'a Arc<dyn Encoder>, Vec<f32>)>,
}

impl<'a> Asked<'a> {
    fn new(
        question: &str,
        reader: &'a Reader,
        search: &Search,
        encoder: Option<&'a Arc<dyn Encoder>>,
    ) -> Result<Self, EncodeError> {
        let rarity = |word: &Word| {
            let terms = search.found.iter().flat_map(|found| &found.terms);
            let of_word = terms
                .filter(|term| term.word == word.folded)
                .map(|term| term.score);
            of_word.fold(0.0, f64::max)
        };
        let words = reader
            .words(question)
            .into_iter()
            .filter(|word| !word.class.small);
        let words = words
            .map(|word| (word.stem.clone(), word.weight + rarity(&word)))
            .collect();
        let meaning = match encoder {
            Some(encoder) => encoder
                .encode(&[question])?
                .pop()
                .map(|vector| (encoder, vector)),
            None => None,
        };
        Ok(Self {
            reader,
            words,
            meaning,
        })
    }

    /// The passage's best sentence with those behind it that still fit, and the sentence's score.
    fn best_of(
        &self,
        found: &Found,
        language: Language,
    ) -> Result<Option<(f64, String)>, EncodeError> {
        let text = &found.passage().text;
        let spans = sentences(text, language);
        let mut best: Option<(f64, usize)> = None;
        for (at, (from, to)) in spans.iter().enumerate() {
            let score = self.score(&text[*from..*to])?;
            if best.is_none_or(|(other, _)| score > other) {
                best = Some((score, at));
            }
        }
        let Some((score, at)) = best else {
            return Ok(None);
        };
        let fits =
            |last: &usize| text[spans[at].0..spans[*last].1].chars().count() <= QUOTE_CHARS_MAX;
        let last = (at..spans.len())
            .take(SENTENCES_MAX)
            .take_while(fits)
            .last()
            .unwrap_or(at);
        Ok(Some((score, text[spans[at].0..spans[last].1].to_owned())))
    }

    fn score(&self, sentence: &str) -> Result<f64, EncodeError> {
        let stems: Vec<String> = self
            .reader
            .words(sentence)
            .into_iter()
            .map(|word| word.stem)
            .collect();
        let total: f64 = self.words.iter().map(|(_, weight)| weight).sum();
        let met: f64 = self
            .words
            .iter()
            .filter(|(stem, _)| stems.contains(stem))
            .map(|(_, weight)| weight)
            .sum();
        let by_words = if total > 0.0 { met / total } else { 0.0 };
        let Some((encoder, question)) = &self.meaning else {
            return Ok(by_words);
        };
        let own = encoder.encode(&[sentence])?.pop().unwrap_or_default();
        let cosine: f64 = own
            .iter()
            .zip(question)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum();
        Ok(by_words + MEANING_SHARE * cosine)
    }
}

/// Sentences of a quotation.
const SENTENCES_MAX: usize = 3;
