//! Compound states, history, `always`, timers, events, bounds.

use expect_test::expect;

use crate::support::{bot, check};

fn desk() -> dialog::Bot {
    bot(include_str!("bots/desk.yaml"))
}

const TO_PAY: [&str; 2] = [
    "user: trip from [rome](town) to [oslo](town) | trip",
    "user: hm | help",
];

/// A handler of a compound state counts in its children; `history` returns to the child that was left.
#[test]
fn compound_states_and_history() {
    check(
        &desk(),
        &[
            TO_PAY[0],
            TO_PAY[1],
            "user: back | back",
            "user: step | step",
            "choose: later",
        ],
        &expect![[r#"
            > user: trip from [rome](town) to [oslo](town) | trip
              [FlowStart]
              enter trip.booking, trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
            > user: hm | help
              [State]
              enter trip.help
              say here_is_help
            > user: back | back
              [State]
              enter trip.booking, trip.booking.pay
              say ask_pay [now, later]
            > user: step | step
              [State]
              say stepped
            > choose: later
              [Choice]
              enter trip.booking.paid_later, trip.booked
              say paid_later
              say booked
        "#]],
    );
    check(
        &desk(),
        &[TO_PAY[0], TO_PAY[1], "user: yes | affirm"],
        &expect![[r#"
            > user: trip from [rome](town) to [oslo](town) | trip
              [FlowStart]
              enter trip.booking, trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
            > user: hm | help
              [State]
              enter trip.help
              say here_is_help
            > user: yes | affirm
              [State]
              enter trip.booking, trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
        "#]],
    );
}

/// `after` counts from entering, fires once, and waits while its flow is covered.
#[test]
fn after() {
    check(
        &desk(),
        &[TO_PAY[0], "advance: 11m", "advance: 11m"],
        &expect![[r#"
            > user: trip from [rome](town) to [oslo](town) | trip
              [FlowStart]
              enter trip.booking, trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
            > advance: 11m
              After is due
              [Timer]
              say hurry
            > advance: 11m
        "#]],
    );
    check(
        &desk(),
        &[
            TO_PAY[0],
            "user: my name | my_name",
            "advance: 20m",
            "user: Bo |",
            "user: yes | affirm",
            "advance: 1m",
        ],
        &expect![[r#"
            > user: trip from [rome](town) to [oslo](town) | trip
              [FlowStart]
              enter trip.booking, trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > advance: 20m
            > user: Bo |
              [Text]
              enter name.hello
              say hello {"slots":{"nickname":"Bo"},"user":{"first":true}}
              say ask_consent [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              consent to nickname: true
              remember nickname = "Bo"
              say ask_pay [now, later]
              (consent is given)
            > advance: 1m
              After is due
              [Timer]
              say hurry
        "#]],
    );
}

/// A raised event is taken after everything has settled.
#[test]
fn raised_events() {
    check(
        &desk(),
        &[TO_PAY[0], r#"event: note {"text":"T7"}"#],
        &expect![[r#"
            > user: trip from [rome](town) to [oslo](town) | trip
              [FlowStart]
              enter trip.booking, trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
            > event: note {"text":"T7"}
              [Outside]
              say noted
              say reminded {"event":{"ticket":"T7"}}
        "#]],
    );
}

/// An event that starts a flow waits until nothing runs.
#[test]
fn an_event_waits() {
    check(
        &desk(),
        &[
            "user: order | order",
            r#"event: outage {"service":"app"}"#,
            "user: stop | cancel",
            "user: ok | affirm",
        ],
        &expect![[r#"
            > user: order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > event: outage {"service":"app"}
              [Outside]
              (`notice` waits until nothing runs)
            > user: stop | cancel
              [Anywhere]
              enter notice.say_it
              say cancelled
              say notice
            > user: ok | affirm
              [State]
              enter notice.thanks
              say thanks
        "#]],
    );
    let interrupting = include_str!("bots/desk.yaml").replace("busy: wait", "busy: interrupt");
    check(
        &bot(&interrupting),
        &[
            "user: order | order",
            r#"event: outage {"service":"app"}"#,
            "user: ok | affirm",
        ],
        &expect![[r#"
            > user: order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > event: outage {"service":"app"}
              [Outside]
              enter notice.say_it
              say notice
            > user: ok | affirm
              [State]
              enter notice.thanks
              say thanks
              say ask_color [red, green, blue]
        "#]],
    );
    let dropping = include_str!("bots/desk.yaml").replace("busy: wait", "busy: drop");
    check(
        &bot(&dropping),
        &["user: order | order", r#"event: outage {"service":"app"}"#],
        &expect![[r#"
            > user: order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > event: outage {"service":"app"}
              [Outside]
              (the event is dropped: another flow runs)
        "#]],
    );
}

/// A circle of `always` ends at the bound; people take over.
#[test]
fn a_circle_ends() {
    check(
        &desk(),
        &["user: loop | loop"],
        &expect![[r#"
        > user: loop | loop
          [FlowStart]
          enter looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a, looping.b, looping.a
          say failed
          say handing_over
          open handoff to support, why failed, {"state":"looping.a","slots":{},"open_intents":[],"loose_ends":[]}
          owner queued at support (epoch 1)
          (cannot go on: more than 64 transitions in one event)
    "#]],
    );
}

/// No transition of an outcome holds: `on_failed`.
#[test]
fn an_outcome_that_nothing_takes() {
    check(
        &desk(),
        &[
            "user: strict | strict",
            "user: hunter2 |",
            r#"result: burn {"ok":false}"#,
        ],
        &expect![[r#"
            > user: strict | strict
              [FlowStart]
              enter strict.ask
              say ask_code
            > user: hunter2 |
              [Exact]
              enter strict.burn
              call burn {"key":"hunter2"}
            > result: burn {"ok":false}
              [Result]
              say failed
              say handing_over
              open handoff to support, why failed, {"state":"strict.burn","slots":{"code":"••r2"},"open_intents":[],"loose_ends":[]}
              owner queued at support (epoch 1)
              (cannot go on: no transition of an outcome holds)
        "#]],
    );
}

/// A scheduled event belongs to the user and opens a session.
#[test]
fn a_scheduled_event() {
    check(
        &desk(),
        &[
            "user: remind me | remind_me",
            "advance: 30h",
            r#"event: reminder {"ticket":"T1"}"#,
        ],
        &expect![[r#"
            > user: remind me | remind_me
              [Anywhere]
              say will_remind
              schedule reminder at 2026-03-02T10:00:00Z {"ticket":"T1"}
            > advance: 30h
            > event: reminder {"ticket":"T1"}
              [Outside]
              (the session is over)
              (nothing takes the event)
        "#]],
    );
}

/// The language changes from the next `say`, also at an open question.
#[test]
fn the_locale_changes_at_an_open_question() {
    let bot = desk();
    let mut player = crate::support::Player::new(&bot);
    player.line("user: order | order");
    player.line("user: deutsch bitte | german");
    let locales: Vec<(&str, &str)> = player
        .effects
        .iter()
        .filter_map(|effect| match &effect.kind {
            dialog::EffectKind::Send(dialog::Outgoing::Response(response)) => {
                Some((response.template.as_str(), response.locale.as_str()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        locales,
        [("ask_color", "en"), ("switched", "de"), ("ask_color", "de")]
    );
}

/// A flow that calls itself without end is stopped; the customer is not left alone with it.
#[test]
fn a_flow_that_calls_itself() {
    let bot = desk();
    let mut player = crate::support::Player::new(&bot);
    player.line("user: deep | deep");
    for _ in 0..32 {
        player.line("user: step | step");
    }
    let end = player.log.rsplit("> user").next().expect("a line");
    assert!(end.contains("more than 32 flows call each other"), "{end}");
    assert!(end.contains("open handoff to support"), "{end}");
}

/// A correction clears exactly what was computed from the value, transitively, also through a called flow.
#[test]
fn what_a_correction_clears() {
    let bot = desk();
    let mut player = crate::support::Player::new(&bot);
    player.line("user: outer | outer");
    player.line("user: [rome](town) |");
    player.line("user: [3](number) |");
    player.line("user: no, [paris](town) | deny");
    player.line("user: [4](number) |");
    player.line("user: not so fast, [oslo](town) | none +correction");
    expect![[r#"
        > user: outer | outer
          [FlowStart]
          enter outer.where
          say ask_town [rome, paris, oslo]
        > user: [rome](town) |
          [Exact]
          enter outer.count, outer.cost, outer.name_it, outer.fix, outer.ask_plan, planner.compute, planner.ask
          say ask_days {"slots":{"plan":"rome!"}}
        > user: [3](number) |
          [Exact]
          enter planner.end, outer.sure
          say sure {"slots":{"label":"cheap","length":4,"other":"kept","plan":"rome!","price":8,"town":"rome"}}
        > user: no, [paris](town) | deny
          [Correction]
          enter outer.where, outer.count, outer.cost, outer.name_it, outer.fix, outer.ask_plan, planner.compute, planner.ask
          say ask_days {"slots":{"plan":"paris!"}}
        > user: [4](number) |
          [Exact]
          enter planner.end, outer.sure
          say sure {"slots":{"label":"dear","length":5,"other":"kept","plan":"paris!","price":10,"town":"paris"}}
        > user: not so fast, [oslo](town) | none +correction
          [Correction]
          enter outer.where, outer.count, outer.cost, outer.name_it, outer.fix, outer.ask_plan, planner.compute, planner.ask
          say ask_days {"slots":{"plan":"oslo!"}}
    "#]].assert_eq(&player.log);
}

/// `cancel` ends the called flow; its caller takes it.
#[test]
fn a_caller_takes_the_cancel() {
    check(
        &desk(),
        &[
            "user: outer | outer",
            "user: [rome](town) |",
            "user: stop | cancel",
            "user: stop | cancel",
        ],
        &expect![[r#"
            > user: outer | outer
              [FlowStart]
              enter outer.where
              say ask_town [rome, paris, oslo]
            > user: [rome](town) |
              [Exact]
              enter outer.count, outer.cost, outer.name_it, outer.fix, outer.ask_plan, planner.compute, planner.ask
              say ask_days {"slots":{"plan":"rome!"}}
            > user: stop | cancel
              [Anywhere]
              enter outer.sure
              say kept_on
              say sure {"slots":{"label":"cheap","length":4,"other":"kept","plan":"rome!","price":8,"town":"rome"}}
            > user: stop | cancel
              [Anywhere]
              say cancelled
        "#]],
    );
}
