//! The check of an answer: may it be said? Deterministic and local.
//!
//! Two judgements that are kept apart. A **veto** is certain: a price, a date, a link that stands nowhere; a refusal; a secret. The
//! **support** is a probability that people who compare answer and sources would call the answer supported; it is computed for the
//! answer and for each sentence of it. What is done with both (send, send with sources, hand over) is the bot's own decision.

mod align;
mod citation;
mod evidence;
mod feature;
mod grounds;
mod meaning;
mod measure;
mod model;
mod veto;
mod weights;

use std::ops::Range;

use understand::{EncodeError, Encoder};

use crate::language::Language;
pub(crate) use evidence::dice;
use grounds::Grounds;
pub(crate) use grounds::trigrams;

pub use citation::{citations, without_citations};
pub use feature::{FEATURES, Features, LEXICAL};
pub use measure::{Judged, Report, measure};
pub use model::Model;
pub use veto::{Cause, Veto};

/// Characters of an answer that are read; a longer one is no answer to a customer.
pub const ANSWER_CHARS_MAX: usize = 20_000;
/// Characters of all sources together that are read: comparing takes time for each.
pub const SOURCES_CHARS_MAX: usize = 200_000;

/// What an answer may be made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Material<'a> {
    /// The customer's message.
    pub message: Option<&'a str>,
    /// Passages, in the order in which citations `[1]`, `[2]` count them.
    pub sources: &'a [&'a str],
    /// Values that may be said as well: slots, results of tools.
    pub facts: &'a [&'a str],
    /// Values that must not be said.
    pub secrets: &'a [&'a str],
    /// The language that the answer should have; none = the message's.
    pub language: Option<Language>,
}

/// What the check says of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How probable it is that people would call the answer supported, 0 to 1.
    pub support: f64,
    /// Why it must not be said.
    pub vetoes: Vec<Veto>,
    /// The same by sentence, in order.
    pub sentences: Vec<Sentence>,
}

/// A sentence of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// Its place in the answer, in bytes.
    pub at: Range<usize>,
    /// How probable it is that people would call it supported, were it the answer.
    pub support: f64,
}

/// Checks answers against one material.
pub struct Check<'a> {
    grounds: Grounds<'a>,
}

impl<'a> Check<'a> {
    /// Reads the material. With an encoder, words are compared by their meaning too.
    pub fn new(material: &Material<'a>, encoder: Option<&'a dyn Encoder>) -> Self {
        Self {
            grounds: Grounds::new(material, encoder),
        }
    }

    /// Judges an answer.
    ///
    /// # Errors
    /// When the encoder can't read it or a source.
    pub fn judge(&self, answer: &str) -> Result<Verdict, EncodeError> {
        let answer = crate::text::cut(answer, ANSWER_CHARS_MAX);
        let evidence = self.grounds.compare(answer)?;
        let model = Model::fitted(self.grounds.has_encoder());
        let one = |part: &evidence::Evidence| Sentence {
            at: part.at.0..part.at.1,
            support: model.support(&Features::of(std::slice::from_ref(part))),
        };
        Ok(Verdict {
            support: model.support(&Features::of(&evidence)),
            vetoes: veto::vetoes(&self.grounds, answer, &evidence),
            sentences: evidence.iter().map(one).collect(),
        })
    }

    /// What the support is computed from: for fitting.
    ///
    /// # Errors
    /// When the encoder can't read the answer.
    pub fn features(&self, answer: &str) -> Result<Features, EncodeError> {
        let answer = crate::text::cut(answer, ANSWER_CHARS_MAX);
        Ok(Features::of(&self.grounds.compare(answer)?))
    }
}
