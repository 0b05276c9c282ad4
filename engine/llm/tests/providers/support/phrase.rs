//! What each provider says, in its own format: answers, tool calls, errors. Written after their documentation.

use llm::Kind;
use serde_json::{Value, json};

use super::Script;

/// The chunks of a whole answer, `Hello, world` in two pieces, with 20 tokens in (5 cached) and 3 out.
pub(crate) fn hello(kind: Kind) -> Vec<String> {
    match kind {
        Kind::OpenAi | Kind::OpenRouter => vec![
            ": a comment\n\n".to_owned(),
            event(&openai(json!({ "role": "assistant", "content": "" }))),
            event(&openai(json!({ "content": "Hello" }))),
            event(&openai(json!({ "content": ", world" }))),
            event(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })),
            event(&openai_usage()),
            "data: [DONE]\n\n".to_owned(),
        ],
        Kind::Anthropic => vec![
            anthropic_start(),
            named("ping", json!({})),
            named(
                "content_block_start",
                json!({ "index": 0, "content_block": { "type": "text", "text": "" } }),
            ),
            anthropic_text("Hello"),
            anthropic_text(", world"),
            named("content_block_stop", json!({ "index": 0 })),
            anthropic_end("end_turn"),
            named("message_stop", json!({})),
        ],
        Kind::Gemini => vec![
            event(&gemini(json!([{ "text": "Hello" }]), None)),
            event(&gemini(
                json!([{ "text": "I think", "thought": true }, { "text": ", world" }]),
                Some("STOP"),
            )),
        ],
        Kind::Ollama => vec![
            line(&ollama(json!({ "role": "assistant", "content": "Hello" }))),
            line(&ollama(
                json!({ "role": "assistant", "content": ", world" }),
            )),
            line(&ollama_end("stop")),
        ],
    }
}

/// `balance({"card":"1"})` and `balance({"card":"2"})`, in pieces that alternate where the format allows it.
pub(crate) fn calls(kind: Kind) -> Vec<String> {
    match kind {
        Kind::OpenAi | Kind::OpenRouter => {
            let part = |index: u64, id: Value, name: Value, arguments: &str| {
                let function = json!({ "name": name, "arguments": arguments });
                event(&openai(
                    json!({ "tool_calls": [{ "index": index, "id": id, "function": function }] }),
                ))
            };
            vec![
                part(0, json!("a"), json!("balance"), ""),
                part(0, Value::Null, Value::Null, "{\"card\""),
                part(1, json!("b"), json!("balance"), "{"),
                part(0, Value::Null, Value::Null, ":\"1\"}"),
                part(1, Value::Null, Value::Null, "\"card\":\"2\"}"),
                event(
                    &json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] }),
                ),
                event(&openai_usage()),
                "data: [DONE]\n\n".to_owned(),
            ]
        }
        Kind::Anthropic => {
            let begin = |index: u64, id: &str| {
                let block = json!({ "type": "tool_use", "id": id, "name": "balance", "input": {} });
                named(
                    "content_block_start",
                    json!({ "index": index, "content_block": block }),
                )
            };
            let part = |index: u64, text: &str| {
                let delta = json!({ "type": "input_json_delta", "partial_json": text });
                named(
                    "content_block_delta",
                    json!({ "index": index, "delta": delta }),
                )
            };
            vec![
                anthropic_start(),
                begin(0, "a"),
                part(0, ""),
                part(0, "{\"card\""),
                begin(1, "b"),
                part(1, "{\"card\":"),
                part(0, ":\"1\"}"),
                named("content_block_stop", json!({ "index": 0 })),
                part(1, "\"2\"}"),
                named("content_block_stop", json!({ "index": 1 })),
                anthropic_end("tool_use"),
                named("message_stop", json!({})),
            ]
        }
        Kind::Gemini => {
            let call = |id: &str, card: &str| json!({ "functionCall": { "id": id, "name": "balance", "args": { "card": card } } });
            vec![
                event(&gemini(json!([call("a", "1")]), None)),
                event(&gemini(json!([call("b", "2")]), Some("STOP"))),
            ]
        }
        Kind::Ollama => {
            let call = |id: &str, card: &str| json!({ "id": id, "function": { "name": "balance", "arguments": { "card": card } } });
            vec![
                line(&ollama(
                    json!({ "content": "", "tool_calls": [call("a", "1")] }),
                )),
                line(&ollama(
                    json!({ "content": "", "tool_calls": [call("b", "2")] }),
                )),
                line(&ollama_end("stop")),
            ]
        }
    }
}

