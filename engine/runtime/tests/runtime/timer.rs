//! Timers and events for later: they fire once, in order, and a restart loses none.

use crate::support::{Shop, new_conversation, texts};
use jiff::{SignedDuration, ToSpan};
use runtime::Clock;

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

#[tokio::test]
async fn a_timer_fires_once() {
    let shop = Shop::open().await;
    shop.begin().await;
    assert_eq!(shop.says("remember my name").await, ["What is your name?"]);
    shop.pass(MINUTE * 4).await;
    assert_eq!(shop.said().await.len(), 2);
    shop.pass(MINUTE * 10).await;
    assert_eq!(
        shop.said().await,
        ["Hello.", "What is your name?", "Are you still there?"]
    );
    shop.pass(MINUTE * 60).await;
    assert_eq!(shop.said().await[3..], ["I leave it at that."]);
}

#[tokio::test]
async fn a_timer_that_came_due_while_nothing_ran_fires_after_the_restart_and_only_once() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    shop.clock.set(shop.clock.now() + 6.minutes());
    let shop = shop.crash().await;
    assert_eq!(
        shop.said().await,
        ["Hello.", "What is your name?", "Are you still there?"]
    );
    let shop = shop.crash().await;
    assert_eq!(shop.said().await.len(), 3);
}

#[tokio::test]
async fn the_wheel_turns_by_itself() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    let mut feed = shop.runtime.subscribe(&"c1".into(), 2).await.unwrap();
    shop.clock.set(shop.clock.now() + 6.minutes());
    let item = feed.next().await.unwrap().unwrap();
    assert!(item.json.contains("Are you still there?"), "{}", item.json);
}

#[tokio::test]
async fn an_event_for_later_comes_at_its_time_also_after_a_restart() {
    let shop = Shop::open().await;
    shop.begin().await;
    order(&shop).await;
    let shop = shop.crash().await;
    shop.pass(MINUTE * 119).await;
    assert_ne!(
        shop.said().await.last().unwrap(),
        "Your order A-1 has arrived."
    );
    shop.pass(MINUTE).await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "Your order A-1 has arrived."
    );
    let said = shop.said().await.len();
    let shop = shop.crash().await;
    shop.pass(MINUTE * 600).await;
    assert_eq!(shop.said().await.len(), said);
}

#[tokio::test]
async fn an_event_for_later_opens_a_conversation_where_none_is_open() {
    let shop = Shop::open().await;
    shop.begin().await;
    order(&shop).await;
    shop.runtime.end(&"c1".into()).await.unwrap();
    shop.pass(MINUTE * 120).await;
    let of_ana = store::Filter {
        user: Some("ana".into()),
        ..store::Filter::default()
    };
    let page = shop.runtime.conversations(of_ana, None, 10).await.unwrap();
    let new = page
        .rows
        .iter()
        .find(|row| row.conversation != "c1".into())
        .expect("a new conversation");
    let (entries, _) = shop
        .runtime
        .transcript(&new.conversation, dialog::Turn(1))
        .await
        .unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry.text == "Your order A-1 has arrived."),
        "{entries:?}"
    );
    assert_eq!(
        shop.runtime
            .conversation(&new.conversation)
            .await
            .unwrap()
            .channel,
        "http"
    );
}

#[tokio::test]
async fn an_event_from_outside_is_one_event_however_often_it_is_sent() {
    let shop = Shop::open().await;
    let runtime = &shop.runtime;
    runtime.open(new_conversation("c1", "ana")).await.unwrap();
    let outage = |to| runtime::OutsideEvent {
        id: "e1".into(),
        name: "outage".into(),
        data: serde_json::json!({ "service": "payments" })
            .as_object()
            .unwrap()
            .clone(),
        to,
    };
    let ana = runtime::Addressee::User("ana".into());
    let (conversation, first) = runtime.outside(outage(ana.clone())).await.unwrap();
    assert_eq!(conversation, "c1".into());
    assert_eq!(texts(&first.messages), ["There is an outage of payments."]);
    assert_eq!(
        runtime.outside(outage(ana)).await.unwrap(),
        (conversation, first)
    );
    assert_eq!(shop.said().await.len(), 2);
}

async fn order(shop: &Shop) {
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").returns(&[("ok", true.into())]);
    shop.send("order now").await;
    shop.runtime
        .settle()
        .await
        .expect("the store in memory answers");
}
