//! Answers that a provider or a crash breaks off: what was said is said once, the customer hears how it ends, and the conversation goes on.

use llm::Kind;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::answer::{LEAVES, ON_FAIL, QUESTION, TAKES, begun, bot, whole};
use crate::provider::{End, Script, Server as Provider};
use crate::support::{Conversation, Server, switchboard};

/// The language's own words after an answer that was begun and not ended.
const INTERRUPTED: &str = "I was interrupted before I could finish. Please ask me again.";
const OPENAI: &str = "\"openai:gpt-5-mini\"";
/// As short as a test can wait; an answer that comes, comes within milliseconds.
const SHORT: &str = "2s";

/// A provider that says this, and a server whose bot asks it.
struct Place {
    provider: Provider,
    bot: TempDir,
    data: TempDir,
    server: Server,
}

impl Place {
    async fn open(targets: &str, deadline: &str, scripts: Vec<Script>) -> Self {
        let provider = Provider::start(scripts).await;
        let bot = bot("harbour", targets, deadline, &provider);
        let data = tempdir().expect("a folder");
        let server = Server::start(bot.path(), data.path(), &[]);
        Self {
            provider,
            bot,
            data,
            server,
        }
    }

    /// Asks, without waiting for the answer.
    async fn ask(&self, one: &Conversation, id: &str) {
        let response = self.server.send(one, json!({ "id": id, "text": QUESTION }));
        let response = response.await;
        assert_eq!(response.status(), StatusCode::OK);
        let accepted: Value = response.json().await.expect("JSON");
        assert_eq!(accepted["pending"], true, "an answer is looked for");
    }

    async fn transcript(&self, one: &Conversation) -> Vec<String> {
        let path = format!("/v1/conversations/{}/transcript", one.id);
        let transcript = self.server.get(&path, Some(&one.token)).await;
        let transcript: Value = transcript.json().await.expect("JSON");
        let messages = transcript["messages"].as_array().expect("messages");
        messages.iter().map(|one| text(one).to_owned()).collect()
    }

    fn why(&self, one: &Conversation) -> String {
        let mut command = switchboard();
        command
            .args(["why", &one.id])
            .arg("--bot")
            .arg(self.bot.path());
        let output = command.arg("--data").arg(self.data.path()).output();
        let output = output.expect("the binary runs");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text")
    }
}

fn text(message: &Value) -> &str {
    message["text"].as_str().expect("a text")
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|one| one["event"].as_str())
        .collect()
}

fn hang_at_once() -> Script {
    begun(Kind::OpenAi, "", End::HangAtOnce)
}

#[tokio::test]
async fn who_waits_for_a_silent_model_sees_typing_then_what_the_author_said() {
    let scripts = vec![hang_at_once(), whole(Kind::OpenAi, LEAVES)];
    let place = Place::open(OPENAI, SHORT, scripts).await;
    let one = place.server.open(json!({})).await;
    let mut events = place.server.follow(&one, 1).await;
    place.ask(&one, "m1").await;
    let seen = events.until("message").await;
    assert_eq!(kinds(&seen), ["typing", "message"]);
    assert_eq!(text(&seen[1]["data"]), ON_FAIL);
    place.ask(&one, "m2").await;
    let seen = events.until("message").await;
    assert_eq!(kinds(&seen), ["typing", "delta", "typing", "message"]);
    assert_eq!(text(&seen[3]["data"]), LEAVES);
    assert_eq!(place.provider.asked().len(), 2);
    let why = place.why(&one);
    assert!(why.contains(" failed: openai:gpt-5-mini"), "{why}");
}

#[tokio::test]
async fn the_articles_are_quoted_where_a_model_is_silent() {
    let targets = format!("{OPENAI}, extractive");
    let place = Place::open(&targets, SHORT, vec![hang_at_once()]).await;
    let one = place.server.open(json!({})).await;
    let mut events = place.server.follow(&one, 1).await;
    place.ask(&one, "m1").await;
    let seen = events.until("message").await;
    assert_eq!(kinds(&seen), ["typing", "message"]);
    let said = &seen[1]["data"];
    assert!(text(said).contains(LEAVES), "{said}");
    assert_eq!(said["sources"][0]["title"], "Whale watching");
    let thanks = place.server.say(&one, "m2", "many thanks").await;
    assert_eq!(text(&thanks["messages"][0]), "Thanks.");
}

