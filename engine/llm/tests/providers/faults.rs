//! Every provider with every fault: each is sorted right, and nothing is silent.

use std::time::Duration;

use futures_util::future::join_all;
use llm::{Client, ErrorKind, Kind, Piece, Provider};
use serde_json::json;

use crate::support::phrase::{Trouble, Why, ended, error_in_stream, hello, streamed, trouble};
use crate::support::{End, KEY, PATIENCE, Script, Server, all, question, told};

/// Short enough for a test, long enough for a loopback connection on a busy machine.
const SHORT: Duration = Duration::from_millis(300);

const NO_HURRY: ErrorKind = ErrorKind::Quota { retry_after: None };

fn after(seconds: u64) -> ErrorKind {
    ErrorKind::Quota {
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

#[tokio::test]
async fn what_a_provider_tells_is_sorted() {
    let table = [
        (Trouble::WrongKey, ErrorKind::LogIn),
        (Trouble::NotAllowed, ErrorKind::LogIn),
        (Trouble::TooMany, NO_HURRY),
        (Trouble::NoMoney, NO_HURRY),
        (Trouble::TooLong, ErrorKind::TooLong),
        (Trouble::Invalid, ErrorKind::Invalid),
        (Trouble::NoModel, ErrorKind::Invalid),
        (Trouble::Server, ErrorKind::Unavailable),
        (Trouble::Overloaded, ErrorKind::Unavailable),
        (Trouble::Filtered, ErrorKind::Refused),
    ];
    for kind in Kind::ALL {
        for (one, expected) in table {
            let Some((status, body)) = trouble(kind, one) else {
                continue;
            };
            let error = fails(kind, Script::json(status, &body)).await;
            assert_eq!(error.kind, expected, "{kind:?} {one:?}: {error}");
            assert_eq!(error.status, Some(status), "{kind:?} {one:?}");
        }
    }
}

#[tokio::test]
async fn retry_after_is_seconds_or_a_date() {
    for kind in Kind::ALL {
        let (status, body) = trouble(kind, Trouble::TooMany).expect("all have it");
        let script = Script::json(status, &body);
        let table = [
            (script.clone().header("retry-after", "7"), after(7)),
            (
                script
                    .clone()
                    .header("date", "Sun, 06 Nov 1994 08:49:30 GMT")
                    .header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
                after(7),
            ),
            (script.header("retry-after", "soon"), NO_HURRY),
        ];
        for (script, expected) in table {
            assert_eq!(fails(kind, script).await.kind, expected, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn money_that_is_used_up_is_not_waited_for() {
    for kind in Kind::ALL {
        let (status, body) = trouble(kind, Trouble::NoMoney).expect("all have it");
        let script = Script::json(status, &body).header("retry-after", "7");
        assert_eq!(fails(kind, script).await.kind, NO_HURRY, "{kind:?}");
    }
}

#[tokio::test]
async fn what_is_no_stream_is_seen() {
    for kind in Kind::ALL {
        let html = "<!DOCTYPE html>\n<html><body>Welcome</body></html>";
        let table = [
            ("a web page", Script::new(200, "text/html", [html])),
            (
                "a web page without a type",
                Script {
                    headers: Vec::new(),
                    ..Script::new(200, "", [html])
                },
            ),
            ("plain JSON", Script::json(200, &json!({ "ok": true }))),
            (
                "JSON under a wrong type",
                streamed(kind, vec![json!({ "ok": true }).to_string()]),
            ),
            ("nothing", streamed(kind, vec![])),
            (
                "a broken value",
                streamed(kind, vec!["data: {]\n\n{]\n".to_owned()]),
            ),
            (
                "bytes that are no text",
                Script::new(200, "text/event-stream", [b"data: \xff\xfe\n\n".as_slice()]),
            ),
            (
                "an endless line",
                streamed(kind, vec!["x".repeat(1 << 20); 2]),
            ),
            (
                "a redirect",
                Script::new(307, "text/plain", [""]).header("location", "http://127.0.0.1:9/"),
            ),
        ];
        for (what, script) in table {
            let error = fails(kind, script).await;
            assert_eq!(
                error.kind,
                ErrorKind::NotAStream,
                "{kind:?}, {what}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_with_status_200_is_an_error() {
    for kind in Kind::ALL {
        let (_, body) = trouble(kind, Trouble::Overloaded).expect("all have it");
        let error = fails(kind, Script::json(200, &body)).await;
        assert_eq!(error.kind, ErrorKind::Unavailable, "{kind:?}: {error}");
    }
}

#[tokio::test]
async fn an_error_in_the_middle_is_not_an_end() {
    for kind in Kind::ALL {
        let mut chunks = hello(kind);
        let begin = begin(kind);
        chunks.truncate(begin);
        chunks.push(error_in_stream(kind));
        let (text, error) = breaks(kind, streamed(kind, chunks)).await;
        assert_eq!(text, "Hello", "{kind:?}");
        assert_eq!(error.kind, ErrorKind::Unavailable, "{kind:?}: {error}");
    }
}

#[tokio::test]
async fn a_cut_is_seen_wherever_it_is() {
    for kind in Kind::ALL {
        let whole = hello(kind);
        let begin = begin(kind);
        for end in [End::Whole, End::Cut] {
            // Without its end marks, an answer is cut even where HTTP is content.
            let chunks = whole[..begin].to_vec();
            let (text, error) = breaks(kind, streamed(kind, chunks).end(end)).await;
            assert_eq!(text, "Hello", "{kind:?}");
            assert_eq!(error.kind, ErrorKind::CutOff, "{kind:?} {end:?}: {error}");
        }
        let mut chunks = whole[..begin].to_vec();
        let next = &whole[begin];
        chunks.push(next[..next.len() / 2].to_owned());
        let (_, error) = breaks(kind, streamed(kind, chunks)).await;
        assert_eq!(
            error.kind,
            ErrorKind::CutOff,
            "{kind:?}, in a value: {error}"
        );
    }
}

#[tokio::test]
async fn silence_ends_in_time() {
    join_all(Kind::ALL.map(silence_of)).await;
}

async fn silence_of(kind: Kind) {
    let begun = hello(kind)[..begin(kind)].to_vec();
    for (script, words) in [
        (streamed(kind, vec![]).end(End::HangAtOnce), ""),
        (streamed(kind, vec![]).end(End::Hang), ""),
        (streamed(kind, begun).end(End::Hang), "Hello"),
    ] {
        let server = Server::start(vec![script]).await;
        // Once by its silence, once by the limit for the whole call.
        let mut provider = server.provider(kind);
        for (idle, deadline) in [(SHORT, PATIENCE), (PATIENCE, SHORT)] {
            provider.idle = idle;
            let model = provider.model("asked-for", &Client::new().expect("there is TLS"));
            let mut items = all(&model, question(), deadline).await;
            let error = items.pop().expect("something").expect_err("no end came");
            assert_eq!(error.kind, ErrorKind::Timeout, "{kind:?}: {error}");
            let said = items.into_iter().map(|item| match item {
                Ok(Piece::Text(text)) => text,
                other => panic!("{other:?}"),
            });
            assert_eq!(said.collect::<String>(), words, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn signs_of_life_do_not_move_the_deadline() {
    let comments = vec![": still thinking\n\n".to_owned(); 3];
    let server = Server::start(vec![streamed(Kind::OpenRouter, comments).end(End::Hang)]).await;
    let mut items = all(&server.model(Kind::OpenRouter), question(), SHORT).await;
    let error = items.pop().expect("something").expect_err("no end came");
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    for kind in Kind::ALL {
        let nothing = if kind == Kind::Ollama {
            "\n"
        } else {
            ": nothing\n"
        };
        let chunk = nothing.repeat((1 << 20) / nothing.len());
        let mut chunks = hello(kind)[..begin(kind)].to_vec();
        chunks.extend(vec![chunk; 17]);
        let (text, error) = breaks(kind, streamed(kind, chunks).end(End::Hang)).await;
        assert_eq!(
            (text.as_str(), error.kind),
            ("Hello", ErrorKind::CutOff),
            "{kind:?}: {error}"
        );
        assert!(error.message.contains("longer than"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_without_words_is_told_apart() {
    for kind in Kind::ALL {
        let table = [
            (Why::Done, ErrorKind::Empty),
            (Why::Length, ErrorKind::Empty),
            (Why::Refused, ErrorKind::Refused),
        ];
        for (why, expected) in table {
            if (kind, why) == (Kind::Ollama, Why::Refused) {
                continue;
            }
            for words in ["", " \n"] {
                let server = Server::start(vec![streamed(kind, ended(kind, words, why))]).await;
                let error = told(&server.model(kind), question())
                    .await
                    .2
                    .expect_err("no words");
                assert_eq!(error.kind, expected, "{kind:?} {why:?}: {error}");
                assert_eq!(error.usage.expect("it was paid").output, 3, "{kind:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_in_words_is_a_refusal() {
    let chunks = [
        json!({ "choices": [{ "delta": { "refusal": "I can't help with that." } }] }),
        json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] }),
    ];
    let chunks = chunks.iter().map(crate::support::phrase::event).collect();
    let error = fails(Kind::OpenAi, streamed(Kind::OpenAi, chunks)).await;
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Refused, "I can't help with that.")
    );

    let chunk = json!({ "promptFeedback": { "blockReason": "SAFETY" }, "usageMetadata": { "promptTokenCount": 4 } });
    let error = fails(
        Kind::Gemini,
        streamed(Kind::Gemini, vec![crate::support::phrase::event(&chunk)]),
    )
    .await;
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
}

#[tokio::test]
async fn nobody_there_is_said() {
    for kind in Kind::ALL {
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
            listener.local_addr().expect("it is bound").port()
        };
        let provider = Provider {
            base_url: format!("http://user:{KEY}@127.0.0.1:{port}"),
            ..Provider::defaults(kind)
        };
        let model = provider.model("asked-for", &Client::new().expect("there is TLS"));
        let error = told(&model, question())
            .await
            .2
            .expect_err("nobody is there");
        assert_eq!(error.kind, ErrorKind::Unreachable, "{kind:?}: {error}");
        assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    }
}

#[tokio::test]
async fn no_error_shows_the_key() {
    for kind in Kind::ALL {
        let (status, body) = trouble(kind, Trouble::WrongKey).expect("all have it");
        assert!(
            body.to_string().contains(KEY),
            "the test is worth something"
        );
        let error = fails(kind, Script::json(status, &body)).await;
        assert!(!format!("{error:?} {error}").contains(KEY), "{error:?}");
        assert!(error.message.contains("***"), "{error}");
    }
}

#[tokio::test]
async fn a_gateways_header_is_sent_and_not_shown() {
    let body = json!({ "error": { "message": format!("gateway: gate-4711 is not {KEY}") } });
    let server = Server::start(vec![Script::json(403, &body)]).await;
    let mut provider = server.provider(Kind::OpenAi);
    for (name, value) in [("x-gateway", "gate-4711"), ("authorization", "mine")] {
        provider.headers.insert(name.into(), llm::Key::new(value));
    }
    assert!(!format!("{provider:?}").contains("4711"));
    let model = provider.model("asked-for", &Client::new().expect("there is TLS"));
    let error = told(&model, question()).await.2.expect_err("it is refused");
    assert_eq!(error.message, "gateway: *** is not ***");
    let headers = &server.asked()[0].headers;
    assert_eq!(headers["x-gateway"], "gate-4711");
    assert_eq!(headers["authorization"], format!("Bearer {KEY}"));
}

#[tokio::test]
async fn a_key_that_no_header_holds_is_a_wrong_key() {
    let server = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    let provider = Provider {
        key: Some(llm::Key::new("line\nbreak")),
        ..server.provider(Kind::OpenAi)
    };
    let model = provider.model("asked-for", &Client::new().expect("there is TLS"));
    let error = told(&model, question())
        .await
        .2
        .expect_err("it can't be sent");
    assert_eq!(error.kind, ErrorKind::LogIn);
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_field_that_a_model_does_not_take_is_left_out_from_then_on() {
    let refusal = |field: &str| {
        let message = format!("Unsupported parameter: '{field}' is not supported with this model");
        Script::json(
            400,
            &json!({ "error": { "message": message, "type": "invalid_request_error" } }),
        )
    };
    let server = Server::start(vec![
        refusal("temperature"),
        refusal("max_tokens', use 'max_completion_tokens"),
        streamed(Kind::OpenAi, hello(Kind::OpenAi)),
    ])
    .await;
    let model = server.model(Kind::OpenAi);
    for _ in 0..2 {
        told(&model, question()).await.2.expect("an answer");
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "the second call knows");
    assert_eq!(
        (&asked[0].body["temperature"], &asked[0].body["max_tokens"]),
        (&json!(0), &json!(100))
    );
    for asked in &asked[2..] {
        assert!(asked.body.get("temperature").is_none() && asked.body.get("max_tokens").is_none());
        assert_eq!(asked.body["max_completion_tokens"], 100);
    }
}

/// How many chunks there are up to and with the first word.
fn begin(kind: Kind) -> usize {
    let chunks = hello(kind);
    1 + chunks
        .iter()
        .position(|chunk| chunk.contains("Hello"))
        .expect("it is said")
}

async fn fails(kind: Kind, script: Script) -> llm::Error {
    let (text, error) = breaks(kind, script).await;
    assert_eq!(text, "", "{kind:?}");
    error
}

async fn breaks(kind: Kind, script: Script) -> (String, llm::Error) {
    let shown = format!("{kind:?}: {script:?}");
    let server = Server::start(vec![script]).await;
    let (text, calls, end) = told(&server.model(kind), question()).await;
    assert!(calls.is_empty());
    (text, end.expect_err(&shown[..shown.len().min(500)]))
}
