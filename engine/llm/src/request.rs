//! What a model is asked. Plain data, the same for every provider.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ToolCall;

/// One call of a model. Temperature 0 and a fixed seed are sent wherever the provider has them, but for a further sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What the model is told about its task. Left out of the call if it is empty.
    pub system: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// The tools that the model may ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolSchema>,
    /// The most tokens that the answer may have.
    pub tokens_max: u32,
    /// A JSON Schema that the answer's text must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Value>,
    /// Which answer to the same question this is: 0 is the answer, all others are compared with it. Those are asked for with
    /// temperature 1, as comparing answers wants it, and each with a seed of its own: at temperature 0 they would be the same.
    #[serde(default, skip_serializing_if = "is_first")]
    pub sample: u32,
}

fn is_first(sample: &u32) -> bool {
    *sample == 0
}

/// One message of the conversation with the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message {
    /// What the customer, or whoever asks, said.
    User {
        /// Their words.
        text: String,
    },
    /// What the model said before.
    Assistant {
        /// Its words; empty if it only asked for tools.
        text: String,
        /// The tools that it asked for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<ToolCall>,
    },
    /// What a tool returned.
    Result {
        /// The id of the [`ToolCall`] that this answers.
        call: String,
        /// The tool's name.
        tool: String,
        /// What it returned, as text.
        content: String,
        /// Whether this is a failure that the model should know of.
        is_error: bool,
    },
}

/// A tool as a model sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSchema {
    /// Its name: letters, digits, `_` and `-`, at most 64 of them at every provider.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// A JSON Schema of an object: its arguments.
    pub parameters: Value,
}
