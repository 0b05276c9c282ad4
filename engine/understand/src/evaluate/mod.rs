//! How good a model is, and what its author may do about it: measured on messages of its own, or by cross-validation where there
//! are none.

mod advice;
mod answered;
mod compare;
mod confusion;
mod corpus;
mod deal;
mod entity;
mod group;
mod language;
mod measure;
mod place;
mod report;
mod sample;
mod space;
mod suspect;
mod twin;
mod validate;

pub use advice::nearest_examples;
pub use answered::{Answered, TestMessage, answer};
pub use compare::{Comparison, Flip, FlipKind, Taken, compare};
pub use corpus::{CorpusError, CorpusLine, CorpusSplits, read_corpus, read_corpus_file};
pub use deal::Deal;
pub use entity::{
    EntityLine, EntityMistake, EntityReport, EntityScore, ExpectedEntity, evaluate_entities,
    read_entities,
};
pub use group::{Group, Grouped, GroupedText, Written, group};
pub use language::{
    LanguageLine, LanguageMistake, LanguageReport, LanguageRow, cross_validate_languages,
    evaluate_languages, read_languages,
};
pub use place::{Place, Places};
pub use report::{
    Advice, Bin, CalibrationReport, Confused, Confusion, IntentReport, LatencyReport, Matrix, Near,
    OutOfScopeReport, Report, Scarce, Stands, Suspect, Twin,
};
pub use sample::Examined;
pub use validate::{cross_validate, leave_intents_out};

use std::time::Duration;

use crate::model::Model;

/// Measures a model on messages that it was not trained on. `clock` gives the time since any fixed moment.
pub fn evaluate(
    model: &Model,
    messages: &[TestMessage],
    clock: &mut dyn FnMut() -> Duration,
) -> Report {
    Report::of(&answer(model, messages.to_vec(), clock))
}
