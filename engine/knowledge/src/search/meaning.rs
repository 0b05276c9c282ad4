//! Search by meaning: how near a question is to passages as a whole, to their sentences, and to the articles around them.
//!
//! A passage's vector says what it is about and blurs what a single sentence of it says, so both are asked. Articles are encoded
//! when they are read; when a question comes, nothing but the question is.

use std::sync::Arc;

use understand::{EncodeError, Encoder};

use super::Vectors;
use crate::article::{Article, Passage};
use crate::language::Language;
use crate::text::sentence::sentences;

/// What the mean of the article's passages counts beside the passage and its nearest sentence, which count 1 each.
const ARTICLE_SHARE: f64 = 0.5;
/// How much of a text's nearness to all others is taken from its cosines: what is near to everything is near to any question.
const COMMON_SHARE: f64 = 0.2;

/// The vectors of one locale's articles.
pub(super) struct Meaning {
    pub(super) encoder: Arc<dyn Encoder>,
    /// By place.
    passages: Vec<Text>,
    /// By place, in the order of the passage.
    sentences: Vec<Vec<Text>>,
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
    /// By place: what passages are ordered by.
    pub(super) scores: Vec<f64>,
    /// By place, in the order of the passage.
    pub(super) sentences: Vec<Vec<f64>>,
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
        let all = texts.iter().flat_map(|(whole, parts)| {
            std::iter::once(whole.as_str()).chain(parts.iter().copied())
        });
        kept.learn(encoder.as_ref(), &all.collect::<Vec<_>>())?;
        let (mut wholes, mut parts) = (Vec::new(), Vec::new());
        for (whole, sentences) in &texts {
            wholes.push(kept.of(encoder.as_ref(), whole)?);
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
            passages: held(wholes, &of_wholes),
            sentences: parts.into_iter().map(|own| held(own, &of_parts)).collect(),
            article_of: places.iter().map(|(article, _)| *article).collect(),
        })
    }

    /// Compares a question with everything.
    pub(super) fn search(&self, question: &str) -> Result<Nearness, EncodeError> {
        let own = self.encoder.encode(&[question])?.pop().unwrap_or_default();
        let near = |text: &Text| text.near(&own);
        let passages: Vec<f64> = self.passages.iter().map(near).collect();
        let sentences: Vec<Vec<f64>> = self
            .sentences
            .iter()
            .map(|texts| texts.iter().map(near).collect())
            .collect();
        let articles = self.by_article(&passages);
        let scores = passages.iter().zip(&sentences).zip(&self.article_of);
        let scores = scores.map(|((passage, sentences), article)| {
            let nearest = sentences.iter().copied().reduce(f64::max);
            let nearest = nearest.unwrap_or(*passage);
            (passage + nearest + ARTICLE_SHARE * articles[*article]) / (2.0 + ARTICLE_SHARE)
        });
        Ok(Nearness {
            scores: scores.collect(),
            sentences,
        })
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
