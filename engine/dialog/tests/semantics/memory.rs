//! What outlives a session: facts with where they come from, notes of what was said, and the end of both.

use expect_test::expect;

use crate::support::{Player, bot, check};

const DESK: &str = include_str!("bots/desk.yaml");

fn with_notes() -> dialog::Bot {
    bot(&format!("{DESK}episodes: {{ keep: 90d }}\n"))
}

/// A session that is over leaves a note, when its time has come or with the conversation's end; the next one begins anew.
#[test]
fn a_session_that_ends_leaves_a_note() {
    check(
        &with_notes(),
        &[
            "user: my name | my_name",
            "user: Bo |",
            "user: yes | affirm",
            "advance: 25h",
            "user: my name | my_name",
            "end",
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
            > advance: 25h
              SessionEnd is due
              [Timer]
              keep a note of the session from turn 1 until 2026-06-01T09:00:00Z
              (the session is over)
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > end
              [Session]
              keep a note of the session from turn 6 until 2026-06-01T10:00:00Z
              owner ended (epoch 1)
              (the session is over)
        "#]],
    );
}

/// What was said before a customer asked to be forgotten is in no note.
#[test]
fn a_note_begins_after_the_forgetting() {
    check(
        &with_notes(),
        &[
            "user: my name | my_name",
            "user: Bo |",
            "user: yes | affirm",
            "user: forget me | forget_me",
            "advance: 25h",
            "user: my name | my_name",
            "user: forget me | forget_me",
            "user: hm |",
            "advance: 25h",
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
            > user: forget me | forget_me
              [Anywhere]
              say forgotten
              forget None
            > advance: 25h
              SessionEnd is due
              [Timer]
              (the session is over)
            > user: my name | my_name
              [FlowStart]
              enter name.ask
              say ask_name
            > user: forget me | forget_me
              [Anywhere]
              say forgotten
              forget None
              say ask_name
            > user: hm |
              [Text]
              enter name.hello
              say hello {"slots":{"nickname":"hm"},"user":{"first":false}}
              say ask_consent [affirm, deny]
            > advance: 25h
              SessionEnd is due
              [Timer]
              keep a note of the session from turn 9 until 2026-06-02T10:00:00Z
              (the session is over)
        "#]],
    );
}

/// A value names its message, how surely it was read and when it ends; consent that comes later does not change that.
#[test]
fn a_fact_names_its_message() {
    let bot = with_notes();
    let mut player = Player::new(&bot);
    for line in [
        "user: my name | my_name",
        "user: Bo |",
        "advance: 5m",
        "user: yes | affirm",
    ] {
        player.line(line);
    }
    let fact = &player.memory.facts["nickname"];
    let source = fact.source.as_ref().expect("a message");
    assert_eq!((source.conversation.as_str(), source.turn.0), ("c1", 2));
    assert_eq!(fact.confidence.map(|sure| sure.0), Some(1.0));
    let kept = fact.until.expect("an end").duration_since(fact.at);
    assert_eq!(kept, jiff::SignedDuration::from_hours(365 * 24));
    let record = player.conversation.to_record(&bot);
    let again = dialog::Conversation::from_record(&bot, &record).expect("a record");
    assert_eq!(again.to_record(&bot), record);
}
