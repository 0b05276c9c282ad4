//! What comes back from a model, piece by piece.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;

/// One piece of an answer. [`Piece::End`] comes exactly once and last, unless an error came last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    /// The next words, never empty.
    Text(String),
    /// A tool call, complete.
    Call(ToolCall),
    /// The answer is complete.
    End(End),
}

/// A tool that the model asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id, or `call-1`, `call-2` … where the provider gives none.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// With what.
    pub arguments: Arguments,
    /// What the provider wants back with this call, unchanged, when the conversation goes on (Gemini's thought signature).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// A tool call's arguments: models do write broken JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arguments {
    /// A JSON object. Whether it fits the tool's schema is not checked here.
    Object(Map<String, Value>),
    /// What the model wrote, because it is not a JSON object.
    Broken(String),
}

impl Arguments {
    /// The arguments that a model wrote as text; no text at all means none.
    pub fn parse(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::Object(Map::new());
        }
        serde_json::from_str(text).map_or_else(|_| Self::Broken(text.to_owned()), Self::Object)
    }

    /// The text that a model wrote, or would have.
    pub fn to_text(&self) -> String {
        match self {
            Self::Object(object) => Value::Object(object.clone()).to_string(),
            Self::Broken(text) => text.clone(),
        }
    }

    /// An object in any case, for providers that take nothing else: broken text stands under `broken`.
    pub fn to_object(&self) -> Map<String, Value> {
        match self {
            Self::Object(object) => object.clone(),
            Self::Broken(text) => Map::from_iter([("broken".to_owned(), text.as_str().into())]),
        }
    }
}

/// How an answer ended and what it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Why the model stopped.
    pub stop: Stop,
    /// The tokens of this call.
    pub usage: Usage,
    /// The model that answered, in the provider's words; they often add a date to what was asked for.
    pub model: String,
    /// The targets of a [`Chain`](crate::Chain) that were tried in vain before this one answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Error>,
}

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stop {
    /// It had said all.
    Done,
    /// It waits for its tools.
    Calls,
    /// `tokens_max`, or the model's window, was reached: the answer is not complete.
    Length,
    /// The provider's filter stopped it after it had begun to speak.
    Refused,
}

/// The tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request, cached ones included.
    pub input: u64,
    /// Those of the input that the provider had in its cache, usually cheaper.
    pub cached: u64,
    /// Tokens of the answer, thinking included.
    pub output: u64,
    /// The provider said nothing: these are our upper estimates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}
