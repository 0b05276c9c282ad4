//! Replacing a card, from the first message to the order, and how it ends.

use expect_test::expect;

use super::{TO_CONFIRM, bank, then};
use crate::support::check;

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
