//! The material, read once: every answer to one message is compared with the same.

use std::collections::{BTreeMap, BTreeSet};

use understand::{EncodeError, Encoder};

use super::evidence::Evidence;
use super::meaning::Meaning;
use super::{Material, SOURCES_CHARS_MAX};
use crate::language::{self, Language};
use crate::text::cut;
use crate::text::figure::{Figures, figures};
use crate::text::literal::{Literal, literals};
use crate::text::sentence::sentences;
use crate::text::word::{Reader, Word};

/// Words of all sources together that are compared: the longest common sequence takes time for each.
const WORDS_MAX: usize = 20_000;

pub(super) struct Grounds<'a> {
    pub(super) language: Language,
    /// The language that the answer should have.
    pub(super) expected: Option<&'static str>,
    pub(super) reader: Reader,
    pub(super) sources_count: usize,
    /// Words of the sources and facts, one after the other.
    pub(super) words: Vec<Word>,
    /// Where each sentence of them begins and ends in `words`.
    pub(super) sentences: Vec<(usize, usize)>,
    /// Where each stem stands in `words`.
    pub(super) places: BTreeMap<String, Vec<usize>>,
    /// The sources' longer words, for those that are nearly the same.
    pub(super) shapes: Vec<(String, Vec<u32>)>,
    pub(super) message: BTreeSet<String>,
    /// Figures and literals that may be said.
    pub(super) figures: Figures,
    pub(super) literals: Vec<Literal>,
    pub(super) secrets: Vec<&'a str>,
    pub(super) everything: String,
    pub(super) meaning: Option<Meaning<'a>>,
}

impl<'a> Grounds<'a> {
    pub(super) fn new(material: &Material<'a>, encoder: Option<&'a dyn Encoder>) -> Self {
        let texts = texts(material);
        let joined = texts.join("\n");
        let message = material.message.unwrap_or_default();
        let (language, expected) = languages(material, &joined);
        let reader = Reader::new(language);
        let (words, sentences, parts) = read(&texts, &reader, language);
        let everything = format!("{joined}\n{message}");
        let literals = literals(&everything);
        let skip: Vec<(usize, usize)> = literals.iter().map(|one| one.at).collect();
        Self {
            language,
            expected,
            sources_count: material.sources.len(),
            places: places(&words),
            shapes: shapes(&words),
            message: reader
                .words(message)
                .into_iter()
                .map(|word| word.stem)
                .collect(),
            figures: figures(&everything, language, &skip),
            literals,
            secrets: material.secrets.to_vec(),
            everything,
            meaning: encoder.map(|encoder| Meaning::new(encoder, parts)),
            words,
            sentences,
            reader,
        }
    }

    pub(super) fn has_encoder(&self) -> bool {
        self.meaning.is_some()
    }

    /// Compares each sentence of an answer.
    pub(super) fn compare(&self, answer: &str) -> Result<Vec<Evidence>, EncodeError> {
        sentences(answer, self.language)
            .into_iter()
            .map(|at| Evidence::of(self, answer, at))
            .collect()
    }
}

fn texts<'a>(material: &Material<'a>) -> Vec<&'a str> {
    let mut left = SOURCES_CHARS_MAX;
    let all = material.sources.iter().chain(material.facts);
    all.map(|text| {
        let text = cut(text, left);
        left -= text.chars().count().min(left);
        text
    })
    .collect()
}

/// The language to read in, and the one that the answer should have.
fn languages(material: &Material<'_>, joined: &str) -> (Language, Option<&'static str>) {
    let of = |text: &str| {
        let words = Reader::new(Language::Other).words(text);
        language::detect(words.iter().map(|word| word.folded.as_str())).map(|found| found.code)
    };
    let code = |language| match language {
        Language::En => Some("en"),
        Language::De => Some("de"),
        Language::Other => None,
    };
    let asked = || material.message.and_then(of);
    let expected = material.language.map_or_else(asked, code);
    let read = of(joined).or(expected).unwrap_or("en");
    (Language::of_locale(read), expected)
}

type Read = (Vec<Word>, Vec<(usize, usize)>, Vec<String>);

fn read(texts: &[&str], reader: &Reader, language: Language) -> Read {
    let (mut words, mut spans, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for text in texts {
        for (from, to) in sentences(text, language) {
            let start = words.len();
            words.extend(reader.words(&text[from..to]));
            words.truncate(WORDS_MAX);
            if words.len() > start {
                spans.push((start, words.len()));
                parts.push(text[from..to].to_owned());
            }
        }
    }
    (words, spans, parts)
}

fn places(words: &[Word]) -> BTreeMap<String, Vec<usize>> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        places.entry(word.stem.clone()).or_default().push(at);
    }
    places
}

fn shapes(words: &[Word]) -> Vec<(String, Vec<u32>)> {
    let distinct: BTreeSet<&str> = words
        .iter()
        .filter(|word| !word.class.small && !word.class.digits)
        .map(|word| word.folded.as_str())
        .collect();
    distinct
        .into_iter()
        .map(|word| (word.to_owned(), trigrams(word)))
        .collect()
}

/// A word's runs of three letters as numbers, sorted; its ends count as letters.
pub(crate) fn trigrams(word: &str) -> Vec<u32> {
    let letters: Vec<u32> = std::iter::once(1)
        .chain(word.chars().map(u32::from))
        .chain(std::iter::once(2))
        .collect();
    let mut grams: Vec<u32> = letters
        .windows(3)
        .map(|run| {
            run.iter().fold(0_u32, |sum, one| {
                sum.wrapping_mul(65_599).wrapping_add(*one)
            })
        })
        .collect();
    grams.sort_unstable();
    grams
}
