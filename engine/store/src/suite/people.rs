//! What is remembered of people, and how they are forgotten; named documents.

use std::collections::BTreeMap;

use dialog::Turn;

use super::Rule;
use super::trial::{Trial, call, day, event, head, key, letter, message};
use crate::{BodyHash, Duplicate, Erased, Filter, MessageKey, Scope};

pub(super) const RULES: &[Rule] = &[
    ("a memory is set and forgotten key by key", remembered),
    (
        "an erased person leaves nothing, and nobody else loses anything",
        erased,
    ),
    ("documents are kept by name", documents),
];

fn remembered(trial: &Trial, _: &dyn Fn() -> Trial) {
    let set = |key: &str, value: &str| {
        BTreeMap::from([(key.to_owned(), Some(value.as_bytes().to_vec()))])
    };
    trial.done("c1", |commit| commit.memory = set("name", "Ada"));
    trial.done("c2", |commit| commit.memory = set("city", "London"));
    trial.get(
        trial
            .store
            .remember(trial.term, &"ada".into(), set("name", "Ada L.")),
    );
    let memory = |user: &str| trial.get(trial.store.memory(&user.into()));
    let expected = BTreeMap::from([
        ("city".to_owned(), b"London".to_vec()),
        ("name".to_owned(), b"Ada L.".to_vec()),
    ]);
    assert_eq!(memory("ada"), expected);
    assert!(memory("ad").is_empty());
    trial.done("c1", |commit| {
        commit.memory = BTreeMap::from([("name".to_owned(), None), ("age".to_owned(), None)])
    });
    assert_eq!(memory("ada").into_keys().collect::<Vec<_>>(), ["city"]);
}

/// A conversation of a user's with everything that can belong to them.
fn full(trial: &Trial, id: &str, user: &str) {
    trial.done(id, |commit| {
        commit.head = head(user);
        commit.head.timer = Some(day(50));
        commit.duplicate = message(id, "m1", 1);
        commit.outbox.add = vec![call(id, 1, 0)];
        commit.dead_letters.add = vec![letter(id, "x")];
        commit.scheduled.add = vec![event(user, id, 1, day(40))];
        commit.memory = BTreeMap::from([("name".to_owned(), Some(user.as_bytes().to_vec()))]);
    });
    let scope = Scope::User(user.into());
    let outside = MessageKey {
        scope,
        source: "api".into(),
        id: id.into(),
    };
    trial.done(id, |commit| {
        commit.duplicate = Some(Duplicate {
            key: outside,
            body: BodyHash([1; 32]),
        })
    });
}

fn erased(trial: &Trial, make: &dyn Fn() -> Trial) {
    let without = make();
    full(&without, "c2", "bob");
    full(trial, "c1", "ada");
    full(trial, "c2", "bob");
    full(trial, "c3", "ada");
    let erased = trial.get(trial.store.erase(trial.term, &"ada".into()));
    assert_eq!(
        erased,
        Erased {
            conversations: 2,
            memories: 1,
            scheduled: 2
        }
    );
    let bundles = |trial: &Trial| trial.get(trial.store.bundles(None)).rows;
    assert_eq!(bundles(trial), bundles(&without));
    assert_eq!(trial.get(trial.store.turns(&"c1".into(), Turn(0), 9)), []);
    assert_eq!(trial.get(trial.store.seen(&key("c1", "m1"), day(1))), None);
    assert_eq!(trial.get(trial.store.due_timers(day(99), 9)).len(), 1);
    assert_eq!(trial.get(trial.store.due_scheduled(day(99), 9)).len(), 1);
    assert_eq!(
        trial
            .get(trial.store.list(Filter::default(), None, 9))
            .rows
            .len(),
        1
    );
    assert_eq!(trial.outbox(), [call("c2", 1, 0)]);
    let (mine, other) = (
        trial.get(trial.store.status()),
        trial.get(without.store.status()),
    );
    assert_eq!((mine.rows, mine.live_bytes), (other.rows, other.live_bytes));
    assert_eq!(
        trial.get(trial.store.erase(trial.term, &"ada".into())),
        Erased::default()
    );
    trial.done("c1", |_| ());
}

fn documents(trial: &Trial, _: &dyn Fn() -> Trial) {
    let keep = |name: &str, document: Option<&[u8]>| {
        trial.get(
            trial
                .store
                .keep(trial.term, name, document.map(<[u8]>::to_vec)),
        )
    };
    keep("bot/v1", Some(b"one"));
    keep("bot/v2", Some(b""));
    keep("active", Some(b"v1"));
    keep("bot/v1", Some(b"one, again"));
    assert_eq!(
        trial.get(trial.store.document("bot/v1")),
        Some(b"one, again".to_vec())
    );
    assert_eq!(trial.get(trial.store.document("bot/v2")), Some(Vec::new()));
    assert_eq!(trial.get(trial.store.document("bot/")), None);
    assert_eq!(
        trial.get(trial.store.documents("bot/")),
        ["bot/v1", "bot/v2"]
    );
    assert_eq!(
        trial.get(trial.store.documents("")),
        ["active", "bot/v1", "bot/v2"]
    );
    keep("bot/v1", None);
    keep("bot/v1", None);
    assert_eq!(trial.get(trial.store.documents("bot/")), ["bot/v2"]);
}
