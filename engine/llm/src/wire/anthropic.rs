//! Anthropic's messages. <https://platform.claude.com/docs/en/api/messages-streaming>

use serde_json::{Map, Value, json};

use super::{Dialect, Wire, count, temperature, text};
use crate::draft::Draft;
use crate::fault::{Fault, Words};
use crate::{Message, Request, Stop, ToolCall, ToolSchema, Usage};

/// The language.
pub(super) struct Anthropic;

/// <https://platform.claude.com/docs/en/api/errors>; a prompt that is too long has no code of its own.
const WORDS: Words = Words {
    too_long: &[
        "request_too_large",
        "prompt is too long",
        "exceed context limit",
        "exceeds the context window",
    ],
    spent: &["billing_error", "credit balance is too low"],
    log_in: &["authentication_error", "permission_error"],
    quota: &["rate_limit_error"],
    refused: &["content filtering policy"],
    unavailable: &["overloaded_error", "api_error", "timeout_error"],
};

impl Wire for Anthropic {
    fn path(&self, _model: &str) -> String {
        "/messages".to_owned()
    }

    fn log_in(&self) -> (&'static str, &'static str) {
        ("x-api-key", "")
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn body(&self, model: &str, request: &Request, dialect: Dialect) -> Value {
        let mut body = json!({
            "model": model,
            "max_tokens": request.tokens_max,
            "messages": messages(&request.messages),
            "stream": true,
        });
        if dialect.sampling {
            body["temperature"] = temperature(request).into();
        }
        if !request.system.is_empty() {
            body["system"] = request.system.as_str().into();
        }
        if !request.tools.is_empty() {
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        if let Some(schema) = &request.format {
            body["output_config"] =
                json!({ "format": { "type": "json_schema", "schema": schema } });
        }
        body
    }

    fn read(&self, value: &Value, draft: &mut Draft) -> Result<(), Fault> {
        let index = value["index"].as_u64().unwrap_or_default();
        match text(value, "/type") {
            "message_start" => begin(&value["message"], draft),
            "content_block_start" => begin_block(index, &value["content_block"], draft)?,
            "content_block_delta" => {
                draft.text(text(value, "/delta/text"));
                let arguments = text(value, "/delta/partial_json");
                if !arguments.is_empty() {
                    draft.call_part(Some(index), "", "", arguments)?;
                }
            }
            "content_block_stop" => draft.call_end(index),
            "message_delta" => change(value, draft),
            "message_stop" => draft.over = true,
            // `ping`, and what they will invent: their documentation asks to ignore it.
            _ => {}
        }
        Ok(())
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }
}

/// Neighbours of one role become one message: all results of a turn must stand in one.
fn messages(all: &[Message]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in all {
        let (role, blocks) = blocks(message);
        match turns.last_mut() {
            Some((last, content)) if *last == role => content.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    turns
        .into_iter()
        .filter(|(_, content)| !content.is_empty())
        .map(|(role, content)| json!({ "role": role, "content": content }))
        .collect()
}

fn blocks(message: &Message) -> (&'static str, Vec<Value>) {
    match message {
        Message::User { text } => ("user", said(text)),
        Message::Assistant { text, calls } => {
            let mut blocks = said(text);
            blocks.extend(calls.iter().map(call));
            ("assistant", blocks)
        }
        Message::Result {
            call,
            content,
            is_error,
            ..
        } => {
            let block = json!({
                "type": "tool_result", "tool_use_id": call, "content": content, "is_error": is_error,
            });
            ("user", vec![block])
        }
    }
}

/// Empty texts are refused.
fn said(text: &str) -> Vec<Value> {
    let block = || json!({ "type": "text", "text": text });
    (!text.is_empty()).then(block).into_iter().collect()
}

fn call(call: &ToolCall) -> Value {
    json!({ "type": "tool_use", "id": call.id, "name": call.tool, "input": call.arguments.to_object() })
}

fn tool(tool: &ToolSchema) -> Value {
    json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
}

fn begin(message: &Value, draft: &mut Draft) {
    draft.model = message["model"].as_str().map(str::to_owned);
    draft.usage = Some(usage(&message["usage"]));
}

fn begin_block(index: u64, block: &Value, draft: &mut Draft) -> Result<(), Fault> {
    draft.text(text(block, "/text"));
    if text(block, "/type") != "tool_use" {
        return Ok(());
    }
    // Usually empty, and the arguments come in pieces.
    let whole = block["input"].as_object().filter(|input| !input.is_empty());
    let arguments = whole.map_or_else(String::new, |input: &Map<String, Value>| {
        Value::Object(input.clone()).to_string()
    });
    draft.call_part(
        Some(index),
        text(block, "/id"),
        text(block, "/name"),
        &arguments,
    )
}

/// The last counts replace the first ones: they are sums.
fn change(value: &Value, draft: &mut Draft) {
    if let Some(reason) = value.pointer("/delta/stop_reason").and_then(Value::as_str) {
        draft.stop = Some(stop(reason));
    }
    let last = usage(&value["usage"]);
    let known = draft.usage.get_or_insert_default();
    known.output = known.output.max(last.output);
    if last.input > 0 {
        (known.input, known.cached) = (last.input, last.cached);
    }
}

/// Their `input_tokens` leaves out what went into or came from the cache.
fn usage(usage: &Value) -> Usage {
    let cached = count(usage, "/cache_read_input_tokens");
    Usage {
        input: count(usage, "/input_tokens")
            + count(usage, "/cache_creation_input_tokens")
            + cached,
        cached,
        output: count(usage, "/output_tokens"),
        estimated: false,
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "tool_use" => Stop::Calls,
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        "refusal" => Stop::Refused,
        _ => Stop::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_one_turn_are_one_message() {
        let result = |call: &str| Message::Result {
            call: call.into(),
            tool: "balance".into(),
            content: "3".into(),
            is_error: false,
        };
        let after = Message::User {
            text: "And now?".into(),
        };
        let sent = messages(&[result("a"), result("b"), after]);
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0]["content"].as_array().unwrap().len(), 3);
    }
}
