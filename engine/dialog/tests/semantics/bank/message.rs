//! What a message is taken for: choices, several wishes, clarifying, nothing that fits.

use expect_test::expect;

use super::{TO_CONFIRM, bank, then};
use crate::support::check;

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
