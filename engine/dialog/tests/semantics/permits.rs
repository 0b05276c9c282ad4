//! A model's call that the customer has to agree to.

use dialog::EffectKind;
use expect_test::{Expect, expect};

use crate::support::{Player, bot, check};

fn desk() -> dialog::Bot {
    bot(include_str!("bots/desk.yaml"))
}

const QUESTION: &str = "user: compare your accounts | compare";
const ASKS: &str = r#"generated: asks move {"amount":5,"to":"Ana"}"#;
const MOVED: &str = r#"result: move {"ok":true}"#;

fn after_the_question(then: &[&str], expected: &Expect) {
    let lines: Vec<&str> = [QUESTION, ASKS].iter().chain(then).copied().collect();
    check(&desk(), &lines, expected);
}

/// One yes is one call, and the model then answers what was asked first, knowing what came of it.
#[test]
fn a_yes_makes_the_call_and_the_model_goes_on() {
    after_the_question(
        &[
            "user: yes | affirm",
            MOVED,
            "generated: Done, 5 euros are with Ana.",
            "user: yes | affirm",
        ],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              call move {"amount":5,"to":"Ana"}
              (the customer agreed to the model's call of `move`)
            > result: move {"ok":true}
              [Result]
              generate helper "compare your accounts" {} after move {"amount":5,"to":"Ana"} -> {"ok":true}, agreed to
            > generated: Done, 5 euros are with Ana.
              [Generate]
              model says "Done, 5 euros are with Ana."
            > user: yes | affirm
              [RouterSay]
              say please_rephrase
        "#]],
    );
}

#[test]
fn a_no_makes_none_and_the_model_is_not_asked_again() {
    after_the_question(
        &["user: no | deny", "choose: affirm"],
        &expect![[r#"
        > user: compare your accounts | compare
          [Answer]
          generate helper "compare your accounts" {}
        > generated: asks move {"amount":5,"to":"Ana"}
          [Generate]
          say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
        > user: no | deny
          [YesNoAgain]
          say not_done
          (the model's call of `move` is not made)
        > choose: affirm
          [Choice]
          say choice_gone
    "#]],
    );
}

/// Anything else closes the question; a yes after that is none, and an unsure one is none either.
#[test]
fn anything_else_closes_the_question() {
    after_the_question(
        &[
            "user: what are your hours | hours",
            "user: yes | affirm",
            "choose: affirm",
        ],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: what are your hours | hours
              [Answer]
              say hours
              (the model's call is not made: nobody said yes)
              (the engine's own question is closed)
            > user: yes | affirm
              [RouterSay]
              say please_rephrase
            > choose: affirm
              [Choice]
              say choice_gone
        "#]],
    );
    after_the_question(
        &["user: well yes | unsure affirm 0.6, deny 0.2"],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: well yes | unsure affirm 0.6, deny 0.2
              [RouterSay]
              say please_rephrase
              (the model's call is not made: nobody said yes)
              (the engine's own question is closed)
        "#]],
    );
}

/// A yes that says more is no yes to what was asked.
#[test]
fn a_yes_with_more_in_it_is_none() {
    for more in [
        "user: yes, but [3](number) | affirm",
        "user: yes, but not today | affirm +negation",
        "user: yes, I mean the other one | affirm +correction",
        "user: yes and your hours | affirm 0.9; hours 0.9",
    ] {
        let bot = desk();
        let mut player = Player::new(&bot);
        for line in [QUESTION, ASKS, more, "user: yes | affirm"] {
            player.line(line);
        }
        let is_call = |effect: &&dialog::Effect| matches!(effect.kind, EffectKind::Call { .. });
        assert_eq!(
            player.effects.iter().filter(is_call).count(),
            0,
            "{}",
            player.log
        );
    }
}

/// The customer hears that it failed, or that nobody knows, in words of ours: the model is not asked.
#[test]
fn a_failure_is_told_as_it_is() {
    after_the_question(
        &["user: yes | affirm", "error: move refused 409"],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              call move {"amount":5,"to":"Ana"}
              (the customer agreed to the model's call of `move`)
            > error: move refused 409
              [Result]
              say call_failed
        "#]],
    );
    after_the_question(
        &["user: yes | affirm", "error: move unknown"],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              call move {"amount":5,"to":"Ana"}
              (the customer agreed to the model's call of `move`)
            > error: move unknown
              [Result]
              say call_unclear
        "#]],
    );
}

/// A second wish is a second question.
#[test]
fn each_call_has_its_own_yes() {
    after_the_question(
        &["user: yes | affirm", MOVED, ASKS, "user: no | deny"],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              call move {"amount":5,"to":"Ana"}
              (the customer agreed to the model's call of `move`)
            > result: move {"ok":true}
              [Result]
              generate helper "compare your accounts" {} after move {"amount":5,"to":"Ana"} -> {"ok":true}, agreed to
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: no | deny
              [YesNoAgain]
              say not_done
              (the model's call of `move` is not made)
        "#]],
    );
}

/// A state waits for the yes. Without it, the state goes on with its `error`.
#[test]
fn a_state_waits_for_the_yes() {
    for (then, expected) in [
        (
            &["user: yes | affirm", MOVED, "generated: Done."][..],
            expect![[r#"
                > user: talk | talk
                  [FlowStart]
                  enter talk.say_it
                  generate helper "talk" {}
                > generated: asks move {"amount":5,"to":"Ana"}
                  [Generate]
                  say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
                > user: yes | affirm
                  [YesNoAgain]
                  call move {"amount":5,"to":"Ana"}
                  (the customer agreed to the model's call of `move`)
                > result: move {"ok":true}
                  [Result]
                  generate helper "talk" {} after move {"amount":5,"to":"Ana"} -> {"ok":true}, agreed to
                > generated: Done.
                  [Generate]
                  enter talk.end
                  model says "Done."
                  say anything_else
            "#]],
        ),
        (
            &["user: no | deny"],
            expect![[r#"
            > user: talk | talk
              [FlowStart]
              enter talk.say_it
              generate helper "talk" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: no | deny
              [YesNoAgain]
              enter talk.end
              say not_done
              say sorry
              (the model's call of `move` is not made)
        "#]],
        ),
        (
            &["user: what are your hours | hours"],
            expect![[r#"
            > user: talk | talk
              [FlowStart]
              enter talk.say_it
              generate helper "talk" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: what are your hours | hours
              [Answer]
              enter talk.end
              say hours
              say sorry
              (the model's call is not made: nobody said yes)
              (the engine's own question is closed)
        "#]],
        ),
        (
            &["user: yes | affirm", "error: move failed"],
            expect![[r#"
                > user: talk | talk
                  [FlowStart]
                  enter talk.say_it
                  generate helper "talk" {}
                > generated: asks move {"amount":5,"to":"Ana"}
                  [Generate]
                  say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
                > user: yes | affirm
                  [YesNoAgain]
                  call move {"amount":5,"to":"Ana"}
                  (the customer agreed to the model's call of `move`)
                > error: move failed
                  [Result]
                  enter talk.end
                  say sorry
            "#]],
        ),
        (
            &["user: yes | affirm", "user: stop that | cancel"],
            expect![[r#"
                > user: talk | talk
                  [FlowStart]
                  enter talk.say_it
                  generate helper "talk" {}
                > generated: asks move {"amount":5,"to":"Ana"}
                  [Generate]
                  say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
                > user: yes | affirm
                  [YesNoAgain]
                  call move {"amount":5,"to":"Ana"}
                  (the customer agreed to the model's call of `move`)
                > user: stop that | cancel
                  [Anywhere]
                  say too_late
                  (too late: a call that cannot be taken back runs)
            "#]],
        ),
        (
            &["user: stop that | cancel", "choose: affirm"],
            expect![[r#"
                > user: talk | talk
                  [FlowStart]
                  enter talk.say_it
                  generate helper "talk" {}
                > generated: asks move {"amount":5,"to":"Ana"}
                  [Generate]
                  say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
                > user: stop that | cancel
                  [Anywhere]
                  say cancelled
                  (the model's call is not made: nobody said yes)
                  (the engine's own question is closed)
                  (a result that nobody took was dropped with its state)
                > choose: affirm
                  [Choice]
                  say choice_gone
            "#]],
        ),
    ] {
        let lines: Vec<&str> = ["user: talk | talk", ASKS]
            .iter()
            .chain(then)
            .copied()
            .collect();
        check(&desk(), &lines, &expected);
    }
}

/// With a person, or after the session, nobody is asked and nothing is called.
#[test]
fn where_nobody_can_be_asked_nothing_is_called() {
    check(
        &desk(),
        &[
            QUESTION,
            "user: a person | talk_to_person",
            "desk: joined",
            ASKS,
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
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              (people have the conversation: the model's answer is a suggestion)
        "#]],
    );
    check(
        &desk(),
        &[
            "user: talk | talk",
            ASKS,
            "user: a person | talk_to_person",
            "desk: joined",
            "desk: returned",
        ],
        &expect![[r#"
            > user: talk | talk
              [FlowStart]
              enter talk.say_it
              generate helper "talk" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > user: a person | talk_to_person
              [Anywhere]
              say handing_over
              open handoff to support, why asked, {"state":"talk.say_it","slots":{},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
              (the model's call is not made: nobody said yes)
              (the engine's own question is closed)
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
    after_the_question(
        &["advance: 25h", "choose: affirm", "user: yes | affirm"],
        &expect![[r#"
            > user: compare your accounts | compare
              [Answer]
              generate helper "compare your accounts" {}
            > generated: asks move {"amount":5,"to":"Ana"}
              [Generate]
              say may_i {"action":"move","given":[{"name":"amount","value":5},{"name":"to","value":"Ana"}]} [affirm, deny]
            > advance: 25h
            > choose: affirm
              [Choice]
              say choice_gone
              (the session is over)
            > user: yes | affirm
              [RouterSay]
              say please_rephrase
        "#]],
    );
}

/// What the record keeps of the question is read again, and the yes still counts, once.
#[test]
fn the_question_survives_a_restart() {
    let bot = desk();
    for start in [QUESTION, "user: talk | talk"] {
        let mut player = Player::new(&bot);
        for line in [start, ASKS, "user: yes | affirm"] {
            let record = player.conversation.to_record(&bot);
            let read = dialog::Conversation::from_record(&bot, &record).expect("a record");
            assert_eq!(read, player.conversation, "{record}");
            player.line(line);
        }
        let record = player.conversation.to_record(&bot);
        let read = dialog::Conversation::from_record(&bot, &record).expect("a record");
        assert_eq!(read, player.conversation, "{record}");
        let is_call = |effect: &&dialog::Effect| matches!(effect.kind, EffectKind::Call { .. });
        assert_eq!(player.effects.iter().filter(is_call).count(), 1);
    }
}
