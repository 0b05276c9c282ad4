//! Lists: turns, the feed, conversations by what they are found by.

use dialog::Turn;
use jiff::{SignedDuration, Timestamp};

use super::Rule;
use super::trial::{Trial, day, head};
use crate::{Cursor, Filter, OwnerKind, StoreError};

pub(super) const RULES: &[Rule] = &[
    ("turns come in order, from any of them", turns),
    ("the feed goes on after any number", feed),
    ("a long feed is read from any place", long_feed),
    ("conversations are found by user, owner and time", filtered),
    ("who waits longest comes first", queue),
    ("a list can be read in parts", paged),
    ("a cursor that isn't one is refused", cursors),
    ("the status counts", counted),
];

fn turns(trial: &Trial, _: &dyn Fn() -> Trial) {
    (0..300).for_each(|_| trial.done("c1", |_| ()));
    trial.done("c10", |_| ());
    let numbers = |from, limit| -> Vec<u64> {
        let turns = trial.get(trial.store.turns(&"c1".into(), Turn(from), limit));
        turns.iter().map(|record| record.turn.0).collect()
    };
    assert_eq!(numbers(0, 3), [1, 2, 3]);
    assert_eq!(numbers(255, 3), [255, 256, 257]);
    assert_eq!(numbers(299, 9), [299, 300]);
    assert!(numbers(301, 9).is_empty());
    let one = trial
        .get(trial.store.turns(&"c1".into(), Turn(2), 1))
        .remove(0);
    assert_eq!(
        (one.at, one.event.as_slice(), one.trace.as_slice()),
        (day(2), &b"event 2"[..], &b"trace"[..])
    );
}

fn feed(trial: &Trial, _: &dyn Fn() -> Trial) {
    let say = |entries: &[&str]| {
        let feed = entries
            .iter()
            .map(|entry| entry.as_bytes().to_vec())
            .collect();
        trial.done("c1", |commit| commit.turn.feed = feed);
    };
    say(&["a", "b", "c"]);
    say(&[]);
    say(&["d"]);
    say(&[]);
    let after = |seq, limit| -> Vec<(u64, u64, String)> {
        let entries = trial.get(trial.store.feed(&"c1".into(), seq, limit));
        entries
            .into_iter()
            .map(|entry| {
                (
                    entry.seq,
                    entry.turn.0,
                    String::from_utf8_lossy(&entry.payload).into(),
                )
            })
            .collect()
    };
    let all = [
        (1, 1, "a".to_owned()),
        (2, 1, "b".into()),
        (3, 1, "c".into()),
        (4, 3, "d".into()),
    ];
    assert_eq!(after(0, 9), all);
    assert_eq!(after(0, 2), all[..2]);
    assert_eq!(after(1, 9), all[1..]);
    assert_eq!(after(3, 9), all[3..]);
    assert_eq!(after(4, 9), []);
    assert_eq!(after(99, 9), []);
    assert_eq!(trial.get(trial.store.feed(&"c2".into(), 0, 9)), []);
}

fn long_feed(trial: &Trial, _: &dyn Fn() -> Trial) {
    // Turns with 0, 1 or 2 entries, so that numbers and turns drift apart.
    (0..90).for_each(|turn| {
        trial.done("c1", |commit| {
            commit.turn.feed = vec![b"x".to_vec(); turn % 3]
        })
    });
    for seq in 0..=90 {
        let entries = trial.get(trial.store.feed(&"c1".into(), seq, 200));
        let numbers: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, (seq + 1..=90).collect::<Vec<_>>());
    }
}

fn owned(trial: &Trial, id: &str, user: &str, owner: OwnerKind, at: Timestamp) {
    trial.done(id, |commit| {
        commit.at = at;
        commit.head = head(user);
        commit.head.owner = owner;
    });
}

