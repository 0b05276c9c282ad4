//! OpenRouter: OpenAI's chat completions, with errors of its own and a word to whoever it passes the call on to.
//! <https://openrouter.ai/docs/api-reference/overview>, <https://openrouter.ai/docs/api-reference/errors>

use serde_json::{Value, json};

use super::{Dialect, Wire, openai};
use crate::Request;
use crate::draft::Draft;
use crate::fault::{Fault, Words};

/// The language.
pub(super) struct OpenRouter;

/// Its codes are numbers and sorted as statuses are; 403 means a wrong key or a text that moderation stopped.
const WORDS: Words = Words {
    refused: &[
        "requires moderation",
        "content_filter",
        "content_policy_violation",
    ],
    ..openai::WORDS
};

impl Wire for OpenRouter {
    fn path(&self, _model: &str) -> String {
        "/chat/completions".to_owned()
    }

    fn log_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ")
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("x-title", "Switchboard")]
    }

    fn body(&self, model: &str, request: &Request, dialect: Dialect) -> Value {
        let mut body = openai::body(model, request, dialect);
        // Otherwise the call may go to somebody who ignores the tools or the format.
        if !request.tools.is_empty() || request.format.is_some() {
            body["provider"] = json!({ "require_parameters": true });
        }
        body
    }

    fn read(&self, value: &Value, draft: &mut Draft) -> Result<(), Fault> {
        openai::read(value, draft)
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }
}
