//! Calls: what comes back is a turn of its own, and a crash repeats only what may be repeated.

use crate::support::{Shop, text, texts};
use dialog::{ErrorKind, Value};
use store::Lane;

#[tokio::test]
async fn a_result_is_a_turn_that_goes_back_to_the_message_that_caused_it() {
    let shop = Shop::open().await;
    shop.begin().await;
    let ordering = shop.send("order now").await;
    assert_eq!(texts(&ordering.messages), ["I order number 1."]);
    assert!(ordering.pending);
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").returns(&[("ok", true.into())]);
    let all = shop
        .runtime
        .wait(
            &"c1".into(),
            ordering.turn,
            std::time::Duration::from_secs(60),
        )
        .await
        .unwrap();
    assert_eq!(
        texts(&all.messages),
        ["I order number 1.", "Ordered 1: A-1.", "Paid for 1."]
    );
    assert!(!all.pending);
    let order = shop.tool("order").calls.lock().unwrap()[0].clone();
    assert_eq!(order.effect.to_string(), format!("c1/{}/1", ordering.turn));
    assert_eq!(order.args["n"], Value::Int(1));
    assert_eq!(shop.store.outbox(None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_keyed_call_that_a_crash_cut_off_is_made_again_under_its_id() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("order now").await;
    let before = called(&shop, "order").await;
    let shop = shop.crash().await;
    let after = called(&shop, "order").await;
    assert_eq!(before, after);
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").returns(&[("ok", true.into())]);
    assert_eq!(
        shop.said().await,
        [
            "Hello.",
            "I order number 1.",
            "Ordered 1: A-1.",
            "Paid for 1."
        ]
    );
}

#[tokio::test]
async fn a_never_call_that_a_crash_cut_off_is_unknown_and_not_made_again() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.send("order now").await;
    called(&shop, "charge").await;
    let shop = shop.crash().await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "I don't know whether 1 is paid."
    );
    assert_eq!(shop.tool("charge").calls(), 0);
}

#[tokio::test]
async fn a_call_that_fails_says_so_to_the_flow() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.tool("order").fails(ErrorKind::Timeout);
    shop.send("order now").await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "That could not be ordered."
    );
}

#[tokio::test]
async fn a_message_during_a_call_is_not_kept_waiting() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("order now").await;
    called(&shop, "order").await;
    assert_eq!(shop.says("opening hours").await[0], "From eight to eight.");
    shop.tool("order").returns(&[("order_no", "A-1".into())]);
    shop.tool("charge").returns(&[("ok", true.into())]);
    assert_eq!(shop.said().await.last().unwrap(), "Paid for 1.");
}

#[tokio::test]
async fn a_secret_stands_in_no_row_of_the_outbox_and_in_no_turn() {
    let shop = Shop::open().await;
    shop.begin().await;
    assert_eq!(shop.says("check my PIN").await, ["What is your PIN?"]);
    shop.send("it is 123456").await;
    called(&shop, "check_pin").await;
    let rows = shop.store.outbox(None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].lane, Lane::Call);
    let row = String::from_utf8(rows[0].payload.clone()).unwrap();
    assert!(!row.contains("123456"), "{row}");
    for turn in shop
        .store
        .turns(&"c1".into(), dialog::Turn(1), 100)
        .await
        .unwrap()
    {
        let event = String::from_utf8(turn.event).unwrap();
        assert!(!event.contains("123456"), "{event}");
    }
    // The call after a crash still has it: from the slot.
    let shop = shop.crash().await;
    called(&shop, "check_pin").await;
    assert_eq!(
        shop.tool("check_pin").calls.lock().unwrap()[0].args["pin"],
        "123456".into()
    );
    shop.tool("check_pin").returns(&[("ok", true.into())]);
    assert_eq!(shop.said().await.last().unwrap(), "Checked ••56.");
}

#[tokio::test]
async fn a_repeated_message_is_answered_with_what_it_has_caused_by_then() {
    let shop = Shop::open().await;
    shop.begin().await;
    let first = shop
        .runtime
        .accept(text("c1", "m1", "order now"))
        .await
        .unwrap();
    shop.tool("order").fails(ErrorKind::Failed);
    shop.runtime.settle().await.unwrap();
    let again = shop
        .runtime
        .accept(text("c1", "m1", "order now"))
        .await
        .unwrap();
    assert_eq!(again.turn, first.turn);
    assert_eq!(
        texts(&again.messages),
        ["I order number 1.", "That could not be ordered."]
    );
    assert!(!again.pending);
}

#[tokio::test]
async fn at_most_four_calls_of_a_conversation_run_at_once() {
    let shop = Shop::open().await;
    shop.begin().await;
    for _ in 0..6 {
        shop.send("how many are left").await;
    }
    until(|| shop.tool("stock").running() == 4).await;
    // Whatever else is ready has had its turn when another whole message has.
    shop.send("opening hours").await;
    assert_eq!(shop.tool("stock").calls(), 4);
    for left in 0..6 {
        shop.tool("stock").returns(&[("left", Value::Int(left))]);
    }
    let said = shop.said().await;
    assert_eq!(
        said.iter()
            .filter(|text| text.starts_with("There are"))
            .count(),
        6,
        "{said:?}"
    );
}

#[tokio::test]
async fn a_call_whose_flow_was_cancelled_is_given_up() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("check my PIN").await;
    shop.send("123456").await;
    until(|| shop.tool("check_pin").running() == 1).await;
    shop.send("cancel").await;
    until(|| shop.tool("check_pin").running() == 0).await;
    assert_eq!(shop.store.outbox(None, 10).await.unwrap(), []);
    let said = shop.said().await;
    assert!(
        !said.iter().any(|text| text.contains("check it")),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_tool_that_panics_has_failed_and_one_that_must_not_be_repeated_is_unknown() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.tool("order").panics();
    shop.send("order now").await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "That could not be ordered."
    );
    shop.tool("order").returns(&[("order_no", "A-2".into())]);
    shop.tool("charge").panics();
    shop.send("order now").await;
    assert_eq!(
        shop.said().await.last().unwrap(),
        "I don't know whether 2 is paid."
    );
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

/// Waits until the tool was called; gives the id under which.
async fn called(shop: &Shop, tool: &str) -> String {
    loop {
        if let Some(call) = shop
            .tool(tool)
            .calls
            .lock()
            .expect("no test panics with it")
            .first()
        {
            return call.effect.to_string();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_cannot_be_put_into_words_is_said_to_have_failed_and_the_conversation_goes_on() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.send("how many are left").await;
    // The back end's answer lacks the field that the template names.
    shop.tool("stock").returns(&[]);
    assert_eq!(
        shop.said().await,
        ["Hello.", "Sorry, something went wrong on our side."]
    );
    assert_eq!(shop.says("opening hours").await, ["From eight to eight."]);
}
