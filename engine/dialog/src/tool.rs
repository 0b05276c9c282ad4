//! What the bot can call, as declared. Carried out by the `tools` crate.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{TemplateId, ValueType};

/// A tool as declared in `tools.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolDeclaration {
    /// Its name in flows.
    pub name: String,
    /// For people and models.
    pub description: String,
    /// How it is reached.
    pub kind: ToolKind,
    /// What it takes, in the author's order.
    pub args: Vec<ArgDeclaration>,
    /// What it gives; none = nothing is read of the answer.
    pub returns: Option<ValueType>,
    /// How long one attempt may take.
    pub timeout: SignedDuration,
    /// Further attempts after a failure that may pass.
    pub retry: Retry,
    /// What repeating a call does.
    pub repeat: Repeat,
    /// How old a result may be when it is said.
    pub fresh: Option<SignedDuration>,
    /// A name in `logins`.
    pub login: Option<String>,
    /// A model must ask the customer before it calls this.
    pub confirm: bool,
    /// How the customer is asked; none = in the engine's words.
    #[serde(skip)]
    pub ask: Option<TemplateId>,
}

/// How a tool is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// A request; the address may hold `${NAME}` (from the place's environment) and `{arg}` (in the path).
    Http {
        /// GET, POST, PUT, PATCH or DELETE.
        method: String,
        /// The address.
        url: String,
    },
    /// Built in: `calculator`.
    Builtin(String),
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArgDeclaration {
    /// Its name.
    pub name: String,
    /// Its type.
    pub value_type: ValueType,
    /// Where it goes in a request.
    pub place: ArgPlace,
    /// Whether it may be left out.
    pub optional: bool,
    /// Never in a log, a trace or an address.
    pub secret: bool,
}

/// Where an argument goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgPlace {
    /// `{name}` in the path.
    Path,
    /// `?name=`.
    Query,
    /// A field of the JSON body.
    Body,
    /// A header.
    Header,
}

/// What repeating a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Nothing more than calling once: it only reads.
    Safe,
    /// Nothing, as the outside knows the key that is sent with it.
    Keyed,
    /// Perhaps harm: it is called at most once.
    Never,
}

/// Further attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// How many, after the first.
    pub max: u32,
    /// The wait before the first of them; it doubles.
    pub backoff: SignedDuration,
}

/// How a call failed, in the words that flows test (`error.kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No answer in time.
    Timeout,
    /// Nobody there.
    Unreachable,
    /// The outside said no (4xx).
    Refused,
    /// The outside broke (5xx).
    Failed,
    /// Arguments or answer are not as declared.
    Invalid,
    /// Given up on purpose.
    Cancelled,
    /// It may or may not have happened.
    Unknown,
}

impl ErrorKind {
    /// As flows write it.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Timeout => "timeout",
            ErrorKind::Unreachable => "unreachable",
            ErrorKind::Refused => "refused",
            ErrorKind::Failed => "failed",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Unknown => "unknown",
        }
    }
}
