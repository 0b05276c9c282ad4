//! Turns: what a commit does, and when it is refused.

use dialog::Turn;

use super::Rule;
use super::trial::{Trial, call, day, event, head, key, letter, message};
use crate::{
    BodyHash, CommitOutcome, DUPLICATES_KEPT, Duplicate, MessageKey, OwnerKind, Scope, Seen,
    StoreError, Version,
};

pub(super) const RULES: &[Rule] = &[
    ("what was committed is there", committed),
    ("a turn rests on the version it was loaded at", conflicting),
    ("of two turns on the same version one holds", racing),
    ("a message that is sent again is the same turn", repeated),
    ("an id belongs to its conversation and source", scoped),
    (
        "an id of a user's is found from every conversation",
        user_scoped,
    ),
    ("an id is remembered for seven days", forgotten),
    (
        "a repeated message is seen before an old version",
        repeated_on_an_old_version,
    ),
    ("an older term is refused before anything else", fenced),
    (
        "what the bot says under a risen epoch is refused",
        outspoken,
    ),
    ("a refused commit changes nothing", refused),
    ("turns, feed and epoch never go back", backwards),
    ("nobody can write another's rows", foreign),
    ("a key that is too long is refused", long),
];

fn committed(trial: &Trial, _: &dyn Fn() -> Trial) {
    assert_eq!(trial.load("c1"), None);
    assert_eq!(
        trial.turn("c1", |_| ()),
        CommitOutcome::Committed(Version(1))
    );
    assert_eq!(
        trial.turn("c1", |commit| commit.head.bot = "v2".into()),
        CommitOutcome::Committed(Version(2))
    );
    let stored = trial.load("c1").expect("it was committed");
    assert_eq!(
        (stored.version, stored.turn, stored.last_seq),
        (Version(2), Turn(2), 2)
    );
    assert_eq!(
        (stored.begun, stored.active, stored.owned_since),
        (day(1), day(2), day(1))
    );
    assert_eq!(
        (stored.head.bot.as_str(), stored.state.as_slice()),
        ("v2", &b"state of c1 after turn 2"[..])
    );
    assert_eq!(trial.load("c"), None);
    assert_eq!(trial.load("c11"), None);
}

fn conflicting(trial: &Trial, _: &dyn Fn() -> Trial) {
    assert_eq!(
        trial.turn("c1", |commit| commit.expected = Version(1)),
        CommitOutcome::Conflict
    );
    trial.done("c1", |_| ());
    assert_eq!(
        trial.turn("c1", |commit| commit.expected = Version(0)),
        CommitOutcome::Conflict
    );
    assert_eq!(
        trial.turn("c1", |commit| commit.expected = Version(2)),
        CommitOutcome::Conflict
    );
    trial.done("c1", |_| ());
}

fn racing(trial: &Trial, _: &dyn Fn() -> Trial) {
    let commits: Vec<_> = (0..8).map(|_| trial.next("c1")).collect();
    let replies: Vec<_> = commits
        .into_iter()
        .map(|commit| trial.store.commit(commit))
        .collect();
    let outcomes: Vec<_> = replies.into_iter().map(|reply| trial.get(reply)).collect();
    assert_eq!(outcomes[0], CommitOutcome::Committed(Version(1)));
    assert!(
        outcomes[1..]
            .iter()
            .all(|outcome| *outcome == CommitOutcome::Conflict),
        "{outcomes:?}"
    );
}

fn repeated(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |_| ());
    trial.done("c1", |commit| commit.duplicate = message("c1", "m1", 1));
    let seen = Seen {
        conversation: "c1".into(),
        turn: Turn(2),
        body: BodyHash([1; 32]),
        at: day(2),
    };
    let same = trial.turn("c1", |commit| commit.duplicate = message("c1", "m1", 1));
    assert_eq!(same, CommitOutcome::Duplicate(seen.clone()));
    let other = trial.turn("c1", |commit| commit.duplicate = message("c1", "m1", 2));
    assert_eq!(
        other,
        CommitOutcome::Duplicate(seen.clone()),
        "the caller compares the bodies"
    );
    assert_eq!(
        trial.get(trial.store.seen(&key("c1", "m1"), day(3))),
        Some(seen)
    );
    assert_eq!(trial.get(trial.store.seen(&key("c1", "m2"), day(3))), None);
}

