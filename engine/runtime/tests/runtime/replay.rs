//! What each turn considered, found out by replay; and replay's own proof.

use std::sync::Arc;

use dialog::{ErrorKind, Refusal, Turn};
use jiff::SignedDuration;
use runtime::{Config, Replay, Runtime, TurnTrace};

use crate::support::{Shop, shop_with, text};
use tools::Toolbox;

async fn replayed(runtime: &Runtime) -> Vec<TurnTrace> {
    let (turns, next) = runtime
        .trace_considered(&"c1".into(), Turn(1))
        .await
        .expect("the conversation is there");
    assert_eq!(next, None);
    turns
}

fn outcome(turn: &TurnTrace) -> &Replay {
    turn.replay.as_ref().expect("it was asked for")
}

fn is_same(turn: &TurnTrace) -> bool {
    matches!(outcome(turn), Replay::Same(_))
}

#[tokio::test]
async fn every_transition_that_was_considered_is_told_and_what_refused_it() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("order now").await;
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").fails(ErrorKind::Timeout);
    assert_eq!(
        shop.said().await.last().unwrap(),
        "Number 1 could not be paid."
    );
    let turns = replayed(&shop.runtime).await;
    let Replay::Same(considered) = outcome(turns.last().unwrap()) else {
        panic!("{turns:#?}");
    };
    let bot = shop.runtime.current().bot.clone();
    let told: Vec<(&str, Option<&str>, Option<&Refusal>)> = considered
        .iter()
        .map(|one| (&bot.transitions[one.transition.index()], one))
        .map(|(info, one)| {
            (
                info.label.as_str(),
                info.guard.as_deref(),
                one.refused.as_ref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "order.charging error #1",
                Some("error.kind == \"unknown\""),
                Some(&Refusal::Guard)
            ),
            ("order.charging error #2", None, None),
        ]
    );
}

#[tokio::test]
async fn a_long_way_through_calls_timers_a_desk_and_a_secret_comes_out_again_as_it_was() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("check my PIN").await;
    shop.send("654321").await;
    shop.tool("check_pin").returns(&[("ok", true.into())]);
    shop.said().await;
    shop.send("remember my name").await;
    shop.pass(SignedDuration::from_mins(6)).await;
    shop.send("Ana").await;
    shop.send("order now").await;
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").fails(ErrorKind::Refused);
    shop.said().await;
    shop.send("I want to talk to a person").await;
    shop.pass(SignedDuration::from_hours(30)).await;
    shop.send("opening hours").await;
    let before = replayed(&shop.runtime).await;
    assert!(before.len() > 12, "{}", before.len());
    assert!(before.iter().all(is_same), "{before:#?}");
    let shop = shop.crash().await;
    shop.send("forget me").await;
    let after = replayed(&shop.runtime).await;
    assert_eq!(after[..before.len()], before);
    assert!(after.iter().all(is_same), "{after:#?}");
}

#[tokio::test]
async fn a_turn_that_comes_out_otherwise_is_said_to_and_ends_what_is_known() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("opening hours").await;
    shop.send("remember my name").await;
    // The same version by its name, but another bot: its answer is worded otherwise.
    let templates = include_str!("../bot/templates/en/shop.yaml")
        .replace("From eight to eight.", "From nine to five.");
    let mut other = shop_with(&[("templates/en/shop.yaml", &templates)]);
    other.bot = shop.runtime.current().bot.clone();
    shop.runtime.deploy(other);
    let turns = replayed(&shop.runtime).await;
    assert!(is_same(&turns[0]));
    let Replay::Differs { how, .. } = outcome(&turns[1]) else {
        panic!("{turns:#?}");
    };
    assert_eq!(
        how,
        &["number 1 of what was told (message) reads otherwise now"]
    );
    let Replay::Impossible(why) = outcome(&turns[2]) else {
        panic!("{turns:#?}");
    };
    assert!(why.contains("Turn 2 came out otherwise"), "{why}");
}

#[tokio::test]
async fn a_transition_or_a_state_that_comes_out_otherwise_is_named() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("order now").await;
    let flow = include_str!("../bot/flows/order.yaml").replace("slots.n + 1", "slots.n + 7");
    let mut other = shop_with(&[("flows/order.yaml", &flow)]);
    let mut bot = (*other.bot).clone();
    bot.version = shop.runtime.current().bot.version.clone();
    other.bot = Arc::new(bot);
    shop.runtime.deploy(other);
    let turns = replayed(&shop.runtime).await;
    let Replay::Differs { how, .. } = outcome(&turns[1]) else {
        panic!("{turns:#?}");
    };
    assert_eq!(
        how,
        &[
            "number 1 of what was told (message) reads otherwise now",
            "the state differs at /slots/n"
        ]
    );
}