fn listed(trial: &Trial, filter: &Filter) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = None;
    loop {
        let page = trial.get(trial.store.list(filter.clone(), after, 2));
        assert!(page.rows.len() <= 2);
        ids.extend(page.rows.into_iter().map(|summary| summary.conversation.0));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

fn sorted(trial: &Trial, filter: &Filter) -> Vec<String> {
    let mut ids = listed(trial, filter);
    ids.sort();
    ids
}

fn filtered(trial: &Trial, _: &dyn Fn() -> Trial) {
    owned(trial, "c1", "ada", OwnerKind::Bot, day(1));
    owned(trial, "c2", "bob", OwnerKind::Bot, day(2));
    owned(trial, "c3", "ada", OwnerKind::Ended, day(3));
    owned(trial, "c4", "ad", OwnerKind::Queued, day(4));
    let user = |user: &str| Filter {
        user: Some(user.into()),
        ..Filter::default()
    };
    let owner = |owner| Filter {
        owner: Some(owner),
        ..Filter::default()
    };
    let since = |since| Filter {
        since: Some(since),
        ..Filter::default()
    };
    assert_eq!(sorted(trial, &Filter::default()), ["c1", "c2", "c3", "c4"]);
    assert_eq!(sorted(trial, &user("ada")), ["c1", "c3"]);
    assert_eq!(sorted(trial, &user("ad")), ["c4"]);
    assert_eq!(sorted(trial, &user("a")), [""; 0]);
    assert_eq!(sorted(trial, &owner(OwnerKind::Bot)), ["c1", "c2"]);
    assert_eq!(sorted(trial, &owner(OwnerKind::Ended)), ["c3"]);
    assert_eq!(sorted(trial, &since(day(3))), ["c3", "c4"]);
    assert_eq!(
        sorted(trial, &since(day(3) + SignedDuration::from_nanos(1))),
        ["c4"]
    );
    let all_three = Filter {
        user: Some("ada".into()),
        owner: Some(OwnerKind::Ended),
        since: Some(day(2)),
    };
    assert_eq!(sorted(trial, &all_three), ["c3"]);
    assert_eq!(
        sorted(
            trial,
            &Filter {
                since: Some(day(4)),
                ..all_three
            }
        ),
        [""; 0]
    );
    owned(trial, "c1", "bob", OwnerKind::Ended, day(5));
    assert_eq!(
        sorted(trial, &user("ada")),
        ["c3"],
        "a conversation can get another user"
    );
    assert_eq!(sorted(trial, &user("bob")), ["c1", "c2"]);
    assert_eq!(sorted(trial, &owner(OwnerKind::Ended)), ["c1", "c3"]);
    assert_eq!(
        sorted(trial, &Filter::default()),
        ["c1", "c2", "c3", "c4"],
        "each is there once"
    );
}

fn queue(trial: &Trial, _: &dyn Fn() -> Trial) {
    let queued = Filter {
        owner: Some(OwnerKind::Queued),
        ..Filter::default()
    };
    owned(trial, "z", "ada", OwnerKind::Queued, day(1));
    owned(trial, "a", "bob", OwnerKind::Queued, day(3));
    owned(trial, "m", "eve", OwnerKind::Queued, day(2));
    assert_eq!(listed(trial, &queued), ["z", "m", "a"]);
    owned(trial, "z", "ada", OwnerKind::Queued, day(9));
    assert_eq!(
        listed(trial, &queued),
        ["z", "m", "a"],
        "who writes while waiting keeps the place"
    );
    owned(trial, "z", "ada", OwnerKind::Person, day(10));
    assert_eq!(listed(trial, &queued), ["m", "a"]);
    owned(trial, "z", "ada", OwnerKind::Queued, day(11));
    assert_eq!(listed(trial, &queued), ["m", "a", "z"]);
    assert_eq!(
        trial.load("z").map(|stored| stored.owned_since),
        Some(day(11))
    );
}

fn paged(trial: &Trial, _: &dyn Fn() -> Trial) {
    let ids: Vec<String> = (0..25).map(|number| format!("c{number:02}")).collect();
    ids.iter().for_each(|id| trial.done(id, |_| ()));
    assert_eq!(sorted(trial, &Filter::default()), ids);
}

fn cursors(trial: &Trial, _: &dyn Fn() -> Trial) {
    let nonsense = || Some(Cursor("no place".into()));
    assert!(matches!(
        trial.ask(trial.store.list(Filter::default(), nonsense(), 9)),
        Err(StoreError::Invalid(_))
    ));
    assert!(matches!(
        trial.ask(trial.store.dead_letters(nonsense(), 9)),
        Err(StoreError::Invalid(_))
    ));
}

fn counted(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| {
        commit.outbox.add = vec![
            super::trial::call("c1", 1, 0),
            super::trial::call("c1", 1, 1),
        ];
        commit.dead_letters.add = vec![super::trial::letter("c1", "x")];
    });
    trial.done("c1", |commit| {
        commit.outbox.remove = vec![super::trial::effect("c1", 1, 0)]
    });
    trial.done("c2", |_| ());
    let status = trial.get(trial.store.status());
    assert_eq!(
        (status.conversations, status.outbox, status.dead_letters),
        (2, 1, 1)
    );
    trial.get(trial.store.erase(trial.term, &"ada".into()));
    let status = trial.get(trial.store.status());
    assert_eq!(
        (status.conversations, status.outbox, status.dead_letters),
        (0, 0, 0)
    );
    assert!(trial.store.healthy());
}
