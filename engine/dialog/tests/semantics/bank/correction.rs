//! Corrections: what they clear, and what they must not order.

use expect_test::expect;

use super::{TO_CONFIRM, bank, then};
use crate::support::check;

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
