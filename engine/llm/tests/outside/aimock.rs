//! Against npm's `@copilotkit/aimock`: the same fixture in five formats, and its faults.

use std::time::Duration;

use llm::{Arguments, ErrorKind, Kind, Provider, Request, Stop, ToolSchema};
use serde_json::json;

use super::{Heard, address, hear, question};

/// Where each format is spoken, and a model's name that fits it.
const PLACES: [(Kind, &str, &str); 5] = [
    (Kind::OpenAi, "/v1", "gpt-5-mini"),
    (Kind::OpenRouter, "/api/v1", "openai/gpt-5-mini"),
    (Kind::Anthropic, "/v1", "claude-haiku-4-5"),
    (Kind::Gemini, "/v1beta", "gemini-2.5-flash"),
    (Kind::Ollama, "", "llama3.2:3b"),
];

fn place(kind: Kind, path: &str) -> Provider {
    super::provider(kind, format!("{}{path}", address("AIMOCK")))
}

async fn ask(kind: Kind, path: &str, model: &str, text: &str) -> Heard {
    hear(&place(kind, path), model, with_tool(text)).await
}

fn with_tool(text: &str) -> Request {
    Request {
        system: "Be brief.".into(),
        tools: vec![ToolSchema {
            name: "balance".into(),
            description: "What is left on a card".into(),
            parameters: json!({ "type": "object", "properties": { "card": { "type": "string" } } }),
        }],
        ..question(text)
    }
}

#[tokio::test]
async fn text_streams() {
    for (kind, path, model) in PLACES {
        let heard = ask(kind, path, model, "say hello").await;
        let end = heard
            .end
            .unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(
            heard.words.concat(),
            "Hello, world. How can I help you with your card today?"
        );
        assert!(heard.words.len() > 1, "{kind:?}: it came in one piece");
        assert_eq!(end.stop, Stop::Done, "{kind:?}");
        // It counts for OpenAI's format only; zeros of the others are not taken for a count.
        let counts = matches!(kind, Kind::OpenAi | Kind::OpenRouter);
        assert_eq!(end.usage.estimated, !counts, "{kind:?}");
        assert!(end.usage.input > 0 && end.usage.output > 0, "{kind:?}");
    }
}

#[tokio::test]
async fn parallel_calls_come_whole() {
    for (kind, path, model) in PLACES {
        let heard = ask(kind, path, model, "two balances").await;
        assert_eq!(heard.end.expect("an end").stop, Stop::Calls, "{kind:?}");
        let arguments: Vec<_> = heard
            .calls
            .iter()
            .map(|call| match &call.arguments {
                Arguments::Object(object) => (call.tool.as_str(), json!(object)),
                Arguments::Broken(text) => panic!("{kind:?}: {text}"),
            })
            .collect();
        let expected = [
            (
                "balance",
                json!({ "card": "1", "note": "quotes \" and ümlauts" }),
            ),
            ("balance", json!({ "card": "2" })),
        ];
        assert_eq!(arguments, expected, "{kind:?}");
        assert_ne!(heard.calls[0].id, heard.calls[1].id, "{kind:?}");
    }
}

#[tokio::test]
async fn words_and_a_call_come_in_order() {
    for (kind, path, model) in PLACES {
        let heard = ask(kind, path, model, "look first").await;
        assert_eq!(heard.words.concat(), "Let me look.", "{kind:?}");
        assert_eq!(heard.calls.len(), 1, "{kind:?}");
        assert_eq!(heard.end.expect("an end").stop, Stop::Calls, "{kind:?}");
    }
}

#[tokio::test]
async fn a_limit_is_seen() {
    for (kind, path, model) in PLACES {
        let heard = ask(kind, path, model, "too long an answer").await;
        let stop = heard.end.expect("an end").stop;
        // It does not say `length` in Ollama's format.
        if kind != Kind::Ollama {
            assert_eq!(stop, Stop::Length, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn its_errors_are_sorted() {
    let table = [
        ("wrong key", ErrorKind::LogIn),
        ("overloaded", ErrorKind::Unavailable),
        ("cut off", ErrorKind::CutOff),
    ];
    for (kind, path, model) in PLACES {
        for (text, expected) in table {
            let error = ask(kind, path, model, text).await.end.expect_err(text);
            assert_eq!(error.kind, expected, "{kind:?} {text}: {error}");
        }
    }
}

#[tokio::test]
async fn its_chaos_is_sorted() {
    let second = Some(Duration::from_secs(1));
    let table = [
        (
            "x-aimock-chaos-ratelimit",
            ErrorKind::Quota {
                retry_after: second,
            },
        ),
        ("x-aimock-chaos-drop", ErrorKind::Unavailable),
        ("x-aimock-chaos-malformed", ErrorKind::NotAStream),
        ("x-aimock-chaos-disconnect", ErrorKind::Unreachable),
    ];
    for (kind, path, model) in PLACES {
        for (header, expected) in table {
            let mut provider = place(kind, path);
            provider.headers.insert(header.into(), llm::Key::new("1"));
            let heard = hear(&provider, model, question("say hello")).await;
            let error = heard.end.expect_err(header);
            assert_eq!(error.kind, expected, "{kind:?} {header}: {error}");
        }
    }
}

#[tokio::test]
async fn its_delay_is_a_timeout() {
    for (kind, path, model) in PLACES {
        let mut provider = place(kind, path);
        provider
            .headers
            .insert("x-aimock-chaos-latency".into(), llm::Key::new("30000"));
        provider.idle = Duration::from_millis(300);
        let heard = hear(&provider, model, question("say hello")).await;
        assert_eq!(
            heard.end.expect_err("nothing comes").kind,
            ErrorKind::Timeout,
            "{kind:?}"
        );
    }
}
