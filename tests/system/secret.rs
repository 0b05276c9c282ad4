//! A secret's digits stand in its slot and nowhere else: not in an event, a transcript, a trace, a stream or the log.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{Conversation, Server, bot_of, serve, switchboard};

/// Given when it is asked for, corrected, in a message that is a digression, and before anything was asked.
const ASKED: &str = "4929137264810356";
const CORRECTED: &str = "5521908347126695";
const BESIDE: &str = "4716820395571143";
const BEFORE: &str = "3487265190";
/// So many digits of one in a row give it away; fewer may stand in any number.
const RUN: usize = 8;

const BOT: &[(&str, &str)] = &[
    (
        "bot.yaml",
        r"
bot: till
locales: [en]
tz: UTC
slots: { member: { type: text, pattern: '\b[0-9]{10}\b', secret: true, scope: session, from_visitor: true } }
router: [{ do: say, say: again }]
session: { idle: 24h, greet: { first: { say: welcome }, returning: { say: welcome } } }
",
    ),
    (
        "flows/answers.yaml",
        "answers: { opening: { say: opening } }\n",
    ),
    (
        "flows/pay.yaml",
        r"
flow: pay
description: Takes a card
start: { intent: [pay] }
slots: { card: { type: text, pattern: '\b[0-9]{16}\b', secret: true } }
initial: number
states:
  number:
    collect: [{ slot: card, ask: which_card, reject: no_card }]
    done: sure
  sure:
    say: show_card
    choices: [fine]
    on: { choice.fine: paid }
  paid: { say: thanks, final: true }
",
    ),
    (
        "intents/en/all.yaml",
        r"
intents:
  pay:
    examples: |
      I want to pay
      pay now
      let me pay by card
      pay with my card
      I would like to pay
      payment please
  opening:
    examples: |
      when are you open
      opening hours
      are you open today
      how late are you open
      until when are you open
      opening times please
",
    ),
    (
        "templates/en/all.yaml",
        r#"
welcome: Hello.
again: Again?
opening: From nine to five.
which_card: Which card?
no_card: That is no card.
show_card: "Your card is {{slots.card}}, is it?"
thanks: Thank you.
labels: { fine: Yes, intents: { pay: Pay, opening: Opening hours } }
"#,
    ),
];

/// A server that logs all that it can.
fn talkative(bot: &Path, data: &Path) -> Server {
    let mut command = serve(bot, data);
    command.env(
        "SWITCHBOARD_LOG_LEVEL",
        "trace,hyper=info,h2=info,sled=info",
    );
    Server::launch(command)
}

async fn texts(server: &Server, one: &Conversation, id: &str, text: &str) -> String {
    let answer = server.say(one, id, text).await;
    let messages = answer["messages"].as_array().expect("messages");
    messages
        .iter()
        .filter_map(|one| one["text"].as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn no_digit_of_it_is_anywhere_but_in_its_slot() {
    let (bot, data) = (bot_of(BOT), tempdir().expect("a folder"));
    let server = talkative(bot.path(), data.path());
    let one = server
        .open(json!({ "user": "ana", "slots": { "member": BEFORE } }))
        .await;
    texts(&server, &one, "m1", "I want to pay").await;
    let beside = texts(&server, &one, "m2", &format!("when are you open? {BESIDE}")).await;
    assert!(!beside.is_empty());
    let shown = texts(&server, &one, "m3", &format!("it is {ASKED}, thank you")).await;
    assert!(shown.contains("56"), "the last two may be seen: {shown}");
    let corrected = server
        .say(&one, "m4", &format!("no, it is {CORRECTED}"))
        .await;
    let all = [ASKED, CORRECTED, BESIDE, BEFORE];
    assert!(is_in_its_slot(data.path(), CORRECTED), "where it should be");
    assert!(is_in_its_slot(data.path(), BEFORE), "where it should be");
    for secret in all {
        is_only_in_its_slot(data.path(), secret);
        nobody_is_told(&server, &one, secret).await;
    }
    let log = server.log();
    assert!(
        log.contains("Turn committed"),
        "the log says what happens: {log}"
    );
    for secret in all {
        assert_eq!(runs(log.as_bytes(), secret), 0, "the log has {secret}");
    }
    end_the_flow(&server, &one, &corrected).await;
    server.terminate();
    assert!(server.ended().await.0.success());
    let mut compact = switchboard();
    compact.args(["store", "compact", "--bot"]).arg(bot.path());
    assert!(
        compact
            .arg("--data")
            .arg(data.path())
            .status()
            .expect("it runs")
            .success()
    );
    for secret in [ASKED, CORRECTED, BESIDE] {
        for (file, bytes) in files(data.path()) {
            assert_eq!(
                runs(&bytes, secret),
                0,
                "{} has {secret} after the flow",
                file.display()
            );
        }
    }
}

/// Takes the choice that the corrected card was shown with.
async fn end_the_flow(server: &Server, one: &Conversation, shown: &Value) {
    let messages = shown["messages"].as_array().expect("messages");
    let choice = messages
        .iter()
        .find_map(|message| message["choices"][0]["id"].as_str())
        .expect("a choice");
    let answer = server
        .send(one, json!({ "id": "m6", "choice": choice }))
        .await;
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["messages"][0]["text"], "Thank you.");
}

/// Whatever the server can be asked about the conversation and its user.
async fn nobody_is_told(server: &Server, one: &Conversation, secret: &str) {
    for path in [
        format!("/v1/conversations/{}", one.id),
        format!("/v1/conversations/{}/transcript", one.id),
        format!("/v1/conversations/{}/trace", one.id),
        "/v1/users/ana/export".to_owned(),
        "/v1/dead-letters".to_owned(),
        "/metrics".to_owned(),
    ] {
        let answer = server.get(&path, None).await.text().await.expect("text");
        assert_eq!(
            runs(answer.as_bytes(), secret),
            0,
            "{path} tells {secret}: {answer}"
        );
    }
}

fn is_in_its_slot(data: &Path, secret: &str) -> bool {
    let mut files = files(data).into_iter();
    files.any(|(_, bytes)| !positions(&bytes, secret.as_bytes()).is_empty())
}

/// In the files each place that holds it is the slot of a conversation's state.
fn is_only_in_its_slot(data: &Path, secret: &str) {
    for (file, bytes) in files(data) {
        let whole = positions(&bytes, secret.as_bytes());
        let windows = secret.len() - RUN + 1;
        assert_eq!(
            runs(&bytes, secret),
            whole.len() * windows,
            "{} has a part of {secret}",
            file.display()
        );
        for at in whole {
            let before = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..at]).into_owned();
            let is_slot = before.contains("\"slots\":{\"card\":")
                || before.contains("\"slots\":{\"member\":");
            let is_event = before.contains("session_start") || before.contains("\"user\":");
            assert!(
                is_slot && !is_event,
                "{} has {secret} after {before:?}",
                file.display()
            );
        }
    }
}

/// How often a run of the secret's digits stands there.
fn runs(bytes: &[u8], secret: &str) -> usize {
    secret
        .as_bytes()
        .windows(RUN)
        .map(|run| positions(bytes, run).len())
        .sum()
}

fn positions(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let all = bytes.windows(wanted.len()).enumerate();
    all.filter(|(_, window)| *window == wanted)
        .map(|(at, _)| at)
        .collect()
}

/// Every file of the folder but the trained models, which are made of the bot alone.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("models") {
            found.extend(files(&path));
        } else if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            found.push((path, bytes));
        }
    }
    found
}
