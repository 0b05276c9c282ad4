//! Search by words: Okapi BM25 over stems, with a passage's headings and its whole article counted in.
//!
//! Ours because it is small and must explain itself, keep its order and count headings; see docs/decisions/knowledge.md.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AskedWord, Term};
use crate::article::Article;
use crate::check::{dice, trigrams};
use crate::text::word::Reader;

/// How fast more of the same word stops to count, and how much long passages are held back (Robertson and Zaragoza, 2009).
const K1: f64 = 1.2;
const B: f64 = 0.6;
/// How often a word in a title or heading counts.
const HEADING_COUNT: f64 = 2.5;
/// What the whole article adds to a passage of it.
const ARTICLE_SHARE: f64 = 0.4;
/// A word that no passage has is taken for those that look like it: misspellings, compounds.
const LIKENESS_MIN: f64 = 0.55;
const LIKE_WORDS_MAX: usize = 4;

/// The passages' words.
pub(super) struct Words {
    passages: Field,
    articles: Field,
    /// By place: its article.
    article_of: Vec<usize>,
    /// Words as they are written, with their shapes and stems.
    shapes: Vec<(Vec<u32>, String)>,
}

/// Texts in which each stem stands so often.
struct Field {
    postings: BTreeMap<String, Vec<(usize, f64)>>,
    lengths: Vec<f64>,
    mean_length: f64,
}

/// What a question's words score.
pub(super) struct Scores {
    /// By place.
    pub(super) scores: Vec<f64>,
    pub(super) words: Vec<QuestionWord>,
    /// How rare a word is that no passage has.
    pub(super) rarest: f64,
}

/// A word of the question.
pub(super) struct QuestionWord {
    pub(super) word: String,
    /// The stems that it is taken for.
    pub(super) stems: Vec<String>,
    /// How rare it is; the rarest for one that no passage has.
    pub(super) rarity: f64,
    /// Whether any passage has it, or one that looks like it.
    pub(super) is_known: bool,
    /// By place: what it adds, where that is more than nothing; the passage's own share, and the article's.
    pub(super) scores: BTreeMap<usize, (f64, f64)>,
}

impl Words {
    pub(super) fn new(
        reader: &Reader,
        articles: &[Arc<Article>],
        places: &[(usize, usize)],
    ) -> Self {
        let mut counts: Vec<BTreeMap<String, f64>> = Vec::new();
        let mut whole: Vec<BTreeMap<String, f64>> = vec![BTreeMap::new(); articles.len()];
        let mut shapes = BTreeMap::new();
        for (article, passage) in places {
            let mut count = BTreeMap::new();
            let article_ = &articles[*article];
            let passage = &article_.passages[*passage];
            let above = std::iter::once(&article_.title).chain(&passage.headings);
            for (text, weight) in above
                .map(|text| (text, HEADING_COUNT))
                .chain([(&passage.text, 1.0)])
            {
                for word in reader
                    .words(text)
                    .into_iter()
                    .filter(|word| !word.class.small)
                {
                    *count.entry(word.stem.clone()).or_insert(0.0) += weight;
                    *whole[*article].entry(word.stem.clone()).or_insert(0.0) += 1.0;
                    shapes.insert(word.folded, word.stem);
                }
            }
            counts.push(count);
        }
        Self {
            passages: Field::new(&counts),
            articles: Field::new(&whole),
            article_of: places.iter().map(|(article, _)| *article).collect(),
            shapes: shapes
                .into_iter()
                .map(|(word, stem)| (trigrams(&word), stem))
                .collect(),
        }
    }

    pub(super) fn search(&self, reader: &Reader, question: &str) -> Scores {
        let mut scores = vec![0.0; self.article_of.len()];
        let mut words: Vec<QuestionWord> = Vec::new();
        for word in reader
            .words(question)
            .into_iter()
            .filter(|word| !word.class.small)
        {
            if words.iter().any(|one| one.word == word.folded) {
                continue;
            }
            let found = self.score(&word.stem, &word.folded, word.weight);
            for (place, (own, article)) in &found.scores {
                scores[*place] += own + article;
            }
            words.push(found);
        }
        Scores {
            scores,
            words,
            rarest: self.passages.rarity("").max(f64::MIN_POSITIVE),
        }
    }

