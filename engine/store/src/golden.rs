//! The bytes of version 1, as they lie in people's folders: a record that reads or writes otherwise fails here.

use std::fmt::Debug;

use expect_test::{ExpectFile, expect_file};
use proptest::prelude::*;

use crate::codec::Record;
use crate::layout::{Id, Ids, Opaque};
use crate::suite::turn;
use crate::{
    BodyHash, ConversationBundle, Dead, DeadLetter, Lane, OutboxRow, OwnerKind, Scheduled, Seen,
    StoreError, Stored, TurnRecord, UserBundle,
};
use dialog::{EffectId, Turn};

/// A record's golden file: its bytes, sixteen a line.
fn keeps<R: Record + PartialEq + Debug>(record: &R, golden: &ExpectFile) {
    let bytes = record.encode();
    let lines: Vec<String> = bytes
        .chunks(16)
        .map(|line| {
            line.iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    golden.assert_eq(&format!("{}\n", lines.join("\n")));
    assert_eq!(R::decode(&bytes).as_ref(), Ok(record));
    refuses_others::<R>(&bytes);
}

/// Neither another version nor a part of a record is read.
fn refuses_others<R: Record + PartialEq + Debug>(bytes: &[u8]) {
    let newer = [&[2], &bytes[1..]].concat();
    assert_eq!(
        R::decode(&newer),
        Err(StoreError::Newer { found: 2, known: 1 })
    );
    for length in 0..bytes.len() {
        assert!(
            matches!(R::decode(&bytes[..length]), Err(StoreError::Corrupt { .. })),
            "{length} of {} bytes",
            bytes.len()
        );
    }
    assert!(matches!(
        R::decode(&[bytes, &[0]].concat()),
        Err(StoreError::Corrupt { .. })
    ));
}

fn effect() -> EffectId {
    EffectId {
        conversation: "c1".into(),
        turn: Turn(2),
        index: 3,
    }
}

fn call() -> OutboxRow {
    OutboxRow {
        id: effect(),
        lane: Lane::Generate,
        payload: b"call".to_vec(),
        begun: true,
    }
}

fn stored() -> Stored {
    let mut commit = turn("c1", None);
    commit.head.owner = OwnerKind::Queued;
    commit.head.epoch = 258;
    commit.head.timer = Some(commit.at);
    Stored::after(&commit, None)
}

#[test]
fn a_conversation() {
    keeps(&stored(), &expect_file!["../tests/golden/conversation.v1"]);
}

#[test]
fn a_turn() {
    let record = turn("c1", Some(&stored())).turn;
    keeps(&record, &expect_file!["../tests/golden/turn.v1"]);
}

#[test]
fn an_effect() {
    keeps(&call(), &expect_file!["../tests/golden/effect.v1"]);
}

fn seen() -> Seen {
    Seen {
        conversation: "c1".into(),
        turn: Turn(2),
        body: BodyHash([7; 32]),
        at: stored().active,
    }
}

#[test]
fn a_seen_message() {
    keeps(&seen(), &expect_file!["../tests/golden/seen.v1"]);
}

#[test]
fn a_days_messages() {
    let id = |id: &str| Id {
        source: "http".into(),
        id: id.into(),
        seen: seen(),
    };
    let ids = Ids(vec![id("m1"), id("m2")]);
    keeps(&ids, &expect_file!["../tests/golden/ids.v1"]);
}

#[test]
fn an_event_for_later() {
    let event = Scheduled {
        id: effect(),
        user: "ada".into(),
        at: stored().active,
        payload: b"reminder".to_vec(),
    };
    keeps(&event, &expect_file!["../tests/golden/scheduled.v1"]);
}

#[test]
fn dead_letters() {
    let letter = |what| DeadLetter {
        conversation: "c1".into(),
        id: "2/3".into(),
        at: stored().active,
        why: "It failed.".into(),
        what,
    };
    keeps(
        &letter(Dead::Effect(call())),
        &expect_file!["../tests/golden/dead_effect.v1"],
    );
    keeps(
        &letter(Dead::Event(b"event".to_vec())),
        &expect_file!["../tests/golden/dead_event.v1"],
    );
}

#[test]
fn a_value() {
    keeps(
        &Opaque(b"Ada".to_vec()),
        &expect_file!["../tests/golden/value.v1"],
    );
}

/// Reads bytes as every kind of record: an answer or an error, and no panic.
fn read_as_each(bytes: &[u8]) {
    let _ = Stored::decode(bytes);
    let _ = TurnRecord::decode(bytes);
    let _ = OutboxRow::decode(bytes);
    let _ = Seen::decode(bytes);
    let _ = Scheduled::decode(bytes);
    let _ = DeadLetter::decode(bytes);
    let _ = Opaque::decode(bytes);
    let _ = ConversationBundle::decode(bytes);
    let _ = UserBundle::decode(bytes);
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), place in 0..200usize, byte in any::<u8>()) {
        read_as_each(&[&[1], bytes.as_slice()].concat());
        let mut changed = stored().encode();
        let place = place % changed.len();
        changed[place] = byte;
        read_as_each(&changed);
    }
}
