//! People: waiting for one, talking to one, and back.

use crate::support::{Shop, texts};
use dialog::Owner;
use jiff::SignedDuration;
use runtime::{Agent, TurnError};

const PERSON: &str = "I want to talk to a person";

fn mia() -> Agent {
    Agent {
        person: "mia".into(),
        name: "Mia".into(),
    }
}

#[tokio::test]
async fn a_person_takes_the_conversation_answers_and_gives_it_back() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send(PERSON).await;
    shop.runtime.settle().await.unwrap();
    let queue = shop.runtime.queue().await.unwrap();
    assert_eq!(
        (queue.len(), queue[0].desk.as_str(), queue[0].position),
        (1, "support", 1)
    );
    assert_eq!(queue[0].why, "asked_for_person");
    let c1 = "c1".into();
    let claimed = shop.runtime.claim(&c1, mia()).await.unwrap();
    assert!(matches!(claimed.owner, Owner::Person { ref name, .. } if name == "Mia"));
    assert_eq!(shop.says("is anybody there?").await, Vec::<String>::new());
    let said = shop
        .runtime
        .say(&c1, "a1".into(), "I am.".into(), mia())
        .await
        .unwrap();
    assert_eq!(texts(&said.messages), ["I am."]);
    assert_eq!(
        shop.runtime
            .say(&c1, "a1".into(), "I am.".into(), mia())
            .await
            .unwrap()
            .turn,
        said.turn
    );
    let tail = shop.transcript().await;
    let tail: Vec<_> = tail
        .iter()
        .rev()
        .take(2)
        .map(|(from, text)| (from.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        tail,
        [("person", "I am."), ("customer", "is anybody there?")]
    );
    assert_eq!(
        shop.runtime.return_to_bot(&c1).await.unwrap().owner,
        Owner::Bot
    );
    assert_eq!(shop.says("opening hours").await, ["From eight to eight."]);
    assert!(shop.runtime.queue().await.unwrap().is_empty());
}

#[tokio::test]
async fn only_who_has_the_conversation_can_answer_in_it() {
    let shop = Shop::open().await;
    shop.begin().await;
    let c1 = "c1".into();
    let wrong = |answer: Result<_, TurnError>| {
        assert!(
            matches!(answer, Err(TurnError::WrongOwner(_))),
            "{answer:?}"
        )
    };
    wrong(shop.runtime.claim(&c1, mia()).await);
    shop.send(PERSON).await;
    wrong(shop.runtime.say(&c1, "a1".into(), "Hi".into(), mia()).await);
    shop.runtime.claim(&c1, mia()).await.unwrap();
    let tom = Agent {
        person: "tom".into(),
        name: "Tom".into(),
    };
    wrong(shop.runtime.claim(&c1, tom.clone()).await);
    wrong(shop.runtime.say(&c1, "a1".into(), "Hi".into(), tom).await);
    wrong(shop.runtime.handoff(&c1, None, "again".into()).await);
}

#[tokio::test]
async fn a_closed_desk_says_so() {
    let shop = Shop::open().await;
    shop.pass(SignedDuration::from_hours(12)).await;
    shop.begin().await;
    shop.send(PERSON).await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "Nobody is here at the moment."
    );
    assert!(shop.runtime.queue().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_desk_without_anybody_is_closed() {
    let shop = Shop::open().await;
    shop.runtime.set_on_duty("support", false);
    shop.begin().await;
    shop.send(PERSON).await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "Nobody is here at the moment."
    );
}

#[tokio::test]
async fn waiting_ends_after_its_time_also_over_a_restart() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send(PERSON).await;
    shop.pass(SignedDuration::from_mins(9)).await;
    let shop = shop.crash().await;
    assert_eq!(shop.runtime.queue().await.unwrap().len(), 1);
    shop.pass(SignedDuration::from_mins(2)).await;
    assert_eq!(shop.said().await.last().unwrap(), "Everybody is busy.");
    assert!(shop.runtime.queue().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_operator_can_ask_for_the_conversation() {
    let shop = Shop::open().await;
    shop.begin().await;
    let asked = shop
        .runtime
        .handoff(&"c1".into(), Some("support".into()), "looks odd".into())
        .await
        .unwrap();
    assert!(matches!(asked.owner, Owner::Queued { .. }));
    let unknown = shop
        .runtime
        .handoff(&"c1".into(), Some("sales".into()), "x".into())
        .await;
    assert!(matches!(
        unknown,
        Err(TurnError::Refused {
            code: "desk-unknown",
            ..
        })
    ));
}

#[tokio::test]
async fn who_waits_is_told_the_place_and_when_it_changes() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.runtime
        .open(crate::support::new_conversation("c2", "bob"))
        .await
        .unwrap();
    shop.send(PERSON).await;
    let mut feed = shop.runtime.subscribe(&"c2".into(), 1).await.unwrap();
    shop.runtime
        .accept(crate::support::text("c2", "m1", PERSON))
        .await
        .unwrap();
    assert_eq!(
        next_place(&mut feed).await,
        r#"{"type":"queue","position":2}"#
    );
    shop.runtime.claim(&"c1".into(), mia()).await.unwrap();
    assert_eq!(
        next_place(&mut feed).await,
        r#"{"type":"queue","position":1}"#
    );
}

async fn next_place(feed: &mut runtime::Feed) -> String {
    loop {
        let item = feed
            .next()
            .await
            .expect("the store in memory answers")
            .expect("the feed goes on");
        if item.kind == "queue" {
            return item.json.to_string();
        }
    }
}
