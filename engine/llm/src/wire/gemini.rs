//! Google's Gemini. <https://ai.google.dev/api/generate-content>

use serde_json::{Value, json};

use super::{Dialect, Wire, count, items, seed, temperature, text};
use crate::draft::Draft;
use crate::fault::{Fault, Words};
use crate::{Arguments, ErrorKind, Message, Request, Stop, ToolCall, ToolSchema, Usage};

/// The language.
pub(super) struct Gemini;

/// A wrong key is a 400 here, as is a prompt that is too long; only the sentences tell them apart.
const WORDS: Words = Words {
    too_long: &["input token count", "exceeds the maximum number of tokens"],
    spent: &["credits are depleted"],
    log_in: &[
        "api key not valid",
        "api key expired",
        "api key not found",
        "unauthenticated",
        "permission_denied",
    ],
    quota: &["resource_exhausted"],
    refused: &[],
    unavailable: &["unavailable", "internal", "deadline_exceeded"],
};

impl Wire for Gemini {
    fn path(&self, model: &str) -> String {
        let folder = if model.contains('/') { "" } else { "models/" };
        format!("/{folder}{model}:streamGenerateContent?alt=sse")
    }

    fn log_in(&self) -> (&'static str, &'static str) {
        ("x-goog-api-key", "")
    }

    fn body(&self, _model: &str, request: &Request, dialect: Dialect) -> Value {
        let mut config = json!({ "maxOutputTokens": request.tokens_max });
        if dialect.sampling {
            config["temperature"] = temperature(request).into();
            config["seed"] = seed(request).into();
        }
        if let Some(schema) = &request.format {
            config["responseMimeType"] = "application/json".into();
            config["responseJsonSchema"] = schema.clone();
        }
        let mut body =
            json!({ "contents": contents(&request.messages), "generationConfig": config });
        if !request.system.is_empty() {
            body["systemInstruction"] = json!({ "parts": [{ "text": request.system }] });
        }
        if !request.tools.is_empty() {
            let tools: Vec<Value> = request.tools.iter().map(tool).collect();
            body["tools"] = json!([{ "functionDeclarations": tools }]);
        }
        body
    }

    fn read(&self, value: &Value, draft: &mut Draft) -> Result<(), Fault> {
        if let Some(model) = value["modelVersion"].as_str() {
            draft.model = Some(model.to_owned());
        }
        if value["usageMetadata"].is_object() {
            draft.usage = Some(usage(&value["usageMetadata"]));
        }
        if let Some(reason) = value
            .pointer("/promptFeedback/blockReason")
            .and_then(Value::as_str)
        {
            draft.refusal = format!("the question was blocked: {reason}");
            draft.stop = Some(Stop::Refused);
        }
        let Some(candidate) = items(value, "/candidates").first() else {
            return Ok(());
        };
        for part in items(candidate, "/content/parts") {
            read_part(part, draft)?;
        }
        if let Some(reason) = candidate["finishReason"].as_str() {
            draft.stop = Some(stop(reason)?);
        }
        Ok(())
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }
}

/// Neighbours of one role become one turn: all results of a turn must stand in one.
fn contents(all: &[Message]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in all {
        let (role, parts) = parts(message);
        match turns.last_mut() {
            Some((last, content)) if *last == role => content.extend(parts),
            _ => turns.push((role, parts)),
        }
    }
    turns
        .into_iter()
        .filter(|(_, parts)| !parts.is_empty())
        .map(|(role, parts)| json!({ "role": role, "parts": parts }))
        .collect()
}

fn parts(message: &Message) -> (&'static str, Vec<Value>) {
    match message {
        Message::User { text } => ("user", said(text)),
        Message::Assistant { text, calls } => {
            let mut parts = said(text);
            parts.extend(calls.iter().map(call));
            ("model", parts)
        }
        Message::Result {
            call,
            tool,
            content,
            is_error,
        } => {
            let key = if *is_error { "error" } else { "output" };
            let mut response = json!({ "name": tool, "response": { key: content } });
            if let Some(id) = own_id(call) {
                response["id"] = id.into();
            }
            ("user", vec![json!({ "functionResponse": response })])
        }
    }
}

fn said(text: &str) -> Vec<Value> {
    let part = || json!({ "text": text });
    (!text.is_empty()).then(part).into_iter().collect()
}

fn call(call: &ToolCall) -> Value {
    let mut function = json!({ "name": call.tool, "args": call.arguments.to_object() });
    if let Some(id) = own_id(&call.id) {
        function["id"] = id.into();
    }
    let mut part = json!({ "functionCall": function });
    // Without it, models that think refuse the conversation.
    if let Some(signature) = &call.signature {
        part["thoughtSignature"] = signature.as_str().into();
    }
    part
}

/// The provider's id; ours are not sent, for it goes by name and order then.
fn own_id(id: &str) -> Option<&str> {
    let ours = id
        .strip_prefix("call-")
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    (!ours).then_some(id)
}

fn tool(tool: &ToolSchema) -> Value {
    json!({ "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters })
}

fn read_part(part: &Value, draft: &mut Draft) -> Result<(), Fault> {
    if part["thought"] == true {
        return Ok(());
    }
    draft.text(text(part, "/text"));
    let function = &part["functionCall"];
    if !function.is_object() {
        return Ok(());
    }
    let arguments = function["args"].as_object().cloned().unwrap_or_default();
    draft.call(
        function["id"].as_str(),
        text(function, "/name"),
        Arguments::Object(arguments),
        part["thoughtSignature"].as_str().map(str::to_owned),
    )
}

/// Thinking is paid as output, but counted apart.
fn usage(usage: &Value) -> Usage {
    Usage {
        input: count(usage, "/promptTokenCount") + count(usage, "/toolUsePromptTokenCount"),
        cached: count(usage, "/cachedContentTokenCount"),
        output: count(usage, "/candidatesTokenCount") + count(usage, "/thoughtsTokenCount"),
        estimated: false,
    }
}

/// Calls are not told apart from a plain end here; the draft does that.
fn stop(reason: &str) -> Result<Stop, Fault> {
    Ok(match reason {
        "MAX_TOKENS" => Stop::Length,
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => {
            Stop::Refused
        }
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "MALFORMED_RESPONSE" | "OTHER" => {
            let message = format!("the model broke off: {reason}");
            return Err(Fault::new(ErrorKind::Unavailable, message));
        }
        _ => Stop::Done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_goes_back_where_it_came_from() {
        let mut draft = Draft::default();
        let part = json!({ "functionCall": { "name": "f", "args": {} }, "thoughtSignature": "s" });
        read_part(&part, &mut draft).unwrap();
        let Some(crate::Piece::Call(read)) = draft.ready.pop_front() else {
            panic!("no call")
        };
        assert_eq!(read.id, "call-1");
        assert_eq!(call(&read), part);
    }
}
