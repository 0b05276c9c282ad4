//! Search: which passages answer a question, why, and how sure that is.

mod bm25;
mod fuse;
mod support;
mod vectors;

use std::sync::Arc;

use understand::{EncodeError, Encoder};

use crate::article::{Article, Passage};
use crate::language::Language;
use crate::text::cut;
use crate::text::word::Reader;
use bm25::Words;
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

struct Meaning {
    encoder: Arc<dyn Encoder>,
    /// By place: of the passage with its headings, and of the headings alone.
    vectors: Vec<[Arc<Vec<f32>>; 2]>,
}

/// A passage that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its article.
    pub article: Arc<Article>,
    /// Its number in the article.
    pub passage: usize,
    /// What the ranks of both searches come to; the highest comes first.
    pub score: f64,
    /// What it has of the question's words.
    pub terms: Vec<Term>,
    /// Its rank by words, from 1, and the sum of its terms' scores; none when it has no word of the question.
    pub by_words: Option<(usize, f64)>,
    /// Its rank by meaning, from 1, and its cosine; none without an encoder.
    pub by_meaning: Option<(usize, f64)>,
}

/// A word of the question in a passage.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Term {
    /// As it stands in the question.
    pub word: String,
    /// What it adds to the passage's score.
    pub score: f64,
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
            .map(|encoder| Meaning::new(encoder, &articles, &places, kept))
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
        let by_meaning = match &self.meaning {
            Some(meaning) => Some(meaning.search(question)?),
            None => None,
        };
        let order = fuse::order(&by_words.scores, by_meaning.as_deref());
        let evidence = Evidence::of(&by_words, by_meaning.as_deref(), &order);
        let support = SupportModel::fitted(by_meaning.is_some()).support(&evidence);
        let found = order
            .iter()
            .take(count_max)
            .map(|ranked| self.found(ranked, &by_words, by_meaning.as_deref()));
        Ok(Search {
            found: found.collect(),
            support,
            evidence,
        })
    }

    fn found(
        &self,
        ranked: &fuse::Ranked,
        by_words: &bm25::Scores,
        by_meaning: Option<&[f64]>,
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
                .zip(by_meaning.map(|cosines| cosines[ranked.place])),
        }
    }
}

impl Meaning {
    fn new(
        encoder: Arc<dyn Encoder>,
        articles: &[Arc<Article>],
        places: &[(usize, usize)],
        kept: &mut Vectors,
    ) -> Result<Self, EncodeError> {
        let vectors = places.iter().map(|(article, passage)| {
            let article = &articles[*article];
            let passage = &article.passages[*passage];
            let above = std::iter::once(article.title.as_str())
                .chain(passage.headings.iter().map(String::as_str));
            let above = above.collect::<Vec<_>>().join(". ");
            let whole = format!("{above}. {}", passage.text.replace('\n', " "));
            Ok([
                kept.of(encoder.as_ref(), &whole)?,
                kept.of(encoder.as_ref(), &above)?,
            ])
        });
        let vectors = vectors.collect::<Result<_, EncodeError>>()?;
        Ok(Self { encoder, vectors })
    }

    /// The cosine of every passage.
    fn search(&self, question: &str) -> Result<Vec<f64>, EncodeError> {
        let own = self.encoder.encode(&[question])?.pop().unwrap_or_default();
        let cosine = |other: &[f32]| {
            own.iter()
                .zip(other)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>()
        };
        Ok(self
            .vectors
            .iter()
            .map(|[whole, above]| cosine(whole).max(HEADING_SHARE * cosine(above)))
            .collect())
    }
}

/// What a heading that fits counts beside a text that fits.
const HEADING_SHARE: f64 = 0.95;
