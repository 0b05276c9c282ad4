//! Calls are paid, refused before they are sent, and settled with what they took.

use std::sync::Arc;

use futures_util::StreamExt;
use llm::budget::{Ledger, Limit, Limits, Purse, Spent, Who};
use llm::price::{Price, Prices};
use llm::{Chain, ErrorKind, Kind, Model, estimate};

use crate::support::phrase::{Trouble, hello, streamed, trouble};
use crate::support::{End, PATIENCE, Script, Server, question, told};

/// 1 dollar a million in, 2 out: a token is 1 or 2 millionths.
fn prices() -> Arc<Prices> {
    let mut prices = Prices::known();
    let price = Price {
        input: 1.0,
        cached: Some(0.2),
        output: 2.0,
        long: None,
    };
    prices.set("openai:asked-for", price);
    Arc::new(prices)
}

fn ledger(day_micro_usd: u64) -> Arc<Ledger> {
    Ledger::new(Limits {
        day: Limit {
            tokens: None,
            micro_usd: Some(day_micro_usd),
        },
        ..Limits::default()
    })
}

fn purse(ledger: &Arc<Ledger>) -> Arc<Purse> {
    let who = Who {
        visitor: "anna".into(),
        day: "2026-11-21".into(),
    };
    let clerk = Arc::new(|_: &llm::budget::Bill| {});
    Purse::new(Arc::clone(ledger), prices(), who, Spent::default(), clerk)
}

/// What a question may cost at most.
fn most() -> u64 {
    estimate::request(&question()) + 2 * u64::from(question().tokens_max)
}

#[tokio::test]
async fn a_call_is_paid_with_what_it_took() {
    let server = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    let ledger = ledger(most());
    let purse = purse(&ledger);
    told(&purse.model(server.model(Kind::OpenAi)), question())
        .await
        .2
        .expect("an answer");
    // 15 fresh, 5 from the cache at a fifth, 3 out.
    let expected = Spent::new(23, Some(22));
    assert_eq!(
        (purse.spent(), ledger.day(), ledger.visitor("anna")),
        (expected, expected, expected)
    );
}

#[tokio::test]
async fn a_call_that_could_pass_the_limit_is_not_sent() {
    let server = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    let ledger = ledger(most() + 10);
    let model = purse(&ledger).model(server.model(Kind::OpenAi));
    told(&model, question()).await.2.expect("an answer");
    let error = told(&model, question()).await.2.expect_err("22 are spent");
    assert_eq!(error.kind, ErrorKind::Budget, "{error}");
    assert!(error.message.contains("22 of"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn what_failed_costs_what_was_read() {
    let (status, body) = trouble(Kind::OpenAi, Trouble::Overloaded).expect("it has this");
    let begun = hello(Kind::OpenAi)[..3].to_vec();
    let input = estimate::request(&question());
    let table = [
        (Script::json(status, &body), 0),
        (streamed(Kind::OpenAi, begun).end(End::Cut), input + 3),
    ];
    for (script, tokens) in table {
        let server = Server::start(vec![script]).await;
        let ledger = ledger(most());
        let purse = purse(&ledger);
        told(&purse.model(server.model(Kind::OpenAi)), question())
            .await
            .2
            .expect_err("it fails");
        assert_eq!(purse.spent().tokens, tokens);
        assert_eq!(ledger.day(), purse.spent());
    }
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_is_paid_by_estimate() {
    let begun = hello(Kind::OpenAi)[..3].to_vec();
    let server = Server::start(vec![streamed(Kind::OpenAi, begun).end(End::Hang)]).await;
    let ledger = ledger(most());
    let purse = purse(&ledger);
    let mut answer = purse
        .model(server.model(Kind::OpenAi))
        .stream(question(), PATIENCE);
    answer.next().await.expect("a word").expect("a word");
    drop(answer);
    assert_eq!(purse.spent().tokens, estimate::request(&question()) + 3);
}

#[tokio::test]
async fn a_chain_goes_on_to_a_model_that_can_be_paid() {
    let dear = Server::start(vec![streamed(Kind::OpenAi, hello(Kind::OpenAi))]).await;
    let free = Server::start(vec![streamed(Kind::Ollama, hello(Kind::Ollama))]).await;
    let purse = purse(&ledger(1));
    let targets = [dear.model(Kind::OpenAi), free.model(Kind::Ollama)];
    let chain: Arc<dyn Model> = Arc::new(Chain::new(targets.map(|one| purse.model(one)).into()));
    let end = told(&chain, question()).await.2.expect("an answer");
    assert_eq!(end.tried[0].kind, ErrorKind::Budget);
    assert!(dear.asked().is_empty());
    assert_eq!(purse.spent(), Spent::new(23, Some(0)));
}

#[tokio::test]
async fn without_a_price_a_limit_of_money_cannot_be_held() {
    let server = Server::start(vec![streamed(Kind::Anthropic, hello(Kind::Anthropic))]).await;
    let error = told(
        &purse(&ledger(1_000_000)).model(server.model(Kind::Anthropic)),
        question(),
    )
    .await
    .2
    .expect_err("no price");
    assert_eq!(error.kind, ErrorKind::Budget);
    assert!(error.message.contains("price"), "{error}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_another_model_does_for_an_answer_counts_for_its_limits_and_stands_in_its_own_books() {
    let answers = || streamed(Kind::OpenAi, hello(Kind::OpenAi));
    let server = Server::start(vec![answers(), answers()]).await;
    let limits = Limits {
        answer: Limit {
            tokens: None,
            micro_usd: Some(most() + 30),
        },
        ..Limits::default()
    };
    let (own, judges) = (Ledger::new(limits), ledger(1_000_000));
    let whole = purse(&own);
    let within = Purse::within(&whole, Arc::clone(&judges), Arc::new(|_| {}));
    let judge = within.model(server.model(Kind::OpenAi));
    told(&judge, question()).await.2.expect("an answer");
    let once = Spent::new(23, Some(22));
    assert_eq!((whole.spent(), judges.day()), (once, once));
    assert_eq!(own.day(), Spent::default(), "the judge's day is its own");
    let model = whole.model(server.model(Kind::OpenAi));
    told(&model, question()).await.2.expect("an answer");
    let error = told(&judge, question()).await.2.expect_err("44 are spent");
    assert_eq!(error.kind, ErrorKind::Budget, "{error}");
    assert_eq!(server.asked().len(), 2);
}
