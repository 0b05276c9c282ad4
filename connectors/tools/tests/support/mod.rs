//! A real server on loopback that behaves and misbehaves, and tools that point at it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its server should stop there"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use dialog::{
    ArgDeclaration, ArgPlace, EffectId, Repeat, Retry, ToolDeclaration, ToolKind, ToolOutcome,
    Turn, Value, ValueType,
};
use jiff::SignedDuration;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tools::{Call, HttpClient, Login, Place, PrivateAddresses, Secret, Toolbox};

/// The server, and how often it was asked.
pub(crate) struct Outside {
    pub(crate) url: String,
    asked: Arc<AtomicU32>,
}

impl Outside {
    pub(crate) async fn start() -> Self {
        let asked = Arc::new(AtomicU32::new(0));
        let app = axum::Router::new()
            .route("/echo/{*rest}", any(echo))
            .route("/hang", any(hang))
            .route("/fails-once", any(fails_once))
            .route(
                "/always-500",
                any(|State(asked): Asked| async move {
                    count(&asked);
                    StatusCode::INTERNAL_SERVER_ERROR
                }),
            )
            .route("/problem", any(problem))
            .route("/huge", any(|| async { "x".repeat(2 << 20) }))
            .route(
                "/moved",
                any(|| async { (StatusCode::FOUND, [(header::LOCATION, "/echo/there")]) }),
            )
            .route("/words", any(|| async { "no JSON" }))
            .with_state(asked.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked }
    }

    /// A listener that reads a request and then breaks the connection.
    pub(crate) async fn start_breaking() -> Self {
        let asked = Arc::new(AtomicU32::new(0));
        let counter = asked.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count(&counter);
                let mut some = [0; 1024];
                let _ = stream.read(&mut some).await;
                drop(stream);
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// Calls a tool of this server, in a place that allows loopback.
    pub(crate) async fn call(&self, tool: ToolDeclaration, args: &[(&str, Value)]) -> ToolOutcome {
        self.call_where(PrivateAddresses::Loopback, tool, args)
            .await
    }

    pub(crate) async fn call_where(
        &self,
        private: PrivateAddresses,
        tool: ToolDeclaration,
        args: &[(&str, Value)],
    ) -> ToolOutcome {
        let place = Place {
            variables: BTreeMap::from([("CORE_URL".to_owned(), self.url.clone())]),
            logins: BTreeMap::from([
                (
                    "core".to_owned(),
                    Login::ApiKey {
                        header: "X-Api-Key".into(),
                        secret: Secret::new("k-1"),
                    },
                ),
                (
                    "bank".to_owned(),
                    Login::Bearer {
                        token: Secret::new("t-1"),
                    },
                ),
            ]),
            private,
        };
        let client = HttpClient::new(private).unwrap();
        let name = tool.name.clone();
        let toolbox = Toolbox::new(&[tool], &place, &client).unwrap();
        toolbox.get(&name).unwrap().call(call(args)).await
    }
}

type Asked = State<Arc<AtomicU32>>;

fn count(asked: &AtomicU32) -> u32 {
    asked.fetch_add(1, Ordering::SeqCst)
}

async fn echo(State(asked): Asked, request: Request) -> Response {
    count(&asked);
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let shown: BTreeMap<String, String> = shown(&parts.headers);
    Json(json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query().unwrap_or_default(),
        "body": String::from_utf8(body.to_vec()).unwrap(),
        "headers": shown,
    }))
    .into_response()
}

fn shown(headers: &HeaderMap) -> BTreeMap<String, String> {
    [
        "x-api-key",
        "authorization",
        "idempotency-key",
        "content-type",
        "x-branch",
    ]
    .into_iter()
    .filter_map(|name| {
        Some((
            name.to_owned(),
            headers.get(name)?.to_str().ok()?.to_owned(),
        ))
    })
    .collect()
}

async fn hang(State(asked): Asked) -> Response {
    count(&asked);
    std::future::pending().await
}

async fn fails_once(State(asked): Asked, headers: HeaderMap) -> Response {
    match count(&asked) {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => Json(json!({ "key": headers["idempotency-key"].to_str().unwrap() })).into_response(),
    }
}

async fn problem(State(asked): Asked) -> Response {
    count(&asked);
    let body = json!({ "title": "No such card", "code": "card-unknown" });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

/// A tool that reads only, answers within two seconds, and is not retried.
pub(crate) fn tool(method: &str, url: &str) -> ToolDeclaration {
    ToolDeclaration {
        name: "tool".into(),
        description: String::new(),
        kind: ToolKind::Http {
            method: method.into(),
            url: url.into(),
        },
        args: Vec::new(),
        returns: None,
        timeout: SignedDuration::from_secs(2),
        retry: Retry::default(),
        repeat: Repeat::Safe,
        fresh: None,
        login: None,
        confirm: false,
        ask: None,
    }
}

pub(crate) fn twice(mut tool: ToolDeclaration) -> ToolDeclaration {
    tool.retry = Retry {
        max: 2,
        backoff: SignedDuration::from_millis(1),
    };
    tool
}

pub(crate) fn arg(name: &str, value_type: ValueType, place: ArgPlace) -> ArgDeclaration {
    ArgDeclaration {
        name: name.into(),
        value_type,
        place,
        optional: false,
        secret: false,
    }
}

pub(crate) fn call(args: &[(&str, Value)]) -> Call {
    Call {
        effect: EffectId {
            conversation: "c1".into(),
            turn: Turn(4),
            index: 2,
        },
        args: args
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

/// Everything the echo says, as texts.
pub(crate) fn echoed() -> ValueType {
    let text = |name: &str| (name.to_owned(), ValueType::Text);
    ValueType::Map(BTreeMap::from([
        text("method"),
        text("path"),
        text("query"),
        text("body"),
    ]))
}
