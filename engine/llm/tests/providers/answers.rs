//! What every provider streams, read the same: text, tool calls in pieces and in parallel, tokens, ends.

use crate::support::phrase::{Why, calls, ended, hello, streamed};
use crate::support::{KEY, Server, question, told};
use llm::{Arguments, Kind, Message, Request, Stop, ToolCall, ToolSchema, Usage, estimate};
use serde_json::json;

#[tokio::test]
async fn text_comes_in_order_and_is_counted() {
    for kind in Kind::ALL {
        let server = Server::start(vec![streamed(kind, hello(kind))]).await;
        let (text, calls, end) = told(&server.model(kind), question()).await;
        let end = end.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(text, "Hello, world", "{kind:?}");
        assert!(calls.is_empty());
        assert_eq!(end.stop, Stop::Done, "{kind:?}");
        assert_eq!(end.model, "answered-by", "{kind:?}");
        let cached = if kind == Kind::Ollama { 0 } else { 5 };
        let usage = Usage {
            input: 20,
            cached,
            output: 3,
            estimated: false,
        };
        assert_eq!(end.usage, usage, "{kind:?}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_count_is_estimated() {
    let request = question();
    for kind in Kind::ALL {
        // Every number in these chunks becomes a zero; the words have none.
        let silent = |chunk: String| {
            let numbers = chunk.replace(|c: char| c.is_ascii_digit(), "0");
            numbers.replace("00", "0")
        };
        let chunks = hello(kind).into_iter().map(silent).collect();
        let server = Server::start(vec![streamed(kind, chunks)]).await;
        let (text, _, end) = told(&server.model(kind), request.clone()).await;
        let usage = end.expect("an answer").usage;
        let expected = Usage {
            input: estimate::request(&request),
            cached: 0,
            output: estimate::text("Hello") + estimate::text(", world"),
            estimated: true,
        };
        assert_eq!(
            (text.as_str(), usage),
            ("Hello, world", expected),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_stream_may_be_cut_into_bytes_anywhere() {
    for kind in Kind::ALL {
        let whole = hello(kind).concat();
        let bytes: Vec<String> = whole.chars().map(String::from).collect();
        let server = Server::start(vec![streamed(kind, bytes)]).await;
        let (text, _, end) = told(&server.model(kind), question()).await;
        assert_eq!(text, "Hello, world", "{kind:?}");
        assert!(end.is_ok(), "{kind:?}: {end:?}");
    }
}

#[tokio::test]
async fn parallel_calls_in_pieces_are_put_together() {
    for kind in Kind::ALL {
        let server = Server::start(vec![streamed(kind, calls(kind))]).await;
        let (text, calls, end) = told(&server.model(kind), with_tool()).await;
        assert_eq!(text, "");
        assert_eq!(calls, [call("a", "1"), call("b", "2")], "{kind:?}");
        assert_eq!(end.expect("it ends").stop, Stop::Calls, "{kind:?}");
    }
}

#[tokio::test]
async fn a_limit_and_a_filter_are_not_a_plain_end() {
    for kind in Kind::ALL {
        for (why, stop) in [(Why::Length, Stop::Length), (Why::Refused, Stop::Refused)] {
            if (kind, why) == (Kind::Ollama, Why::Refused) {
                continue;
            }
            let server = Server::start(vec![streamed(kind, ended(kind, "It is", why))]).await;
            let (text, _, end) = told(&server.model(kind), question()).await;
            assert_eq!(text, "It is");
            assert_eq!(end.expect("it ends").stop, stop, "{kind:?} {why:?}");
        }
    }
}

#[tokio::test]
async fn the_key_and_the_path_are_where_each_provider_wants_them() {
    let expected = [
        (
            Kind::OpenAi,
            "authorization",
            "Bearer ",
            "/behind/v1/chat/completions",
        ),
        (
            Kind::OpenRouter,
            "authorization",
            "Bearer ",
            "/behind/v1/chat/completions",
        ),
        (Kind::Anthropic, "x-api-key", "", "/behind/v1/messages"),
        (
            Kind::Gemini,
            "x-goog-api-key",
            "",
            "/behind/v1/models/asked-for:streamGenerateContent?alt=sse",
        ),
        (
            Kind::Ollama,
            "authorization",
            "Bearer ",
            "/behind/v1/api/chat",
        ),
    ];
    for (kind, header, before, path) in expected {
        let server = Server::start(vec![streamed(kind, hello(kind))]).await;
        told(&server.model(kind), question())
            .await
            .2
            .expect("an answer");
        let asked = &server.asked()[0];
        assert_eq!(asked.path, path);
        assert_eq!(asked.headers[header], format!("{before}{KEY}"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_conversation_with_tools_goes_on() {
    for kind in Kind::ALL {
        let server = Server::start(vec![streamed(kind, hello(kind))]).await;
        told(&server.model(kind), conversation())
            .await
            .2
            .expect("an answer");
        let body = &server.asked()[0].body;
        let (result, arguments, schema) = match kind {
            Kind::OpenAi | Kind::OpenRouter => (
                "/messages/3/content",
                "/messages/2/tool_calls/0/function/arguments",
                "/response_format/json_schema/schema",
            ),
            Kind::Anthropic => (
                "/messages/2/content/0/content",
                "/messages/1/content/1/input",
                "/output_config/format/schema",
            ),
            Kind::Gemini => (
                "/contents/2/parts/0/functionResponse/response/error",
                "/contents/1/parts/1/functionCall/args",
                "/generationConfig/responseJsonSchema",
            ),
            Kind::Ollama => (
                "/messages/3/content",
                "/messages/2/tool_calls/0/function/arguments",
                "/format",
            ),
        };
        let said = body
            .pointer(result)
            .and_then(|it| it.as_str())
            .unwrap_or_else(|| panic!("{kind:?}: {body:#}"));
        assert!(said.ends_with("no such card"), "{kind:?}: {said}");
        let arguments = body
            .pointer(arguments)
            .unwrap_or_else(|| panic!("{kind:?}: {body:#}"));
        let arguments = arguments.as_str().map_or_else(
            || arguments.clone(),
            |text| serde_json::from_str(text).expect("JSON"),
        );
        assert_eq!(arguments, json!({ "card": "1" }), "{kind:?}");
        assert_eq!(
            body.pointer(schema),
            Some(&json!({ "type": "object" })),
            "{kind:?}"
        );
        assert!(
            body.to_string().contains("What is left on a card"),
            "{kind:?}"
        );
    }
}

fn call(id: &str, card: &str) -> ToolCall {
    let arguments = json!({ "card": card })
        .as_object()
        .cloned()
        .expect("an object");
    ToolCall {
        id: id.into(),
        tool: "balance".into(),
        arguments: Arguments::Object(arguments),
        signature: None,
    }
}

fn with_tool() -> Request {
    Request {
        tools: vec![ToolSchema {
            name: "balance".into(),
            description: "What is left on a card".into(),
            parameters: json!({ "type": "object", "properties": { "card": { "type": "string" } } }),
        }],
        ..question()
    }
}

fn conversation() -> Request {
    let mut request = with_tool();
    request.format = Some(json!({ "type": "object" }));
    request.messages.push(Message::Assistant {
        text: "Let me look.".into(),
        calls: vec![call("a", "1")],
    });
    request.messages.push(Message::Result {
        call: "a".into(),
        tool: "balance".into(),
        content: "no such card".into(),
        is_error: true,
    });
    request
}

#[tokio::test]
async fn a_further_sample_is_asked_for_with_temperature_and_another_seed() {
    for kind in Kind::ALL {
        let answers = || streamed(kind, hello(kind));
        let server = Server::start(vec![answers(), answers()]).await;
        let model = server.model(kind);
        let further = Request {
            sample: 2,
            ..question()
        };
        for request in [question(), further] {
            told(&model, request).await.2.expect("an answer");
        }
        let bodies = server.asked();
        let settings = |index: usize| {
            let body = &bodies[index].body;
            let within = ["options", "generationConfig"].iter();
            let place = within
                .filter_map(|key| body.get(key))
                .next()
                .unwrap_or(body);
            (place["temperature"].clone(), place["seed"].clone())
        };
        let ((cold, seed), (warm, other)) = (settings(0), settings(1));
        assert_eq!((cold, warm), (json!(0), json!(1)), "{kind:?}");
        // Anthropic's has no seed.
        assert!(
            kind == Kind::Anthropic || seed != other,
            "{kind:?}: {seed} {other}"
        );
    }
}
