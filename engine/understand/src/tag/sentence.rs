//! Examples as the fit takes them: words with their labels.

use std::collections::BTreeMap;

use dialog::Locale;

use super::feature::{Seen, plain, word_hash};
use super::{Learned, OUTSIDE, first_label};
use crate::entity::span_of;
use crate::entity::text::{Span, Text};
use crate::{Example, TrainingData};

/// Unmarked examples of intents that have no marked ones: they show where no value is, and a few hundred show that well.
const OTHERS_MAX: usize = 400;

/// An example with what is known of it.
pub(super) struct Sentence<'a> {
    pub(super) text: Text<'a>,
    pub(super) seen: Vec<Seen>,
    /// The marked values: which entity, and where.
    pub(super) values: Vec<(usize, Span)>,
}

impl Sentence<'_> {
    /// A label for each word.
    pub(super) fn labels(&self) -> Vec<usize> {
        let mut labels = vec![OUTSIDE; self.text.tokens.len()];
        for (entity, span) in &self.values {
            labels[span.start] = first_label(*entity);
            labels[span.start + 1..span.end].fill(first_label(*entity) + 1);
        }
        labels
    }
}

/// The examples of the intents in which one of these is marked, and some of the others.
pub(super) fn sentences<'a>(
    data: &'a TrainingData,
    names: &[String],
    seen: &dyn Fn(&str, &Locale) -> Vec<Seen>,
) -> Vec<Sentence<'a>> {
    let marks = |example: &Example| {
        let mut marked = example.annotations.iter();
        marked.any(|annotation| names.binary_search(&annotation.entity).is_ok())
    };
    let is_marked = |intent: &str| {
        let mut of = data.intents.iter().filter(|one| one.intent == intent);
        of.any(|one| one.examples.iter().any(&marks))
    };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for intent in &data.intents {
        let to = if is_marked(&intent.intent) {
            &mut own
        } else {
            &mut others
        };
        to.extend(intent.examples.iter().map(|one| (one, &intent.locale)));
    }
    let every = others.len().div_ceil(OTHERS_MAX).max(1);
    own.extend(others.into_iter().step_by(every));
    own.iter()
        .map(|(example, locale)| sentence(example, names, seen(&example.text, locale)))
        .filter(|one| !one.text.tokens.is_empty())
        .collect()
}

fn sentence<'a>(example: &'a Example, names: &[String], seen: Vec<Seen>) -> Sentence<'a> {
    let text = Text::new(&example.text);
    let mut values: Vec<(usize, Span)> = Vec::new();
    for annotation in &example.annotations {
        let entity = names.binary_search(&annotation.entity).ok();
        let span = span_of(&text, annotation.start, annotation.end);
        if let (Some(entity), Some(span)) = (entity, span)
            && values.iter().all(|(_, other)| other.end <= span.start)
        {
            values.push((entity, span));
        }
    }
    Sentence { text, seen, values }
}

/// Hashes of the words that several examples have, ascending.
pub(super) fn common(sentences: &[&Sentence<'_>]) -> Vec<u64> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for sentence in sentences {
        let mut words: Vec<u64> = sentence
            .text
            .tokens
            .iter()
            .map(|token| word_hash(&plain(&token.norm)))
            .collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            *counts.entry(word).or_default() += 1;
        }
    }
    let several = counts.into_iter().filter(|(_, count)| *count > 1);
    several.map(|(word, _)| word).collect()
}

/// For each entity, what else its marked values are.
pub(super) fn learned(sentences: &[Sentence<'_>], names: &[String]) -> Vec<Learned> {
    let of = |(index, name): (usize, &String)| {
        let mut beside: Vec<String> = Vec::new();
        for sentence in sentences {
            let values = sentence
                .values
                .iter()
                .filter(|(entity, _)| *entity == index);
            for (_, span) in values {
                let overlaps =
                    |seen: &&Seen| seen.span.start < span.end && span.start < seen.span.end;
                let kinds = sentence.seen.iter().filter(overlaps);
                beside.extend(kinds.map(|seen| seen.entity.clone()));
            }
        }
        beside.sort_unstable();
        beside.dedup();
        Learned {
            name: name.clone(),
            beside,
        }
    };
    names.iter().enumerate().map(of).collect()
}
