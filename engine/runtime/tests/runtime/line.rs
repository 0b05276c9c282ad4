//! One conversation is one line, and the same message twice is one turn.

use crate::support::{Shop, new_conversation, text, texts};
use dialog::Turn;
use futures_util::future::join_all;
use runtime::TurnError;

#[tokio::test]
async fn the_same_message_twice_is_one_turn_also_after_a_restart() {
    let shop = Shop::open().await;
    assert_eq!(shop.begin().await, ["Hello."]);
    let first = shop
        .runtime
        .accept(text("c1", "m1", "opening hours"))
        .await
        .unwrap();
    assert_eq!(
        (first.turn, texts(&first.messages)),
        (Turn(2), vec!["From eight to eight.".to_owned()])
    );
    assert_eq!(
        shop.runtime
            .accept(text("c1", "m1", "opening hours"))
            .await
            .unwrap(),
        first
    );
    let shop = shop.crash().await;
    assert_eq!(
        shop.runtime
            .accept(text("c1", "m1", "opening hours"))
            .await
            .unwrap(),
        first
    );
    let other = shop
        .runtime
        .accept(text("c1", "m1", "something else"))
        .await;
    assert_eq!(other, Err(TurnError::IdReused));
    assert_eq!(
        shop.runtime
            .accept(text("c1", "m2", "opening hours"))
            .await
            .unwrap()
            .turn,
        Turn(3)
    );
}

#[tokio::test]
async fn a_message_after_the_end_is_refused_and_an_older_one_answered_as_before() {
    let shop = Shop::open().await;
    shop.begin().await;
    let first = shop
        .runtime
        .accept(text("c1", "m1", "opening hours"))
        .await
        .unwrap();
    shop.runtime.end(&"c1".into()).await.unwrap();
    let again = shop
        .runtime
        .accept(text("c1", "m1", "opening hours"))
        .await
        .unwrap();
    assert_eq!((again.turn, again.messages), (first.turn, first.messages));
    assert_eq!(
        shop.runtime.accept(text("c1", "m2", "opening hours")).await,
        Err(TurnError::Ended)
    );
}

#[tokio::test]
async fn messages_are_taken_in_the_order_in_which_they_came() {
    let shop = Shop::open().await;
    shop.begin().await;
    let runtime = &shop.runtime;
    let sends = (0..20).map(|i| async move {
        runtime
            .accept(text("c1", &format!("m{i}"), "x"))
            .await
            .unwrap()
            .turn
    });
    assert_eq!(join_all(sends).await, (2..22).map(Turn).collect::<Vec<_>>());
}

#[tokio::test]
async fn too_many_that_wait_are_told_so() {
    let shop = Shop::open().await;
    shop.begin().await;
    let runtime = &shop.runtime;
    let sends =
        (0..100).map(|i| async move { runtime.accept(text("c1", &format!("m{i}"), "x")).await });
    let answers = join_all(sends).await;
    let full = answers
        .iter()
        .filter(|answer| **answer == Err(TurnError::Full))
        .count();
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(full > 0 && taken >= 32, "{taken} taken, {full} refused");
    assert_eq!(full + taken, 100);
}

#[tokio::test]
async fn what_belongs_to_others_is_not_there() {
    let shop = Shop::open().await;
    let runtime = &shop.runtime;
    assert!(
        runtime
            .open(new_conversation("c1", "ana"))
            .await
            .unwrap()
            .created
    );
    let again = runtime.open(new_conversation("c1", "ana")).await.unwrap();
    assert_eq!(
        (again.created, texts(&again.messages)),
        (false, vec!["Hello.".to_owned()])
    );
    let others = runtime.open(new_conversation("c1", "bob")).await;
    assert_eq!(others, Err(TurnError::NotFound("c1".into())));
    let nobodys = runtime.accept(text("c2", "m1", "hello")).await;
    assert_eq!(nobodys, Err(TurnError::NotFound("c2".into())));
}
