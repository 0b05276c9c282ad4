//! What goes with time: conversations, ids of messages, and what their subscribers are told.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use runtime::{Config, Retention, Runtime, TurnError, VirtualClock};
use store::{Memory, Store};
use tools::Toolbox;

use crate::support::{START, Shop, new_conversation, shop, text};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Idle conversations for 30 days, ended ones for 10.
fn config() -> Config {
    Config {
        retention: Some(Retention {
            idle: DAY * 30,
            ended: DAY * 10,
        }),
        ..Config::default()
    }
}

async fn start(store: Arc<dyn Store>, clock: Arc<VirtualClock>) -> Runtime {
    Runtime::start(config(), store, clock, shop(Toolbox::default()))
        .await
        .expect("the store in memory opens")
}

fn begun() -> (Arc<dyn Store>, Arc<VirtualClock>, Timestamp) {
    let start: Timestamp = START.parse().expect("it is a time");
    (
        Arc::new(Memory::new()),
        Arc::new(VirtualClock::new(start)),
        start,
    )
}

/// Waits until so many conversations are left.
async fn left(store: &Arc<dyn Store>, conversations: u64) {
    loop {
        let status = store.status().await.expect("the store in memory answers");
        if status.conversations == conversations {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_old_goes_by_itself_and_the_rest_stays() {
    let (store, clock, begin) = begun();
    let runtime = start(store.clone(), clock.clone()).await;
    for (id, user) in [("c1", "ana"), ("c2", "bob"), ("c3", "cleo")] {
        let opened = runtime.open(new_conversation(id, user)).await;
        assert!(opened.expect("it opens").created);
    }
    runtime.end(&"c2".into()).await.expect("it ends");
    clock.set(begin + DAY * 11);
    left(&store, 2).await;
    assert_eq!(
        runtime.conversation(&"c2".into()).await.err(),
        Some(TurnError::NotFound("c2".into()))
    );
    let said = runtime.accept(text("c3", "m1", "opening hours")).await;
    assert_eq!(said.expect("it is there").turn.0, 2);
    clock.set(begin + DAY * 31);
    left(&store, 1).await;
    let gone = runtime.accept(text("c1", "m1", "opening hours")).await;
    assert_eq!(gone, Err(TurnError::NotFound("c1".into())));
    assert!(runtime.conversation(&"c3".into()).await.is_ok());
}

#[tokio::test]
async fn what_grew_old_while_nothing_ran_goes_at_the_next_start() {
    let (store, clock, begin) = begun();
    let runtime = start(store.clone(), clock.clone()).await;
    runtime
        .open(new_conversation("c1", "ana"))
        .await
        .expect("it opens");
    runtime.drain().await;
    clock.set(begin + DAY * 31);
    assert!(
        store
            .load(&"c1".into())
            .await
            .expect("it answers")
            .is_some()
    );
    let _runtime = start(store.clone(), clock).await;
    left(&store, 0).await;
}

#[tokio::test]
async fn a_subscriber_is_cut_and_told_that_what_it_has_read_is_gone() {
    let (store, clock, begin) = begun();
    let runtime = start(store.clone(), clock.clone()).await;
    runtime
        .open(new_conversation("c1", "ana"))
        .await
        .expect("it opens");
    let mut feed = runtime
        .subscribe(&"c1".into(), 1)
        .await
        .expect("it is there");
    clock.set(begin + DAY * 31);
    // Bounded, so that a subscriber who is not cut fails the test instead of holding it up.
    let cut = tokio::time::timeout(Duration::from_secs(60), feed.next()).await;
    assert_eq!(cut.expect("it is cut"), Ok(None));
    let after = async |seq| runtime.subscribe(&"c1".into(), seq).await.err();
    assert_eq!(after(1).await, Some(TurnError::Gone));
    assert_eq!(after(0).await, Some(TurnError::NotFound("c1".into())));
    // Another conversation under the same id is not the one that was read.
    runtime
        .open(new_conversation("c1", "ana"))
        .await
        .expect("it opens again");
    assert_eq!(after(2).await, Some(TurnError::Gone));
    assert_eq!(after(1).await, None);
}

#[tokio::test]
async fn a_message_is_recognised_for_seven_days_whatever_goes_meanwhile() {
    let (store, clock, begin) = begun();
    let runtime = start(store.clone(), clock.clone()).await;
    runtime
        .open(new_conversation("c1", "ana"))
        .await
        .expect("it opens");
    let first = runtime.accept(text("c1", "m1", "opening hours")).await;
    let first = first.expect("it is taken");
    for hours in [24, 100, 7 * 24 - 1] {
        clock.set(begin + SignedDuration::from_hours(hours));
        runtime.settle().await.expect("it settles");
        let again = runtime.accept(text("c1", "m1", "opening hours")).await;
        assert_eq!(again.as_ref(), Ok(&first), "after {hours} hours");
    }
    runtime.drain().await;
    let runtime = start(store.clone(), clock.clone()).await;
    let again = runtime.accept(text("c1", "m1", "opening hours")).await;
    assert_eq!(again, Ok(first.clone()), "after a restart");
    clock.set(begin + DAY * 7);
    let anew = runtime.accept(text("c1", "m1", "opening hours")).await;
    assert_eq!(anew.expect("it is taken").turn.0, first.turn.0 + 1);
}

#[tokio::test]
async fn nothing_goes_where_no_retention_is_set() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.pass(DAY * 4_000).await;
    assert!(shop.runtime.conversation(&"c1".into()).await.is_ok());
}
