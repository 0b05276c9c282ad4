//! The providers' formats as others understand them, and a real model.
//!
//! Needs two programs that `scripts/judges/aimock` and `scripts/judges/llama` install and start; they are found by the environment.

mod aimock;
mod llama;

use std::time::Duration;

use futures_util::StreamExt;
use llm::{Client, End, Error, Kind, Message, Piece, Provider, Request, ToolCall};

/// A small model on a busy machine may take this long.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came: the pieces of text, the calls, the end.
struct Heard {
    words: Vec<String>,
    calls: Vec<ToolCall>,
    end: Result<End, Error>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the scripts that start the programs say where they are"
)]
fn address(variable: &str) -> String {
    std::env::var(variable).expect("scripts/judges starts it and says where it is")
}

fn question(text: &str) -> Request {
    Request {
        messages: vec![Message::User { text: text.into() }],
        tokens_max: 200,
        ..Request::default()
    }
}

async fn hear(provider: &Provider, model: &str, request: Request) -> Heard {
    let client = Client::new().expect("there is TLS");
    let mut answer = provider.model(model, &client).stream(request, PATIENCE);
    let (mut words, mut calls, mut end) = (Vec::new(), Vec::new(), None);
    while let Some(item) = answer.next().await {
        assert!(end.is_none(), "the end is last");
        match item {
            Ok(Piece::Text(text)) => words.push(text),
            Ok(Piece::Call(call)) => calls.push(call),
            Ok(Piece::End(last)) => end = Some(Ok(last)),
            Err(error) => end = Some(Err(error)),
        }
    }
    let end = end.expect("an answer has an end");
    Heard { words, calls, end }
}

fn provider(kind: Kind, base_url: String) -> Provider {
    Provider {
        base_url,
        key: Some(llm::Key::new("sk-nobody-checks")),
        ..Provider::defaults(kind)
    }
}
