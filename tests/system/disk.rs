//! A disk that is full, or nearly.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{Conversation, Server, bench_bot, code, serve, switchboard};

/// What a client was told, to be asked again later.
struct Acknowledged {
    conversation: Conversation,
    id: String,
    answer: Value,
}

/// `EX_IOERR` of sysexits.h.
const EXIT_BROKEN: i32 = 74;
/// So much may a file grow beyond an empty store's: some hundred turns.
const ROOM_BYTES: u64 = 1 << 20;

#[tokio::test]
async fn what_a_full_disk_acknowledged_is_there_after_the_restart() {
    let data = tempdir().expect("a folder");
    let trained = switchboard()
        .arg("train")
        .arg(bench_bot())
        .arg("--data")
        .arg(data.path())
        .status();
    assert!(trained.expect("it runs").success());
    let server = Server::launch(with_files_of_at_most(
        ROOM_BYTES,
        &serve(&bench_bot(), data.path()),
    ));
    let acknowledged = write_until_refused(&server).await;
    assert!(!acknowledged.is_empty(), "it took nothing at all");
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(EXIT_BROKEN), "{log}");
    assert!(log.contains("The store can keep nothing any more"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    for one in &acknowledged {
        is_there_once(&server, one).await;
    }
    // What was refused may be sent again, and is taken.
    let last = &acknowledged[acknowledged.len() - 1].conversation;
    server.say(last, "after", "when are you open").await;
}

/// A shell's limit on the size of files: a write beyond it fails, as on a full disk. The signal that goes with it is ignored.
fn with_files_of_at_most(bytes: u64, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    let script = format!(
        "trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"",
        bytes / 512
    );
    limited
        .arg("-c")
        .arg(script)
        .arg(command.get_program())
        .args(command.get_args());
    limited
}

async fn write_until_refused(server: &Server) -> Vec<Acknowledged> {
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    let conversation = server.open(json!({})).await;
    for number in 0.. {
        let id = number.to_string();
        let path = format!(
            "{}/v1/conversations/{}/messages",
            server.base, conversation.id
        );
        let request = server.client.post(path).bearer_auth(&conversation.token);
        let sent = request
            .json(&json!({ "id": id, "text": "show me the menu" }))
            .send()
            .await;
        match sent {
            Ok(response) if response.status().is_success() => {
                let answer = response.json().await.expect("JSON");
                let conversation = conversation.clone();
                acknowledged.push(Acknowledged {
                    conversation,
                    id,
                    answer,
                });
            }
            Ok(response) => {
                assert_eq!(code(response, 503).await, "broken");
                break;
            }
            Err(_gone) => break,
        }
    }
    acknowledged
}

async fn is_there_once(server: &Server, one: &Acknowledged) {
    let again = server
        .say(&one.conversation, &one.id, "show me the menu")
        .await;
    assert_eq!(
        again["turn"], one.answer["turn"],
        "the same message is the same turn"
    );
    assert_eq!(
        again["messages"], one.answer["messages"],
        "and has the same reply"
    );
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_no_new_message() {
    let data = tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let one = server.open(json!({})).await;
    let first = server.say(&one, "m1", "show me the menu").await;
    server.terminate();
    assert!(server.ended().await.0.success());

    let server = nearly_full(data.path());
    let refused = server
        .send(&one, json!({ "id": "m2", "text": "when are you open" }))
        .await;
    assert_eq!(code(refused, 503).await, "unhealthy");
    assert_eq!(
        code(server.get("/health/ready", None).await, 503).await,
        "not-ready"
    );
    assert!(server.get("/health/live", None).await.status().is_success());
    let path = format!("/v1/conversations/{}/transcript", one.id);
    let transcript: Value = server
        .get(&path, Some(&one.token))
        .await
        .json()
        .await
        .expect("JSON");
    let lines = transcript["messages"].as_array().expect("lines");
    assert!(
        lines.iter().any(|line| line["id"] == "m1"),
        "what is there can be read: {transcript}"
    );
    server.terminate();
    assert!(server.ended().await.0.success());

    let server = Server::start(&bench_bot(), data.path(), &[]);
    assert_eq!(
        server.say(&one, "m1", "show me the menu").await["turn"],
        first["turn"]
    );
    let taken = server.say(&one, "m2", "when are you open").await;
    assert_eq!(
        taken["turn"].as_u64(),
        first["turn"].as_u64().map(|turn| turn + 1)
    );
}

/// A server that wants more free disk than there is.
fn nearly_full(data: &Path) -> Server {
    let mut command = serve(&bench_bot(), data);
    command.env("SWITCHBOARD_LIMITS_DISK_FREE_MB", (1_u64 << 40).to_string());
    Server::launch(command)
}
