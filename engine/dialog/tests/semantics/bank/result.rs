//! Results of calls: under a digression, while the customer goes on talking, too late.

use expect_test::expect;

use super::{TO_CONFIRM, bank, then};
use crate::support::{bot, check};

/// A result under a digression: kept on its frame, delivered when that is on top again.
#[test]
fn a_result_under_a_digression_waits() {
    let bot = bot(&include_str!("../bots/bank.yaml").replace("allow: answers", "allow: flows"));
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
