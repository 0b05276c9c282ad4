//! People: handed over, waiting, given back, nobody there.

use expect_test::expect;

use super::bank;
use crate::support::check;

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
