//! Search: which passages answer a question, why, and how sure that is.

mod bm25;
mod closeness;
mod fuse;
mod meaning;
mod support;
mod tokens;
mod vectors;

use std::collections::BTreeSet;
use std::sync::Arc;

use understand::{EncodeError, Encoder};

use crate::article::{Article, Passage};
use crate::language::Language;
use crate::text::cut;
use crate::text::word::Reader;
use bm25::Words;
use meaning::Meaning;
use meaning::Nearness;
pub use meaning::Parts;
pub use support::{Evidence, SupportModel};
pub use vectors::Vectors;

/// Characters of a question that are read.
pub const QUESTION_CHARS_MAX: usize = 1_000;

/// One locale's passages, ready to be searched.
pub struct Index {
    locale: String,
    reader: Reader,
    articles: Vec<Arc<Article>>,
    /// An article's and a passage's number.
    places: Vec<(usize, usize)>,
    words: Words,
    meaning: Option<Meaning>,
}

/// A passage that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its article.
    pub article: Arc<Article>,
    /// Its number in the article.
    pub passage: usize,
    /// What both searches come to; the highest comes first.
    pub score: f64,
    /// What it has of the question's words.
    pub terms: Vec<Term>,
    /// Its rank by words, from 1, and the sum of its terms' scores; none when it has no word of the question.
    pub by_words: Option<(usize, f64)>,
    /// Its rank by meaning, from 1, and how near it is; none without an encoder, and far behind.
    pub by_meaning: Option<(usize, f64)>,
    /// What that is made of.
    pub parts: Option<Parts>,
    /// How near each of its sentences is to the question, in their order; empty without an encoder.
    pub(crate) nearness: Vec<f64>,
}

/// A word of the question in a passage.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Term {
    /// As it stands in the question.
    pub word: String,
    /// What it adds to the passage's score.
    pub score: f64,
}

/// A word of the question, as sentences are compared with it.
#[derive(Clone, Debug)]
pub(crate) struct AskedWord {
    /// The stems that it is taken for; none when no article has it.
    pub(crate) stems: Vec<String>,
    pub(crate) rarity: f64,
}

impl AskedWord {
    pub(crate) fn is_in(&self, stems: &BTreeSet<String>) -> bool {
        self.stems.iter().any(|stem| stems.contains(stem))
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Search {
    /// The best passages, the best first.
    pub found: Vec<Found>,
    /// How probable it is that they answer the question, 0 to 1.
    pub support: f64,
    /// What that was computed from.
    pub evidence: Evidence,
    pub(crate) words: Vec<AskedWord>,
}

impl Found {
    /// The passage.
    pub fn passage(&self) -> &Passage {
        &self.article.passages[self.passage]
    }

    /// The title and the headings above the passage.
    pub fn heading_path(&self) -> Vec<&str> {
        std::iter::once(self.article.title.as_str())
            .chain(self.passage().headings.iter().map(String::as_str))
            .collect()
    }

    /// The page, at the place of the passage, if the article says where it is.
    pub fn link(&self) -> Option<String> {
        let link = self.article.link.as_ref()?;
        Some(match &self.passage().anchor {
            Some(anchor) => format!("{link}#{anchor}"),
            None => link.clone(),
        })
    }
}

impl Index {
    pub(crate) fn new(
        locale: &str,
        articles: Vec<Arc<Article>>,
        encoder: Option<Arc<dyn Encoder>>,
        kept: &mut Vectors,
    ) -> Result<Self, EncodeError> {
        let reader = Reader::new(Language::of_locale(locale));
        let places: Vec<(usize, usize)> = articles
            .iter()
            .enumerate()
            .flat_map(|(at, article)| (0..article.passages.len()).map(move |one| (at, one)))
            .collect();
        let words = Words::new(&reader, &articles, &places);
        let meaning = encoder
            .map(|encoder| {
                let language = Language::of_locale(locale);
                Meaning::new(encoder, language, &articles, &places, kept)
            })
            .transpose()?;
        Ok(Self {
            locale: locale.to_owned(),
            reader,
            articles,
            places,
            words,
            meaning,
        })
    }

    /// The locale whose articles are searched.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// With what questions are read beside their words.
    pub fn encoder(&self) -> Option<&Arc<dyn Encoder>> {
        self.meaning.as_ref().map(|meaning| &meaning.encoder)
    }

    /// How many passages there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The best passages for a question, and how far they answer it.
    ///
    /// # Errors
    /// When the encoder can't read the question.
    pub fn search(&self, question: &str, count_max: usize) -> Result<Search, EncodeError> {
        let question = cut(question, QUESTION_CHARS_MAX);
        let by_words = self.words.search(&self.reader, question);
        let shares = by_words.shares();
        let by_meaning = match &self.meaning {
            Some(meaning) => Some(meaning.search(question, &shares)?),
            None => None,
        };
        let near = by_meaning.as_ref().map(|near| near.scores.as_slice());
        let order = fuse::order(&shares, near);
        let evidence = Evidence::of(&by_words, near, &order, |place| self.places[place].0);
        let support = SupportModel::fitted(by_meaning.is_some()).support(&evidence);
        let found = order
            .iter()
            .take(count_max)
            .map(|ranked| self.found(ranked, &by_words, by_meaning.as_ref()));
        Ok(Search {
            found: found.collect(),
            support,
            evidence,
            words: by_words.asked(),
        })
    }

    fn found(
        &self,
        ranked: &fuse::Ranked,
        by_words: &bm25::Scores,
        by_meaning: Option<&Nearness>,
    ) -> Found {
        let (article, passage) = self.places[ranked.place];
        Found {
            article: self.articles[article].clone(),
            passage,
            score: ranked.score,
            terms: by_words.terms(ranked.place),
            by_words: ranked
                .by_words
                .map(|rank| (rank, by_words.scores[ranked.place])),
            by_meaning: ranked
                .by_meaning
                .zip(by_meaning.map(|near| near.scores[ranked.place])),
            parts: by_meaning.and_then(|near| near.parts[ranked.place]),
            nearness: by_meaning
                .map(|near| near.sentences[ranked.place].clone())
                .unwrap_or_default(),
        }
    }
}