/// What is seen of an answer whose provider says a sentence and a half and then ends so.
async fn half_an_answer(end: End) {
    let half = begun(Kind::OpenAi, &format!("{LEAVES} It takes"), end);
    let scripts = vec![half, whole(Kind::OpenAi, TAKES)];
    let place = Place::open(OPENAI, SHORT, scripts).await;
    let one = place.server.open(json!({})).await;
    let mut events = place.server.follow(&one, 1).await;
    place.ask(&one, "m1").await;
    let seen = events.until("delta").await;
    assert_eq!(kinds(&seen), ["typing", "delta"]);
    let mut seen = seen[1..].to_vec();
    seen.extend(events.committed(2).await);
    assert_eq!(kinds(&seen), ["delta", "message", "message"]);
    assert_eq!(seen[0]["data"]["message"], seen[1]["data"]["id"]);
    let texts: Vec<&str> = seen.iter().map(|one| text(&one["data"])).collect();
    assert_eq!(texts, [LEAVES, LEAVES, INTERRUPTED], "{end:?}");
    let said = place.transcript(&one).await;
    assert_eq!(said, ["Hello.", QUESTION, LEAVES, INTERRUPTED]);
    place.ask(&one, "m2").await;
    let seen = events.until("message").await;
    assert_eq!(text(&seen[seen.len() - 1]["data"]), TAKES);
}

#[tokio::test]
async fn half_an_answer_stays_and_is_said_to_be_half() {
    half_an_answer(End::Hang).await;
    half_an_answer(End::Cut).await;
}

#[tokio::test]
async fn a_crash_in_the_middle_of_an_answer_repeats_no_sentence_and_loses_none() {
    let half = begun(Kind::OpenAi, &format!("{LEAVES} It takes"), End::Hang);
    let scripts = vec![half, whole(Kind::OpenAi, TAKES)];
    let mut place = Place::open(OPENAI, "60s", scripts).await;
    let one = place.server.open(json!({})).await;
    let mut events = place.server.follow(&one, 1).await;
    place.ask(&one, "m1").await;
    let seen = events.until("delta").await;
    let delta = &seen[seen.len() - 1];
    assert_eq!(delta["data"]["text"], LEAVES);
    let last = delta["id"].as_u64().expect("it is committed");
    place.server.kill_now();
    place.server.ended().await;
    place.server = Server::start(place.bot.path(), place.data.path(), &[]);

    // Who comes back with the last id hears the rest; who reads all, each sentence once.
    let mut rest = place.server.follow(&one, last).await;
    let mut rest = rest.committed(2).await;
    let texts: Vec<&str> = rest.iter().map(|one| text(&one["data"])).collect();
    assert_eq!(texts, [LEAVES, INTERRUPTED]);
    assert_eq!(rest[0]["data"]["id"], delta["data"]["message"]);
    let mut all = place.server.follow(&one, 1).await.committed(3).await;
    assert_eq!(all.remove(0), *delta);
    assert_eq!(all, std::mem::take(&mut rest));
    let said = place.transcript(&one).await;
    assert_eq!(said, ["Hello.", QUESTION, LEAVES, INTERRUPTED]);
    assert_eq!(place.provider.asked().len(), 1, "nobody is asked again");
    let why = place.why(&one);
    assert!(
        why.contains("the process ended in the middle of the answer"),
        "{why}"
    );

    // The message that was acknowledged is the same turn still, and the next one is answered.
    let again = place.server.say(&one, "m1", QUESTION).await;
    assert_eq!(again["turn"], 2);
    let next = place.server.say(&one, "m2", QUESTION).await;
    assert_eq!(text(&next["messages"][0]), TAKES);
}
