//! Values that no list can hold: names, streets, products, learned from marked examples (`[Baker Street](street)`).
//!
//! A linear-chain conditional random field over the words of a message: each word begins a value, goes on with one, or is
//! none, and the most probable row of such labels is taken. What other readers found (a number, a city of a list) is
//! something it looks at. It is trained in the process that serves, and only says what it is sure of: how sure is chosen on
//! examples that a fit had not seen.

mod chain;
mod feature;
mod fit;
mod sentence;
mod train;
mod transition;

use crate::entity::text::{Span, Text};
use crate::vocabulary::SparseVector;
use crate::weights::Weights;
use chain::Chain;
use feature::Words;

pub(crate) use feature::Seen;
pub(crate) use train::train;
pub(crate) use transition::Transitions;

/// Labels of a bot's values: none of them, then the first and a further word of each.
const OUTSIDE: usize = 0;

/// What was learned. Immutable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tagger {
    /// The entities, ordered by name.
    pub(crate) entities: Vec<Learned>,
    /// Words that are not rare in the bot's examples, by hash, ascending.
    pub(crate) common: Vec<u64>,
    /// Features by hash, ascending; each is a column of the weights.
    pub(crate) columns: Vec<u64>,
    pub(crate) weights: Weights,
    pub(crate) transitions: Transitions,
    /// How probable a value must be.
    pub(crate) threshold: f32,
}

/// An entity that is learned from examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    pub(crate) name: String,
    /// What else its examples are: a learned name over a date counts only if an example marks a date so.
    pub(crate) beside: Vec<String>,
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tagged<'a> {
    pub(crate) entity: &'a Learned,
    pub(crate) span: Span,
    pub(crate) confidence: f32,
}

/// The label of an entity's first word; the next one is that of its further words.
fn first_label(entity: usize) -> usize {
    1 + 2 * entity
}

/// Which entity a label belongs to, and whether it is its first word.
fn entity_of(label: usize) -> Option<(usize, bool)> {
    let index = label.checked_sub(1)?;
    Some((index / 2, index.is_multiple_of(2)))
}

impl Tagger {
    /// The values in a text that are probable enough, in its order. `seen` is what other readers found.
    pub(crate) fn find(&self, text: &Text<'_>, seen: &[Seen]) -> Vec<Tagged<'_>> {
        let sure = |one: &Tagged<'_>| one.confidence >= self.threshold;
        self.all(text, seen).into_iter().filter(sure).collect()
    }

    /// All values of the most probable reading.
    fn all(&self, text: &Text<'_>, seen: &[Seen]) -> Vec<Tagged<'_>> {
        if text.tokens.is_empty() {
            return Vec::new();
        }
        let words = Words::new(text, seen, &self.common);
        let scores: Vec<Vec<f32>> = (0..text.tokens.len())
            .map(|at| self.weights.scores(&self.vector(&words.features(at))))
            .collect();
        let chain = Chain::new(&scores, &self.transitions);
        let labels = chain.best();
        let spans = spans(&labels);
        // Most messages of a bot have no value, and then nobody needs to know how sure that is.
        if spans.is_empty() {
            return Vec::new();
        }
        let marginals = chain.marginals();
        spans
            .into_iter()
            .map(|(entity, span)| Tagged {
                entity: &self.entities[entity],
                confidence: confidence(&labels, &marginals, &span),
                span,
            })
            .collect()
    }

    fn vector(&self, features: &[u64]) -> SparseVector {
        let column = |feature: &u64| self.columns.binary_search(feature).ok();
        let known = features.iter().filter_map(column);
        known.map(|column| (column as u32, 1.0)).collect()
    }
}

/// As sure as of its least sure word, and of its end.
fn confidence(labels: &[usize], marginals: &[Vec<f32>], span: &Span) -> f32 {
    let of = |at: usize| marginals[at][labels[at]];
    let inside = (span.start..span.end).map(of).fold(1.0, f32::min);
    match labels.get(span.end) {
        Some(_) => inside.min(of(span.end)),
        None => inside,
    }
}

/// The runs of words that are values.
fn spans(labels: &[usize]) -> Vec<(usize, Span)> {
    let mut found: Vec<(usize, Span)> = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        match (entity_of(*label), found.last_mut()) {
            (Some((entity, true)), _) => found.push((
                entity,
                Span {
                    start: at,
                    end: at + 1,
                },
            )),
            (Some((entity, false)), Some((last, span))) if *last == entity && span.end == at => {
                span.end += 1;
            }
            _ => {}
        }
    }
    found
}
