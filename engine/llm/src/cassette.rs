//! Calls kept on disk and played back: JSON Lines, a line a call.
//!
//! ```json
//! {"key":"…","about":"conversation-7","model":"openai:gpt-5-mini","request":{…},"pieces":[{"text":"Hello"},{"end":{…}}]}
//! ```
//!
//! The key is a hash of the model's name and the request in canonical form, so a replay needs neither network nor clock, and a prompt that
//! changed is noticed. Time is not kept: pieces have an order and nothing else. Each line says what conversation it is about, so that a
//! person's calls can be erased.

mod difference;
mod play;
mod record;

pub use play::{Player, Tape, TapeError};
pub use record::{Cassette, Erased, Recorder};

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Error, Piece, Request};

/// A call and its answer: a line of a cassette.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// A hash of model and request.
    pub key: String,
    /// The conversation that this belongs to.
    pub about: String,
    /// The model's name, as `provider:model`.
    pub model: String,
    /// What was asked.
    pub request: Request,
    /// What came, in order.
    pub pieces: Vec<Piece>,
    /// What came instead of an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// The key of a call: SHA-256 over the canonical JSON of its model and request, in hexadecimal.
pub fn key(model: &str, request: &Request) -> String {
    let request = serde_json::to_value(request).expect("a request is plain data");
    let mut text = String::new();
    canonical(&Value::Array(vec![model.into(), request]), &mut text);
    let mut key = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        write!(key, "{byte:02x}").expect("a string takes all");
    }
    key
}

/// JSON without white space and with the keys of objects in order, whatever order they came in.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (name, value) in entries {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let text = |json: &str| {
            let mut text = String::new();
            canonical(&serde_json::from_str(json).unwrap(), &mut text);
            text
        };
        assert_eq!(
            text(r#"{"b":[1,{"d":"x","c":null}],"a":"y"}"#),
            text(r#"{ "a": "y", "b": [1, {"c": null, "d": "x"}] }"#)
        );
        assert_ne!(text(r#"{"a":"1"}"#), text(r#"{"a":1}"#));
    }

    #[test]
    fn a_key_never_changes() {
        let request = Request {
            system: "Be brief.".into(),
            tokens_max: 10,
            ..Request::default()
        };
        let expected = "d72de21b61b2e69236e93be8fc5394fde3d74a48ca8720b827a4cb8a9b409931";
        assert_eq!(key("openai:a", &request), expected);
        assert_ne!(key("openai:b", &request), expected);
    }
}
