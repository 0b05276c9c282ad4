//! Clients that are many, slow, or both: none of them takes the place from the others.

mod support;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Conversation, PATIENCE, Server, bench_bot, bot_of, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

const MANY: usize = 10_000;
/// The pace of a client that is slow on purpose.
const PACE: Duration = Duration::from_millis(100);

fn serve_with(bot: &Path, data: &Path, settings: &[(&str, &str)]) -> Server {
    let mut command = serve(bot, data);
    for (name, value) in settings {
        command.env(format!("SWITCHBOARD_LIMITS_{name}"), value);
    }
    Server::launch(command)
}

async fn still_answers(server: &Server) {
    let one = server.open(json!({})).await;
    let answer = server.say(&one, "m1", "when are you open").await;
    assert!(!answer["messages"].as_array().expect("messages").is_empty());
}

/// A request on a connection of its own, that stays open; the connection and the answer's head.
async fn ask(address: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.expect("it connects");
    // Whoever is refused may be closed before this is written.
    let request = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let _ = stream.write_all(request).await;
    let mut answer = vec![0; 1024];
    let read = timeout(PATIENCE, stream.read(&mut answer))
        .await
        .expect("it answers in time")
        .expect("it answers");
    (
        stream,
        String::from_utf8_lossy(&answer[..read]).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_are_answered_and_one_more_too() {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit {
            current: limit.maximum,
            ..limit
        },
    )
    .expect("the limit of open files rises to what the system allows");
    let data = tempfile::tempdir().expect("a folder");
    let settings = [("HEADER_TIMEOUT_S", "120")];
    let server = serve_with(&bench_bot(), data.path(), &settings);
    let clients: Vec<_> = (0..MANY)
        .map(|_| {
            let address = server.address().to_owned();
            tokio::spawn(async move { ask(&address).await })
        })
        .collect();
    let mut open = Vec::with_capacity(MANY);
    for client in clients {
        let (stream, answer) = client.await.expect("the client ends");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        open.push(stream);
    }
    still_answers(&server).await;
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn whoever_comes_when_there_is_no_room_is_told_so() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve_with(&bench_bot(), data.path(), &[("CONNECTIONS", "5")]);
    let mut open = Vec::new();
    for _ in 0..5 {
        let (stream, answer) = ask(server.address()).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        open.push(stream);
    }
    let refused = server.client.get(format!("{}/health/live", server.base));
    let refused = refused.send().await.expect("it answers");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(support::code(refused, 503).await, "too-many-connections");
    open.clear();
    support::until("there is room again", || async {
        ask(server.address()).await.1.starts_with("HTTP/1.1 200")
    })
    .await;
}

#[tokio::test]
async fn a_head_that_comes_slowly_is_cut() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve_with(&bench_bot(), data.path(), &[("HEADER_TIMEOUT_S", "1")]);
    let silent = TcpStream::connect(server.address())
        .await
        .expect("it connects");
    let slow = TcpStream::connect(server.address())
        .await
        .expect("it connects");
    assert_eq!(
        trickle(slow, b"GET /health/live HTTP/1.1\r\nx-slow: ").await,
        ""
    );
    assert_eq!(trickle(silent, b"").await, "");
    still_answers(&server).await;
}

#[tokio::test]
async fn a_body_that_comes_slowly_is_cut() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve_with(&bench_bot(), data.path(), &[("BODY_TIMEOUT_S", "1")]);
    let slow = TcpStream::connect(server.address())
        .await
        .expect("it connects");
    let head = b"POST /v1/conversations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{";
    let answer = trickle(slow, head).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"body-too-slow\""), "{answer}");
    still_answers(&server).await;
}

/// Sends a beginning, then a byte at a time (nothing at all after an empty beginning) until it is cut; what was answered.
async fn trickle(stream: TcpStream, beginning: &[u8]) -> String {
    let (mut from, mut to) = stream.into_split();
    to.write_all(beginning).await.expect("it is written");
    let is_silent = beginning.is_empty();
    let writing = tokio::spawn(async move {
        let mut pace = tokio::time::interval(PACE);
        loop {
            pace.tick().await;
            if !is_silent && to.write_all(b" ").await.is_err() {
                break;
            }
        }
    });
    let mut answer = Vec::new();
    // A connection that is cut on unread bytes ends in a reset; what came before it counts.
    let _ = timeout(PATIENCE, from.read_to_end(&mut answer))
        .await
        .expect("it is cut in time");
    writing.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Repeats what the customer wrote: long messages fill a stream quickly.
const ECHO: &[(&str, &str)] = &[
    (
        "bot.yaml",
        "bot: echo\nlocales: [en]\ntz: UTC\nrouter: [{ do: say, say: again }]\nsession: { idle: 24h, greet: { first: { say: welcome }, returning: { say: welcome } } }\n",
    ),
    (
        "flows/echo.yaml",
        "flow: echo\ndescription: Says what was said\nstart: { intent: [begin] }\nslots: { words: { type: text } }\ninitial: listen\nstates:\n  listen: { collect: [{ slot: words, ask: what, verbatim: true }], done: speak }\n  speak: { always: [{ say: echoed, clear: [words], target: listen }], on: { intent.other: over } }\n  over: { final: true }\n",
    ),
    (
        "intents/en/all.yaml",
        "intents:\n  begin:\n    examples: |\n      begin\n      let us begin\n      start now\n      go on\n      please start\n      begin to repeat\n  other:\n    examples: |\n      weather\n      how is the weather\n      sun or rain\n      is it cold\n      will it snow\n      forecast\n",
    ),
    (
        "templates/en/all.yaml",
        "welcome: Hello.\nagain: Again?\nwhat: What?\nechoed: \"{{slots.words}}\"\nlabels: { intents: { begin: Begin, other: Other } }\n",
    ),
];

#[tokio::test]
async fn a_stream_that_nobody_reads_is_cut() {
    let (bot, data) = (bot_of(ECHO), tempfile::tempdir().expect("a folder"));
    let settings = [("WRITE_TIMEOUT_S", "1"), ("CONNECTIONS", "2")];
    let server = serve_with(bot.path(), data.path(), &settings);
    let one = server.open(json!({})).await;
    let stuck = subscribe_and_never_read(&server, &one).await;
    fill(&server, &one).await;
    // One of the two places was the stream's: a second connection beside the client's own shows that it is free again.
    support::until("the stream's place is free", || async {
        ask(server.address()).await.1.starts_with("HTTP/1.1 200")
    })
    .await;
    drop(stuck);
}

async fn subscribe_and_never_read(server: &Server, one: &Conversation) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let address = server.address().parse().expect("an address");
    let mut stream = socket.connect(address).await.expect("it connects");
    let head = format!(
        "GET /v1/conversations/{}/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
        one.id, one.token
    );
    stream
        .write_all(head.as_bytes())
        .await
        .expect("it is written");
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.expect("it answers");
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
}

/// More than the system's buffers hold for one connection (4 MB).
async fn fill(server: &Server, one: &Conversation) {
    server.say(one, "begin", "begin").await;
    let long = "ab ".repeat(2_600);
    for number in 0..700 {
        let answer: Value = server.say(one, &number.to_string(), &long).await;
        let text = answer["messages"][0]["text"].as_str().expect("a text");
        assert!(text.starts_with("ab ab"), "{answer}");
    }
}
