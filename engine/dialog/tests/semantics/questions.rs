//! The forms of a question.

use expect_test::expect;

use crate::support::{bot, check};

fn desk() -> dialog::Bot {
    bot(include_str!("bots/desk.yaml"))
}

/// `accept`, `confirm`, a bool, `verbatim`, `when`, `optional`: each in its turn.
#[test]
fn every_form_in_turn() {
    check(
        &desk(),
        &[
            "user: I want to order | order",
            "user: [blue](color) |",
            "user: [red](color) |",
            "user: [3](number) |",
            "user: no | deny",
            "user: [4](number) |",
            "user: no, [5](number) | deny",
            "user: yes | affirm",
            "user: well yes | unsure affirm 0.5",
            "user: what are your hours | hours",
            "user: nothing | skip",
        ],
        &expect![[r#"
            > user: I want to order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > user: [blue](color) |
              [Exact]
              say no_blue
              say ask_color [red, green, blue]
              (the value is refused)
            > user: [red](color) |
              [Exact]
              say ask_amount
            > user: [3](number) |
              [Exact]
              say read_back {"slots":{"amount":3}} [affirm, deny]
            > user: no | deny
              [YesNoAgain]
              say ask_amount
            > user: [4](number) |
              [Exact]
              say read_back {"slots":{"amount":4}} [affirm, deny]
            > user: no, [5](number) | deny
              [Correction]
              say read_back {"slots":{"amount":5}} [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              say ask_gift [affirm, deny]
            > user: well yes | unsure affirm 0.5
              [YesNoAgain]
              say ask_message
            > user: what are your hours | hours
              [Verbatim]
              say ask_note
            > user: nothing | skip
              [YesNoAgain]
              enter order.finished
              say done_text {"slots":{"color":"red"}}
        "#]],
    );
}

/// Values fill slots out of order; one that waits for a yes is read back.
#[test]
fn several_values_at_once() {
    check(
        &desk(),
        &[
            "user: order [3](number) [green](color) ones | order",
            "user: yes | affirm",
            "user: no | deny",
            "user: something | none",
        ],
        &expect![[r#"
            > user: order [3](number) [green](color) ones | order
              [FlowStart]
              enter order.all
              say read_back {"slots":{"amount":3}} [affirm, deny]
            > user: yes | affirm
              [YesNoAgain]
              say ask_gift [affirm, deny]
            > user: no | deny
              [YesNoAgain]
              say ask_note
            > user: something | none
              [Text]
              enter order.finished
              say done_text {"slots":{"color":"green","note":"something"}}
        "#]],
    );
}

/// A refused value at the start is no value.
#[test]
fn a_refused_value_at_the_start() {
    check(
        &desk(),
        &["user: order [blue](color) | order"],
        &expect![[r#"
            > user: order [blue](color) | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
              (`color`: the value in the message is refused)
        "#]],
    );
}

/// Two refusals are one too many.
#[test]
fn refused_too_often() {
    check(
        &desk(),
        &[
            "user: order | order",
            "user: [blue](color) |",
            "user: [blue](color) |",
        ],
        &expect![[r#"
            > user: order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > user: [blue](color) |
              [Exact]
              say no_blue
              say ask_color [red, green, blue]
              (the value is refused)
            > user: [blue](color) |
              [Exact]
              enter order.gave_up
              say gave_up
              (the value is refused)
        "#]],
    );
}

/// `again` offers the value that is held.
#[test]
fn asked_again() {
    check(
        &desk(),
        &[
            "user: again | again",
            "user: rome |",
            "user: again | again",
            "user: yes | affirm",
            "user: again | again",
            "user: paris |",
        ],
        &expect![[r#"
            > user: again | again
              [FlowStart]
              enter again.ask
              say ask_city [rome, paris]
            > user: rome |
              [Exact]
              enter again.finished
              remember city = "rome"
              say city_kept
            > user: again | again
              [FlowStart]
              enter again.ask
              say ask_city [rome, paris]
            > user: yes | affirm
              [YesNoAgain]
              enter again.finished
              say city_kept
            > user: again | again
              [FlowStart]
              enter again.ask
              say ask_city [rome, paris]
            > user: paris |
              [Exact]
              enter again.finished
              remember city = "paris"
              say city_kept
        "#]],
    );
}

/// `repeat` asks the open question again; with nothing open it is nobody's.
#[test]
fn repeat() {
    check(
        &desk(),
        &[
            "user: what? | repeat",
            "user: order | order",
            "user: what? | repeat",
        ],
        &expect![[r#"
            > user: what? | repeat
              [RouterSay]
              say please_rephrase
            > user: order | order
              [FlowStart]
              enter order.all
              say ask_color [red, green, blue]
            > user: what? | repeat
              [YesNoAgain]
              say ask_color [red, green, blue]
        "#]],
    );
}

/// Roles: a value goes to the slot that is asked for; a correction to the one whose old value is negated.
#[test]
fn one_entity_two_slots() {
    check(
        &desk(),
        &[
            "user: a trip from [rome](town) | trip",
            "user: [oslo](town) |",
            "user: not [!rome](town), [paris](town) | none +negation",
        ],
        &expect![[r#"
            > user: a trip from [rome](town) | trip
              [FlowStart]
              enter trip.booking, trip.booking.places
              say ask_to [rome, paris, oslo]
            > user: [oslo](town) |
              [Exact]
              enter trip.booking.pay
              say ask_pay [now, later]
            > user: not [!rome](town), [paris](town) | none +negation
              [Correction]
              enter trip.booking.places, trip.booking.pay
              say ask_pay [now, later]
        "#]],
    );
}

fn things(count: usize) -> String {
    let things: Vec<String> = (1..=count)
        .map(|n| format!(r#"{{"id":"t{n}","label":"Thing {n}"}}"#))
        .collect();
    format!(r#"result: list {{"things":[{}]}}"#, things.join(","))
}

/// Several items of a list, by button, number or label; too many are refused.
#[test]
fn items_of_a_list() {
    check(
        &desk(),
        &[
            "user: pick | pick",
            &things(4),
            "user: #1,2,3,4 |",
            "user: #1,3 |",
        ],
        &expect![[r#"
            > user: pick | pick
              [FlowStart]
              enter pick.fill
              call list {}
            > result: list {"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"}]}
              [Result]
              enter pick.ask
              say ask_pick {"slots":{"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"}]}} [t1, t2, t3, t4]
            > user: #1,2,3,4 |
              [Exact]
              say ask_pick {"slots":{"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"}]}} [t1, t2, t3, t4]
              (the value is refused)
            > user: #1,3 |
              [Exact]
              enter pick.finished
              say chosen {"slots":{"picks":[{"id":"t1","label":"Thing 1"},{"id":"t3","label":"Thing 3"}]}}
        "#]],
    );
    check(
        &desk(),
        &["user: pick | pick", &things(4), "user: thing 2 |"],
        &expect![[r#"
            > user: pick | pick
              [FlowStart]
              enter pick.fill
              call list {}
            > result: list {"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"}]}
              [Result]
              enter pick.ask
              say ask_pick {"slots":{"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"}]}} [t1, t2, t3, t4]
            > user: thing 2 |
              [Exact]
              enter pick.finished
              say chosen {"slots":{"picks":[{"id":"t2","label":"Thing 2"}]}}
        "#]],
    );
}

/// More choices than a page holds are paged; one of another page is a choice too.
#[test]
fn paged_choices() {
    check(
        &desk(),
        &[
            "user: pick | pick",
            &things(12),
            "choose: _more",
            "choose: _more",
            "choose: t12",
        ],
        &expect![[r#"
            > user: pick | pick
              [FlowStart]
              enter pick.fill
              call list {}
            > result: list {"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"},{"id":"t5","label":"Thing 5"},{"id":"t6","label":"Thing 6"},{"id":"t7","label":"Thing 7"},{"id":"t8","label":"Thing 8"},{"id":"t9","label":"Thing 9"},{"id":"t10","label":"Thing 10"},{"id":"t11","label":"Thing 11"},{"id":"t12","label":"Thing 12"}]}
              [Result]
              enter pick.ask
              say ask_pick {"slots":{"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"},{"id":"t5","label":"Thing 5"},{"id":"t6","label":"Thing 6"},{"id":"t7","label":"Thing 7"},{"id":"t8","label":"Thing 8"},{"id":"t9","label":"Thing 9"},{"id":"t10","label":"Thing 10"},{"id":"t11","label":"Thing 11"},{"id":"t12","label":"Thing 12"}]}} [t1, t2, t3, t4, t5, t6, t7, t8, t9, _more]
            > choose: _more
              [Choice]
              say ask_pick {"slots":{"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"},{"id":"t5","label":"Thing 5"},{"id":"t6","label":"Thing 6"},{"id":"t7","label":"Thing 7"},{"id":"t8","label":"Thing 8"},{"id":"t9","label":"Thing 9"},{"id":"t10","label":"Thing 10"},{"id":"t11","label":"Thing 11"},{"id":"t12","label":"Thing 12"}]}} [t10, t11, t12, _more]
            > choose: _more
              [Choice]
              say ask_pick {"slots":{"things":[{"id":"t1","label":"Thing 1"},{"id":"t2","label":"Thing 2"},{"id":"t3","label":"Thing 3"},{"id":"t4","label":"Thing 4"},{"id":"t5","label":"Thing 5"},{"id":"t6","label":"Thing 6"},{"id":"t7","label":"Thing 7"},{"id":"t8","label":"Thing 8"},{"id":"t9","label":"Thing 9"},{"id":"t10","label":"Thing 10"},{"id":"t11","label":"Thing 11"},{"id":"t12","label":"Thing 12"}]}} [t1, t2, t3, t4, t5, t6, t7, t8, t9, _more]
            > choose: t12
              [Choice]
              enter pick.finished
              say chosen {"slots":{"picks":[{"id":"t12","label":"Thing 12"}]}}
        "#]],
    );
}
