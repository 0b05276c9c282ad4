//! An answer as far as it has passed the check, and what it becomes when it is whole.

use std::collections::BTreeSet;

use dialog::{Cite, Doubt, GenerateOutcome, Source};
use knowledge::check;
use knowledge::search::Found;

use super::extract::source;

/// What has passed the check.
#[derive(Default)]
pub(super) struct Draft {
    /// As the model wrote it, with citations.
    pub(super) text: String,
    /// Its sentences, without citations.
    pub(super) sentences: Vec<String>,
    /// Sentences that were said, as they were said.
    pub(super) said: BTreeSet<String>,
    /// How many passages the model was given.
    pub(super) passages: usize,
    /// The weakest sentence's support: an answer is as good as that.
    pub(super) support: Option<f64>,
    /// Numbers of passages, from 1, in the order in which they were named.
    pub(super) cited: Vec<usize>,
}

impl Draft {
    /// The answer as a whole.
    pub(super) fn whole(&self, cite: Cite, passages: &[Found]) -> GenerateOutcome {
        let low = |because| GenerateOutcome::Low { because };
        let text = check::without_citations(&self.text).trim().to_owned();
        let Some(support) = self.support.filter(|_| !text.is_empty()) else {
            return low(Doubt::Empty);
        };
        if cite == Cite::Required && self.cited.is_empty() {
            return low(Doubt::Uncited);
        }
        GenerateOutcome::Answered {
            text,
            score: support as f32,
            sources: sources(&self.cited, passages),
        }
    }
}

/// What an answer names; else the passage that was found first.
fn sources(cited: &[usize], passages: &[Found]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let first = if cited.is_empty() { &[1][..] } else { cited };
    for number in first {
        if let Some(found) = number.checked_sub(1).and_then(|index| passages.get(index)) {
            let source = source(found);
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    sources
}
