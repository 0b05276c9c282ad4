//! A server that says what a test tells it to, over real TCP, and remembers what it was asked.

#![allow(dead_code, reason = "the tests of the binary use a part of it")]

pub(crate) mod phrase;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, Response, StatusCode};
use futures_util::{StreamExt, stream};
use llm::{Client, Error, Key, Kind, Message, Model, Piece, Provider, Request};
use serde_json::Value;

/// Longer than any test may wait; those that wait for a limit set their own.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What every test's provider is known by.
pub(crate) const KEY: &str = "sk-live-4711-secret";

/// One answer of the server.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) chunks: Vec<Bytes>,
    pub(crate) end: End,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// As HTTP wants it.
    Whole,
    /// The connection breaks off.
    Cut,
    /// Nothing more comes.
    Hang,
    /// Not even the head comes.
    HangAtOnce,
}

impl Script {
    pub(crate) fn new(
        status: u16,
        kind: &str,
        chunks: impl IntoIterator<Item = impl Into<Bytes>>,
    ) -> Self {
        Self {
            status,
            headers: vec![("content-type", kind.to_owned())],
            chunks: chunks.into_iter().map(Into::into).collect(),
            end: End::Whole,
        }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", [body.to_string()])
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }
}

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// The server. It gives its scripts in order, and the last one again and again.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

struct Stage {
    scripts: Vec<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) async fn start(scripts: Vec<Script>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::default();
        let stage = Stage {
            scripts,
            asked: Arc::clone(&asked),
        };
        let app = Router::new().fallback(answer).with_state(Arc::new(stage));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics in it").clone()
    }

    /// A provider at this server, with a path before its own and a slash at the end.
    pub(crate) fn provider(&self, kind: Kind) -> Provider {
        Provider {
            base_url: format!("http://{}/behind/v1/", self.address),
            key: Some(Key::new(KEY)),
            ..Provider::defaults(kind)
        }
    }

    pub(crate) fn model(&self, kind: Kind) -> Arc<dyn Model> {
        let client = Client::new().expect("there is TLS");
        self.provider(kind).model("asked-for", &client)
    }
}

async fn answer(State(stage): State<Arc<Stage>>, request: HttpRequest) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 24)
        .await
        .expect("the request is read");
    let number = {
        let mut asked = stage.asked.lock().expect("no test panics in it");
        asked.push(Asked {
            path: parts.uri.to_string(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).expect("a request is JSON"),
        });
        asked.len() - 1
    };
    let script = stage.scripts[number.min(stage.scripts.len() - 1)].clone();
    if script.end == End::HangAtOnce {
        std::future::pending::<()>().await;
    }
    play(script)
}

fn play(script: Script) -> Response<Body> {
    let mut response =
        Response::builder().status(StatusCode::from_u16(script.status).expect("a status"));
    for (name, value) in &script.headers {
        response = response.header(*name, value);
    }
    // A pause between chunks, so that each travels alone.
    let chunks = stream::iter(script.chunks).then(|chunk| async move {
        tokio::task::yield_now().await;
        Ok(chunk)
    });
    let end = script.end;
    let end = stream::once(async move {
        match end {
            End::Cut => {
                // What was said before is sent first.
                tokio::task::yield_now().await;
                Some(Err(std::io::Error::other("cut")))
            }
            End::Hang | End::HangAtOnce => std::future::pending().await,
            End::Whole => None,
        }
    })
    .filter_map(|item| async move { item });
    response
        .body(Body::from_stream(chunks.chain(end)))
        .expect("a response")
}

/// A short question.
pub(crate) fn question() -> Request {
    Request {
        system: "Be brief.".into(),
        messages: vec![Message::User {
            text: "Where is my card?".into(),
        }],
        tokens_max: 100,
        ..Request::default()
    }
}

/// All that came.
pub(crate) async fn all(
    model: &Arc<dyn Model>,
    request: Request,
    deadline: Duration,
) -> Vec<Result<Piece, Error>> {
    let items: Vec<_> = model.stream(request, deadline).collect().await;
    for (at, item) in items.iter().enumerate() {
        let last = at + 1 == items.len();
        assert_eq!(
            last,
            matches!(item, Ok(Piece::End(_)) | Err(_)),
            "the end is last, and only once: {items:?}"
        );
    }
    assert!(!items.is_empty(), "something always comes");
    items
}

/// The text that came, and how it ended.
pub(crate) async fn told(
    model: &Arc<dyn Model>,
    request: Request,
) -> (String, Vec<llm::ToolCall>, Result<llm::End, Error>) {
    let (mut text, mut calls) = (String::new(), Vec::new());
    for item in all(model, request, PATIENCE).await {
        match item {
            Ok(Piece::Text(words)) => text.push_str(&words),
            Ok(Piece::Call(call)) => calls.push(call),
            Ok(Piece::End(end)) => return (text, calls, Ok(end)),
            Err(error) => return (text, calls, Err(error)),
        }
    }
    unreachable!("`all` has seen the end")
}
