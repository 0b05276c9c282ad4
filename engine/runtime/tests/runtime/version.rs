//! Versions side by side, and a bot that breaks.

use std::sync::Arc;

use crate::support::{Shop, new_conversation, shop, text, texts};
use dialog::{Bot, TemplateId};
use runtime::Compile;
use store::Dead;
use tools::Toolbox;

#[tokio::test]
async fn a_new_version_takes_new_conversations_and_those_between_flows() {
    let shop = Shop::open().await;
    shop.begin().await;
    let in_flow = shop
        .runtime
        .open(new_conversation("c2", "bob"))
        .await
        .unwrap()
        .conversation;
    shop.runtime
        .accept(text("c2", "m1", "remember my name"))
        .await
        .unwrap();
    deploy(&shop, |bot| bot.version = "next".into());
    shop.send("opening hours").await;
    let version = |id| {
        let runtime = shop.runtime.clone();
        async move { runtime.conversation(&id).await.unwrap().version.0 }
    };
    assert_eq!(version("c1".into()).await, "next");
    assert_ne!(version(in_flow.clone()).await, "next");
    let thanks = shop.runtime.accept(text("c2", "m2", "Bob")).await.unwrap();
    assert_eq!(texts(&thanks.messages), ["Thank you, Bob."]);
    shop.runtime
        .accept(text("c2", "m3", "opening hours"))
        .await
        .unwrap();
    assert_eq!(version(in_flow).await, "next");
    assert_eq!(shop.runtime.versions().len(), 2);
}

#[tokio::test]
async fn a_conversation_whose_version_is_gone_goes_on_with_the_newest() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    let store = shop.store.clone();
    let clock = shop.clock.clone();
    let mut deployment = crate::support::shop(Toolbox::default());
    deployment.bot = changed(|bot| bot.version = "next".into());
    let runtime = runtime::Runtime::start(runtime::Config::default(), store, clock, deployment)
        .await
        .unwrap();
    let thanks = runtime.accept(text("c1", "m1", "Ana")).await.unwrap();
    assert_eq!(texts(&thanks.messages), ["Thank you, Ana."]);
}

#[tokio::test]
async fn a_conversation_finds_its_version_again_after_a_restart() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.runtime
        .keep_sources(b"the old one".to_vec())
        .await
        .unwrap();
    shop.send("remember my name").await;
    let old = shop.runtime.current().bot.version.clone();
    let compile = Compile(Arc::new(|sources| {
        assert_eq!(sources, b"the old one");
        Ok(crate::support::shop(Toolbox::default()))
    }));
    let config = runtime::Config {
        compile: Some(compile),
        ..runtime::Config::default()
    };
    let mut newest = crate::support::shop(Toolbox::default());
    newest.bot = changed(|bot| bot.version = "next".into());
    let runtime = runtime::Runtime::start(config, shop.store.clone(), shop.clock.clone(), newest)
        .await
        .unwrap();
    runtime.keep_sources(b"the new one".to_vec()).await.unwrap();
    let on = async || runtime.conversation(&"c1".into()).await.unwrap().version;
    assert_eq!(on().await, old);
    assert_eq!(runtime.versions(), ["next".into(), old.clone()]);
    runtime.accept(text("c1", "m1", "Ana")).await.unwrap();
    runtime
        .accept(text("c1", "m2", "opening hours"))
        .await
        .unwrap();
    assert_eq!(on().await, "next".into());
    assert_eq!(runtime.kept_versions().await.unwrap(), ["next".into(), old]);
}

#[tokio::test]
async fn the_sources_of_old_versions_go_in_their_turn() {
    let shop = Shop::open().await;
    for number in 0..=runtime::VERSIONS_MAX {
        deploy(&shop, |bot| {
            bot.version = format!("v{number}").as_str().into()
        });
        shop.runtime.keep_sources(vec![number as u8]).await.unwrap();
    }
    let kept = shop.store.documents("bot/").await.unwrap();
    assert_eq!(kept.len(), runtime::VERSIONS_MAX);
    assert!(!kept.contains(&"bot/v0".to_owned()), "{kept:?}");
}

#[tokio::test]
async fn a_conversation_in_the_middle_of_a_flow_goes_where_migrate_says() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    let old = shop.runtime.current().bot.version.clone();
    // The question is another now, in a state of another name and with another slot.
    let flow = include_str!("../bot/flows/name.yaml")
        .replace("initial: ask\n", &format!("initial: nick\nmigrate: {{ from: {old}, states: {{ ask: {{ to: nick, say: welcome_back }} }} }}\n"))
        .replace("  ask:\n", "  nick:\n");
    let newest = crate::support::shop_with(&[("flows/name.yaml", &flow)]);
    let version = newest.bot.version.clone();
    shop.runtime.deploy(newest);
    assert_eq!(
        shop.says("Ana").await,
        [
            "Hello again.",
            "Please say that in other words.",
            "What is your name?"
        ]
    );
    assert_eq!(shop.says("Ana").await, ["Thank you, Ana."]);
    assert_eq!(
        shop.runtime
            .conversation(&"c1".into())
            .await
            .unwrap()
            .version,
        version
    );
}

