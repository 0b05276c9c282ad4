//! `switchboard why`: the real binary tells how a conversation came to go as it did, from a served folder and from a closed one.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use support::{Conversation, Server, code};

fn club() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bots/club")
}

fn why(conversation: &str, turn: Option<&str>, bot: &Path, data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["why", conversation])
        .args(turn)
        .arg("--bot")
        .arg(bot)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary runs")
}

fn text(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// Refused at the door, admitted by an event from outside, and let in with a secret word.
async fn visit(server: &Server) -> Conversation {
    let one = server.open(json!({})).await;
    server.say(&one, "m1", "let me into the club").await;
    let admitted = json!({ "id": "o1", "name": "admitted", "data": { "age": 40 }, "to": { "conversation": one.id } });
    let admitted = server.post("/v1/events", None, admitted).await;
    assert!(admitted.status().is_success());
    server.say(&one, "m2", "let me into the club").await;
    let said = server.say(&one, "m3", "654321").await;
    assert_eq!(said["messages"][0]["text"], "The word is ••21.");
    one
}

#[tokio::test]
async fn every_transition_considered_is_told_with_the_guard_that_refused_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&club(), data.path(), &[]);
    let one = visit(&server).await;
    let served = text(&why(&one.id, None, &club(), data.path()));
    for line in [
        "2  message  at ",
        "   understood  enter_club ",
        "   taken by    flow_start",
        "   considered  enter.door always #1 (flows/enter.yaml:9): refused, its guard was false: slots.age >= 18",
        "               enter.door always #2 (flows/enter.yaml:10): refused, its guard was false: slots.member",
        "               enter.door always #3 (flows/enter.yaml:11): taken",
        "3  event admitted  at ",
        "   considered  enter.door always #1 (flows/enter.yaml:9): taken, its guard held: slots.age >= 18",
        "   said        members_only",
    ] {
        assert!(served.contains(line), "`{line}` is not in:\n{served}");
    }
    assert!(
        !served.contains("654321") && !served.contains("   replay"),
        "{served}"
    );
    let second = text(&why(&one.id, Some("2"), &club(), data.path()));
    assert!(
        second.starts_with("2  message") && !second.contains("\n3  "),
        "{second}"
    );
    drop(server);
    assert_eq!(text(&why(&one.id, None, &club(), data.path())), served);
    let unknown = why(&one.id, Some("99"), &club(), data.path());
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("has no turn 99"));
}

#[tokio::test]
async fn the_version_that_took_a_turn_is_found_in_the_data_whatever_bot_is_named() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&club(), data.path(), &[]);
    let one = visit(&server).await;
    drop(server);
    let own = text(&why(&one.id, None, &club(), data.path()));
    let named = text(&why(&one.id, None, &support::bench_bot(), data.path()));
    assert!(own.contains("considered  enter.door"), "{own}");
    assert_eq!(named, own);
}

#[tokio::test]
async fn the_api_gives_the_same_as_json_to_those_who_may_see_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&club(), data.path(), &[]);
    let one = visit(&server).await;
    let path = format!("/v1/conversations/{}/trace", one.id);
    let trace = async |query: &str| -> Value {
        let answer = server.get(&format!("{path}{query}"), None).await;
        answer.json().await.expect("JSON")
    };
    let turns = trace("?considered=true&from=2").await["turns"].take();
    assert_eq!(turns[0]["replay"], json!({ "outcome": "same" }));
    assert_eq!(
        turns[0]["considered"][0],
        json!({
            "transition": "enter.door always #1",
            "file": "flows/enter.yaml",
            "line": 9,
            "guard": "slots.age >= 18",
            "refused": { "code": "guard", "why": "its guard was false" },
        })
    );
    let short = trace("").await;
    assert!(short["turns"][1]["considered"].is_null());
    assert_eq!(short["turns"][1]["taken"], turns[0]["taken"]);
    let visitor = server.get(&path, Some(&one.token)).await;
    assert_eq!(code(visitor, 403).await, "role");
}
