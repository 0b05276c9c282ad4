//! SIGTERM: what has begun is finished, streams are closed, nothing is lost.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tempfile::tempdir;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{PATIENCE, Server, bench_bot};
use crate::websocket::follow;

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_closed_and_acknowledged_turns_are_kept() {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let one = server.open(json!({})).await;
    let path = format!("/v1/conversations/{}/events", one.id);
    let events = server.get(&path, Some(&one.token)).await;
    let mut socket = follow(&server, &one.id, &one.token, 0)
        .await
        .expect("it opens");
    let mut acknowledged = Vec::new();
    for number in 0..50 {
        let id = number.to_string();
        acknowledged.push((id.clone(), server.say(&one, &id, "show me the menu").await));
    }
    server.terminate();
    // The answer's body ends as it should: a stream that is torn off would be an error.
    let streamed = tokio::time::timeout(PATIENCE, events.text());
    let streamed = streamed
        .await
        .expect("it ends in time")
        .expect("it ends as it should");
    assert!(streamed.contains("Apples or pears?"), "{streamed}");
    let closed = async {
        while let Some(frame) = socket.next().await {
            if let Message::Close(why) = frame.expect("a frame") {
                return why.map(|why| u16::from(why.code));
            }
        }
        None
    };
    let closed = tokio::time::timeout(PATIENCE, closed)
        .await
        .expect("it ends in time");
    assert_eq!(closed, Some(1001), "going away");
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!data.path().join("control.sock").exists());
    let server = Server::start(&bench_bot(), data.path(), &[]);
    for (id, answer) in &acknowledged {
        let again = server.say(&one, id, "show me the menu").await;
        assert_eq!(
            (&again["turn"], &again["messages"]),
            (&answer["turn"], &answer["messages"])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_under_way_is_committed_or_refused() {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let mut writers = Vec::new();
    for _ in 0..16 {
        let one = server.open(json!({})).await;
        let (client, url) = (
            server.client.clone(),
            format!("{}/v1/conversations/{}/messages", server.base, one.id),
        );
        writers.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            for number in 0.. {
                let body = json!({ "id": number.to_string(), "text": "when are you open" });
                let sent = client
                    .post(&url)
                    .bearer_auth(&one.token)
                    .json(&body)
                    .send()
                    .await;
                let Ok(response) = sent else { break };
                if response.status() == 503 {
                    let problem: Value = response.json().await.expect("JSON");
                    assert_eq!(problem["code"], "draining");
                    break;
                }
                let Ok(answer) = response.json::<Value>().await else {
                    break;
                };
                taken.push((number.to_string(), answer));
            }
            (one, taken)
        }));
    }
    let busy = server.open(json!({})).await;
    for number in 0..20 {
        server
            .say(&busy, &number.to_string(), "show me the menu")
            .await;
    }
    server.terminate();
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    for writer in writers {
        let (one, taken) = writer.await.expect("it ends");
        assert!(!taken.is_empty(), "it was under way");
        for (id, answer) in &taken {
            let again = server.say(&one, id, "when are you open").await;
            assert_eq!(again["turn"], answer["turn"]);
        }
    }
}
