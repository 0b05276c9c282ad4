//! What may come in between, offers, memory, secrets and models.

use expect_test::expect;

use crate::support::{Player, bot, check};

fn desk() -> dialog::Bot {
    bot(include_str!("bots/desk.yaml"))
}

/// Nothing is let in: refused, without a miss, and offered when the flow ends.
#[test]
fn refused_and_offered_later() {
    check(
        &desk(),
        &[
            "user: strict | strict",
            "user: what are your hours | hours",
            "user: hunter2 |",
            r#"result: burn {"ok":true}"#,
            "user: yes please | affirm",
        ],
        &expect![[r#"
            > user: strict | strict
              [FlowStart]
              enter strict.ask
              say ask_code
            > user: what are your hours | hours
              [Answer]
              say not_now
              say ask_code
              (a digression is refused)
            > user: hunter2 |
              [Exact]
              enter strict.burn
              call burn {"key":"hunter2"}
            > result: burn {"ok":true}
              [Result]
              enter strict.ok
              say ok
              say offer [affirm, deny]
            > user: yes please | affirm
              [Offer]
              say hours
        "#]],
    );
}

/// Flows lie on each other, down to `depth`; on its end the one below goes on.
#[test]
fn flows_over_flows() {
    check(
        &desk(),
        &[
            "user: a trip | trip",
            "user: order | order",
            "user: my name | my_name",
            "user: a trip | trip",
            "user: stop | cancel",
            "user: stop | cancel",
        ],
        &expect![[r#"
            > user: a trip | trip
              [FlowStart]
              enter trip.booking, trip.booking.places
              say ask_from [rome, paris, oslo]
            > user: order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > user: my name | my_name
              [FlowStart]
              say refused {"event":{"wanted":"my_name"}}
              say ask_color [red, green, blue]
              (a digression is refused)
            > user: a trip | trip
              [FlowStart]
              say refused {"event":{"wanted":"trip"}}
              say ask_color [red, green, blue]
              (a digression is refused)
            > user: stop | cancel
              [Anywhere]
              say cancelled
              say back_to_trip
              say ask_from [rome, paris, oslo]
            > user: stop | cancel
              [Anywhere]
              say cancelled
        "#]],
    );
}

/// A flow that is on the stack comes to the top with those it called, and the other goes on when it ends.
#[test]
fn a_flow_comes_back_to_the_top() {
    check(
        &desk(),
        &[
            "user: a trip | trip",
            "user: my name | my_name",
            "user: the trip | trip",
            "user: from [rome](town) to [oslo](town) |",
            "user: stop | cancel",
            "user: Bo |",
        ],
        &expect![[r#"
            > user: a trip | trip
              [FlowStart]
              enter trip.booking, trip.booking.places
              say ask_from [rome, paris, oslo]
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > user: the trip | trip
              [FlowStart]
              say back_to_trip
              say ask_from [rome, paris, oslo]
            > user: from [rome](town) to [oslo](town) |
              [Fill]
              enter trip.booking.pay
              say ask_pay [now, later]
            > user: stop | cancel
              [Anywhere]
              say cancelled
              say back_to_name
              say ask_name
            > user: Bo |
              [Text]
              enter name.hello
              say hello {"slots":{"nickname":"Bo"},"user":{"first":true}}
              say ask_consent [affirm, deny]
        "#]],
    );
}

/// Consent is asked before a value is kept for long; refused, it lives for the session.
#[test]
fn consent() {
    check(
        &desk(),
        &[
            "user: my name | my_name",
            "user: Bo |",
            "user: yes | affirm",
            "user: my name | my_name",
            "user: Jo |",
        ],
        &expect![[r#"
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > user: Bo |
              [Text]
              enter name.hello
              say hello {"slots":{"nickname":"Bo"},"user":{"first":true}}
              say ask_consent [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              consent to nickname: true
              remember nickname = "Bo"
              (consent is given)
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > user: Jo |
              [Text]
              enter name.hello
              remember nickname = "Jo"
              say hello {"slots":{"nickname":"Jo"},"user":{"first":true}}
        "#]],
    );
    check(
        &desk(),
        &[
            "user: my name | my_name",
            "user: Bo |",
            "user: no | deny",
            "user: my name | my_name",
            "user: Jo |",
            "user: forget me | forget_me",
        ],
        &expect![[r#"
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > user: Bo |
              [Text]
              enter name.hello
              say hello {"slots":{"nickname":"Bo"},"user":{"first":true}}
              say ask_consent [affirm, deny]
            > user: no | deny
              [YesNoAgain]
              consent to nickname: false
              (consent is refused: kept for the session only)
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > user: Jo |
              [Text]
              enter name.hello
              say hello {"slots":{"nickname":"Jo"},"user":{"first":true}}
            > user: forget me | forget_me
              [Anywhere]
              say forgotten
              forget None
        "#]],
    );
}

/// A secret is nowhere but in its slot: not in an event, an effect but the call, a trace, or another place of the record.
#[test]
fn secrets_stay_in_their_slot() {
    let bot = desk();
    let mut player = Player::new(&bot);
    player.line("user: strict | strict");
    player.line("user: hunter2 |");
    let record = player.conversation.to_record(&bot).to_string();
    assert_eq!(record.matches("hunter2").count(), 1, "{record}");
    assert!(record.contains(r#""slots":{"code":"hunter2"}"#), "{record}");
    assert!(!format!("{:?}", player.conversation.slots(&bot)).contains("hunter"));
    let said: Vec<String> = player
        .effects
        .iter()
        .filter(|effect| !matches!(effect.kind, dialog::EffectKind::Call { .. }))
        .map(|effect| format!("{effect:?}"))
        .collect();
    assert!(!said.concat().contains("hunter"), "{said:?}");
}

/// An answer of which its check isn't sure asks whether it helped: yes is taken kindly, no like an answer below the bar. Another
/// message closes the question. While a flow runs, its own question comes first.
#[test]
fn an_unsure_answer_asks_whether_it_helped() {
    let asked = [
        "user: compare your accounts | compare",
        "generated: One is free. (0.6)",
    ];
    for (then, expected) in [
        (
            "user: yes | affirm",
            expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: One is free. (0.6)
              [Generate]
              model says "One is free."
              say did_that_help [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              say glad_to_help
        "#]],
        ),
        (
            "user: no | deny",
            expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: One is free. (0.6)
              [Generate]
              model says "One is free."
              say did_that_help [affirm, deny]
            > user: no | deny
              [YesNoAgain]
              say handing_over
              open handoff to support, why low_confidence, {"state":null,"slots":{},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
              (the answer did not help)
        "#]],
        ),
        (
            "user: compare your accounts | compare",
            expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: One is free. (0.6)
              [Generate]
              model says "One is free."
              say did_that_help [affirm, deny]
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
              (the engine's own question is closed)
        "#]],
        ),
    ] {
        check(&desk(), &[asked[0], asked[1], then], &expected);
    }
}

/// A model answers sentence by sentence; below the bar only `on_low` speaks; broken off, what was said stays.
#[test]
fn a_model_answers() {
    check(
        &desk(),
        &[
            "user: compare your accounts | compare",
            "sentence: One is free.",
            "generated: One is free. The other is not.",
        ],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > sentence: One is free.
              [Generate]
              model says a sentence "One is free."
            > generated: One is free. The other is not.
              [Generate]
              model says "One is free. The other is not."
        "#]],
    );
    check(
        &desk(),
        &["user: compare your accounts | compare", "generated: low"],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: low
              [Generate]
              say handing_over
              open handoff to support, why low_confidence, {"state":null,"slots":{},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
        "#]],
    );
    check(
        &desk(),
        &[
            "user: compare your accounts | compare",
            "sentence: One is free.",
            "generated: failed",
        ],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > sentence: One is free.
              [Generate]
              model says a sentence "One is free."
            > generated: failed
              [Generate]
              model says "One is free."
              say interrupted
        "#]],
    );
    check(
        &desk(),
        &["user: why is the sky blue | none", "generated: failed"],
        &expect![[r#"
            > user: why is the sky blue | none
              [Generate]
              generate helper "why is the sky blue" {}
            > generated: failed
              [Generate]
              say cannot_answer
        "#]],
    );
    check(
        &desk(),
        &[
            "user: talk | talk",
            "sentence: Well.",
            "generated: Well. So.",
        ],
        &expect![[r#"
            > user: talk | talk
              [FlowStart]
              enter talk.say_it
              generate helper "talk" {}
            > sentence: Well.
              [Generate]
              model says a sentence "Well."
            > generated: Well. So.
              [Generate]
              enter talk.end
              model says "Well. So."
              say anything_else
        "#]],
    );
    check(
        &desk(),
        &[
            "user: talk | talk",
            "generated: low",
            "desk: joined",
            "desk: returned",
        ],
        &expect![[r#"
            > user: talk | talk
              [FlowStart]
              enter talk.say_it
              generate helper "talk" {}
            > generated: low
              [Generate]
              say handing_over
              open handoff to support, why low_confidence, {"state":"talk.say_it","slots":{},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
            > desk: joined
              [Desk]
              owner person Ana (epoch 2)
            > desk: returned
              [Desk]
              enter talk.end
              say sorry
              owner bot (epoch 3)
        "#]],
    );
}

/// While people have the conversation, a model's late answer is a suggestion.
#[test]
fn a_late_answer_is_a_suggestion() {
    check(
        &desk(),
        &[
            "user: compare your accounts | compare",
            "user: a person | talk_to_person",
            "desk: joined",
            "generated: One is free.",
        ],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > user: a person | talk_to_person
              [Anywhere]
              say handing_over
              open handoff to support, why asked, {"state":null,"slots":{},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
            > desk: joined
              [Desk]
              owner person Ana (epoch 2)
            > generated: One is free.
              [Generate]
              relay to support {"suggestion":{"about":"answer","value":"One is free."}}
              (people have the conversation: the model's answer is a suggestion)
        "#]],
    );
}

/// With `several: clarify`, two wishes are asked about.
#[test]
fn several_are_asked_about() {
    let bot = bot(&include_str!("bots/bank.yaml")
        .replace("confirm: 0.40 }", "confirm: 0.40, several: clarify }"));
    check(
        &bot,
        &[
            "user: my card is gone and what are the fees | lost_or_stolen_card; fees",
            "choose: fees",
        ],
        &expect![[r#"
            > user: my card is gone and what are the fees | lost_or_stolen_card; fees
              [Clarify]
              say clarify [lost_or_stolen_card, fees]
            > choose: fees
              [Clarified]
              say fees
        "#]],
    );
}

/// A question of the engine's own gives way when the flow under it moves on.
#[test]
fn the_flow_moves_on_under_an_offer() {
    let text = include_str!("bots/bank.yaml").replace("allow: answers", "allow: flows");
    check(
        &bot(&text),
        &[
            "user: I [lost](reason) my [debit](card_type) | lost_or_stolen_card",
            "user: 4711 |",
            "user: hm fees? | unsure fees 0.5",
            "user: what about my card | unsure card_arrival 0.5, fees 0.4",
            r#"result: find_cards {"cards":[{"id":"a","label":"Visa","status":"active"},{"id":"b","label":"Giro","status":"active"}]}"#,
            "user: giro |",
        ],
        &expect![[r#"
            > user: I [lost](reason) my [debit](card_type) | lost_or_stolen_card
              [FlowStart]
              enter replace_card.details
              say ask_last4
            > user: 4711 |
              [Exact]
              enter replace_card.lookup
              call find_cards {"last4":"4711","type":"debit"}
            > user: hm fees? | unsure fees 0.5
              [Busy]
              say busy
            > user: what about my card | unsure card_arrival 0.5, fees 0.4
              [Busy]
              (`busy` was said in this wait already)
            > result: find_cards {"cards":[{"id":"a","label":"Visa","status":"active"},{"id":"b","label":"Giro","status":"active"}]}
              [Result]
              enter replace_card.which
              say ask_which [a, b]
            > user: giro |
              [Exact]
              enter replace_card.verify, authenticate.known, authenticate.ask
              say ask_pin
        "#]],
    );
}