fn scoped(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| commit.duplicate = message("c1", "m1", 1));
    trial.done("c2", |commit| commit.duplicate = message("c2", "m1", 1));
    let from_slack = MessageKey {
        source: "slack".into(),
        ..key("c1", "m1")
    };
    trial.done("c1", |commit| {
        commit.duplicate = Some(Duplicate {
            key: from_slack,
            body: BodyHash([1; 32]),
        })
    });
    trial.done("c1", |commit| commit.duplicate = message("c1", "m", 1));
}

fn user_scoped(trial: &Trial, _: &dyn Fn() -> Trial) {
    let outage = MessageKey {
        scope: Scope::User("ada".into()),
        source: "api".into(),
        id: "outage".into(),
    };
    let duplicate = Duplicate {
        key: outage.clone(),
        body: BodyHash([1; 32]),
    };
    trial.done("c1", |commit| commit.duplicate = Some(duplicate.clone()));
    let again = trial.turn("c2", |commit| commit.duplicate = Some(duplicate.clone()));
    assert!(
        matches!(again, CommitOutcome::Duplicate(Seen { conversation, .. }) if conversation.as_str() == "c1")
    );
    assert!(trial.get(trial.store.seen(&outage, day(1))).is_some());
}

fn forgotten(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| commit.duplicate = message("c1", "m1", 1));
    let last = day(1) + DUPLICATES_KEPT;
    let just_before = last - jiff::SignedDuration::from_nanos(1);
    assert!(
        trial
            .get(trial.store.seen(&key("c1", "m1"), just_before))
            .is_some()
    );
    assert_eq!(trial.get(trial.store.seen(&key("c1", "m1"), last)), None);
    let again = |trial: &Trial, at| {
        trial.turn("c1", |commit| {
            commit.duplicate = message("c1", "m1", 1);
            commit.at = at;
        })
    };
    assert!(matches!(
        again(trial, just_before),
        CommitOutcome::Duplicate(_)
    ));
    assert_eq!(again(trial, last), CommitOutcome::Committed(Version(2)));
    assert!(matches!(
        again(trial, last),
        CommitOutcome::Duplicate(Seen { turn: Turn(2), .. })
    ));
}

fn repeated_on_an_old_version(trial: &Trial, _: &dyn Fn() -> Trial) {
    let mut commit = trial.next("c1");
    commit.duplicate = message("c1", "m1", 1);
    let first = trial.get(trial.store.commit(commit.clone()));
    let second = trial.get(trial.store.commit(commit));
    assert_eq!(first, CommitOutcome::Committed(Version(1)));
    assert!(
        matches!(second, CommitOutcome::Duplicate(_)),
        "its acknowledgement may have been lost: {second:?}"
    );
}

fn fenced(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| {
        commit.duplicate = message("c1", "m1", 1);
        commit.outbox.add = vec![call("c1", 1, 0)];
    });
    let new = trial.get(trial.store.take_over());
    assert!(new > trial.term);
    assert_eq!(trial.turn("c1", |_| ()), CommitOutcome::Fenced);
    assert_eq!(
        trial.turn("c1", |commit| commit.duplicate = message("c1", "m1", 1)),
        CommitOutcome::Fenced
    );
    assert_eq!(
        trial.turn("c1", |commit| commit.expected = Version(7)),
        CommitOutcome::Fenced
    );
    assert_eq!(
        trial.ask(trial.store.mark_begun(trial.term, &call("c1", 1, 0).id)),
        Err(StoreError::Fenced)
    );
    assert_eq!(
        trial.ask(
            trial
                .store
                .acknowledge(trial.term, vec![call("c1", 1, 0).id])
        ),
        Err(StoreError::Fenced)
    );
    assert_eq!(
        trial.ask(trial.store.erase(trial.term, &"ada".into())),
        Err(StoreError::Fenced)
    );
    trial.done("c1", |commit| commit.term = new);
}

