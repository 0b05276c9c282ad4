//! Commands on a folder that a server holds: they ask the server, or say why they can't.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{Conversation, Server, bench_bot, switchboard};

/// A server that has taken a message of a user, and its folder.
async fn served() -> (Server, TempDir, Conversation) {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let one = server.open(json!({ "user": "ana", "id": "c-1" })).await;
    server.say(&one, "m1", "show me the menu").await;
    (server, data, one)
}

/// Runs a command on the folder; its output.
fn run(data: &Path, words: &[&str]) -> Output {
    let mut command = switchboard();
    command.args(words).arg("--bot").arg(bench_bot());
    command.arg("--data").arg(data).output().expect("it runs")
}

fn done(data: &Path, words: &[&str]) -> String {
    let output = run(data, words);
    assert!(
        output.status.success(),
        "{words:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn refused(data: &Path, words: &[&str]) -> String {
    let output = run(data, words);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{words:?}: {}",
        text(&output.stdout)
    );
    text(&output.stderr)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn what_reads_the_data_asks_the_server() {
    let (server, data, one) = served().await;
    let status = done(data.path(), &["store", "status"]);
    assert!(status.contains("conversations    1\n"), "{status}");
    assert!(done(data.path(), &["dead-letters", "list"]).contains("There are none."));
    let letter = refused(data.path(), &["dead-letters", "redrive", "c-1", "9/0"]);
    assert!(letter.contains("There is no such dead letter."), "{letter}");
    // The server was not disturbed.
    server.say(&one, "m2", "when are you open").await;
}

#[tokio::test]
async fn an_export_of_a_served_folder_is_whole() {
    let (server, data, one) = served().await;
    let elsewhere = tempdir().expect("a folder");
    let file = elsewhere.path().join("all.swb");
    let name = file.to_str().expect("a path is text");
    done(data.path(), &["store", "export", name]);
    let copy = elsewhere.path().join("copy");
    let imported = done(&copy, &["store", "import", name]);
    assert!(imported.contains("Read 1 conversations"), "{imported}");
    let path = "/v1/conversations/c-1/transcript";
    let before: Value = server.get(path, None).await.json().await.expect("JSON");
    // A token is made with a secret of its folder, so the copy is asked as the operator.
    let copied = Server::start(&bench_bot(), &copy, &[]);
    let after: Value = copied.get(path, None).await.json().await.expect("JSON");
    assert_eq!(before, after);
    assert!(
        before["messages"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
    drop(one);
}

#[tokio::test]
async fn erasing_a_person_asks_the_server_and_is_seen_there_at_once() {
    let (server, data, one) = served().await;
    let erased = done(data.path(), &["erase", "ana"]);
    assert!(erased.contains("Erased: 1 conversations"), "{erased}");
    assert!(erased.contains("store compact"), "{erased}");
    let path = format!("/v1/conversations/{}", one.id);
    let gone = server.get(&path, None).await;
    assert_eq!(crate::support::code(gone, 404).await, "not-found");
    let again = server
        .send(&one, json!({ "id": "m1", "text": "show me the menu" }))
        .await;
    assert_eq!(crate::support::code(again, 404).await, "not-found");
}

#[tokio::test]
async fn what_needs_the_folder_for_itself_says_so() {
    let (server, data, one) = served().await;
    for words in [
        &["store", "compact"][..],
        &["store", "import", "nothing.swb"],
        &["erase", "ana", "--now"],
    ] {
        let sentence = refused(data.path(), words);
        assert!(
            sentence.contains("stop the server first"),
            "{words:?}: {sentence}"
        );
    }
    let mut second = switchboard();
    second
        .arg("serve")
        .arg(bench_bot())
        .arg("--data")
        .arg(data.path());
    let second = second
        .args(["--listen", "127.0.0.1:0"])
        .output()
        .expect("it runs");
    assert_eq!(second.status.code(), Some(1));
    let sentence = text(&second.stderr);
    assert!(sentence.contains("used by another process"), "{sentence}");
    server.say(&one, "m2", "when are you open").await;
}

#[tokio::test]
async fn a_killed_server_s_socket_is_in_nobody_s_way() {
    let (server, data, _one) = served().await;
    server.kill_now();
    server.ended().await;
    assert!(data.path().join("control.sock").exists());
    assert!(done(data.path(), &["store", "status"]).contains("conversations    1\n"));
    done(data.path(), &["store", "compact"]);
}