/// The end of an answer that was cut by the limit of tokens, stopped by a filter, or is empty, after these words.
pub(crate) fn ended(kind: Kind, words: &str, why: Why) -> Vec<String> {
    match kind {
        Kind::OpenAi | Kind::OpenRouter => {
            let reason = match why {
                Why::Done => "stop",
                Why::Length => "length",
                Why::Refused => "content_filter",
            };
            vec![
                event(&openai(json!({ "content": words }))),
                event(
                    &json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }),
                ),
                event(&openai_usage()),
                "data: [DONE]\n\n".to_owned(),
            ]
        }
        Kind::Anthropic => {
            let reason = match why {
                Why::Done => "end_turn",
                Why::Length => "max_tokens",
                Why::Refused => "refusal",
            };
            vec![
                anthropic_start(),
                anthropic_text(words),
                anthropic_end(reason),
                named("message_stop", json!({})),
            ]
        }
        Kind::Gemini => {
            let reason = match why {
                Why::Done => "STOP",
                Why::Length => "MAX_TOKENS",
                Why::Refused => "SAFETY",
            };
            vec![event(&gemini(json!([{ "text": words }]), Some(reason)))]
        }
        Kind::Ollama => {
            let reason = match why {
                Why::Done | Why::Refused => "stop",
                Why::Length => "length",
            };
            vec![
                line(&ollama(json!({ "content": words }))),
                line(&ollama_end(reason)),
            ]
        }
    }
}

/// Why an answer ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Why {
    Done,
    Length,
    /// Ollama has no filter.
    Refused,
}

/// A stream of these chunks.
pub(crate) fn streamed(kind: Kind, chunks: Vec<String>) -> Script {
    let content_type = match kind {
        Kind::Ollama => "application/x-ndjson",
        _ => "text/event-stream; charset=utf-8",
    };
    Script::new(200, content_type, chunks)
}

/// A trouble that a provider tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    WrongKey,
    NotAllowed,
    TooMany,
    NoMoney,
    TooLong,
    Invalid,
    NoModel,
    Server,
    Overloaded,
    Filtered,
}

/// The status and the body with which a provider tells of a trouble; none if it can't have it.
pub(crate) fn trouble(kind: Kind, trouble: Trouble) -> Option<(u16, Value)> {
    match kind {
        Kind::OpenAi => openai_trouble(trouble),
        Kind::OpenRouter => openrouter_trouble(trouble),
        Kind::Anthropic => anthropic_trouble(trouble),
        Kind::Gemini => gemini_trouble(trouble),
        Kind::Ollama => ollama_trouble(trouble),
    }
}

fn openai_trouble(trouble: Trouble) -> Option<(u16, Value)> {
    let error = |kind: &str, code: Value, message: &str| json!({ "error": { "message": message, "type": kind, "param": null, "code": code } });
    let invalid = "invalid_request_error";
    Some(match trouble {
        Trouble::WrongKey => (
            401,
            error(
                invalid,
                json!("invalid_api_key"),
                &format!("Incorrect API key provided: {}.", super::KEY),
            ),
        ),
        Trouble::NotAllowed => (
            403,
            error("permission_error", Value::Null, "Country not supported"),
        ),
        Trouble::TooMany => (
            429,
            error(
                "requests",
                json!("rate_limit_exceeded"),
                "Rate limit reached: too many tokens, prompt is too long for your tier",
            ),
        ),
        Trouble::NoMoney => (
            429,
            error(
                "insufficient_quota",
                json!("insufficient_quota"),
                "You exceeded your current quota",
            ),
        ),
        Trouble::TooLong => (
            400,
            error(
                invalid,
                json!("context_length_exceeded"),
                "Your input exceeds the window of this model",
            ),
        ),
        Trouble::Invalid => (
            400,
            error(
                invalid,
                Value::Null,
                "Invalid schema for function 'balance'",
            ),
        ),
        Trouble::NoModel => (
            404,
            error(
                invalid,
                json!("model_not_found"),
                "The model does not exist",
            ),
        ),
        Trouble::Server => (
            500,
            error("server_error", Value::Null, "The server had an error"),
        ),
        Trouble::Overloaded => (
            503,
            error("server_error", Value::Null, "The engine is overloaded"),
        ),
        Trouble::Filtered => (
            400,
            error(
                invalid,
                json!("content_filter"),
                "The response was filtered",
            ),
        ),
    })
}

