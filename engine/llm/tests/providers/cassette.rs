//! What was recorded is played back the same, without the server.

use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use llm::cassette::{Cassette, Erased, Player, Recorder, Tape};
use llm::{ErrorKind, Kind, Model, Request};

use crate::support::phrase::{calls, hello, streamed};
use crate::support::{End, PATIENCE, Script, Server, all, question, told};

fn recorder(server: &Server, kind: Kind, cassette: &Arc<Cassette>, about: &str) -> Arc<dyn Model> {
    Arc::new(Recorder::new(
        server.model(kind),
        Arc::clone(cassette),
        about,
    ))
}

fn player(path: &Path) -> Arc<dyn Model> {
    let tape = Tape::read(path).expect("it can be read");
    Arc::new(Player::new("openai:asked-for", Arc::new(tape)))
}

fn other() -> Request {
    Request {
        system: "Be very brief.".into(),
        ..question()
    }
}

#[tokio::test]
async fn a_replay_is_what_was_heard() {
    for kind in Kind::ALL {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("calls.jsonl");
        let cassette = Cassette::open(&path).expect("it opens");
        let scripts = vec![
            streamed(kind, hello(kind)),
            streamed(kind, calls(kind)),
            streamed(kind, hello(kind)[..1].to_vec()).end(End::Cut),
        ];
        let server = Server::start(scripts).await;
        let model = recorder(&server, kind, &cassette, "one");
        let mut heard = Vec::new();
        for request in [question(), question(), other()] {
            heard.push(all(&model, request, PATIENCE).await);
        }
        let tape = Arc::new(Tape::read(&path).expect("it can be read"));
        let player: Arc<dyn Model> = Arc::new(Player::new(model.name(), tape));
        for (request, heard) in [question(), question(), other()].into_iter().zip(&heard) {
            assert_eq!(&all(&player, request, PATIENCE).await, heard, "{kind:?}");
        }
        assert_eq!(
            &all(&player, question(), PATIENCE).await,
            &heard[1],
            "the last one again"
        );
        assert_eq!(server.asked().len(), 3);
    }
}

#[tokio::test]
async fn an_unknown_request_says_what_differs() {
    let (_folder, path) = recorded(&["one"]).await;
    let error = told(&player(&path), other())
        .await
        .2
        .expect_err("it is not there");
    assert_eq!(error.kind, ErrorKind::NotRecorded);
    assert!(
        error
            .message
            .contains("/system: recorded “…brief.”, asked “…very brief.”"),
        "{error}"
    );
}

#[tokio::test]
async fn a_conversations_calls_can_be_erased() {
    let (_folder, path) = recorded(&["one", "two", "one"]).await;
    let cassette = Cassette::open(&path).expect("it opens");
    let erased = cassette.erase("one").expect("it is erased");
    assert_eq!(
        erased,
        Erased {
            calls: 2,
            unreadable: 0
        }
    );
    let left = Tape::read(&path).expect("it can be read");
    assert_eq!(
        left.calls()
            .iter()
            .map(|call| call.about.as_str())
            .collect::<Vec<_>>(),
        ["two"]
    );
    // The same cassette goes on.
    let server = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    told(
        &recorder(&server, Kind::OpenAi, &cassette, "three"),
        question(),
    )
    .await
    .2
    .expect("an answer");
    assert_eq!(Tape::read(&path).expect("it can be read").calls().len(), 2);
    assert_eq!(
        std::fs::read_dir(path.parent().expect("a folder"))
            .expect("it is read")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_line_cut_by_a_crash_does_not_spoil_the_next() {
    let (_folder, path) = recorded(&["one"]).await;
    let whole = std::fs::read_to_string(&path).expect("it is read");
    std::fs::write(&path, format!("{whole}{}", &whole[..40])).expect("it is written");
    let cassette = Cassette::open(&path).expect("it opens");
    let server = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    told(
        &recorder(&server, Kind::OpenAi, &cassette, "two"),
        question(),
    )
    .await
    .2
    .expect("an answer");
    let error = Tape::read(&path).expect_err("a line is broken").to_string();
    assert!(error.contains("calls.jsonl:2"), "{error}");
    assert_eq!(
        cassette.erase("one").expect("it is erased"),
        Erased {
            calls: 1,
            unreadable: 1
        }
    );
    assert_eq!(Tape::read(&path).expect("it can be read").calls().len(), 1);
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_is_kept_as_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("calls.jsonl");
    let cassette = Cassette::open(&path).expect("it opens");
    let script: Script = streamed(Kind::OpenAi, hello(Kind::OpenAi)[..3].to_vec()).end(End::Hang);
    let server = Server::start(vec![script]).await;
    let model = recorder(&server, Kind::OpenAi, &cassette, "one");
    let mut answer = model.stream(question(), PATIENCE);
    answer.next().await.expect("a word").expect("a word");
    drop(answer);
    let (text, _, end) = told(&player(&path), question()).await;
    assert_eq!(text, "Hello");
    assert_eq!(end.expect_err("it has no end").kind, ErrorKind::CutOff);
}

/// A cassette of the same call about each of these conversations.
async fn recorded(about: &[&str]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("calls.jsonl");
    let cassette = Cassette::open(&path).expect("it opens");
    let server = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    for about in about {
        let model = recorder(&server, Kind::OpenAi, &cassette, about);
        told(&model, question()).await.2.expect("an answer");
    }
    (folder, path)
}
