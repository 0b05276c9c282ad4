//! Laying a sentence beside the sources: which words meet, in which order, and which figures.

use super::grounds::Grounds;
use crate::text::figure::{Date, Figure, Figures, Time};
use crate::text::literal::{Kind, Literal};
use crate::text::word::Word;

/// How far the order of words agrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) pairs: f64,
    pub(super) pairs_of_weight: f64,
    pub(super) sequence: f64,
}

/// A sentence of the sources, or two neighbours: where it begins and ends in their words.
pub(super) type Window = (usize, usize);

/// The windows that share most weight with the words, the best first; equal ones in their order.
pub(super) fn best_windows(
    grounds: &Grounds<'_>,
    words: &[Word],
    count: usize,
) -> Vec<(f64, Window)> {
    let shared = |(from, to): Window| -> f64 {
        words
            .iter()
            .filter(|word| places_in(grounds, word, from, to))
            .map(|word| word.weight)
            .sum()
    };
    let mut windows: Vec<(f64, Window)> = windows(grounds)
        .map(|window| (shared(window), window))
        .collect();
    windows.sort_by(|a, b| b.0.total_cmp(&a.0));
    windows.truncate(count);
    windows
}

/// The share of a window's weight that the words have too.
pub(super) fn exhausted(grounds: &Grounds<'_>, words: &[Word], (from, to): Window) -> f64 {
    let window = &grounds.words[from..to];
    let total: f64 = window.iter().map(|word| word.weight).sum();
    let met = window
        .iter()
        .filter(|word| words.iter().any(|own| own.stem == word.stem));
    if total > 0.0 {
        met.map(|word| word.weight).sum::<f64>() / total
    } else {
        0.0
    }
}

fn windows(grounds: &Grounds<'_>) -> impl Iterator<Item = Window> {
    let pairs = grounds
        .sentences
        .windows(2)
        .map(|pair| (pair[0].0, pair[1].1));
    grounds.sentences.iter().copied().chain(pairs)
}

fn places_in(grounds: &Grounds<'_>, word: &Word, from: usize, to: usize) -> bool {
    grounds.places.get(&word.stem).is_some_and(|places| {
        let first = places.partition_point(|place| *place < from);
        places.get(first).is_some_and(|place| *place < to)
    })
}

/// Whether the sentence of the sources that has most of the words denies something.
pub(super) fn denied_there(grounds: &Grounds<'_>, words: &[Word]) -> bool {
    let mut best = (0.0, false);
    for (from, to) in &grounds.sentences {
        let shared: f64 = words
            .iter()
            .filter(|word| places_in(grounds, word, *from, *to))
            .map(|word| word.weight)
            .sum();
        if shared > best.0 {
            best = (
                shared,
                grounds.words[*from..*to]
                    .iter()
                    .any(|word| word.class.negation),
            );
        }
    }
    best.1
}

pub(super) fn order(grounds: &Grounds<'_>, words: &[Word]) -> Order {
    let all: Vec<&str> = words.iter().map(|word| word.stem.as_str()).collect();
    let there: Vec<&str> = grounds
        .words
        .iter()
        .map(|word| word.stem.as_str())
        .collect();
    let weighty = |words: &'_ [Word]| -> Vec<String> {
        words
            .iter()
            .filter(|word| !word.class.small)
            .map(|word| word.stem.clone())
            .collect()
    };
    let (own, other) = (weighty(words), weighty(&grounds.words));
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let other: Vec<&str> = other.iter().map(String::as_str).collect();
    Order {
        pairs: pairs(&all, &there),
        pairs_of_weight: pairs(&own, &other),
        sequence: sequence(&own, &other) as f64 / own.len().max(1) as f64,
    }
}

/// The share of neighbours that are neighbours there; 1 where there are none.
fn pairs(own: &[&str], there: &[&str]) -> f64 {
    if own.len() < 2 {
        return f64::from(own.iter().all(|word| there.contains(word)));
    }
    let known: std::collections::BTreeSet<(&str, &str)> =
        there.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let met = own
        .windows(2)
        .filter(|pair| known.contains(&(pair[0], pair[1])))
        .count();
    met as f64 / (own.len() - 1) as f64
}

/// The length of the longest common sequence.
fn sequence(own: &[&str], there: &[&str]) -> usize {
    let mut row = vec![0_usize; own.len() + 1];
    for word in there {
        let mut before = 0;
        for (index, mine) in own.iter().enumerate() {
            let above = row[index + 1];
            row[index + 1] = if mine == word {
                before + 1
            } else {
                above.max(row[index])
            };
            before = above;
        }
    }
    row[own.len()]
}

/// Whether the number stands there, whatever it counts.
pub(super) fn has_number(there: &Figures, figure: &Figure) -> bool {
    let equal = |other: &Figure| {
        figure
            .values
            .iter()
            .any(|value| other.values.iter().any(|one| near(*one, *value)))
    };
    let part = |date: &Date| {
        [Some(date.day), date.year, Some(date.month)]
            .into_iter()
            .flatten()
            .any(|one| is(figure, one))
    };
    there.numbers.iter().any(equal)
        || there.dates.iter().any(|(date, _)| part(date))
        || there
            .times
            .iter()
            .any(|(time, _)| is(figure, time.0 / 60) || is(figure, time.0 % 60))
}

fn is(figure: &Figure, number: u32) -> bool {
    figure
        .values
        .iter()
        .any(|value| near(*value, f64::from(number)))
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Whether the number stands there and counts the same, as far as both say what they count.
pub(super) fn has_figure(there: &Figures, figure: &Figure) -> bool {
    let equal = |other: &Figure| {
        let same_unit = match (&figure.unit, &other.unit) {
            (Some(own), Some(unit)) => own == unit,
            (None, _) => true,
            (Some(_), None) => true,
        };
        same_unit
            && figure
                .values
                .iter()
                .any(|value| other.values.iter().any(|one| near(*one, *value)))
    };
    there.numbers.iter().any(equal) || (figure.unit.is_none() && has_number(there, figure))
}

pub(super) fn has_date(there: &Figures, date: Date) -> bool {
    there.dates.iter().any(|(other, _)| {
        other.month == date.month
            && other.day == date.day
            && (other.year.is_none() || date.year.is_none() || other.year == date.year)
    })
}

pub(super) fn has_time(there: &Figures, time: Time) -> bool {
    let hour = |other: &Figure| time.0.is_multiple_of(60) && is(other, time.0 / 60);
    there.times.iter().any(|(other, _)| *other == time) || there.numbers.iter().any(hour)
}

/// Whether a literal stands there; a link also as the beginning of a longer one.
pub(super) fn has_literal(grounds: &Grounds<'_>, literal: &Literal) -> bool {
    let same = |other: &Literal| match literal.kind {
        Kind::Link => {
            other.kind == Kind::Link && other.value.starts_with(&literal.value)
                || other.value.ends_with(&format!("@{}", literal.value))
        }
        _ => other.value == literal.value,
    };
    grounds.literals.iter().any(same)
        || (literal.kind == Kind::Id
            && grounds
                .everything
                .to_lowercase()
                .replace([' ', '-', '_', '/'], "")
                .contains(&literal.value))
}