    fn score(&self, stem: &str, written: &str, weight: f64) -> QuestionWord {
        let likes = self.likes(stem, written);
        let mut scores: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for (stem, likeness) in &likes {
            let own = self.passages.score(stem);
            let articles: BTreeMap<usize, f64> = self.articles.score(stem).into_iter().collect();
            let own: BTreeMap<usize, f64> = own.into_iter().collect();
            for (place, article) in self.article_of.iter().enumerate() {
                let passage = own.get(&place).copied().unwrap_or(0.0);
                let article = ARTICLE_SHARE * articles.get(article).copied().unwrap_or(0.0);
                if passage + article > 0.0 {
                    let entry = scores.entry(place).or_insert((0.0, 0.0));
                    *entry = (
                        entry.0.max(weight * likeness * passage),
                        entry.1.max(weight * likeness * article),
                    );
                }
            }
        }
        let rarities = likes.iter().map(|(stem, _)| self.passages.rarity(stem));
        let rarity = rarities.fold(f64::NAN, f64::min);
        let rarity = weight
            * if rarity.is_nan() {
                self.passages.rarity("")
            } else {
                rarity
            };
        QuestionWord {
            word: written.to_owned(),
            rarity,
            is_known: !likes.is_empty(),
            stems: likes.into_iter().map(|(stem, _)| stem).collect(),
            scores,
        }
    }

    /// The stem itself, else those of words that look like it, with how far they do.
    fn likes(&self, stem: &str, written: &str) -> Vec<(String, f64)> {
        if self.passages.postings.contains_key(stem) {
            return vec![(stem.to_owned(), 1.0)];
        }
        let own = trigrams(written);
        let mut likes: Vec<(String, f64)> = self
            .shapes
            .iter()
            .map(|(other, stem)| (stem.clone(), dice(&own, other)))
            .filter(|(_, likeness)| *likeness >= LIKENESS_MIN)
            .collect();
        likes.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        likes.dedup_by(|a, b| a.0 == b.0);
        likes.truncate(LIKE_WORDS_MAX);
        likes
    }
}

impl Field {
    fn new(counts: &[BTreeMap<String, f64>]) -> Self {
        let mut postings: BTreeMap<String, Vec<(usize, f64)>> = BTreeMap::new();
        for (at, count) in counts.iter().enumerate() {
            for (stem, often) in count {
                postings.entry(stem.clone()).or_default().push((at, *often));
            }
        }
        let lengths: Vec<f64> = counts.iter().map(|count| count.values().sum()).collect();
        let mean_length = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
        Self {
            postings,
            lengths,
            mean_length,
        }
    }

    /// The rarer a stem, the more it says; one that is nowhere is the rarest.
    fn rarity(&self, stem: &str) -> f64 {
        let having = self.postings.get(stem).map_or(0, Vec::len) as f64;
        let count = self.lengths.len() as f64;
        libm::log1p((count - having + 0.5) / (having + 0.5))
    }

    fn score(&self, stem: &str) -> Vec<(usize, f64)> {
        let rarity = self.rarity(stem);
        let postings = self
            .postings
            .get(stem)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let score = |(at, often): &(usize, f64)| {
            let length = 1.0 - B + B * self.lengths[*at] / self.mean_length.max(1.0);
            (*at, rarity * often * (K1 + 1.0) / (often + K1 * length))
        };
        postings.iter().map(score).collect()
    }
}

impl Scores {
    /// By place, what it has of the most that a passage could have: the same scale for long questions and short ones.
    pub(super) fn shares(&self) -> Vec<f64> {
        let rarities: f64 = self.words.iter().map(|word| word.rarity).sum();
        let most = rarities * (K1 + 1.0) * (1.0 + ARTICLE_SHARE);
        let share = |score: &f64| if most > 0.0 { score / most } else { 0.0 };
        self.scores.iter().map(share).collect()
    }

    /// What a passage has of the question, what counts most first.
    pub(super) fn terms(&self, place: usize) -> Vec<Term> {
        let score =
            |word: &QuestionWord| word.scores.get(&place).map(|(own, article)| own + article);
        let mut terms: Vec<Term> = self
            .words
            .iter()
            .filter_map(|word| {
                Some(Term {
                    word: word.word.clone(),
                    score: score(word)?,
                })
            })
            .collect();
        terms.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.word.cmp(&b.word))
        });
        terms
    }

    /// The words of the question, as sentences are compared with them.
    pub(super) fn asked(&self) -> Vec<AskedWord> {
        let words = self.words.iter().map(|word| AskedWord {
            stems: word.stems.clone(),
            rarity: word.rarity,
        });
        words.collect()
    }
}
