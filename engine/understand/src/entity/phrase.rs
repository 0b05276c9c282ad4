//! Values named by phrases: exactly, however they are spaced or hyphenated, or with a typing mistake.

use std::collections::BTreeMap;

use dialog::Locale;

use super::language;
use super::text::{Span, Text};
use crate::{EntityKind, TrainingData};

/// The longest phrase in tokens; longer ones are sentences, not names of values.
const PHRASE_TOKENS_MAX: usize = 6;
/// A typing mistake is forgiven once in so many letters: shorter words turn into other words.
const LETTERS_PER_MISTAKE: usize = 4;

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found<'a> {
    pub(crate) span: Span,
    pub(crate) entity: &'a str,
    pub(crate) value: &'a str,
    /// 1 for an exact match, less for each mistake.
    pub(crate) confidence: f32,
}

/// Every phrase of a bot, by its letters without spaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phrases {
    exact: BTreeMap<String, Vec<Phrase>>,
    /// Phrases that may be misspelt, by their first letter.
    fuzzy: BTreeMap<char, Vec<(Vec<char>, Phrase)>>,
    tokens_max: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Phrase {
    entity: String,
    value: String,
    /// The language that it belongs to; none = all.
    language: Option<String>,
    mistakes_max: usize,
}

impl Phrases {
    /// All phrases: the values' keys, their phrases, and annotated examples that name a value.
    pub(crate) fn new(data: &TrainingData) -> Self {
        let mut phrases = Self::default();
        for entity in &data.entities {
            let EntityKind::Values(values) = &entity.kind else {
                continue;
            };
            for value in values {
                phrases.add(
                    &value.key.replace('_', " "),
                    &entity.name,
                    &value.key,
                    None,
                    0,
                );
                for (locale, phrase) in &value.phrases {
                    phrases.add(
                        phrase,
                        &entity.name,
                        &value.key,
                        locale.as_ref(),
                        usize::from(entity.fuzzy),
                    );
                }
            }
        }
        for (locale, example) in data
            .intents
            .iter()
            .flat_map(|intent| intent.examples.iter().map(|one| (&intent.locale, one)))
        {
            for annotation in &example.annotations {
                if let (Some(value), Some(words)) = (
                    &annotation.value,
                    example.text.get(annotation.start..annotation.end),
                ) {
                    phrases.add(words, &annotation.entity, value, Some(locale), 0);
                }
            }
        }
        phrases
    }

    fn add(
        &mut self,
        words: &str,
        entity: &str,
        value: &str,
        locale: Option<&Locale>,
        mistakes_max: usize,
    ) {
        let text = Text::new(words);
        let joined: String = text
            .tokens
            .iter()
            .map(|token| token.norm.as_str())
            .collect();
        if joined.is_empty() || text.tokens.len() > PHRASE_TOKENS_MAX {
            return;
        }
        self.tokens_max = self.tokens_max.max(text.tokens.len());
        let phrase = Phrase {
            entity: entity.to_owned(),
            value: value.to_owned(),
            language: locale.map(language::tag),
            mistakes_max,
        };
        if mistakes_max > 0 {
            let letters: Vec<char> = joined.chars().collect();
            self.fuzzy
                .entry(letters[0])
                .or_default()
                .push((letters, phrase.clone()));
        }
        let same = self.exact.entry(joined).or_default();
        if !same.contains(&phrase) {
            same.push(phrase);
        }
    }

    /// Everything that stands in the text. Of one entity the longest and surest wins where two overlap.
    pub(crate) fn find(&self, text: &Text<'_>, locale: &Locale) -> Vec<Found<'_>> {
        let language = language::tag(locale);
        let mut found = Vec::new();
        for start in 0..text.tokens.len() {
            let mut joined = String::new();
            // One token more than the longest phrase: "master card s".
            for end in start + 1..=(start + self.tokens_max + 1).min(text.tokens.len()) {
                joined.push_str(&text.tokens[end - 1].norm);
                self.at(&joined, Span { start, end }, &language, &mut found);
            }
        }
        best(found)
    }

    fn at<'a>(&'a self, joined: &str, span: Span, language: &str, found: &mut Vec<Found<'a>>) {
        let spoken = |phrase: &Phrase| phrase.language.as_deref().is_none_or(|one| one == language);
        if let Some(phrases) = self.exact.get(joined) {
            let phrases = phrases.iter().filter(|phrase| spoken(phrase));
            found.extend(phrases.map(|phrase| Found {
                span: span.clone(),
                entity: &phrase.entity,
                value: &phrase.value,
                confidence: 1.0,
            }));
            return;
        }
        let Some(candidates) = joined
            .chars()
            .next()
            .and_then(|first| self.fuzzy.get(&first))
        else {
            return;
        };
        let letters: Vec<char> = joined.chars().collect();
        for (phrase_letters, phrase) in candidates {
            let allowed = phrase
                .mistakes_max
                .min(phrase_letters.len() / LETTERS_PER_MISTAKE);
            if spoken(phrase)
                && letters.len().abs_diff(phrase_letters.len()) <= allowed
                && let Some(mistakes) = mistakes(&letters, phrase_letters, allowed)
            {
                let confidence = 1.0 - mistakes as f32 / phrase_letters.len() as f32;
                found.push(Found {
                    span: span.clone(),
                    entity: &phrase.entity,
                    value: &phrase.value,
                    confidence,
                });
            }
        }
    }
}

/// Of one entity, drops what overlaps something longer or surer.
fn best(mut found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    let length = |one: &Found<'_>| one.span.end - one.span.start;
    found.sort_by(|a, b| {
        // An exact match beats a misspelt longer one.
        let exact = |one: &Found<'_>| one.confidence >= 1.0;
        exact(b)
            .cmp(&exact(a))
            .then(length(b).cmp(&length(a)))
            .then(b.confidence.total_cmp(&a.confidence))
            .then(a.span.start.cmp(&b.span.start))
            .then(a.value.cmp(b.value))
    });
    let mut kept: Vec<Found<'_>> = Vec::new();
    for one in found {
        let overlaps = |other: &Found<'_>| {
            other.entity == one.entity
                && other.span.start < one.span.end
                && one.span.start < other.span.end
        };
        if !kept.iter().any(overlaps) {
            kept.push(one);
        }
    }
    kept.sort_by(|a, b| {
        a.span
            .start
            .cmp(&b.span.start)
            .then(b.span.end.cmp(&a.span.end))
            .then(a.entity.cmp(b.entity))
    });
    kept
}

/// How many letters were mistyped, left out, doubled or swapped with their neighbour (optimal string alignment); none when
/// more than allowed.
pub(crate) fn mistakes(a: &[char], b: &[char], allowed: usize) -> Option<usize> {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    let mut row = vec![0; width];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..width {
            let change = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min().is_some_and(|least| *least > allowed) {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[b.len()]).filter(|count| *count <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(a: &str, b: &str) -> Option<usize> {
        mistakes(
            &a.chars().collect::<Vec<_>>(),
            &b.chars().collect::<Vec<_>>(),
            2,
        )
    }

    #[test]
    fn mistakes_are_counted_up_to_the_bound() {
        assert_eq!(count("visa", "visa"), Some(0));
        assert_eq!(count("mastrecard", "mastercard"), Some(1));
        assert_eq!(count("mstrcard", "mastercard"), Some(2));
        assert_eq!(count("visa", "mastercard"), None);
    }
}
