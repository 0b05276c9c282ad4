//! Hot reload: a changed folder is taken over while the old version serves.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{Conversation, Server, bench_bot, until};

/// A copy of the benchmarks' bot that may be changed.
fn copy_of_the_bot() -> TempDir {
    let folder = tempdir().expect("a folder");
    copy(&bench_bot(), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it is copied");
        }
    }
}

/// Changes a file of the bot.
fn change(bot: &TempDir, file: &str, from: &str, to: &str) {
    let path = bot.path().join(file);
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{file} has no {from:?}");
    std::fs::write(&path, text.replace(from, to)).expect("it is written");
}

/// What a new conversation is told first.
async fn greeting(server: &Server) -> String {
    let opened = server.post("/v1/conversations", None, json!({})).await;
    let opened: Value = opened.json().await.expect("JSON");
    opened["messages"][0]["text"]
        .as_str()
        .expect("a text")
        .to_owned()
}

async fn says(server: &Server, one: &Conversation, id: &str, text: &str) -> String {
    let answer = server.say(one, id, text).await;
    answer["messages"][0]["text"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

const TEMPLATES: &str = "templates/en/bench.yaml";
const FLOW: &str = "flows/menu.yaml";
const INTENTS: &str = "intents/en/bench.yaml";

#[tokio::test]
async fn a_changed_template_is_said_to_new_conversations_and_old_ones_go_on() {
    let (bot, data) = (copy_of_the_bot(), tempdir().expect("a folder"));
    let server = Server::start(bot.path(), data.path(), &[]);
    let old = server.open(json!({})).await;
    assert_eq!(
        says(&server, &old, "m1", "show me the menu").await,
        "Apples or pears?"
    );
    change(&bot, TEMPLATES, "Hello.", "Good morning.");
    change(&bot, TEMPLATES, "Apples or pears?", "Pears or apples?");
    until("the new greeting", || async {
        greeting(&server).await == "Good morning."
    })
    .await;
    // In the middle of a flow a conversation keeps the version that it began with.
    assert_eq!(
        says(&server, &old, "m2", "show me the menu").await,
        "Apples or pears?"
    );
    let new = server.open(json!({})).await;
    assert_eq!(
        says(&server, &new, "m1", "show me the menu").await,
        "Pears or apples?"
    );
    // Out of the flow it is on the new one.
    says(&server, &old, "m3", "close the menu").await;
    assert_eq!(
        says(&server, &old, "m4", "show me the menu").await,
        "Pears or apples?"
    );
}

#[tokio::test]
async fn a_broken_flow_is_reported_with_its_place_and_mended_later() {
    let (bot, data) = (copy_of_the_bot(), tempdir().expect("a folder"));
    let server = Server::start(bot.path(), data.path(), &[]);
    change(&bot, TEMPLATES, "Hello.", "Good morning.");
    change(
        &bot,
        FLOW,
        "target: choose }\n      choice.pears",
        "target: chose }\n      choice.pears",
    );
    until("the mistake is reported", || async {
        server.log().contains("the old one goes on")
    })
    .await;
    let log = server.log();
    assert!(
        log.contains("flows/menu.yaml:12:78"),
        "the place is named: {log}"
    );
    assert!(log.contains("chose"), "{log}");
    assert_eq!(
        greeting(&server).await,
        "Hello.",
        "nothing of the broken folder is taken over"
    );
    change(&bot, FLOW, "target: chose }", "target: choose }");
    until("the new greeting", || async {
        greeting(&server).await == "Good morning."
    })
    .await;
}

#[tokio::test]
async fn new_examples_are_learned_in_the_background() {
    let (bot, data) = (copy_of_the_bot(), tempdir().expect("a folder"));
    let server = Server::start(bot.path(), data.path(), &[]);
    let one = server.open(json!({})).await;
    let words = "quo vadis domine";
    let before = says(&server, &one, "m1", words).await;
    assert_eq!(before, "I did not get that.");
    let examples = format!(
        "when are you open\n      {words}\n      {words} now\n      tell me {words}\n      {words} today"
    );
    change(&bot, INTENTS, "when are you open", &examples);
    let asked = std::cell::Cell::new(1);
    until("the new examples are understood", || async {
        asked.set(asked.get() + 1);
        // Every message is answered while the new model is trained.
        let said = says(&server, &one, &format!("m{}", asked.get()), words).await;
        assert!(!said.is_empty());
        said.starts_with("We are open")
    })
    .await;
}
