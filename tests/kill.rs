//! kill -9 under load: every acknowledged message has its turn and its reply, no turn is there twice, and the outside world is
//! told everything under one id, or, where it may be told once only, once.
//!
//! Some kills by default; `KILLS=100 cargo test --release -p server --test kill -- --nocapture` for the storm, `SEED=…` for
//! another one.

#[path = "kill/outside.rs"]
mod outside;
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use outside::Outside;
use serde_json::{Value, json};
use support::{Conversation, Server, bench_bot, bot_of, serve};

/// Conversations that write at once.
const CONVERSATIONS: usize = 16;
const KILLS: u64 = 10;

/// What a client wrote, and what it was told.
struct Written {
    conversation: Conversation,
    id: String,
    text: String,
    /// None = the server was gone before it answered: it may have taken the message, or not.
    answer: Option<Value>,
}

/// How many kills, and from which seed.
fn storm() -> (u64, u64) {
    let variables: std::collections::BTreeMap<String, String> = std::env::vars().collect();
    let number = |name: &str, default: u64| {
        let given = variables.get(name).and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let (kills, seed) = (number("KILLS", KILLS), number("SEED", 1));
    println!("{kills} kills, seed {seed}");
    (kills, seed)
}

/// After how many acknowledgements a kill comes: a number, not a time, so the same seed kills at the same point of the load.
fn moment(seed: u64, kill: u64, most: u64) -> u64 {
    let mixed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(kill.wrapping_mul(1_442_695_040_888_963_407));
    20 + (mixed >> 33) % most
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled() {
    let (kills, seed) = storm();
    let data = tempfile::tempdir().expect("a folder");
    let start = || Arc::new(Server::start(&bench_bot(), data.path(), &[]));
    let texts = ["show me the menu", "when are you open"];
    let mut server = start();
    for kill in 0..kills {
        let after = moment(seed, kill, 400);
        let text = move |_, number: usize| texts[number % 2].to_owned();
        let written = load_until_killed(server, after, String::new(), text).await;
        server = start();
        let acknowledged = written.iter().filter(|one| one.answer.is_some());
        assert!(
            acknowledged.clone().count() as u64 >= after,
            "the load ended early"
        );
        for one in acknowledged {
            check(&server, one).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outside_is_told_everything_once() {
    let (kills, seed) = storm();
    let (outside, data) = (
        Outside::open().await,
        tempfile::tempdir().expect("a folder"),
    );
    let bot = bot_of(outside::BOT);
    let start = || Arc::new(start_before(bot.path(), data.path(), outside.url()));
    let mut server = start();
    let mut unsure = 0;
    for kill in 0..kills {
        let text = move |client, number| format!("parcel {kill} {client} {number}");
        let written =
            load_until_killed(server, moment(seed, kill, 100), "begin".to_owned(), text).await;
        server = start();
        // What was not answered is sent again, and has an end, too.
        let parcels: Vec<&Written> = written.iter().filter(|one| one.id != "begin").collect();
        for one in &parcels {
            unsure += u64::from(has_an_end(&server, one).await == "Unsure.");
        }
        outside.check(parcels.iter().map(|one| one.text.clone()));
    }
    println!(
        "{} calls reached the outside; of {unsure} it is not known",
        outside.calls()
    );
}

/// A server whose bot calls the outside.
fn start_before(bot: &Path, data: &Path, url: &str) -> Server {
    let mut command = serve(bot, data);
    command.env("OUTSIDE", url);
    command.env("SWITCHBOARD_TOOLS_PRIVATE_ADDRESSES", "true");
    Server::launch(command)
}

async fn load_until_killed(
    server: Arc<Server>,
    after: u64,
    beginning: String,
    text: impl Fn(usize, usize) -> String + Copy + Send + Sync + 'static,
) -> Vec<Written> {
    let count = Arc::new(AtomicU64::new(0));
    let mut clients = Vec::new();
    for client in 0..CONVERSATIONS {
        let conversation = server.open(json!({})).await;
        let text = move |number| text(client, number);
        let writing = write(
            server.clone(),
            conversation,
            count.clone(),
            beginning.clone(),
            text,
        );
        clients.push(tokio::spawn(writing));
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

/// Writes until the server does not answer any more: what opens the flow, if anything, and then one text after the other.
async fn write(
    server: Arc<Server>,
    conversation: Conversation,
    count: Arc<AtomicU64>,
    beginning: String,
    text: impl Fn(usize) -> String + Send + Sync,
) -> Vec<Written> {
    let mut written = Vec::new();
    let first = (!beginning.is_empty()).then(|| ("begin".to_owned(), beginning));
    let rest = (0..).map(|number| (format!("m{number}"), text(number)));
    for (id, text) in first.into_iter().chain(rest) {
        let answer = server.try_say(&conversation, &id, &text).await;
        let is_answered = answer.is_some();
        let conversation = conversation.clone();
        written.push(Written {
            conversation,
            id,
            text,
            answer,
        });
        if !is_answered {
            break;
        }
        count.fetch_add(1, Ordering::AcqRel);
    }
    written
}

async fn check(server: &Server, one: &Written) {
    let again = server.say(&one.conversation, &one.id, &one.text).await;
    let answer = one.answer.as_ref().expect("it was acknowledged");
    assert_eq!(
        again["turn"], answer["turn"],
        "the same message is the same turn"
    );
    assert_eq!(
        again["messages"], answer["messages"],
        "and has the same reply"
    );
    let replies = again["messages"].as_array().expect("messages");
    assert!(!replies.is_empty(), "a reply is missing: {again}");
    once_in_the_transcript(server, one).await;
}

async fn once_in_the_transcript(server: &Server, one: &Written) {
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

/// What a parcel came to, also if the server died in the middle of its calls.
async fn has_an_end(server: &Server, one: &Written) -> String {
    let again = server.say(&one.conversation, &one.id, &one.text).await;
    if let Some(answer) = &one.answer {
        assert_eq!(again["turn"], answer["turn"]);
    }
    assert_eq!(again["pending"], false, "it was waited for: {again}");
    let said: Vec<&str> = again["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .filter_map(|message| message["text"].as_str())
        .filter(|text| ["Done.", "Unsure."].contains(text))
        .collect();
    if said.len() != 1 {
        let path = format!("/v1/conversations/{}/trace", one.conversation.id);
        let trace = server.get(&path, None).await.text().await;
        panic!("{} has not one end: {again}, {trace:?}", one.text);
    }
    said[0].to_owned()
}