#[tokio::test]
async fn migrate_ends_a_flow_that_is_no_more_but_waits_for_what_is_outstanding() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("order now").await;
    let old = shop.runtime.current().bot.version.clone();
    let flow = include_str!("../bot/flows/order.yaml").replace(
        "initial: next\n",
        &format!("initial: next\nmigrate: {{ from: {old}, states: {{ ordering: {{ end: true, say: order_failed }}, charging: {{ end: true, say: charge_unclear }} }} }}\n"),
    );
    shop.runtime
        .deploy(crate::support::shop_with(&[("flows/order.yaml", &flow)]));
    // The order is under way: its result belongs to the old version.
    shop.send("opening hours").await;
    assert_eq!(
        shop.runtime
            .conversation(&"c1".into())
            .await
            .unwrap()
            .version,
        old
    );
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").returns(&[("ok", true.into())]);
    assert_eq!(shop.said().await.last().unwrap(), "Paid for 1.");
}

#[tokio::test]
async fn the_same_version_with_more_examples_takes_a_running_flow_along() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("remember my name").await;
    deploy(&shop, |bot| {
        let first = dialog::IntentDeclaration {
            name: "aaa".into(),
            starts: None,
            built_in: None,
        };
        bot.intents.insert(0, first);
        bot.answers.clear();
        bot.flows
            .iter_mut()
            .flat_map(|flow| &mut flow.start.intents)
            .for_each(|intent| intent.0 += 1);
    });
    assert_eq!(shop.says("Ana").await, ["Thank you, Ana."]);
    // It is known by now: the flow, found by the new ids, has nothing to ask.
    assert_eq!(shop.says("remember my name").await, ["Thank you, Ana."]);
}

#[tokio::test]
async fn a_step_that_panics_is_a_dead_letter_and_the_customer_hears_failed() {
    let shop = Shop::open().await;
    shop.begin().await;
    deploy(&shop, |bot| {
        bot.version = "broken".into();
        for answer in bot.answers.values_mut() {
            let dialog::AnswerKind::Say(say) = &mut answer.kind else {
                continue;
            };
            say[0] = dialog::Say::Template {
                template: TemplateId(60_000),
                with: Vec::new(),
            };
        }
    });
    let failed = shop
        .runtime
        .accept(text("c1", "m1", "opening hours"))
        .await
        .unwrap();
    assert_eq!(failed.messages.len(), 1);
    let letters = shop.store.dead_letters(None, 10).await.unwrap().rows;
    assert_eq!(letters.len(), 1);
    assert!(matches!(letters[0].what, Dead::Event(_)));
    // The same message again doesn't break it again, and the conversation goes on.
    assert_eq!(
        shop.runtime
            .accept(text("c1", "m1", "opening hours"))
            .await
            .unwrap(),
        failed
    );
    assert_eq!(
        shop.store.dead_letters(None, 10).await.unwrap().rows.len(),
        1
    );
    assert_eq!(shop.says("remember my name").await, ["What is your name?"]);
}

#[tokio::test]
async fn a_dead_letter_is_taken_up_once_the_bot_is_mended() {
    let shop = Shop::open().await;
    shop.begin().await;
    let mended = (*shop.runtime.current()).clone();
    deploy(&shop, |bot| {
        bot.version = "broken".into();
        for answer in bot.answers.values_mut() {
            let dialog::AnswerKind::Say(say) = &mut answer.kind else {
                continue;
            };
            say[0] = dialog::Say::Template {
                template: TemplateId(60_000),
                with: Vec::new(),
            };
        }
    });
    shop.send("opening hours").await;
    let letter = shop
        .store
        .dead_letters(None, 10)
        .await
        .unwrap()
        .rows
        .remove(0);
    shop.runtime.deploy(mended);
    assert!(
        shop.runtime
            .redrive(&"c1".into(), &letter.id)
            .await
            .unwrap()
    );
    assert_eq!(shop.said().await.last().unwrap(), "From eight to eight.");
    assert!(
        shop.store
            .dead_letters(None, 10)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        !shop
            .runtime
            .redrive(&"c1".into(), &letter.id)
            .await
            .unwrap()
    );
}

fn changed(change: impl FnOnce(&mut Bot)) -> Arc<Bot> {
    let mut bot = (*shop(Toolbox::default()).bot).clone();
    change(&mut bot);
    Arc::new(bot)
}

fn deploy(on: &Shop, change: impl FnOnce(&mut Bot)) {
    let mut deployment = (*on.runtime.current()).clone();
    deployment.bot = changed(change);
    on.runtime.deploy(deployment);
}