fn openrouter_trouble(trouble: Trouble) -> Option<(u16, Value)> {
    let error = |status: u16, message: &str, metadata: Value| {
        (
            status,
            json!({ "error": { "code": status, "message": message, "metadata": metadata } }),
        )
    };
    let none = Value::Null;
    Some(match trouble {
        Trouble::WrongKey => error(
            401,
            &format!("No auth credentials found for {}", super::KEY),
            none,
        ),
        Trouble::NotAllowed => error(403, "Key limit exceeded", none),
        Trouble::TooMany => error(
            429,
            "Provider returned error",
            json!({ "raw": "is temporarily rate-limited upstream" }),
        ),
        Trouble::NoMoney => error(402, "Insufficient credits", none),
        Trouble::TooLong => error(
            400,
            "Provider returned error",
            json!({ "raw": "{\"error\":{\"code\":\"context_length_exceeded\"}}" }),
        ),
        Trouble::Invalid => error(400, "tools is not an array", none),
        Trouble::NoModel => error(404, "No endpoints found", none),
        Trouble::Server => error(502, "Provider returned error", none),
        Trouble::Overloaded => error(503, "No instances available", none),
        Trouble::Filtered => error(
            403,
            "The model requires moderation and your input was flagged",
            json!({ "reasons": ["violence"] }),
        ),
    })
}

fn anthropic_trouble(trouble: Trouble) -> Option<(u16, Value)> {
    let error = |kind: &str, message: &str| json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_1" });
    let invalid = "invalid_request_error";
    Some(match trouble {
        Trouble::WrongKey => (
            401,
            error(
                "authentication_error",
                &format!("invalid x-api-key {}", super::KEY),
            ),
        ),
        Trouble::NotAllowed => (403, error("permission_error", "not for your key")),
        Trouble::TooMany => (
            429,
            error("rate_limit_error", "This would exceed your rate limit"),
        ),
        Trouble::NoMoney => (
            400,
            error(invalid, "Your credit balance is too low to access the API"),
        ),
        Trouble::TooLong => (
            400,
            error(
                invalid,
                "prompt is too long: 210000 tokens > 200000 maximum",
            ),
        ),
        Trouble::Invalid => (
            400,
            error(invalid, "tools.0.name: String should match pattern"),
        ),
        Trouble::NoModel => (404, error("not_found_error", "model: asked-for")),
        Trouble::Server => (500, error("api_error", "Internal server error")),
        Trouble::Overloaded => (529, error("overloaded_error", "Overloaded")),
        Trouble::Filtered => (
            400,
            error(invalid, "Output blocked by content filtering policy"),
        ),
    })
}

fn gemini_trouble(trouble: Trouble) -> Option<(u16, Value)> {
    let error = |code: u16, status: &str, message: &str| {
        (
            code,
            json!([{ "error": { "code": code, "message": message, "status": status } }]),
        )
    };
    Some(match trouble {
        Trouble::WrongKey => error(
            400,
            "INVALID_ARGUMENT",
            &format!("API key not valid: {}.", super::KEY),
        ),
        Trouble::NotAllowed => error(403, "PERMISSION_DENIED", "Not enabled in your project"),
        Trouble::TooMany => error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"),
        Trouble::NoMoney => error(
            429,
            "RESOURCE_EXHAUSTED",
            "Your prepayment credits are depleted",
        ),
        Trouble::TooLong => error(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).",
        ),
        Trouble::Invalid => error(
            400,
            "INVALID_ARGUMENT",
            "Unable to submit request because it must have a text parameter",
        ),
        Trouble::NoModel => error(404, "NOT_FOUND", "models/asked-for is not found"),
        Trouble::Server => error(500, "INTERNAL", "An internal error has occurred"),
        Trouble::Overloaded => error(503, "UNAVAILABLE", "The model is overloaded"),
        Trouble::Filtered => return None,
    })
}

