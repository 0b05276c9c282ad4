//! A chain falls back where it may, and says what it tried.

use std::sync::Arc;
use std::time::Duration;

use llm::{Chain, ErrorKind, Kind, Model};

use crate::support::phrase::{Trouble, Why, ended, hello, streamed, trouble};
use crate::support::{End, PATIENCE, Script, Server, all, question, told};

fn fails(kind: Kind, one: Trouble) -> Script {
    let (status, body) = trouble(kind, one).expect("it can have this");
    Script::json(status, &body)
}

/// The chain of an OpenAI and an Ollama server.
async fn pair(first: Vec<Script>, second: Vec<Script>) -> (Server, Server, Arc<dyn Model>) {
    let (first, second) = (Server::start(first).await, Server::start(second).await);
    let chain = Chain::new(vec![first.model(Kind::OpenAi), second.model(Kind::Ollama)]);
    (first, second, Arc::new(chain))
}

fn ollama_hello() -> Vec<Script> {
    vec![streamed(Kind::Ollama, hello(Kind::Ollama))]
}

#[tokio::test]
async fn the_next_model_is_asked_at_once() {
    for one in [
        Trouble::WrongKey,
        Trouble::TooMany,
        Trouble::NoMoney,
        Trouble::TooLong,
        Trouble::Invalid,
        Trouble::Server,
    ] {
        let (first, second, chain) = pair(vec![fails(Kind::OpenAi, one)], ollama_hello()).await;
        let (text, _, end) = told(&chain, question()).await;
        assert_eq!(text, "Hello, world", "{one:?}");
        let tried = end.expect("an answer").tried;
        assert_eq!(tried.len(), 1, "{one:?}");
        assert_eq!(tried[0].target, "openai:asked-for");
        assert_eq!(
            (first.asked().len(), second.asked().len()),
            (1, 1),
            "{one:?}"
        );
    }
}

#[tokio::test]
async fn after_the_first_word_it_stays() {
    let cut = streamed(Kind::OpenAi, hello(Kind::OpenAi)[..3].to_vec());
    let (_, second, chain) = pair(vec![cut], ollama_hello()).await;
    let (text, _, end) = told(&chain, question()).await;
    assert_eq!(text, "Hello");
    assert_eq!(end.expect_err("it was cut").kind, ErrorKind::CutOff);
    assert!(second.asked().is_empty());
}

#[tokio::test]
async fn a_refusal_is_not_put_before_another() {
    let refused = streamed(Kind::OpenAi, ended(Kind::OpenAi, "", Why::Refused));
    let (_, second, chain) = pair(vec![refused], ollama_hello()).await;
    let error = told(&chain, question()).await.2.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(second.asked().is_empty());
}

#[tokio::test]
async fn a_model_that_hangs_leaves_time_for_the_next() {
    let hang = streamed(Kind::OpenAi, vec![]).end(End::HangAtOnce);
    let (_, _, chain) = pair(vec![hang], ollama_hello()).await;
    let mut items = all(&chain, question(), Duration::from_secs(2)).await;
    let end = items.pop().expect("something").expect("an answer");
    let llm::Piece::End(end) = end else {
        panic!("{end:?}")
    };
    assert_eq!(end.tried[0].kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn all_reasons_are_told() {
    let (_, _, chain) = pair(
        vec![fails(Kind::OpenAi, Trouble::WrongKey)],
        vec![fails(Kind::Ollama, Trouble::Server)],
    )
    .await;
    let error = told(&chain, question()).await.2.expect_err("none answers");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    let kinds: Vec<ErrorKind> = error.tried.iter().map(|error| error.kind).collect();
    assert_eq!(kinds, [ErrorKind::LogIn, ErrorKind::Unavailable]);
    assert!(
        error.message.contains("openai:asked-for") && error.message.contains("llama runner"),
        "{error}"
    );
}

#[tokio::test]
async fn patience_is_kept_if_it_fits_and_nobody_else_is_left() {
    let busy = fails(Kind::OpenAi, Trouble::TooMany).header("retry-after-ms", "50");
    let then = streamed(Kind::OpenAi, hello(Kind::OpenAi));
    let (first, second, chain) = pair(
        vec![busy.clone(), then],
        vec![fails(Kind::Ollama, Trouble::Server)],
    )
    .await;
    let (text, _, end) = told(&chain, question()).await;
    assert_eq!(text, "Hello, world");
    assert_eq!(end.expect("an answer").tried.len(), 2);
    assert_eq!((first.asked().len(), second.asked().len()), (2, 1));

    // Who is always busy is asked twice and no more.
    let (first, _, chain) = pair(vec![busy], vec![fails(Kind::Ollama, Trouble::Server)]).await;
    told(&chain, question()).await.2.expect_err("none answers");
    assert_eq!(first.asked().len(), 2);
}

#[tokio::test]
async fn patience_that_does_not_fit_is_not_begun() {
    let busy = fails(Kind::OpenAi, Trouble::TooMany).header("retry-after", "3600");
    let server = Server::start(vec![busy]).await;
    let chain: Arc<dyn Model> = Arc::new(Chain::new(vec![server.model(Kind::OpenAi)]));
    let waited = tokio::time::timeout(PATIENCE / 2, told(&chain, question()));
    let error = waited
        .await
        .expect("it does not wait")
        .2
        .expect_err("none answers");
    assert_eq!(error.target, "openai:asked-for");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_empty_chain_says_so() {
    let chain: Arc<dyn Model> = Arc::new(Chain::new(Vec::new()));
    let error = told(&chain, question())
        .await
        .2
        .expect_err("nobody is there");
    assert_eq!(error.kind, ErrorKind::Unreachable);
}
