//! How many tokens a text may have at most, without any provider's tokenizer.
//!
//! Every tokenizer in use is built of bytes, so that no text has more tokens than bytes. English prose has about four bytes a token, German
//! three, and words that no tokenizer knows still two; digits and signs may be a token each, and so may any byte outside of ASCII. Hence
//! letters and white space count half a token a byte, and all else a whole one. For prose this is about twice the truth, which is what
//! a limit needs that must hold before the call is made. The frame around a message (its role, the marks between messages) is a few tokens more.

use crate::{Message, Request};

/// Tokens of the frame around a message. Llama's is 5, OpenAI's 4.
const FRAME: u64 = 8;

/// Tokens of a template's own words. Where there is no system text many put one of their own; SmolLM2's has about 20.
const TEMPLATE: u64 = 64;

/// Tokens of a provider's own words around tools. Anthropic states 313 to 346 for a call with tools.
const TOOLS_FRAME: u64 = 400;

/// An upper estimate of a text's tokens.
pub fn text(text: &str) -> u64 {
    halves(text).div_ceil(2)
}

/// An upper estimate of a request's input tokens.
pub fn request(request: &Request) -> u64 {
    let system = FRAME + text(&request.system);
    let messages: u64 = request.messages.iter().map(message).sum();
    let tools: u64 = request
        .tools
        .iter()
        .map(|tool| FRAME + text(&tool.name) + text(&tool.description) + json(&tool.parameters))
        .sum();
    let frame = if request.tools.is_empty() {
        0
    } else {
        TOOLS_FRAME
    };
    TEMPLATE + system + messages + tools + frame + request.format.as_ref().map_or(0, json)
}

fn message(message: &Message) -> u64 {
    let inner = match message {
        Message::User { text: words } => text(words),
        Message::Assistant { text: words, calls } => {
            let calls = calls.iter().map(|call| {
                FRAME + text(&call.id) + text(&call.tool) + text(&call.arguments.to_text())
            });
            text(words) + calls.sum::<u64>()
        }
        Message::Result {
            call,
            tool,
            content,
            ..
        } => text(call) + text(tool) + text(content),
    };
    FRAME + inner
}

fn json(value: &serde_json::Value) -> u64 {
    text(&value.to_string())
}

fn halves(text: &str) -> u64 {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b' ' | b'\n' | b'\t' => 1,
            _ => 2,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_more_than_letters() {
        assert_eq!(text(""), 0);
        assert_eq!(text("card"), 2);
        assert_eq!(text("4711"), 4);
        assert_eq!(text("ä"), 2);
    }

    #[test]
    fn all_parts_of_a_request_count() {
        let mut one = Request::default();
        let empty = request(&one);
        one.messages.push(Message::User {
            text: "word ".repeat(100),
        });
        let asked = request(&one);
        assert!(asked >= empty + 250);
        one.tools.push(crate::ToolSchema {
            name: "balance".into(),
            description: "What is left".into(),
            parameters: serde_json::json!({ "type": "object" }),
        });
        assert!(request(&one) > asked + TOOLS_FRAME);
    }
}
