//! Copies: out of one store, into another of any kind.

use std::collections::BTreeMap;

use dialog::Turn;

use super::Rule;
use super::trial::{Trial, call, day, event, head, key, letter, message};
use crate::{
    BodyHash, Bundle, Copied, Duplicate, Filter, Memory, MessageKey, OwnerKind, Retention, Scope,
    StoreError, export, import,
};

pub(super) const RULES: &[Rule] = &[
    ("a copy holds everything and can be lived in", copied),
    (
        "a copy goes through another kind of store unchanged",
        through_memory,
    ),
    ("a copy that is read twice is the same", twice),
    ("a damaged copy is noticed", damaged),
];

/// 150 conversations of 30 users, some with everything that there can be.
fn fill(trial: &Trial) {
    for number in 0..150 {
        let (id, user) = (format!("c{number}"), format!("user{}", number % 30));
        trial.done(&id, |commit| {
            commit.head = head(&user);
            commit.duplicate = message(&id, "m1", 1);
        });
        if number % 7 == 0 {
            enrich(trial, &id, &user);
        }
    }
    trial.get(
        trial
            .store
            .keep(trial.term, "bot/v1", Some(b"sources".to_vec())),
    );
    trial.get(trial.store.keep(trial.term, "active", Some(b"v1".to_vec())));
}

fn enrich(trial: &Trial, id: &str, user: &str) {
    let outside = MessageKey {
        scope: Scope::User(user.into()),
        source: "api".into(),
        id: id.into(),
    };
    trial.done(id, |commit| {
        commit.head.owner = OwnerKind::Queued;
        commit.head.timer = Some(day(50));
        commit.duplicate = Some(Duplicate {
            key: outside,
            body: BodyHash([2; 32]),
        });
        commit.outbox.add = vec![call(id, 2, 0)];
        commit.dead_letters.add = vec![letter(id, "x")];
        commit.scheduled.add = vec![event(user, id, 2, day(40))];
        commit.memory = BTreeMap::from([("name".to_owned(), Some(user.as_bytes().to_vec()))]);
    });
}

fn exported(trial: &Trial) -> (Copied, Vec<u8>) {
    let mut stream = Vec::new();
    let copied = trial.get(export(&*trial.store, &mut stream));
    (copied, stream)
}

fn imported(trial: &Trial, stream: &[u8]) -> Result<Copied, StoreError> {
    trial.ask(import(&*trial.store, &mut &*stream))
}

fn bundles(trial: &Trial) -> Vec<Bundle> {
    let mut bundles = Vec::new();
    let mut after = None;
    loop {
        let page = trial.get(trial.store.bundles(after));
        bundles.extend(page.rows);
        after = page.next;
        if after.is_none() {
            bundles.sort_by_key(name);
            return bundles;
        }
    }
}

fn name(bundle: &Bundle) -> String {
    match bundle {
        Bundle::Conversation(bundle) => format!("conversation {}", bundle.conversation),
        Bundle::User(bundle) => format!("user {}", bundle.user),
        Bundle::Document { name, .. } => format!("document {name}"),
    }
}

fn copied(trial: &Trial, make: &dyn Fn() -> Trial) {
    fill(trial);
    let (copied, stream) = exported(trial);
    assert_eq!(
        copied,
        Copied {
            conversations: 150,
            users: 22,
            documents: 2
        }
    );
    let copy = make();
    assert_eq!(imported(&copy, &stream), Ok(copied));
    assert_eq!(bundles(&copy), bundles(trial));
    let (mine, theirs) = (
        trial.get(trial.store.status()),
        copy.get(copy.store.status()),
    );
    assert_eq!(
        (mine.rows, mine.live_bytes, mine.outbox),
        (theirs.rows, theirs.live_bytes, theirs.outbox)
    );
    live_in(&copy);
}

/// What is found by an index, and what goes on, in a copy.
fn live_in(copy: &Trial) {
    let queued = Filter {
        owner: Some(OwnerKind::Queued),
        ..Filter::default()
    };
    assert_eq!(copy.get(copy.store.list(queued, None, 99)).rows.len(), 22);
    let theirs = Filter {
        user: Some("user1".into()),
        ..Filter::default()
    };
    assert_eq!(copy.get(copy.store.list(theirs, None, 99)).rows.len(), 5);
    assert_eq!(copy.get(copy.store.due_timers(day(50), 99)).len(), 22);
    assert_eq!(copy.get(copy.store.due_scheduled(day(40), 99)).len(), 22);
    assert!(
        copy.get(copy.store.seen(&key("c1", "m1"), day(1)))
            .is_some()
    );
    copy.done("c7", |_| ());
    assert_eq!(copy.load("c7").map(|stored| stored.turn), Some(Turn(3)));
    let forget = Retention {
        duplicates_before: Some(day(9)),
        ..Retention::default()
    };
    assert_eq!(copy.retain_all(forget).duplicates, 172);
}

fn through_memory(trial: &Trial, make: &dyn Fn() -> Trial) {
    fill(trial);
    let between = Trial::new(Memory::new());
    imported(&between, &exported(trial).1).expect("what was exported can be imported");
    assert_eq!(bundles(&between), bundles(trial));
    let back = make();
    imported(&back, &exported(&between).1).expect("what was exported can be imported");
    assert_eq!(bundles(&back), bundles(trial));
}

fn twice(trial: &Trial, _: &dyn Fn() -> Trial) {
    fill(trial);
    let before = (bundles(trial), trial.get(trial.store.status()));
    imported(trial, &exported(trial).1).expect("what was exported can be imported");
    let after = (bundles(trial), trial.get(trial.store.status()));
    assert_eq!(before.0, after.0);
    assert_eq!(
        (before.1.rows, before.1.live_bytes),
        (after.1.rows, after.1.live_bytes)
    );
}

fn damaged(trial: &Trial, make: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| commit.duplicate = message("c1", "m1", 1));
    trial.get(trial.store.keep(trial.term, "active", Some(b"v1".to_vec())));
    let (_, stream) = exported(trial);
    let target = make();
    for length in 0..stream.len() {
        let cut = imported(&target, &stream[..length]);
        assert!(
            matches!(cut, Err(StoreError::Corrupt { .. })),
            "cut to {length} bytes: {cut:?}"
        );
    }
    for place in 0..stream.len() {
        let mut changed = stream.clone();
        changed[place] ^= 0x10;
        let read = imported(&target, &changed);
        assert!(
            matches!(
                read,
                Err(StoreError::Corrupt { .. } | StoreError::Newer { .. })
            ),
            "byte {place} was changed: {read:?}"
        );
    }
}
