//! What went wrong, sorted by what a caller does differently.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Usage;

/// A call that gave no complete answer. Its message never holds a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{target}: {message}")]
pub struct Error {
    /// What to do differently.
    pub kind: ErrorKind,
    /// Which model, as `provider:name`; `chain` if none of several answered.
    pub target: String,
    /// The HTTP status, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A sentence for people.
    pub message: String,
    /// The tokens that were used all the same, if the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Box<Usage>>,
    /// The targets of a [`Chain`](crate::Chain) that were tried before, and why each failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Error>,
}

impl Error {
    /// An error without a status.
    pub fn new(kind: ErrorKind, target: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            target: target.into(),
            status: None,
            message: message.into(),
            usage: None,
            tried: Vec::new(),
        }
    }
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The key is missing, wrong, or may not use this model. Asking again is useless.
    LogIn,
    /// Too many requests, or the money is used up.
    Quota {
        /// When to ask again, if the provider said so.
        retry_after: Option<Duration>,
    },
    /// The request does not fit into the model's window: shorten it.
    TooLong,
    /// The provider does not take the request, for another reason: a mistake in the configuration, or ours.
    Invalid,
    /// The provider has trouble of its own, before or in the middle of an answer.
    Unavailable,
    /// A complete answer with neither words nor calls.
    Empty,
    /// The provider or the model refuses to answer.
    Refused,
    /// The answer stopped before its end.
    CutOff,
    /// Nothing came for too long, or the time for the whole call is over.
    Timeout,
    /// No connection.
    Unreachable,
    /// Something answered that does not speak this provider's language: a web page, plain JSON, a redirect.
    NotAStream,
    /// A limit of ours forbids the call; nothing was sent.
    Budget,
    /// A replay has no such call.
    NotRecorded,
}
