//! What is older than retention goes by itself, and who comes back to it is told so.

mod support;

use std::path::Path;
use std::sync::Arc;

use author::Catalogue;
use futures_util::StreamExt as _;
use runtime::{Authority, Body, Deployment, Inbound, NewConversation, Runtime, VirtualClock};
use serde_json::{Value, json};
use store::{Options, Sled};
use support::{Conversation, Server, bench_bot, code};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tools::Toolbox;

/// Long before any retention that counts from today.
const LONG_AGO: &str = "2020-02-03T10:00:00Z";

fn bot() -> Deployment {
    let files = author::read(&bench_bot()).expect("the bot's folder is there");
    let compiled = author::compile(&files, &Catalogue::default());
    let training = compiled.training.expect("the bot has no mistakes");
    Deployment {
        bot: compiled.bot.expect("the bot has no mistakes"),
        templates: Arc::new(compiled.templates.expect("the bot has no mistakes")),
        model: Arc::new(understand::Model::train(&training, &mut |_| {})),
        tools: Toolbox::default(),
        articles: Arc::default(),
        targets: std::collections::BTreeMap::new(),
    }
}

/// Writes long ago, on workers of their own: the folder is free when they have ended.
fn long_ago(data: &Path) {
    let write = || {
        let workers = tokio::runtime::Runtime::new().expect("workers");
        workers.block_on(write_long_ago(data));
    };
    std::thread::scope(|scope| {
        scope.spawn(write);
    });
}

/// A conversation `old` of two turns, written years ago.
async fn write_long_ago(data: &Path) {
    let store = Sled::open(data.join("store"), Options::default()).expect("the store opens");
    let clock = VirtualClock::new(LONG_AGO.parse().expect("it is a time"));
    let runtime = Runtime::start(
        runtime::Config::default(),
        Arc::new(store),
        Arc::new(clock),
        bot(),
    )
    .await
    .expect("it starts");
    let new = NewConversation {
        id: Some("old".into()),
        user: Some("ana".into()),
        channel: "http".to_owned(),
        locale: None,
        slots: serde_json::Map::new(),
        by: Authority::Integrator,
    };
    runtime.open(new).await.expect("it opens");
    let said = Inbound {
        conversation: "old".into(),
        source: "http".to_owned(),
        id: "m1".to_owned(),
        body: Body::Text("show me the menu".to_owned()),
        attachments: Vec::new(),
        by: Authority::Visitor,
    };
    runtime.accept(said).await.expect("it is taken");
    runtime.drain().await;
}

#[tokio::test]
async fn what_is_old_goes_at_the_start_and_an_old_place_in_its_events_is_gone() {
    let data = tempfile::tempdir().expect("a folder");
    long_ago(data.path());
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let status = async || -> Value {
        let answer = server.get("/v1/store", None).await;
        answer.json().await.expect("JSON")
    };
    while status().await["conversations"] != 0 {
        tokio::task::yield_now().await;
    }
    let path = "/v1/conversations/old";
    assert_eq!(code(server.get(path, None).await, 404).await, "not-found");
    let events = format!("{path}/events");
    assert_eq!(
        code(server.get(&events, None).await, 404).await,
        "not-found"
    );
    let resumed = server
        .client
        .get(format!("{}{events}", server.base))
        .header("last-event-id", "2")
        .send();
    assert_eq!(
        code(resumed.await.expect("it answers"), 410).await,
        "events-gone"
    );
}

#[tokio::test]
async fn a_visitor_who_comes_back_to_what_was_erased_gets_410_on_both_streams() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let opened = server
        .post("/v1/conversations", None, json!({ "user": "ana" }))
        .await;
    let opened: Value = opened.json().await.expect("JSON");
    let text = |name: &str| opened[name].as_str().expect("a text").to_owned();
    let mine = Conversation {
        id: text("id"),
        token: text("token"),
    };
    // An entry that never was is not there any more either: whoever has read it has read another conversation.
    let events = format!("/v1/conversations/{}/events", mine.id);
    let ahead = format!("{events}?after=99");
    let answer = server.get(&ahead, Some(&mine.token)).await;
    assert_eq!(code(answer, 410).await, "events-gone");
    let erased = server
        .client
        .delete(format!("{}/v1/users/ana", server.base))
        .send();
    assert!(erased.await.expect("it answers").status().is_success());
    let behind = format!("{events}?after=1");
    let answer = server.get(&behind, Some(&mine.token)).await;
    assert_eq!(code(answer, 410).await, "events-gone");
    let answer = server.get(&behind, Some("wrong")).await;
    assert_eq!(code(answer, 401).await, "unauthorized");
    assert_eq!(
        followed(&server, &mine, "ws?after=1").await,
        (json!("events-gone"), Some((4410, "events-gone".to_owned())))
    );
}

/// The code of the problem that a WebSocket is given, and how it is closed.
async fn followed(
    server: &Server,
    one: &Conversation,
    path: &str,
) -> (Value, Option<(u16, String)>) {
    let base = server.base.replace("http://", "ws://");
    let mut request = format!("{base}/v1/conversations/{}/{path}", one.id)
        .into_client_request()
        .expect("it is an address");
    let token = format!("Bearer {}", one.token);
    request
        .headers_mut()
        .insert("authorization", token.parse().expect("it fits a header"));
    let (mut socket, _) = connect_async(request).await.expect("it is upgraded");
    let mut problem = Value::Null;
    while let Some(frame) = socket.next().await {
        match frame.expect("a frame") {
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(frame["event"], "problem");
                problem = frame["data"]["code"].clone();
            }
            Message::Close(Some(close)) => {
                return (problem, Some((close.code.into(), close.reason.to_string())));
            }
            _ => {}
        }
    }
    (problem, None)
}
