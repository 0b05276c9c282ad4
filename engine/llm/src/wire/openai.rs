//! OpenAI's chat completions, as the provider and the many servers that follow it speak them.
//! <https://platform.openai.com/docs/api-reference/chat/create>

use serde_json::{Value, json};

use super::{Dialect, Wire, count, items, seed, temperature, text};
use crate::draft::Draft;
use crate::fault::{Fault, Words};
use crate::{ErrorKind, Message, Request, Stop, ToolCall, ToolSchema, Usage};

/// The language.
pub(super) struct OpenAi;

/// Codes are OpenAI's; the sentences are those of servers that give no code (vLLM, Mistral, older llama.cpp).
pub(super) const WORDS: Words = Words {
    too_long: &[
        "context_length_exceeded",
        "exceed_context_size_error",
        "maximum context length",
        "context size",
        "prompt is too long",
    ],
    spent: &["insufficient_quota", "billing_hard_limit_reached"],
    log_in: &[
        "invalid_api_key",
        "authentication_error",
        "permission_error",
    ],
    quota: &["rate_limit_exceeded"],
    refused: &["content_filter", "content_policy_violation"],
    unavailable: &["server_error", "overloaded"],
};

impl Wire for OpenAi {
    fn path(&self, _model: &str) -> String {
        "/chat/completions".to_owned()
    }

    fn log_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ")
    }

    fn body(&self, model: &str, request: &Request, dialect: Dialect) -> Value {
        body(model, request, dialect)
    }

    fn read(&self, value: &Value, draft: &mut Draft) -> Result<(), Fault> {
        read(value, draft)
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }
}

pub(super) fn body(model: &str, request: &Request, dialect: Dialect) -> Value {
    let mut body = json!({ "model": model, "messages": messages(request), "stream": true });
    let limit = if dialect.max_tokens {
        "max_tokens"
    } else {
        "max_completion_tokens"
    };
    body[limit] = request.tokens_max.into();
    if dialect.stream_options {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if dialect.sampling {
        body["temperature"] = temperature(request).into();
        body["seed"] = seed(request).into();
    }
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    if let Some(schema) = &request.format {
        body["response_format"] = json!({
            "type": "json_schema",
            "json_schema": { "name": "answer", "schema": schema, "strict": is_strict(schema) },
        });
    }
    body
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
        Message::Assistant { text, calls } if calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        Message::Assistant { text, calls } => {
            let content = (!text.is_empty()).then_some(text);
            let calls: Vec<Value> = calls.iter().map(call).collect();
            json!({ "role": "assistant", "content": content, "tool_calls": calls })
        }
        // The format has no mark for failures.
        Message::Result {
            call,
            content,
            is_error,
            ..
        } => {
            let mark = if *is_error { "Error: " } else { "" };
            json!({ "role": "tool", "tool_call_id": call, "content": format!("{mark}{content}") })
        }
    }
}

fn call(call: &ToolCall) -> Value {
    let function = json!({ "name": call.tool, "arguments": call.arguments.to_text() });
    json!({ "id": call.id, "type": "function", "function": function })
}

fn tool(tool: &ToolSchema) -> Value {
    json!({ "type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters,
    } })
}

/// Whether OpenAI takes the schema in strict mode: every object names all its properties as required and allows no others.
fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(object) => {
            let closed = object.get("properties").is_none_or(|properties| {
                let required = items(schema, "/required");
                object.get("additionalProperties") == Some(&Value::Bool(false))
                    && properties.as_object().is_some_and(|properties| {
                        properties
                            .keys()
                            .all(|name| required.iter().any(|one| one == name))
                    })
            });
            closed && object.values().all(is_strict)
        }
        Value::Array(items) => items.iter().all(is_strict),
        _ => true,
    }
}

pub(super) fn read(value: &Value, draft: &mut Draft) -> Result<(), Fault> {
    if let Some(model) = value["model"].as_str().filter(|model| !model.is_empty()) {
        draft.model = Some(model.to_owned());
    }
    if value["usage"].is_object() {
        draft.usage = Some(usage(&value["usage"]));
    }
    let Some(choice) = items(value, "/choices").first() else {
        return Ok(());
    };
    draft.text(text(choice, "/delta/content"));
    draft.refusal.push_str(text(choice, "/delta/refusal"));
    for part in items(choice, "/delta/tool_calls") {
        draft.call_part(
            part["index"].as_u64(),
            text(part, "/id"),
            text(part, "/function/name"),
            text(part, "/function/arguments"),
        )?;
    }
    if let Some(reason) = choice["finish_reason"].as_str() {
        draft.stop = Some(stop(reason)?);
    }
    Ok(())
}

fn usage(usage: &Value) -> Usage {
    Usage {
        input: count(usage, "/prompt_tokens"),
        cached: count(usage, "/prompt_tokens_details/cached_tokens"),
        output: count(usage, "/completion_tokens"),
        estimated: false,
    }
}

fn stop(reason: &str) -> Result<Stop, Fault> {
    Ok(match reason {
        "tool_calls" | "function_call" => Stop::Calls,
        "length" => Stop::Length,
        "content_filter" => Stop::Refused,
        "error" => {
            let message = "the provider ended the answer with an error";
            return Err(Fault::new(ErrorKind::Unavailable, message));
        }
        _ => Stop::Done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_is_only_asked_for_where_it_can_be() {
        let open = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        assert!(!is_strict(&open));
        let mut closed = open.clone();
        closed["required"] = json!(["a"]);
        closed["additionalProperties"] = json!(false);
        assert!(is_strict(&closed));
        closed["properties"]["b"] = open;
        assert!(!is_strict(&closed));
    }
}
