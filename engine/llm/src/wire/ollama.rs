//! Ollama's own format: a JSON value a line. <https://docs.ollama.com/api/chat>

use serde_json::{Value, json};

use super::{Dialect, Wire, count, items, seed, temperature, text};
use crate::draft::Draft;
use crate::fault::{Fault, Words};
use crate::frames::Framing;
use crate::{Arguments, ErrorKind, Message, Request, Stop, ToolCall, ToolSchema, Usage};

/// The language.
pub(super) struct Ollama;

/// It has no codes, only sentences.
const WORDS: Words = Words {
    too_long: &[
        "exceeds the available context size",
        "exceeds the context length",
        "exceeds maximum context length",
        "prompt too long",
    ],
    spent: &["reached your weekly usage limit"],
    log_in: &[],
    quota: &[],
    refused: &[],
    unavailable: &[],
};

impl Wire for Ollama {
    fn path(&self, _model: &str) -> String {
        "/api/chat".to_owned()
    }

    fn log_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ")
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn body(&self, model: &str, request: &Request, _dialect: Dialect) -> Value {
        let options = json!({
            "temperature": temperature(request),
            "seed": seed(request),
            "num_predict": request.tokens_max,
        });
        // Otherwise it drops the beginning of a long conversation and says nothing.
        let mut body = json!({
            "model": model,
            "messages": messages(request),
            "stream": true,
            "options": options,
            "truncate": false,
            "shift": false,
        });
        if !request.tools.is_empty() {
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        if let Some(schema) = &request.format {
            body["format"] = schema.clone();
        }
        body
    }

    fn read(&self, value: &Value, draft: &mut Draft) -> Result<(), Fault> {
        if !value["message"].is_object() && !value["done"].is_boolean() {
            let message =
                "the server answered with JSON that is not Ollama's: is the address right?";
            return Err(Fault::new(ErrorKind::NotAStream, message));
        }
        draft.text(text(value, "/message/content"));
        for call in items(value, "/message/tool_calls") {
            read_call(call, draft)?;
        }
        if value["done"] == true {
            draft.model = value["model"].as_str().map(str::to_owned);
            draft.stop = Some(stop(text(value, "/done_reason")));
            draft.usage = usage(value);
            draft.over = true;
        }
        Ok(())
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }
}

fn messages(request: &Request) -> Vec<Value> {
    let system = (!request.system.is_empty())
        .then(|| json!({ "role": "system", "content": request.system }));
    system
        .into_iter()
        .chain(request.messages.iter().map(message))
        .collect()
}

fn message(message: &Message) -> Value {
    match message {
        Message::User { text } => json!({ "role": "user", "content": text }),
        Message::Assistant { text, calls } => {
            let calls: Vec<Value> = calls.iter().map(call).collect();
            json!({ "role": "assistant", "content": text, "tool_calls": calls })
        }
        // The format has no mark for failures.
        Message::Result {
            tool,
            content,
            is_error,
            ..
        } => {
            let mark = if *is_error { "Error: " } else { "" };
            json!({ "role": "tool", "tool_name": tool, "content": format!("{mark}{content}") })
        }
    }
}

fn call(call: &ToolCall) -> Value {
    json!({ "function": { "name": call.tool, "arguments": call.arguments.to_object() } })
}

fn tool(tool: &ToolSchema) -> Value {
    json!({ "type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters,
    } })
}

fn read_call(call: &Value, draft: &mut Draft) -> Result<(), Fault> {
    let arguments = match &call["function"]["arguments"] {
        Value::Object(object) => Arguments::Object(object.clone()),
        Value::String(text) => Arguments::parse(text),
        Value::Null => Arguments::parse(""),
        other => Arguments::Broken(other.to_string()),
    };
    draft.call(
        call["id"].as_str(),
        text(call, "/function/name"),
        arguments,
        None,
    )
}

/// A prompt that stood in its cache as a whole is sometimes not counted.
fn usage(value: &Value) -> Option<Usage> {
    value["eval_count"].is_u64().then(|| Usage {
        input: count(value, "/prompt_eval_count"),
        cached: 0,
        output: count(value, "/eval_count"),
        estimated: false,
    })
}

/// Calls are not told apart from a plain end here; the draft does that.
fn stop(reason: &str) -> Stop {
    match reason {
        "length" => Stop::Length,
        _ => Stop::Done,
    }
}
