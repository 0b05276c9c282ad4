//! One conversation is one line, and the same message twice is one turn.


mod support;

use std::sync::Arc;

use dialog::Turn;
use runtime::TurnError;
use store::Memory;
use support::{new_conversation, start, text};

#[tokio::test]
async fn the_same_message_twice_is_one_turn_also_after_a_restart() {
    let store = Memory::new();
    let runtime = start(Arc::new(store.clone())).await;
    runtime.open(new_conversation("c1", "ana")).await.unwrap();
    let first = runtime.accept(text("c1", "m1", "hello")).await.unwrap();
    assert_eq!(first.turn, Turn(2));
    assert_eq!(
        runtime.accept(text("c1", "m1", "hello")).await.unwrap(),
        first
    );
    let restarted = start(Arc::new(store)).await;
    assert_eq!(
        restarted.accept(text("c1", "m1", "hello")).await.unwrap(),
        first
    );
    let other = restarted.accept(text("c1", "m1", "good bye")).await;
    assert_eq!(other, Err(TurnError::IdReused));
    assert_eq!(
        restarted
            .accept(text("c1", "m2", "good bye"))
            .await
            .unwrap()
            .turn,
        Turn(3)
    );
}

#[tokio::test]
async fn messages_are_taken_in_the_order_in_which_they_came() {
    let runtime = start(Arc::new(Memory::new())).await;
    runtime.open(new_conversation("c1", "ana")).await.unwrap();
    let runtime = &runtime;
    let sends = (0..20).map(|i| async move {
        runtime
            .accept(text("c1", &format!("m{i}"), "x"))
            .await
            .unwrap()
            .turn
    });
    let turns = futures_util::future::join_all(sends).await;
    assert_eq!(turns, (2..22).map(Turn).collect::<Vec<_>>());
}

#[tokio::test]
async fn too_many_that_wait_are_told_so() {
    let runtime = start(Arc::new(Memory::new())).await;
    runtime.open(new_conversation("c1", "ana")).await.unwrap();
    let runtime = &runtime;
    let sends =
        (0..100).map(|i| async move { runtime.accept(text("c1", &format!("m{i}"), "x")).await });
    let answers = futures_util::future::join_all(sends).await;
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
    let runtime = start(Arc::new(Memory::new())).await;
    let opened = runtime.open(new_conversation("c1", "ana")).await.unwrap();
    assert!(opened.created);
    assert!(
        !runtime
            .open(new_conversation("c1", "ana"))
            .await
            .unwrap()
            .created
    );
    let others = runtime.open(new_conversation("c1", "bob")).await;
    assert_eq!(others, Err(TurnError::NotFound("c1".into())));
    let nobodys = runtime.accept(text("c2", "m1", "hello")).await;
    assert_eq!(nobodys, Err(TurnError::NotFound("c2".into())));
}
