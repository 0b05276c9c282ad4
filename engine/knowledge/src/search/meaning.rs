//! Search by meaning: how near a question is to passages as a whole, to their sentences, to the articles around them, and, of the
//! passages that come first so, word by word.
//!
//! A passage's vector says what it is about and blurs what a single sentence of it says, so both are asked. Articles are encoded
//! when they are read; when a question comes, nothing but the question is.

use std::sync::Arc;

use understand::{EncodeError, Encoder, unit_mean};

use super::Vectors;
use super::closeness::Closeness;
use crate::article::{Article, Passage};
use crate::language::Language;
use crate::text::sentence::sentences;

/// What the mean of the article's passages counts beside the passage and its nearest sentence, which count 1 each, where it is
/// decided which passages are compared word by word.
const FIRST_ARTICLE_SHARE: f64 = 0.5;
/// What words count there beside meaning, which counts 1 and whose scores lie closer together.
const FIRST_WORDS_SHARE: f64 = 0.5;
/// Passages that are compared word by word. Twice as many changed nothing.
const CLOSE_MAX: usize = 32;
/// What the two nearest sentences and the mean of the article's passages count beside the closeness of words, which counts 1: fitted
/// as a softmax over all passages, on the tuning questions.
const SENTENCES_SHARE: f64 = 0.5;
const ARTICLE_SHARE: f64 = 0.3;
/// How much of a text's nearness to all others is taken from its cosines: what is near to everything is near to any question.
const COMMON_SHARE: f64 = 0.2;

/// The vectors of one locale's articles.
pub(super) struct Meaning {
    pub(super) encoder: Arc<dyn Encoder>,
    /// By place.
    passages: Vec<Text>,
    /// By place, in the order of the passage.
    sentences: Vec<Vec<Text>>,
    closeness: Closeness,
    /// By place: its article.
    article_of: Vec<usize>,
}

/// An encoded text.
struct Text {
    vector: Arc<Vec<f32>>,
    /// What is taken from its cosines.
    common: f64,
}

/// How near everything is to a question.
pub(super) struct Nearness {
    /// By place: what passages are ordered by; 0 for those that were not compared word by word.
    pub(super) scores: Vec<f64>,
    /// By place, what that is made of; none for those.
    pub(super) parts: Vec<Option<Parts>>,
    /// By place, in the order of the passage.
    pub(super) sentences: Vec<Vec<f64>>,
}

/// What a passage's nearness is made of.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Parts {
    /// How close the question's words are to the passage's, the rare ones counting most.
    pub words: f64,
    /// The mean of the two nearest sentences: one alone is near by chance now and then.
    pub sentences: f64,
    /// The mean of the article's passages.
    pub article: f64,
}

impl Parts {
    fn score(&self) -> f64 {
        let sum = self.words + SENTENCES_SHARE * self.sentences + ARTICLE_SHARE * self.article;
        sum / (1.0 + SENTENCES_SHARE + ARTICLE_SHARE)
    }
}

