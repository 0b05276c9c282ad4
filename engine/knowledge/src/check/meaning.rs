//! Comparing by meaning, with an encoder: only with the passages' sentences that share most words, since each costs milliseconds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use understand::{EncodeError, Encoder};

use super::align::{self, Window};
use super::grounds::Grounds;
use crate::text::word::Word;

/// Windows that a sentence is compared with.
const WINDOWS_ENCODED: usize = 2;

/// An encoder, and the vectors of what it has read.
pub(super) struct Meaning<'a> {
    encoder: &'a dyn Encoder,
    /// The sources' sentences, in order.
    sentences: Vec<String>,
    /// By sentence.
    vectors: RefCell<BTreeMap<usize, Vec<f32>>>,
}

impl<'a> Meaning<'a> {
    pub(super) fn new(encoder: &'a dyn Encoder, sentences: Vec<String>) -> Self {
        Self {
            encoder,
            sentences,
            vectors: RefCell::default(),
        }
    }

    /// The greatest cosine of a sentence to one of the windows that share most words with it.
    pub(super) fn nearest(
        &self,
        grounds: &Grounds<'_>,
        text: &str,
        words: &[Word],
    ) -> Result<f64, EncodeError> {
        let windows = align::best_windows(grounds, words, WINDOWS_ENCODED);
        let own = self.read(grounds, &windows, text)?;
        let near = windows
            .iter()
            .map(|(_, window)| self.near(grounds, *window, &own));
        Ok(near.fold(0.0, f64::max))
    }

    /// Encodes a text together with the sentences of the windows that were not encoded before; gives the text's vector.
    fn read(
        &self,
        grounds: &Grounds<'_>,
        windows: &[(f64, Window)],
        text: &str,
    ) -> Result<Vec<f32>, EncodeError> {
        let mut vectors = self.vectors.borrow_mut();
        let new: BTreeSet<usize> = windows
            .iter()
            .flat_map(|(_, window)| inside(grounds, *window))
            .filter(|at| !vectors.contains_key(at))
            .collect();
        let texts: Vec<&str> = std::iter::once(text)
            .chain(new.iter().map(|at| self.sentences[*at].as_str()))
            .collect();
        let mut read = self.encoder.encode(&texts)?.into_iter();
        let own = read.next().unwrap_or_default();
        vectors.extend(new.into_iter().zip(read));
        Ok(own)
    }

    /// The cosine of a vector to a window: to the sum of its sentences' vectors, so that a sentence is encoded once, in whichever
    /// windows it is.
    fn near(&self, grounds: &Grounds<'_>, window: Window, own: &[f32]) -> f64 {
        let vectors = self.vectors.borrow();
        let mut sum = vec![0.0_f32; own.len()];
        for vector in inside(grounds, window).filter_map(|at| vectors.get(&at)) {
            sum.iter_mut()
                .zip(vector)
                .for_each(|(sum, one)| *sum += one);
        }
        dot(own, &sum) / dot(&sum, &sum).sqrt().max(f64::MIN_POSITIVE)
    }
}

/// The sources' sentences in a window.
fn inside(grounds: &Grounds<'_>, window: Window) -> impl Iterator<Item = usize> {
    let spans = grounds.sentences.iter().enumerate();
    let inside = spans.filter(move |(_, (from, to))| window.0 <= *from && *to <= window.1);
    inside.map(|(at, _)| at)
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}
