//! The specification's example, end to end.

use expect_test::expect;

use crate::support::{bot, check};

fn bank() -> dialog::Bot {
    bot(include_str!("bots/bank.yaml"))
}

/// To the question whether to order the card.
const TO_CONFIRM: [&str; 5] = [
    "user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card",
    "user: 4711 |",
    r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
    "user: 123456 |",
    r#"result: verify_customer {"ok":true}"#,
];

fn then<'l>(before: &[&'l str], lines: &[&'l str]) -> Vec<&'l str> {
    [before, lines].concat()
}

#[test]
fn a_lost_visa_is_replaced() {
    check(
        &bank(),
        &[
            "open",
            "user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card",
            "user: how long does a new one take? | card_arrival",
            "advance: 5m",
            "user: 4711 |",
            r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
            "user: 123456 |",
            r#"result: verify_customer {"ok":true}"#,
            "choose: affirm",
            r#"result: order_card {"order_no":"A-17"}"#,
        ],
        &expect![[r#"
            > open
              [Session]
              say welcome
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: how long does a new one take? | card_arrival
              [Answer]
              say card_arrival
              say back_to_card
              say ask_last4
            > advance: 5m
              NoInput is due
              [Timer]
              say still_there
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > choose: affirm
              [Choice]
              enter replace_card.ordering
              call order_card {"card_id":"c9","reason":"lost"}
            > result: order_card {"order_no":"A-17"}
              [Result]
              enter replace_card.finished
              say ordered {"slots":{"last_order":"A-17"}}
        "#]],
    );
}

/// A result under a digression: kept on its frame, delivered when that is on top again.
#[test]
fn a_result_under_a_digression_waits() {
    let bot = bot(&include_str!("bots/bank.yaml").replace("allow: answers", "allow: flows"));
    check(
        &bot,
        &then(
            &TO_CONFIRM[..2],
            &[
                "user: top up | top_up",
                r#"event: outage {"service":"app"}"#,
                r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > user: top up | top_up
              [FlowStart]
              say busy
            > event: outage {"service":"app"}
              [Outside]
              say outage_notice {"event":{"service":"app"}}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
        "#]],
    );
}

/// A message during a call: answers are given, another flow is noted and offered, all else hears `busy`, once.
#[test]
fn a_message_during_a_call() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM[..2],
            &[
                "user: hello? | none",
                "user: hello?? | none",
                "user: what does it cost | fees",
                "user: top up please | top_up",
                r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
                "user: 123456 |",
                r#"result: verify_customer {"ok":true}"#,
                "choose: deny",
                "user: yes | affirm",
                "user: [5](number) |",
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > user: hello? | none
              [Busy]
              say busy
            > user: hello?? | none
              [Busy]
              (`busy` was said in this wait already)
            > user: what does it cost | fees
              [Answer]
              say fees
            > user: top up please | top_up
              [FlowStart]
              (`busy` was said in this wait already)
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > choose: deny
              [Choice]
              enter replace_card.cancelled_by_customer
              say cancelled_card
              say offer {"event":{"wanted":"top_up"}} [affirm, deny]
            > user: yes | affirm
              [Offer]
              enter top_up.ask
              say ask_amount
            > user: [5](number) |
              [Exact]
              enter top_up.topped
              say topped_up
        "#]],
    );
}

/// A stale button asks the open question again; a double click does nothing.
#[test]
fn stale_buttons_and_double_clicks() {
    check(
        &bank(),
        &[
            "user: new card | lost_or_stolen_card",
            "choose: credit",
            "choose: credit",
            "choose: 77.debit",
            "user: 4711 |",
            "choose: lost",
            "choose: 77.debit",
            r#"result: find_cards {"cards":[{"id":"a","label":"Visa","status":"active"},{"id":"b","label":"Master","status":"active"}]}"#,
            "user: cancel | cancel",
            "choose: 77.debit",
        ],
        &expect![[r#"
            > user: new card | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_card_type [debit, credit]
            > choose: credit
              [Choice]
              say ask_last4
            > choose: credit
              [Choice]
              (clicked twice: taken once)
            > choose: 77.debit
              [Choice]
              say ask_last4
              (a choice of an old question: the open one is asked again)
            > user: 4711 |
              [Exact]
              say ask_reason [lost, stolen, damaged]
            > choose: lost
              [Choice]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > choose: 77.debit
              [Choice]
              (a choice of an old question, while a call runs)
            > result: find_cards {"cards":[{"id":"a","label":"Visa","status":"active"},{"id":"b","label":"Master","status":"active"}]}
              [Result]
              enter replace_card.which
              say ask_which [a, b]
            > user: cancel | cancel
              [Anywhere]
              say cancelled
            > choose: 77.debit
              [Choice]
              say choice_gone
        "#]],
    );
}

/// "No, the debit one": what was computed from it goes, and the flow goes on from where it was given.
#[test]
fn no_the_debit_one() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &[
                "user: no, the [debit](card_type) one | deny",
                r#"result: find_cards {"cards":[{"id":"d1","label":"Giro","status":"active"}]}"#,
                "user: yes | affirm",
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: no, the [debit](card_type) one | deny
              [Correction]
              enter replace_card.details, replace_card.lookup
              call find_cards {"last4":"4711","type":"debit"}
            > result: find_cards {"cards":[{"id":"d1","label":"Giro","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"d1"},"card_type":"debit","last4":"••11"}} [affirm, deny]
            > user: yes | affirm
              [State]
              enter replace_card.ordering
              call order_card {"card_id":"d1","reason":"lost"}
        "#]],
    );
}

/// "Yes, but the debit one" orders nothing.
#[test]
fn yes_with_another_value_is_a_correction() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &["user: yes, the [debit](card_type) one | affirm"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: yes, the [debit](card_type) one | affirm
              [Correction]
              enter replace_card.details, replace_card.lookup
              call find_cards {"last4":"4711","type":"debit"}
        "#]],
    );
}

/// A denial with the value that is held already is no denial.
#[test]
fn no_with_the_same_value_is_no_denial() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &["user: no, the [visa](card_type=credit) | deny"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: no, the [visa](card_type=credit) | deny
              [NoMatch]
              say yes_or_no
        "#]],
    );
}

/// With negation, a slot of the calling flow is corrected and the called flow ends.
#[test]
fn a_correction_reaches_the_caller() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM[..3],
            &["user: no, the [debit](card_type) card | deny"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: no, the [debit](card_type) card | deny
              [Correction]
              enter replace_card.details, replace_card.lookup
              call find_cards {"last4":"4711","type":"debit"}
        "#]],
    );
}

/// Once the order has begun, what it read cannot be corrected.
#[test]
fn a_correction_that_comes_too_late() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &[
                "user: yes | affirm",
                "user: no, the [debit](card_type) one | deny",
                "error: order_card timeout",
                "desk: joined",
                "desk: returned",
                "user: no, the [debit](card_type) one | deny",
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: yes | affirm
              [State]
              enter replace_card.ordering
              call order_card {"card_id":"c9","reason":"lost"}
            > user: no, the [debit](card_type) one | deny
              [Busy]
              say busy
            > error: order_card timeout
              [Result]
              enter replace_card.person
              say order_unclear
              say handing_over
              open handoff to support, why card_replacement, {"state":"replace_card.person","slots":{"card":{"id":"c9","label":"Visa","status":"active"},"card_type":"credit","cards":[{"id":"c9","label":"Visa","status":"active"}],"last4":"••11","reason":"lost","verified":true},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
            > desk: joined
              [Desk]
              owner person Ana (epoch 2)
            > desk: returned
              [Desk]
              enter rate.ask
              say ask_stars
              owner bot (epoch 3)
            > user: no, the [debit](card_type) one | deny
              [YesNoAgain]
              enter rate.finished, replace_card.finished
              say thanks
        "#]],
    );
}

/// The intents that a waiting state names count from `confirm`, but not into a call that cannot be taken back.
#[test]
fn an_unsure_yes_orders_nothing() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &[
                "user: yeah I guess | unsure affirm 0.6",
                "user: yes | affirm",
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: yeah I guess | unsure affirm 0.6
              [NoMatch]
              say yes_or_no
            > user: yes | affirm
              [State]
              enter replace_card.ordering
              call order_card {"card_id":"c9","reason":"lost"}
        "#]],
    );
    check(
        &bank(),
        &then(&TO_CONFIRM, &["user: rather not | unsure deny 0.6"]),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: rather not | unsure deny 0.6
              [State]
              enter replace_card.cancelled_by_customer
              say cancelled_card
        "#]],
    );
}

/// Misses are counted first; with the last, `then` comes instead.
#[test]
fn attempts_end() {
    check(
        &bank(),
        &then(&TO_CONFIRM, &["user: hm | none", "user: hm | none"]),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: hm | none
              [NoMatch]
              say yes_or_no
            > user: hm | none
              [NoMatch]
              enter replace_card.person
              say handing_over
              open handoff to support, why card_replacement, {"state":"replace_card.person","slots":{"card":{"id":"c9","label":"Visa","status":"active"},"card_type":"credit","cards":[{"id":"c9","label":"Visa","status":"active"}],"last4":"••11","reason":"lost","verified":true},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
        "#]],
    );
    check(
        &bank(),
        &[
            "user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card",
            "user: 47 |",
            "user: 4711 |",
            r#"result: find_cards {"cards":[]}"#,
            "user: 4712 |",
            r#"result: find_cards {"cards":[]}"#,
        ],
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 47 |
              [Text]
              say bad_last4
              say ask_last4
              (the value is refused)
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[]}
              [Result]
              enter replace_card.details
              say card_not_found
              say ask_last4
            > user: 4712 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4712","type":"credit"}
            > result: find_cards {"cards":[]}
              [Result]
              enter replace_card.person
              say card_not_found
              say handing_over
              open handoff to support, why card_replacement, {"state":"replace_card.person","slots":{"card_type":"credit","reason":"lost","verified":false},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
        "#]],
    );
}

/// The session's end in mid-flow: the stack is empty, session slots are gone, a late result is dropped.
#[test]
fn the_session_ends_in_mid_flow() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &[
                "user: yes | affirm",
                "advance: 25h",
                r#"result: order_card {"order_no":"A-17"}"#,
                "user: how much | fees",
                "user: a person | talk_to_person",
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: yes | affirm
              [State]
              enter replace_card.ordering
              call order_card {"card_id":"c9","reason":"lost"}
            > advance: 25h
            > result: order_card {"order_no":"A-17"}
              [Result]
              (`order_card` was left and cannot be taken back: a loose end)
              (the session is over)
              (the state that asked was left: the result is dropped)
            > user: how much | fees
              [Answer]
              say welcome
              say fees
            > user: a person | talk_to_person
              [Anywhere]
              say handing_over
              open handoff to support, why asked_for_person, {"state":null,"slots":{"verified":false},"open_intents":[],"loose_ends":["order_card (c1/7/0): returned"]}
              owner queued at support (epoch 1)
        "#]],
    );
}

/// Cancelling: not while a call that cannot be taken back runs; before it, the whole chain ends.
#[test]
fn cancelling() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM[..3],
            &["user: stop it | cancel", "user: stop it | cancel"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: stop it | cancel
              [Anywhere]
              say cancelled
            > user: stop it | cancel
              [RouterSay]
              say please_rephrase
        "#]],
    );
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &["user: yes | affirm", "user: stop it | cancel"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: yes | affirm
              [State]
              enter replace_card.ordering
              call order_card {"card_id":"c9","reason":"lost"}
            > user: stop it | cancel
              [Anywhere]
              say too_late
              (too late: a call that cannot be taken back runs)
        "#]],
    );
}

/// Two intents in one message: answers first, then the flow.
#[test]
fn two_intents_in_one_message() {
    check(
        &bank(),
        &["user: I lost my card and what are the fees | lost_or_stolen_card; fees"],
        &expect![[r#"
            > user: I lost my card and what are the fees | lost_or_stolen_card; fees
              [FlowStart]
              enter replace_card.details
              say fees
              say ask_card_type [debit, credit]
        "#]],
    );
    check(
        &bank(),
        &[
            "user: top up and my card is gone | top_up; lost_or_stolen_card",
            "user: [5](number) |",
            "user: yes | affirm",
        ],
        &expect![[r#"
            > user: top up and my card is gone | top_up; lost_or_stolen_card
              [FlowStart]
              enter top_up.ask
              say ask_amount
            > user: [5](number) |
              [Exact]
              enter top_up.topped
              say topped_up
              say offer {"event":{"wanted":"lost_or_stolen_card"}} [affirm, deny]
            > user: yes | affirm
              [Offer]
              enter replace_card.details
              say ask_card_type [debit, credit]
        "#]],
    );
}

/// A flow that runs already is not started again.
#[test]
fn a_flow_that_runs_already() {
    check(
        &bank(),
        &[
            "user: new card | lost_or_stolen_card",
            "user: my card does not work | card_not_working",
        ],
        &expect![[r#"
            > user: new card | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_card_type [debit, credit]
            > user: my card does not work | card_not_working
              [FlowStart]
              say ask_card_type [debit, credit]
              (the flow runs already: its question is asked again)
        "#]],
    );
}

/// People: handed over, relayed, given back; the bot is silent meanwhile.
#[test]
fn a_handoff_and_back() {
    check(
        &bank(),
        &[
            "user: new [debit](card_type) card | lost_or_stolen_card",
            "user: a person please | talk_to_person",
            "desk: queued 2",
            "user: hello? | none",
            "user: a person! | talk_to_person",
            "desk: joined",
            "user: what are the fees | fees",
            r#"event: outage {"service":"app"}"#,
            "desk: said Hi, this is Ana",
            "desk: returned",
            "user: [5](number) |",
        ],
        &expect![[r#"
            > user: new [debit](card_type) card | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: a person please | talk_to_person
              [Anywhere]
              say handing_over
              open handoff to support, why asked_for_person, {"state":"replace_card.details","slots":{"card_type":"debit","verified":false},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
            > desk: queued 2
              [Desk]
            > user: hello? | none
              [Relayed]
              relay to support {"message":{"text":"hello?","attachments":[]}}
            > user: a person! | talk_to_person
              [Relayed]
              relay to support {"message":{"text":"a person!","attachments":[]}}
            > desk: joined
              [Desk]
              owner person Ana (epoch 2)
            > user: what are the fees | fees
              [Relayed]
              relay to support {"message":{"text":"what are the fees","attachments":[]}}
            > event: outage {"service":"app"}
              [Outside]
              (a person has the conversation: no handler takes the event)
              (nothing takes the event)
            > desk: said Hi, this is Ana
              [Desk]
              Ana says "Hi, this is Ana"
            > desk: returned
              [Desk]
              enter rate.ask
              say ask_stars
              owner bot (epoch 3)
            > user: [5](number) |
              [Exact]
              enter rate.finished
              say thanks
              say back_to_card
              say ask_last4
        "#]],
    );
}

/// Waiting takes too long: the desk's flow comes, then the handoff is over and the state goes on.
#[test]
fn a_desk_gives_up() {
    check(
        &bank(),
        &[
            "user: a person please | talk_to_person",
            "advance: 10m",
            "user: 030 123456 |",
            "user: what are the fees | fees",
        ],
        &expect![[r#"
            > user: a person please | talk_to_person
              [Anywhere]
              say handing_over
              open handoff to support, why asked_for_person, {"state":null,"slots":{"verified":false},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
            > advance: 10m
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              Announce is due
              [Timer]
              GiveUp is due
              [Timer]
              enter callback.ask
              close handoff to support
              say ask_phone
              owner bot (epoch 2)
            > user: 030 123456 |
              [Text]
              enter callback.noted
              say callback_noted
            > user: what are the fees | fees
              [Answer]
              say fees
        "#]],
    );
}

/// What nothing takes: rephrase twice, then a person. Anything that was taken resets the row.
#[test]
fn the_router() {
    check(
        &bank(),
        &[
            "user: blah | none",
            "user: blah | none",
            "user: fees | fees",
            "user: blah | none",
            "user: blah | none",
            "user: blah | none",
        ],
        &expect![[r#"
            > user: blah | none
              [RouterSay]
              say please_rephrase
            > user: blah | none
              [RouterSay]
              say please_rephrase
            > user: fees | fees
              [Answer]
              say fees
            > user: blah | none
              [RouterSay]
              say please_rephrase
            > user: blah | none
              [RouterSay]
              say please_rephrase
            > user: blah | none
              [RouterHandoff]
              say handing_over
              open handoff to support, why not_understood, {"state":null,"slots":{"verified":false},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
        "#]],
    );
}

/// An unsure message is asked about; the choice counts as accepted and brings the entities along.
#[test]
fn clarifying() {
    check(
        &bank(),
        &[
            "user: my [visa](card_type=credit) thing | unsure lost_or_stolen_card 0.5, card_arrival 0.3, top_up 0.05",
            "choose: lost_or_stolen_card",
        ],
        &expect![[r#"
            > user: my [visa](card_type=credit) thing | unsure lost_or_stolen_card 0.5, card_arrival 0.3, top_up 0.05
              [Clarify]
              say clarify [lost_or_stolen_card, card_arrival]
            > choose: lost_or_stolen_card
              [Clarified]
              enter replace_card.details
              say ask_last4
        "#]],
    );
    check(
        &bank(),
        &[
            "user: hm card | unsure card_arrival 0.5",
            "user: yes | affirm",
            "user: yes | affirm",
        ],
        &expect![[r#"
            > user: hm card | unsure card_arrival 0.5
              [Clarify]
              say clarify [card_arrival]
            > user: yes | affirm
              [Clarified]
              say card_arrival
            > user: yes | affirm
              [RouterSay]
              say please_rephrase
        "#]],
    );
}

/// A message never answers a question that was asked after it.
#[test]
fn a_message_written_before_the_question() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &["user: yes | affirm +seen=5", "user: yes | affirm +seen=6"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: yes | affirm +seen=5
              [NoMatch]
              say yes_or_no
            > user: yes | affirm +seen=6
              [State]
              enter replace_card.ordering
              call order_card {"card_id":"c9","reason":"lost"}
        "#]],
    );
}

/// An answer's call: what came is said when it comes, then the open question again.
#[test]
fn an_answers_call() {
    check(
        &bank(),
        &[
            "user: new card | lost_or_stolen_card",
            "user: rates? | exchange_rate",
            r#"result: get_rate {"rate":1.1}"#,
            "user: rates? | exchange_rate",
            "choose: debit",
            "error: get_rate timeout",
        ],
        &expect![[r#"
            > user: new card | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_card_type [debit, credit]
            > user: rates? | exchange_rate
              [Answer]
              call get_rate {"currency":"EUR"}
            > result: get_rate {"rate":1.1}
              [Result]
              say rate_now {"result":{"rate":1.1}}
              say back_to_card
              say ask_card_type [debit, credit]
            > user: rates? | exchange_rate
              [Answer]
              call get_rate {"currency":"EUR"}
            > choose: debit
              [Choice]
              say ask_last4
            > error: get_rate timeout
              [Result]
              say rate_unavailable
        "#]],
    );
}

/// What the customer waits too long for ends the flow.
#[test]
fn no_input_twice() {
    check(
        &bank(),
        &[
            "user: new card | lost_or_stolen_card",
            "advance: 29m",
            "user: fees | fees",
            "advance: 29m",
            "advance: 2m",
        ],
        &expect![[r#"
            > user: new card | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_card_type [debit, credit]
            > advance: 29m
              NoInput is due
              [Timer]
              say still_there
            > user: fees | fees
              [Answer]
              say fees
              say back_to_card
              say ask_card_type [debit, credit]
            > advance: 29m
              NoInput is due
              [Timer]
              say still_there
            > advance: 2m
              NoInput is due
              [Timer]
              enter replace_card.abandoned
        "#]],
    );
}

/// A part of a verbatim or exact answer wants nothing else; a part beside a correction does.
#[test]
fn wishes_beside_a_value() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM,
            &["user: no, the [debit](card_type) one and what are the fees | deny; fees"],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
            > user: 123456 |
              [Exact]
              enter authenticate.challenge
              call verify_customer {"pin":"123456"}
            > result: verify_customer {"ok":true}
              [Result]
              enter authenticate.yes_ok, replace_card.confirm
              say confirm_order {"slots":{"card":{"id":"c9"},"card_type":"credit","last4":"••11"}} [affirm, deny]
            > user: no, the [debit](card_type) one and what are the fees | deny; fees
              [Correction]
              enter replace_card.details, replace_card.lookup
              say fees
              call find_cards {"last4":"4711","type":"debit"}
        "#]],
    );
}

/// The desk is closed at that time: nobody is promised, its `closed` comes at once.
#[test]
fn a_closed_desk() {
    let bot = bank();
    let mut player = crate::support::Player::new(&bot);
    let closed = dialog::DeskStatus {
        open: false,
        waiting: 0,
    };
    player.desks.insert("support".to_owned(), closed);
    for line in [
        "open",
        "user: a person | talk_to_person",
        "user: 030 1 |",
        "user: fees | fees",
    ] {
        player.line(line);
    }
    expect![[r#"
        > open
          [Session]
          say welcome
        > user: a person | talk_to_person
          [Anywhere]
          enter callback.ask
          say ask_phone
          (the desk `support` is closed)
        > user: 030 1 |
          [Text]
          enter callback.noted
          say callback_noted
        > user: fees | fees
          [Answer]
          say fees
    "#]]
    .assert_eq(&player.log);
}

/// A result that waited too long is not said: the call is made again.
#[test]
fn a_result_that_is_too_old() {
    check(
        &bank(),
        &then(
            &TO_CONFIRM[..2],
            &[
                "user: a person | talk_to_person",
                r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
                "advance: 59s",
                "desk: joined",
                "advance: 2m",
                "desk: returned",
                "user: [5](number) |",
            ],
        ),
        &expect![[r#"
            > user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"credit"}
            > user: a person | talk_to_person
              [Anywhere]
              say handing_over
              open handoff to support, why asked_for_person, {"state":"replace_card.lookup","slots":{"card_type":"credit","last4":"••11","reason":"lost","verified":false},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
            > result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}
              [Result]
              relay to support {"suggestion":{"about":"find_cards","value":{"cards":[{"id":"c9","label":"Visa","status":"active"}]}}}
              (the result is kept until its flow is on top and the bot speaks)
            > advance: 59s
            > desk: joined
              [Desk]
              owner person Ana (epoch 2)
            > advance: 2m
            > desk: returned
              [Desk]
              enter rate.ask
              say ask_stars
              owner bot (epoch 3)
            > user: [5](number) |
              [Exact]
              enter rate.finished
              say thanks
              call find_cards {"last4":"4711","type":"credit"}
              (the result is too old to be said: the call is made again)
        "#]],
    );
}

/// A message could not be delivered, a second session begins, the user's words come after the greeting.
#[test]
fn a_returning_customer() {
    check(
        &bank(),
        &[
            "open: returning",
            "advance: 25h",
            "user: what are the fees | fees",
            "end",
            "user: hello | fees",
        ],
        &expect![[r#"
            > open: returning
              [Session]
              say welcome_back
            > advance: 25h
            > user: what are the fees | fees
              [Answer]
              say welcome_back
              say fees
              (the session is over)
            > end
              [Session]
              owner ended (epoch 1)
              (the session is over)
            > user: hello | fees
              [Ignored]
              (the conversation has ended)
        "#]],
    );
}
