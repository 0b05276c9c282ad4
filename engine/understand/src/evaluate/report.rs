//! What an evaluation found, to be shown or written as JSON.

use serde::{Deserialize, Serialize};

use super::place::Place;

/// How well a model does on messages that it was not trained on. Parts of a whole are from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How many messages were in scope.
    pub messages: usize,
    /// The part of those whose first intent was right.
    pub accuracy: f64,
    /// By intent, ordered by name.
    pub intents: Vec<IntentReport>,
    /// Which intent was taken for which, the most frequent first.
    pub confusions: Vec<Confusion>,
    /// Whether confidence means what it says, over the messages in scope.
    pub calibration: CalibrationReport,
    /// How foreign messages were told apart; none when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_scope: Option<OutOfScopeReport>,
    /// How long a message took, by the caller's clock.
    pub latency: LatencyReport,
    /// The intents that are confused the most, each against each.
    #[serde(default)]
    pub matrix: Matrix,
    /// What the author may do about it; none where only a model was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
}

/// One intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntentReport {
    /// Its name.
    pub intent: String,
    /// How many of its messages were measured.
    pub messages: usize,
    /// Of the messages taken for it, the part that was right.
    pub precision: f64,
    /// Of its messages, the part that was taken for it.
    pub recall: f64,
}

/// Messages of one intent that were taken for another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// What they meant.
    pub intent: String,
    /// What they were taken for.
    pub taken_for: String,
    /// How many.
    pub messages: usize,
    /// How many of them stand in a file.
    #[serde(skip)]
    pub(crate) placed: usize,
    /// The surest of them.
    pub examples: Vec<Confused>,
}

/// A message that was taken for something else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confused {
    /// What was written.
    pub text: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// How surely it was taken for the other.
    pub confidence: f64,
    /// The fold that held it out.
    #[serde(skip)]
    pub(crate) fold: Option<usize>,
    /// The examples of the other intent that lie nearest to it, the nearest first.
    #[serde(default)]
    pub nearest: Vec<Near>,
}

/// An example that lies near a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// The example.
    pub text: String,
    /// Its intent.
    pub intent: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// How near: 1 = the same. By the encoder where there is one, else by n-grams.
    pub cosine: f64,
}

/// How often messages of one intent were taken for each, among those that are confused the most.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The intents, ordered by name.
    pub intents: Vec<String>,
    /// By what they meant, then by what they were taken for: how many messages.
    pub messages: Vec<Vec<usize>>,
}

/// What the author of the examples may look at, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Examples that seem to stand under the wrong intent.
    pub suspects: Vec<Suspect>,
    /// Nearly the same example under two intents.
    pub twins: Vec<Twin>,
    /// Intents with few examples.
    pub scarce: Vec<Scarce>,
}

/// An example that another intent claims much more surely than its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// The example.
    pub text: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The intent that it stands under.
    pub intent: String,
    /// The one that it looks like.
    pub looks_like: String,
    /// How surely.
    pub confidence: f64,
    /// And how surely like its own.
    pub own_confidence: f64,
}

/// Two examples of different intents that are nearly the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Twin {
    /// One.
    pub first: Stands,
    /// The other.
    pub second: Stands,
    /// Whether they differ in nothing but case and punctuation.
    pub same: bool,
    /// How near they are by their n-grams: 1 = the same.
    pub cosine: f64,
}

/// An example and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stands {
    /// The example.
    pub text: String,
    /// Its intent.
    pub intent: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// An intent with few examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scarce {
    /// The intent.
    pub intent: String,
    /// How many examples it has.
    pub examples: usize,
    /// Of its messages, the part that was taken for it.
    pub recall: f64,
}

/// Confidence against the truth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CalibrationReport {
    /// The expected calibration error: how far confidence is from accuracy, on average over the messages
    /// (Guo et al. 2017).
    pub ece: f64,
    /// Fifteen bins of confidence, of equal width; empty ones are left out.
    pub bins: Vec<Bin>,
}

/// The messages whose confidence lies in one range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The range's lower end.
    pub from: f64,
    /// Its upper end.
    pub to: f64,
    /// How many messages.
    pub messages: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The part that was right.
    pub accuracy: f64,
}

/// Foreign messages against those in scope, by their in-scope score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutOfScopeReport {
    /// How many foreign messages.
    pub messages: usize,
    /// The probability that a message in scope scores higher than a foreign one.
    pub auroc: f64,
    /// The part of foreign messages that is let in when 95 % of those in scope are.
    pub fpr95: f64,
    /// The part that is refused then.
    pub recall95: f64,
    /// At an in-scope score of one half, as the model was calibrated: the part of messages in scope that is let in.
    pub accepted: f64,
    /// And the part of foreign ones that is refused.
    pub refused: f64,
    /// And the part of messages in scope that is let in with the right intent.
    pub accepted_right: f64,
}

/// Times in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LatencyReport {
    /// Half of the messages took no longer.
    pub median_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
}
