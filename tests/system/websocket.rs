//! The stream over WebSocket: the same entries as the server-sent events, under the same numbers.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tempfile::tempdir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest as _};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{Server, bench_bot, until};

/// The client's side.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Follows a conversation after an entry, with a token.
pub(crate) async fn follow(
    server: &Server,
    id: &str,
    token: &str,
    after: u64,
) -> Result<Socket, Error> {
    let url = format!(
        "ws://{}/v1/conversations/{id}/ws?after={after}",
        server.address()
    );
    let mut request = url.into_client_request().expect("it is a request");
    let bearer = format!("Bearer {token}").parse().expect("it is a header");
    request.headers_mut().insert("authorization", bearer);
    connect_async(request).await.map(|(socket, _)| socket)
}

/// The next entry.
async fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.expect("it goes on").expect("a frame") {
            Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
}

async fn entries(socket: &mut Socket, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    while found.len() < count {
        let entry = next(socket).await;
        if entry.get("id").is_some() {
            found.push(entry);
        }
    }
    found
}

#[tokio::test]
async fn it_has_the_same_entries_and_resumes() {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let one = server.open(json!({})).await;
    let mut live = follow(&server, &one.id, &one.token, 0)
        .await
        .expect("it opens");
    server.say(&one, "m1", "show me the menu").await;
    server.say(&one, "m2", "when are you open").await;
    let all = entries(&mut live, 3).await;
    assert_eq!(all, server.follow(&one, 0).await.committed(3).await);
    let ids: Vec<u64> = all
        .iter()
        .filter_map(|entry| entry["id"].as_u64())
        .collect();
    assert_eq!(ids, [1, 2, 3]);
    drop(live);
    server.say(&one, "m3", "when are you open").await;
    let mut again = follow(&server, &one.id, &one.token, 2)
        .await
        .expect("it opens");
    let rest = entries(&mut again, 2).await;
    assert_eq!(rest[0], all[2]);
    assert_eq!(rest[1]["id"], 4);
}

#[tokio::test]
async fn it_opens_with_its_own_token_only() {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let (mine, other) = (server.open(json!({})).await, server.open(json!({})).await);
    match follow(&server, &other.id, &mine.token, 0).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 404),
        answered => panic!("it opened: {answered:?}"),
    }
}

#[tokio::test]
async fn an_erased_conversation_s_stream_is_closed() {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let one = server.open(json!({ "user": "ana" })).await;
    let mut live = follow(&server, &one.id, &one.token, 0)
        .await
        .expect("it opens");
    entries(&mut live, 1).await;
    let erased = server
        .client
        .delete(format!("{}/v1/users/ana", server.base));
    assert!(
        erased
            .send()
            .await
            .expect("it answers")
            .status()
            .is_success()
    );
    let live = tokio::sync::Mutex::new(live);
    until("the stream is closed", || async {
        matches!(
            live.lock().await.next().await,
            None | Some(Ok(Message::Close(_)))
        )
    })
    .await;
}
