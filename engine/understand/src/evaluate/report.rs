//! What an evaluation found, to be shown or written as JSON.

use serde::{Deserialize, Serialize};

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
    /// A few of them.
    pub examples: Vec<String>,
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
