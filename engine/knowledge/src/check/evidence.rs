//! What speaks for and against one sentence of an answer.

use understand::EncodeError;

use super::align;
use super::grounds::{Grounds, trigrams};
use crate::text::figure::{Figures, figures};
use crate::text::literal::{Literal, literals};
use crate::text::sentence::Span;
use crate::text::word::Word;

/// Words nearer than this count as forms of each other, as far as they are near.
const LIKENESS_MIN: f64 = 0.45;
/// Letters of a word from which its shape says something.
const SHAPE_CHARS_MIN: usize = 4;

/// A sentence compared with the sources. Shares are 0 to 1; of a sentence without words they are what does no harm.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) at: Span,
    pub(super) words: f64,
    /// Share of the words' weight that stands anywhere in the sources; the same with words that are nearly there.
    pub(super) covered: f64,
    pub(super) nearly_covered: f64,
    /// The same in the best sentence, or pair of neighbours.
    pub(super) covered_at_once: f64,
    /// Weight that stands nowhere.
    pub(super) missing: f64,
    /// Of that, what the customer said.
    pub(super) echoed: f64,
    /// Small words that stand nowhere.
    pub(super) missing_small: f64,
    /// Share of neighbouring words that are neighbours in a source; the same without small words between.
    pub(super) pairs: f64,
    pub(super) pairs_of_weight: f64,
    /// The longest common sequence of weighty words, as a share of them.
    pub(super) in_order: f64,
    /// Of the best window's weight, the share that the sentence has.
    pub(super) exhausted: f64,
    pub(super) denied_otherwise: f64,
    pub(super) first_person: f64,
    pub(super) opinion: f64,
    pub(super) bounds: f64,
    /// Figures, dates, links, ids that stand nowhere, or count something else there.
    pub(super) facts_missing: f64,
    pub(super) question: f64,
    pub(super) claimless: f64,
    /// Cosine to the nearest of the windows that share most words; 0 without an encoder.
    pub(super) near: f64,
    pub(super) figures_read: Figures,
    pub(super) literals_read: Vec<Literal>,
}

impl Evidence {
    pub(super) fn of(grounds: &Grounds<'_>, answer: &str, at: Span) -> Result<Self, EncodeError> {
        let text = &answer[at.0..at.1];
        let words = grounds.reader.words(text);
        let literals_read = literals(text);
        let skip: Vec<Span> = literals_read.iter().map(|one| one.at).collect();
        let figures_read = figures(text, grounds.language, &skip);
        let mut evidence = Self {
            at,
            words: words.len() as f64,
            figures_read,
            literals_read,
            ..Self::default()
        };
        evidence.compare_words(grounds, &words);
        evidence.compare_order(grounds, &words);
        evidence.compare_kinds(grounds, &words);
        evidence.compare_figures(grounds);
        evidence.question = f64::from(text.trim_end().ends_with('?'));
        if let Some(meaning) = &grounds.meaning {
            evidence.near = meaning.nearest(grounds, text, &words)?;
        }
        Ok(evidence)
    }

    fn compare_words(&mut self, grounds: &Grounds<'_>, words: &[Word]) {
        let total: f64 = words.iter().map(|word| word.weight).sum();
        let missing = || {
            words
                .iter()
                .filter(|word| !grounds.places.contains_key(&word.stem))
        };
        self.missing = missing().map(|word| word.weight).sum();
        self.echoed = missing()
            .filter(|word| grounds.message.contains(&word.stem))
            .map(|word| word.weight)
            .sum();
        self.missing_small = missing().filter(|word| word.class.small).count() as f64;
        let nearly: f64 = missing()
            .map(|word| word.weight * likeness(grounds, word))
            .sum();
        let share = |part: f64| if total > 0.0 { part / total } else { 1.0 };
        self.covered = share(total - self.missing);
        self.nearly_covered = share(total - self.missing + nearly);
        if let Some((shared, window)) = align::best_windows(grounds, words, 1).first() {
            self.covered_at_once = share(*shared);
            self.exhausted = align::exhausted(grounds, words, *window);
        }
        let claims = words
            .iter()
            .filter(|word| !word.class.small && !word.class.courtesy && !word.class.opinion);
        self.claimless = f64::from(claims.count() == 0);
    }

    fn compare_order(&mut self, grounds: &Grounds<'_>, words: &[Word]) {
        let order = align::order(grounds, words);
        self.pairs = order.pairs;
        self.pairs_of_weight = order.pairs_of_weight;
        self.in_order = order.sequence;
    }

    fn compare_kinds(&mut self, grounds: &Grounds<'_>, words: &[Word]) {
        let known = |word: &Word| grounds.places.contains_key(&word.stem);
        let missing = |of: fn(&Word) -> bool| {
            words.iter().filter(|word| of(word) && !known(word)).count() as f64
        };
        self.first_person = missing(|word| word.class.first_person);
        self.opinion = missing(|word| word.class.opinion && !word.class.courtesy);
        self.bounds = missing(|word| word.class.bound);
        let denied = words.iter().any(|word| word.class.negation);
        self.denied_otherwise = f64::from(denied != align::denied_there(grounds, words));
    }

    fn compare_figures(&mut self, grounds: &Grounds<'_>) {
        let read = &self.figures_read;
        let numbers = read
            .numbers
            .iter()
            .filter(|one| !align::has_figure(&grounds.figures, one));
        let dates = read
            .dates
            .iter()
            .filter(|(date, _)| !align::has_date(&grounds.figures, *date));
        let times = read
            .times
            .iter()
            .filter(|(time, _)| !align::has_time(&grounds.figures, *time));
        let literals = self
            .literals_read
            .iter()
            .filter(|one| !align::has_literal(grounds, one));
        self.facts_missing =
            (numbers.count() + dates.count() + times.count() + literals.count()) as f64;
    }
}

/// How much a word looks like one of the sources: inflections that stemming doesn't know, compounds, misspellings.
fn likeness(grounds: &Grounds<'_>, word: &Word) -> f64 {
    if word.class.small || word.class.digits || word.folded.chars().count() < SHAPE_CHARS_MIN {
        return 0.0;
    }
    let own = trigrams(&word.folded);
    let best = grounds
        .shapes
        .iter()
        .map(|(_, other)| dice(&own, other))
        .fold(0.0, f64::max);
    if best < LIKENESS_MIN { 0.0 } else { best }
}

/// Twice what two sorted lists share, by their lengths.
pub(crate) fn dice(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                (i, j, shared) = (i + 1, j + 1, shared + 1);
            }
        }
    }
    2.0 * shared as f64 / (a.len() + b.len()).max(1) as f64
}
