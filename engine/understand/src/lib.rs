//! From a customer's text to what it means: intents with calibrated confidence, entities, out of scope. Pure: no network,
//! no clock, no randomness; the same data gives the same model and the same text the same understanding, bit by bit.

mod built_in;
mod bytes;
mod calibration;
mod choice;
mod classifier;
mod cue;
mod curve;
mod deep;
mod deepen;
mod encoder;
mod entity;
mod evaluate;
mod feature;
mod fold;
mod language;
mod logistic;
mod maths;
mod matrix;
mod model;
mod neighbour;
mod normalise;
mod parallel;
mod part;
mod plan;
mod reading;
mod scope;
mod tag;
mod train;
mod trainer;
mod training;
mod vectors;
mod vocabulary;
mod weights;

pub use built_in::{built_in_examples, memory_examples};
pub use bytes::ModelError;
pub use classifier::Classification;
pub use encoder::{EncodeError, Encoder, EncoderFault, Token, check_encoder, unit_mean};
pub use entity::Extractor;
pub use evaluate::{
    Advice, Answered, Bin, CalibrationReport, Comparison, Confused, Confusion, CorpusError,
    CorpusLine, CorpusSplits, Deal, EntityLine, EntityMistake, EntityReport, EntityScore, Examined,
    ExpectedEntity, Flip, FlipKind, Group, Grouped, GroupedText, IntentReport, LanguageLine,
    LanguageMistake, LanguageReport, LanguageRow, LatencyReport, Matrix, Near, OutOfScopeReport,
    Place, Places, Report, Scarce, Stands, Suspect, Taken, TestMessage, Twin, Written, answer,
    compare, cross_validate, cross_validate_languages, evaluate, evaluate_entities,
    evaluate_languages, group, leave_intents_out, nearest_examples, read_corpus, read_corpus_file,
    read_entities, read_languages,
};
pub use model::Model;
pub use reading::Reading;
pub use train::Progress;
pub use trainer::Trainer;
pub use training::{
    Annotation, EntityDefinition, EntityKind, Example, IntentExamples, TrainingData,
    ValueDefinition,
};