impl Meaning {
    pub(super) fn new(
        encoder: Arc<dyn Encoder>,
        language: Language,
        articles: &[Arc<Article>],
        places: &[(usize, usize)],
        kept: &mut Vectors,
    ) -> Result<Self, EncodeError> {
        let texts = texts(language, articles, places);
        let all: Vec<&str> = texts.iter().map(|(whole, _)| whole.as_str()).collect();
        kept.learn_tokens(encoder.as_ref(), &all)?;
        let all: Vec<&str> = texts.iter().flat_map(|(_, parts)| parts).copied().collect();
        kept.learn(encoder.as_ref(), &all)?;
        let (mut wholes, mut tokens, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for (whole, sentences) in &texts {
            wholes.push(kept.of(encoder.as_ref(), whole)?);
            tokens.push(kept.tokens_of(encoder.as_ref(), whole)?);
            let own = sentences.iter().map(|text| kept.of(encoder.as_ref(), text));
            parts.push(own.collect::<Result<Vec<_>, _>>()?);
        }
        let width = encoder.dimensions();
        let (of_wholes, of_parts) = (
            mean(wholes.iter(), width),
            mean(parts.iter().flatten(), width),
        );
        let held = |vectors: Vec<Arc<Vec<f32>>>, mean: &[f32]| -> Vec<Text> {
            vectors
                .into_iter()
                .map(|vector| Text::new(vector, mean))
                .collect()
        };
        Ok(Self {
            encoder,
            closeness: Closeness::new(tokens, width),
            passages: held(wholes, &of_wholes),
            sentences: parts.into_iter().map(|own| held(own, &of_parts)).collect(),
            article_of: places.iter().map(|(article, _)| *article).collect(),
        })
    }

    /// Compares a question with everything. `by_words` is each passage's share of the question's words.
    pub(super) fn search(&self, question: &str, by_words: &[f64]) -> Result<Nearness, EncodeError> {
        let tokens = self.encoder.tokens(&[question])?.pop().unwrap_or_default();
        let all = tokens.iter().map(|token| token.vector.as_slice());
        // What has no direction is near to nothing.
        let own = unit_mean(all, self.encoder.dimensions()).unwrap_or_default();
        let near = |text: &Text| text.near(&own);
        let passages: Vec<f64> = self.passages.iter().map(near).collect();
        let sentences: Vec<Vec<f64>> = self
            .sentences
            .iter()
            .map(|texts| texts.iter().map(near).collect())
            .collect();
        let articles = self.by_article(&passages);
        let asked = self.closeness.ask(&tokens);
        let mut parts = vec![None; passages.len()];
        for place in first(&self.first_scores(&passages, &sentences, &articles, by_words)) {
            parts[place] = Some(Parts {
                words: self.closeness.of(&asked, place),
                sentences: two_nearest(&sentences[place], passages[place]),
                article: articles[self.article_of[place]],
            });
        }
        let score = |parts: &Option<Parts>| parts.map_or(0.0, |parts| parts.score());
        Ok(Nearness {
            scores: parts.iter().map(score).collect(),
            parts,
            sentences,
        })
    }

    /// By place, what decides whether it is compared word by word.
    fn first_scores(
        &self,
        passages: &[f64],
        sentences: &[Vec<f64>],
        articles: &[f64],
        by_words: &[f64],
    ) -> Vec<f64> {
        let score = |place: usize| {
            let nearest = nearest(&sentences[place], passages[place]);
            let article = FIRST_ARTICLE_SHARE * articles[self.article_of[place]];
            let near = (passages[place] + nearest + article) / (2.0 + FIRST_ARTICLE_SHARE);
            near.max(0.0) + FIRST_WORDS_SHARE * by_words[place]
        };
        (0..passages.len()).map(score).collect()
    }

    /// By article, the mean of its passages.
    fn by_article(&self, passages: &[f64]) -> Vec<f64> {
        let count = self.article_of.iter().max().map_or(0, |last| last + 1);
        let mut sums = vec![(0.0, 0.0); count];
        for (near, article) in passages.iter().zip(&self.article_of) {
            let (sum, count) = sums[*article];
            sums[*article] = (sum + near, count + 1.0);
        }
        sums.into_iter()
            .map(|(sum, count)| sum / f64::max(count, 1.0))
            .collect()
    }
}

/// The places of the highest scores; of equal ones the first.
fn first(scores: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..scores.len()).collect();
    places.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then_with(|| a.cmp(b)));
    places.truncate(CLOSE_MAX);
    places
}

fn nearest(sentences: &[f64], passage: f64) -> f64 {
    sentences
        .iter()
        .copied()
        .reduce(f64::max)
        .unwrap_or(passage)
}

/// The mean of the two nearest.
fn two_nearest(sentences: &[f64], passage: f64) -> f64 {
    let mut nearest = sentences.to_vec();
    nearest.sort_by(|a, b| b.total_cmp(a));
    match nearest[..] {
        [] => passage,
        [one] => one,
        [first, second, ..] => (first + second) / 2.0,
    }
}

impl Text {
    fn new(vector: Arc<Vec<f32>>, mean: &[f32]) -> Self {
        Self {
            common: COMMON_SHARE * dot(&vector, mean),
            vector,
        }
    }

    fn near(&self, question: &[f32]) -> f64 {
        dot(&self.vector, question) - self.common
    }
}

/// By place, what is encoded: the whole passage, and its sentences.
fn texts<'a>(
    language: Language,
    articles: &'a [Arc<Article>],
    places: &[(usize, usize)],
) -> Vec<(String, Vec<&'a str>)> {
    let of = |(article, passage): &(usize, usize)| {
        let article = &articles[*article];
        let passage = &article.passages[*passage];
        let parts = sentences(&passage.text, language).into_iter();
        let parts = parts.map(|(from, to)| &passage.text[from..to]);
        (whole(article, passage), parts.collect())
    };
    places.iter().map(of).collect()
}

/// A passage with the title and headings above it.
fn whole(article: &Article, passage: &Passage) -> String {
    let above = std::iter::once(&article.title).chain(&passage.headings);
    let above: String = above.map(|heading| format!("{heading}. ")).collect();
    above + &passage.text.replace('\n', " ")
}

fn mean<'a>(vectors: impl Iterator<Item = &'a Arc<Vec<f32>>>, width: usize) -> Vec<f32> {
    let (mut sum, mut count) = (vec![0.0_f32; width], 0.0_f32);
    for vector in vectors {
        count += 1.0;
        sum.iter_mut()
            .zip(vector.iter())
            .for_each(|(sum, one)| *sum += one);
    }
    sum.iter_mut().for_each(|one| *one /= count.max(1.0));
    sum
}

/// The cosine, of vectors of length 1.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}