fn outspoken(trial: &Trial, _: &dyn Fn() -> Trial) {
    let speak_in = |epoch| trial.turn("c1", |commit| commit.bot_spoke_in = Some(epoch));
    assert_eq!(speak_in(0), CommitOutcome::Committed(Version(1)));
    let hand_over = trial.turn("c1", |commit| {
        commit.bot_spoke_in = Some(0);
        commit.head.owner = OwnerKind::Queued;
        commit.head.epoch = 1;
    });
    assert_eq!(
        hand_over,
        CommitOutcome::Committed(Version(2)),
        "the bot may say that it hands over"
    );
    assert_eq!(speak_in(0), CommitOutcome::Conflict);
    assert_eq!(
        trial.turn("c1", |_| ()),
        CommitOutcome::Committed(Version(3)),
        "others speak on"
    );
    assert_eq!(speak_in(1), CommitOutcome::Committed(Version(4)));
}

fn refused(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |_| ());
    let before = trial.load("c1");
    let outcome = trial.turn("c1", |commit| {
        commit.expected = Version(9);
        commit.duplicate = message("c1", "m1", 1);
        commit.head = head("bob");
        commit.head.timer = Some(day(1));
        commit.outbox.add = vec![call("c1", 2, 0)];
        commit.scheduled.add = vec![event("bob", "c1", 2, day(1))];
        commit.dead_letters.add = vec![letter("c1", "x")];
        commit.memory.insert("name".into(), Some(b"Bob".to_vec()));
    });
    assert_eq!(outcome, CommitOutcome::Conflict);
    assert_eq!(trial.load("c1"), before);
    assert_eq!(trial.get(trial.store.seen(&key("c1", "m1"), day(2))), None);
    assert_eq!(trial.outbox(), []);
    assert_eq!(trial.get(trial.store.next_deadline()), None);
    assert_eq!(trial.get(trial.store.dead_letters(None, 9)).rows, []);
    assert!(trial.get(trial.store.memory(&"bob".into())).is_empty());
    assert_eq!(
        trial.get(trial.store.turns(&"c1".into(), Turn(0), 9)).len(),
        1
    );
}

fn backwards(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| commit.head.epoch = 1);
    let invalid = |change: fn(&mut crate::Commit)| {
        let mut commit = trial.next("c1");
        change(&mut commit);
        let answer = trial.ask(trial.store.commit(commit));
        assert!(matches!(answer, Err(StoreError::Invalid(_))), "{answer:?}");
    };
    invalid(|commit| commit.turn.turn = Turn(3));
    invalid(|commit| commit.turn.turn = Turn(1));
    invalid(|commit| commit.turn.first_seq = 3);
    invalid(|commit| commit.head.epoch = 0);
    trial.done("c1", |_| ());
}

fn foreign(trial: &Trial, _: &dyn Fn() -> Trial) {
    let invalid = |change: fn(&mut crate::Commit)| {
        let mut commit = trial.next("c1");
        change(&mut commit);
        let answer = trial.ask(trial.store.commit(commit));
        assert!(matches!(answer, Err(StoreError::Invalid(_))), "{answer:?}");
    };
    invalid(|commit| commit.outbox.add = vec![call("c2", 1, 0)]);
    invalid(|commit| commit.dead_letters.add = vec![letter("c2", "x")]);
    invalid(|commit| commit.scheduled.add = vec![event("bob", "c1", 1, day(1))]);
}

fn long(trial: &Trial, _: &dyn Fn() -> Trial) {
    let long = "x".repeat(70_000);
    let answer = trial.ask(trial.store.commit(crate::Commit {
        term: trial.term,
        ..super::turn(&long, None)
    }));
    assert!(matches!(answer, Err(StoreError::Invalid(_))), "{answer:?}");
    assert_eq!(trial.load(&long), None);
}
