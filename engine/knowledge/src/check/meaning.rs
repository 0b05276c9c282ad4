//! Comparing by meaning, with an encoder: only with the passages' sentences that share most words, since each costs milliseconds.

use std::cell::RefCell;
use std::collections::BTreeMap;

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
    vectors: RefCell<BTreeMap<Window, Vec<f32>>>,
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
        let own = self.encoder.encode(&[text])?.pop().unwrap_or_default();
        let mut nearest = 0.0_f64;
        for (_, window) in align::best_windows(grounds, words, WINDOWS_ENCODED) {
            self.read(grounds, window)?;
            let vectors = self.vectors.borrow();
            nearest = vectors
                .get(&window)
                .map_or(nearest, |other| nearest.max(cosine(&own, other)));
        }
        Ok(nearest)
    }

    fn read(&self, grounds: &Grounds<'_>, window: Window) -> Result<(), EncodeError> {
        if self.vectors.borrow().contains_key(&window) {
            return Ok(());
        }
        let inside = grounds
            .sentences
            .iter()
            .zip(&self.sentences)
            .filter(|((from, to), _)| window.0 <= *from && *to <= window.1);
        let text: Vec<&str> = inside.map(|(_, text)| text.as_str()).collect();
        let vector = self
            .encoder
            .encode(&[&text.join(" ")])?
            .pop()
            .unwrap_or_default();
        self.vectors.borrow_mut().insert(window, vector);
        Ok(())
    }
}

/// Of vectors of length 1.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}