fn ollama_trouble(trouble: Trouble) -> Option<(u16, Value)> {
    let error = |status: u16, message: &str| (status, json!({ "error": message }));
    Some(match trouble {
        Trouble::WrongKey => error(401, &format!("unauthorized: {}", super::KEY)),
        Trouble::NotAllowed => error(403, "this model requires a subscription"),
        Trouble::TooMany => error(429, "too many concurrent requests"),
        Trouble::NoMoney => error(429, "you have reached your weekly usage limit"),
        Trouble::TooLong => error(
            400,
            "the prompt is 9000 tokens and exceeds the context length of 4096",
        ),
        Trouble::Invalid => error(400, "asked-for does not support tools"),
        Trouble::NoModel => error(404, "model 'asked-for' not found"),
        Trouble::Server => error(500, "llama runner process has terminated"),
        Trouble::Overloaded => error(503, "server busy, please try again"),
        Trouble::Filtered => return None,
    })
}

/// An error object in the middle of a stream.
pub(crate) fn error_in_stream(kind: Kind) -> String {
    match kind {
        Kind::OpenAi => event(
            &json!({ "error": { "message": "The server had an error", "type": "server_error" } }),
        ),
        Kind::OpenRouter => event(&json!({
            "error": { "code": 502, "message": "Provider disconnected" },
            "choices": [{ "index": 0, "delta": { "content": "" }, "finish_reason": "error" }],
        })),
        Kind::Anthropic => named(
            "error",
            json!({ "error": { "type": "overloaded_error", "message": "Overloaded" } }),
        ),
        Kind::Gemini => event(
            &json!({ "error": { "code": 503, "message": "The model is overloaded", "status": "UNAVAILABLE" } }),
        ),
        Kind::Ollama => {
            line(&json!({ "error": "an error was encountered while running the model" }))
        }
    }
}

pub(crate) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

pub(crate) fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn openai(delta: Value) -> Value {
    json!({ "model": "answered-by", "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

fn openai_usage() -> Value {
    json!({ "model": "answered-by", "choices": [], "usage": {
        "prompt_tokens": 20, "completion_tokens": 3, "prompt_tokens_details": { "cached_tokens": 5 },
    } })
}

fn named(name: &str, mut data: Value) -> String {
    data["type"] = name.into();
    format!("event: {name}\r\ndata: {data}\r\n\r\n")
}

fn anthropic_start() -> String {
    let usage = json!({ "input_tokens": 13, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 5, "output_tokens": 1 });
    named(
        "message_start",
        json!({ "message": { "model": "answered-by", "usage": usage } }),
    )
}

fn anthropic_text(text: &str) -> String {
    named(
        "content_block_delta",
        json!({ "index": 0, "delta": { "type": "text_delta", "text": text } }),
    )
}

fn anthropic_end(reason: &str) -> String {
    named(
        "message_delta",
        json!({ "delta": { "stop_reason": reason }, "usage": { "output_tokens": 3 } }),
    )
}

fn gemini(parts: Value, finish: Option<&str>) -> Value {
    let usage = json!({ "promptTokenCount": 20, "cachedContentTokenCount": 5, "candidatesTokenCount": 1, "thoughtsTokenCount": 2 });
    json!({
        "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": finish }],
        "usageMetadata": usage,
        "modelVersion": "answered-by",
    })
}

fn ollama(message: Value) -> Value {
    json!({ "model": "answered-by", "message": message, "done": false })
}

fn ollama_end(reason: &str) -> Value {
    json!({
        "model": "answered-by", "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": reason,
        "prompt_eval_count": 20, "eval_count": 3,
    })
}
