//! kill -9 under load: every acknowledged message has its turn and its reply, and no turn is there twice.
//!
//! Three kills by default; `KILLS=100 cargo test --release --test kill` for the storm, `SEED=…` for another one.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use support::{Conversation, Server, bench_bot};

/// Conversations that write at once.
const CONVERSATIONS: usize = 16;
const KILLS: u64 = 3;

/// What a client was told.
struct Acknowledged {
    conversation: Conversation,
    id: String,
    text: &'static str,
    answer: Value,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled() {
    let variables: std::collections::BTreeMap<String, String> = std::env::vars().collect();
    let number = |name: &str, default: u64| {
        variables
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (kills, seed) = (number("KILLS", KILLS), number("SEED", 1));
    println!("{kills} kills, seed {seed}");
    let data = tempfile::tempdir().expect("a folder");
    for kill in 0..kills {
        let server = Arc::new(Server::start(&bench_bot(), data.path(), &[]));
        // The moment is a number of acknowledgements, not a time: the same seed kills at the same point of the load.
        let after = 20
            + (seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(kill.wrapping_mul(1_442_695_040_888_963_407))
                >> 33)
                % 400;
        let acknowledged = load_until_killed(server, after).await;
        assert!(acknowledged.len() as u64 >= after, "the load ended early");
        let server = Server::start(&bench_bot(), data.path(), &[]);
        for one in &acknowledged {
            check(&server, one).await;
        }
    }
}

async fn load_until_killed(server: Arc<Server>, after: u64) -> Vec<Acknowledged> {
    let count = Arc::new(AtomicU64::new(0));
    let mut clients = Vec::new();
    for _ in 0..CONVERSATIONS {
        let conversation = server.open(json!({})).await;
        clients.push(tokio::spawn(write(
            server.clone(),
            conversation,
            count.clone(),
        )));
    }
    while count.load(Ordering::Acquire) < after {
        tokio::task::yield_now().await;
    }
    server.kill_now();
    let mut all = Vec::new();
    for client in clients {
        all.extend(client.await.expect("the client ends"));
    }
    all
}

/// Writes until the server does not answer any more.
async fn write(
    server: Arc<Server>,
    conversation: Conversation,
    count: Arc<AtomicU64>,
) -> Vec<Acknowledged> {
    let texts = ["show me the menu", "when are you open"];
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let (id, text) = (format!("m{number}"), texts[number % 2]);
        let Some(answer) = server.try_say(&conversation, &id, text).await else {
            break;
        };
        count.fetch_add(1, Ordering::AcqRel);
        acknowledged.push(Acknowledged {
            conversation: conversation.clone(),
            id,
            text,
            answer,
        });
    }
    acknowledged
}

async fn check(server: &Server, one: &Acknowledged) {
    let again = server.say(&one.conversation, &one.id, one.text).await;
    assert_eq!(
        again["turn"], one.answer["turn"],
        "the same message is the same turn"
    );
    assert_eq!(
        again["messages"], one.answer["messages"],
        "and has the same reply"
    );
    let path = format!("/v1/conversations/{}/transcript", one.conversation.id);
    let transcript: Value = server
        .get(&path, Some(&one.conversation.token))
        .await
        .json()
        .await
        .expect("JSON");
    let lines = transcript["messages"].as_array().expect("lines");
    let customer: Vec<&str> = lines
        .iter()
        .filter(|line| line["from"] == "customer")
        .filter_map(|line| line["id"].as_str())
        .collect();
    let distinct: BTreeSet<&str> = customer.iter().copied().collect();
    assert_eq!(distinct.len(), customer.len(), "no turn twice");
    assert!(
        distinct.contains(one.id.as_str()),
        "an acknowledged message is in the transcript"
    );
}
