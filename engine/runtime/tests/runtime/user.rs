//! Users: what is remembered, who may set what, and being forgotten.

use crate::support::{Shop, event, new_conversation, texts};
use jiff::SignedDuration;
use runtime::{Authority, TurnError};
use serde_json::json;

#[tokio::test]
async fn who_comes_again_is_recognised() {
    let shop = Shop::open().await;
    assert_eq!(shop.begin().await, ["Hello."]);
    shop.send("remember my name").await;
    assert_eq!(shop.says("Ana Lima").await, ["Thank you, Ana Lima."]);
    let second = shop
        .runtime
        .open(new_conversation("c2", "ana"))
        .await
        .unwrap();
    assert_eq!(texts(&second.messages), ["Hello again, Ana Lima."]);
    let ana = shop.runtime.user(&"ana".into()).await.unwrap();
    assert_eq!(ana.slots["nickname"], json!("Ana Lima"));
    assert_eq!(ana.last_conversation, Some("c2".into()));
}

#[tokio::test]
async fn a_fact_names_its_message_and_goes_at_its_time() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    shop.send("Ana Lima").await;
    let ana = shop.runtime.user(&"ana".into()).await.unwrap();
    let fact = &ana.facts["nickname"];
    let source = fact.source.as_ref().unwrap();
    let (entries, _) = shop
        .runtime
        .transcript(&source.conversation, source.turn)
        .await
        .unwrap();
    assert_eq!(entries[0].text, "Ana Lima");
    assert_eq!(fact.confidence, Some(dialog::Confidence(1.0)));
    // An integrator that tells it anew has it kept for longer: the first end passes it by.
    shop.pass(SignedDuration::from_hours(200 * 24)).await;
    let mut second = new_conversation("c2", "ana");
    let slots = json!({ "nickname": "Ana Maria Lima" });
    second.slots = slots.as_object().unwrap().clone();
    shop.runtime.open(second).await.unwrap();
    let ana = shop.runtime.user(&"ana".into()).await.unwrap();
    assert_eq!(ana.facts["nickname"].source, None);
    shop.pass(SignedDuration::from_hours(200 * 24)).await;
    let kept = || async { shop.store.memory(&"ana".into()).await.unwrap() };
    assert!(kept().await.contains_key("slot/nickname"));
    shop.pass(SignedDuration::from_hours(170 * 24)).await;
    assert!(!kept().await.contains_key("slot/nickname"));
    assert!(
        shop.store
            .scheduled_of(&"ana".into())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn who_asks_to_be_forgotten_is_new_the_next_time() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    shop.send("Ana Lima").await;
    assert_eq!(
        shop.says("forget everything about me").await,
        ["I forgot all about you."]
    );
    assert!(
        shop.runtime
            .user(&"ana".into())
            .await
            .unwrap()
            .slots
            .is_empty()
    );
    let second = shop
        .runtime
        .open(new_conversation("c2", "ana"))
        .await
        .unwrap();
    assert_eq!(texts(&second.messages), ["Hello."]);
}

#[tokio::test]
async fn an_erased_person_is_gone_from_everything_that_is_live() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    shop.send("Ana Lima").await;
    let mut feed = shop.runtime.subscribe(&"c1".into(), 3).await.unwrap();
    let export = shop
        .runtime
        .export(&"ana".into())
        .await
        .unwrap()
        .to_string();
    assert!(
        export.contains("Ana Lima") && export.contains("What is your name?"),
        "{export}"
    );
    let erased = shop.runtime.erase(&"ana".into()).await.unwrap();
    assert_eq!(erased.conversations, 1);
    assert_eq!(feed.next().await.unwrap(), None);
    assert_eq!(
        shop.try_send("opening hours").await,
        Err(TurnError::NotFound("c1".into()))
    );
    let export = shop
        .runtime
        .export(&"ana".into())
        .await
        .unwrap()
        .to_string();
    assert!(!export.contains("Ana Lima"), "{export}");
}

#[tokio::test]
async fn a_visitor_sets_only_what_is_declared_for_visitors() {
    let shop = Shop::open().await;
    let mut visitor = new_conversation("c1", "ana");
    visitor.by = Authority::Visitor;
    visitor.slots = json!({ "who": "the boss" }).as_object().unwrap().clone();
    let refused = shop.runtime.open(visitor.clone()).await;
    assert!(
        matches!(
            refused,
            Err(TurnError::Refused {
                code: "slot-refused",
                ..
            })
        ),
        "{refused:?}"
    );
    visitor.slots = json!({ "page": "/cards" }).as_object().unwrap().clone();
    shop.runtime.open(visitor).await.unwrap();
    assert_eq!(
        shop.runtime.conversation(&"c1".into()).await.unwrap().slots["page"],
        "/cards".into()
    );
}

#[tokio::test]
async fn a_visitor_sends_only_events_that_are_declared_for_visitors_and_as_declared() {
    let shop = Shop::open().await;
    shop.begin().await;
    let refused = |answer| {
        assert!(
            matches!(
                answer,
                Err(TurnError::Refused {
                    code: "event-refused",
                    ..
                })
            ),
            "{answer:?}"
        )
    };
    refused(
        shop.runtime
            .accept(event("c1", "m1", "outage", json!({ "service": "x" })))
            .await,
    );
    refused(
        shop.runtime
            .accept(event("c1", "m2", "nothing", json!({})))
            .await,
    );
    refused(
        shop.runtime
            .accept(event("c1", "m3", "scrolled", json!({ "to": "far" })))
            .await,
    );
    let scrolled = shop
        .runtime
        .accept(event("c1", "m4", "scrolled", json!({ "to": 7 })))
        .await
        .unwrap();
    assert_eq!(texts(&scrolled.messages), ["You scrolled."]);
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let shop = Shop::open().await;
    shop.begin().await;
    let long = shop.try_send(&"x".repeat(8_001)).await;
    assert!(matches!(
        long,
        Err(TurnError::Refused {
            code: "text-too-long",
            ..
        })
    ));
    let id = shop
        .runtime
        .accept(crate::support::text("c1", &"i".repeat(129), "x"))
        .await;
    assert!(matches!(
        id,
        Err(TurnError::Refused {
            code: "id-refused",
            ..
        })
    ));
}
