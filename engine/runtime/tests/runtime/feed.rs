//! The feed: nothing lost, nothing doubled, whoever reads from wherever.

use crate::support::{Shop, text};
use runtime::{Feed, FeedItem};

async fn next(feed: &mut Feed) -> FeedItem {
    feed.next()
        .await
        .expect("the store in memory answers")
        .expect("the feed goes on")
}

#[tokio::test]
async fn a_subscriber_gets_what_was_and_what_comes_once_each() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("opening hours").await;
    let mut feed = shop.runtime.subscribe(&"c1".into(), 0).await.unwrap();
    assert_eq!(next(&mut feed).await.seq, Some(1));
    shop.send("opening hours").await;
    assert_eq!(next(&mut feed).await.seq, Some(2));
    let live = next(&mut feed).await;
    assert_eq!((live.seq, live.kind), (Some(3), "message"));
    let mut again = shop.runtime.subscribe(&"c1".into(), 2).await.unwrap();
    assert_eq!(next(&mut again).await, live);
}

#[tokio::test]
async fn typing_is_told_and_not_kept() {
    let shop = Shop::open().await;
    shop.begin().await;
    let mut feed = shop.runtime.subscribe(&"c1".into(), 1).await.unwrap();
    let read = tokio::spawn(async move { (next(&mut feed).await, next(&mut feed).await) });
    while !read.is_finished() {
        shop.runtime.typing(&"c1".into());
        tokio::task::yield_now().await;
    }
    let (typing, _) = read.await.unwrap();
    assert_eq!((typing.seq, typing.kind), (None, "typing"));
}

#[tokio::test]
async fn a_subscriber_that_lags_is_cut_and_reads_again_from_where_it_was() {
    let shop = Shop::open().await;
    shop.begin().await;
    let mut slow = shop.runtime.subscribe(&"c1".into(), 0).await.unwrap();
    assert_eq!(next(&mut slow).await.seq, Some(1));
    let first_live = shop.send("opening hours").await;
    assert_eq!(next(&mut slow).await.seq, Some(first_live.messages[0].seq));
    for i in 0..200 {
        shop.runtime
            .accept(text("c1", &format!("m{i}"), "opening hours"))
            .await
            .unwrap();
    }
    assert_eq!(slow.next().await.unwrap(), None);
    let mut again = shop.runtime.subscribe(&"c1".into(), 2).await.unwrap();
    for seq in 3..=202 {
        assert_eq!(next(&mut again).await.seq, Some(seq));
    }
}

#[tokio::test]
async fn a_change_of_owner_and_the_end_are_told() {
    let shop = Shop::open().await;
    shop.begin().await;
    let mut feed = shop.runtime.subscribe(&"c1".into(), 1).await.unwrap();
    shop.runtime.end(&"c1".into()).await.unwrap();
    assert_eq!(next(&mut feed).await.kind, "end");
}

#[tokio::test]
async fn a_shutdown_finishes_turns_ends_feeds_and_takes_nothing_new() {
    let shop = Shop::open().await;
    shop.begin().await;
    let mut feed = shop.runtime.subscribe(&"c1".into(), 1).await.unwrap();
    assert!(shop.runtime.ready());
    let (taken, ()) = tokio::join!(shop.try_send("opening hours"), async {
        tokio::task::yield_now().await;
        shop.runtime.drain().await;
    });
    assert!(taken.is_ok());
    while feed.next().await.unwrap().is_some() {}
    assert!(!shop.runtime.ready());
    assert_eq!(
        shop.try_send("opening hours").await,
        Err(runtime::TurnError::Draining)
    );
}