#[tokio::test]
async fn a_version_that_is_gone_is_named_and_what_came_after_it_is_known() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("opening hours").await;
    let old = shop.runtime.current().bot.version.clone();
    let mut deployment = crate::support::shop(Toolbox::default());
    let mut bot = (*deployment.bot).clone();
    bot.version = "next".into();
    deployment.bot = Arc::new(bot);
    let runtime = Runtime::start(
        Config::default(),
        shop.store.clone(),
        shop.clock.clone(),
        deployment,
    )
    .await
    .unwrap();
    for (id, words) in [("m1", "remember my name"), ("m2", "Ana")] {
        runtime.accept(text("c1", id, words)).await.unwrap();
    }
    let turns = replayed(&runtime).await;
    for turn in &turns[..2] {
        let Replay::Impossible(why) = outcome(turn) else {
            panic!("{turn:#?}");
        };
        assert!(why.contains(&old.0), "{why}");
        assert_eq!(turn.version.as_ref(), Some(&old));
    }
    assert!(turns[2..].iter().all(is_same), "{turns:#?}");
    assert_eq!(turns.len(), 4);
}

#[tokio::test]
async fn a_step_that_panicked_then_stands_for_itself() {
    let shop = Shop::open().await;
    shop.begin().await;
    let mended = (*shop.runtime.current()).clone();
    let mut broken = shop_with(&[]);
    let mut bot = (*broken.bot).clone();
    for answer in bot.answers.values_mut() {
        let dialog::AnswerKind::Say(say) = &mut answer.kind else {
            continue;
        };
        say[0] = dialog::Say::Template {
            template: dialog::TemplateId(60_000),
            with: Vec::new(),
        };
    }
    broken.bot = Arc::new(bot);
    shop.runtime.deploy(broken);
    shop.send("opening hours").await;
    shop.runtime.deploy(mended);
    shop.send("opening hours").await;
    let turns = replayed(&shop.runtime).await;
    assert!(turns.iter().all(is_same), "{turns:#?}");
    assert_eq!(outcome(&turns[1]), &Replay::Same(Vec::new()));
}

#[tokio::test]
async fn a_guard_that_looks_into_a_secret_is_told_as_a_difference_with_its_reason() {
    let shop = Shop::open().await;
    let flow = include_str!("../bot/flows/pin.yaml").replace(
        "done: checking",
        "done: [ { guard: 'slots.pin == \"654321\"', target: left }, { target: checking } ]",
    );
    shop.runtime.deploy(shop_with(&[("flows/pin.yaml", &flow)]));
    shop.begin().await;
    shop.send("check my PIN").await;
    shop.send("654321").await;
    let turns = replayed(&shop.runtime).await;
    let Replay::Differs { how, .. } = outcome(&turns[2]) else {
        panic!("{turns:#?}");
    };
    assert!(how[0].starts_with("transitions taken"), "{how:?}");
    assert!(
        how[how.len() - 1].starts_with("a secret was given"),
        "{how:?}"
    );
    assert!(!format!("{turns:?}").contains("654321"), "{turns:#?}");
}

#[tokio::test]
async fn a_long_conversation_is_told_page_by_page() {
    let shop = Shop::open().await;
    shop.begin().await;
    for n in 0..600 {
        shop.runtime
            .accept(text("c1", &format!("m{n}"), "opening hours"))
            .await
            .unwrap();
    }
    let (mut seen, mut from) = (0, Some(Turn(1)));
    while let Some(turn) = from {
        let (turns, next) = shop
            .runtime
            .trace_considered(&"c1".into(), turn)
            .await
            .unwrap();
        assert!(turns.iter().all(is_same));
        let numbers: Vec<u64> = turns.iter().map(|turn| turn.turn.0).collect();
        let expected: Vec<u64> = (seen + 1..).take(turns.len()).collect();
        assert_eq!(numbers, expected);
        seen += turns.len() as u64;
        from = next;
    }
    assert_eq!(seen, 601);
}

#[tokio::test]
async fn a_conversation_that_is_not_there_has_no_trace() {
    let shop = Shop::open().await;
    let unknown = shop.runtime.trace_considered(&"c1".into(), Turn(1)).await;
    assert_eq!(unknown, Err(runtime::TurnError::NotFound("c1".into())));
}
