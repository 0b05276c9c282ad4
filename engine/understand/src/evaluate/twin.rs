//! Nearly the same example under two intents: neither can be told from the other by it.
//!
//! Comparing every example with every other would take minutes. Two vectors of length 1 whose product reaches a bound must share
//! one of their rarest n-grams: what is left of either without them is shorter than the bound (Bayardo, Ma, Srikant 2007, Scaling
//! up all pairs similarity search). So only examples that share a rare n-gram are compared.

use std::collections::BTreeMap;

use super::report::{Stands, Twin};
use super::sample::{Examined, Sample};
use super::space::{by_column, product};
use crate::feature::{Gram, grams};
use crate::normalise::{normalise, tokens};
use crate::parallel;
use crate::vocabulary::{SparseVector, Vocabulary};

/// From this cosine of their n-grams on, two examples are nearly the same: a word more, a word bent, another order.
const NEARLY_THE_SAME: f32 = 0.85;

/// Pairs that a report holds.
const TWINS_MAX: usize = 200;

/// Examples that one thread compares at a time.
const EXAMPLES_A_PIECE: usize = 256;

/// The pairs, the most alike first; of equals in the order of the data.
pub(super) fn twins(examined: Examined) -> Vec<Twin> {
    let samples: Vec<Sample> = examined.samples().collect();
    let rows = rows(&samples);
    let postings = postings(&rows);
    let numbers: Vec<usize> = (0..samples.len()).collect();
    let mut pieces: Vec<&[usize]> = numbers.chunks(EXAMPLES_A_PIECE).collect();
    let mut seen = vec![vec![false; samples.len()]; parallel::threads()];
    let found = parallel::each(&mut pieces, &mut seen, |_, piece, seen| {
        let before = |one: &usize| earlier(*one, &samples, &rows, &postings, seen);
        piece.iter().flat_map(before).collect::<Vec<_>>()
    });
    let mut pairs: Vec<(usize, usize, f32)> = found.into_iter().flatten().collect();
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    pairs.truncate(TWINS_MAX);
    let twin = |(first, second, cosine): (usize, usize, f32)| Twin {
        first: stands(&samples[first]),
        second: stands(&samples[second]),
        same: words(samples[first].text).eq(&words(samples[second].text)),
        cosine: f64::from(cosine.min(1.0)),
    };
    pairs.into_iter().map(twin).collect()
}

fn stands(sample: &Sample) -> Stands {
    Stands {
        text: sample.text.to_owned(),
        intent: sample.intent.to_owned(),
        place: sample.place.cloned(),
    }
}

fn words(text: &str) -> Vec<String> {
    tokens(&normalise(text)).map(str::to_owned).collect()
}

fn rows(samples: &[Sample]) -> Vec<SparseVector> {
    let all: Vec<Vec<(Gram, u16)>> = samples.iter().map(|sample| grams(sample.text)).collect();
    let vocabulary = Vocabulary::of(all.iter().map(Vec::as_slice));
    all.iter()
        .map(|message| by_column(&vocabulary, message))
        .collect()
}

/// By rare n-gram, the examples that have it, in order.
fn postings(rows: &[SparseVector]) -> BTreeMap<u32, Vec<usize>> {
    let mut postings: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        for (column, _) in rare(row) {
            postings.entry(*column).or_default().push(number);
        }
    }
    postings
}

/// The entries of a row behind those that are together shorter than the bound; the rarest n-grams have the last columns.
fn rare(row: &SparseVector) -> &[(u32, f32)] {
    let mut square = 0.0;
    let frequent = row.iter().take_while(|(_, value)| {
        square += value * value;
        square < NEARLY_THE_SAME * NEARLY_THE_SAME
    });
    &row[frequent.count()..]
}

/// The examples before this one that are nearly the same and mean something else. `seen` is a work space, false throughout.
fn earlier(
    one: usize,
    samples: &[Sample],
    rows: &[SparseVector],
    postings: &BTreeMap<u32, Vec<usize>>,
    seen: &mut [bool],
) -> Vec<(usize, usize, f32)> {
    let sharing = rare(&rows[one])
        .iter()
        .flat_map(|(column, _)| &postings[column]);
    let mut candidates = Vec::new();
    for other in sharing.copied().filter(|other| *other < one) {
        if !seen[other] && samples[other].intent != samples[one].intent {
            seen[other] = true;
            candidates.push(other);
        }
    }
    candidates.iter().for_each(|other| seen[*other] = false);
    let compared = candidates
        .into_iter()
        .map(|other| (other, one, product(&rows[other], &rows[one])));
    compared
        .filter(|(.., cosine)| *cosine >= NEARLY_THE_SAME)
        .collect()
}
