//! Timers, events for later, and what goes with time.

use dialog::Turn;
use jiff::Timestamp;

use super::Rule;
use super::trial::{Trial, call, day, effect, event, key, letter, message};
use crate::{DueTimer, Filter, OwnerKind, Removed, Retention, Scheduled, ScheduledKey};

pub(super) const RULES: &[Rule] = &[
    ("timers are due in order", timers),
    (
        "a conversation has one deadline, the last that was set",
        moved_timers,
    ),
    (
        "events for later are due in order until they are taken",
        scheduled,
    ),
    ("an event for later can be moved and dropped", rescheduled),
    (
        "what is older than retention goes, with all that belongs to it",
        retained,
    ),
    ("who waits for a person or has one is never removed", kept),
    ("old ids of messages go", forgotten),
    (
        "many messages over some days are each known, and forgotten by the day",
        many_over_days,
    ),
    ("retention goes on until nothing is left", in_parts),
];

fn set_timer(trial: &Trial, id: &str, at: Option<Timestamp>) {
    trial.done(id, |commit| commit.head.timer = at);
}

fn due(trial: &Trial, until: Timestamp, limit: usize) -> Vec<DueTimer> {
    trial.get(trial.store.due_timers(until, limit))
}

fn timer(at: Timestamp, id: &str) -> DueTimer {
    DueTimer {
        at,
        conversation: id.into(),
    }
}

fn timers(trial: &Trial, _: &dyn Fn() -> Trial) {
    assert_eq!(trial.get(trial.store.next_deadline()), None);
    set_timer(trial, "c1", Some(day(30)));
    set_timer(trial, "c2", Some(day(10)));
    set_timer(trial, "c3", Some(day(20)));
    let before_1970: Timestamp = "1969-07-20T20:17:40.5Z".parse().expect("it is a time");
    set_timer(trial, "c4", Some(before_1970));
    assert_eq!(trial.get(trial.store.next_deadline()), Some(before_1970));
    assert_eq!(due(trial, before_1970, 9), [timer(before_1970, "c4")]);
    assert_eq!(
        due(trial, day(20), 9),
        [
            timer(before_1970, "c4"),
            timer(day(10), "c2"),
            timer(day(20), "c3")
        ]
    );
    assert_eq!(
        due(trial, day(99), 2),
        [timer(before_1970, "c4"), timer(day(10), "c2")]
    );
}

fn moved_timers(trial: &Trial, _: &dyn Fn() -> Trial) {
    set_timer(trial, "c1", Some(day(10)));
    set_timer(trial, "c1", Some(day(20)));
    assert_eq!(due(trial, day(99), 9), [timer(day(20), "c1")]);
    set_timer(trial, "c1", Some(day(5)));
    assert_eq!(due(trial, day(99), 9), [timer(day(5), "c1")]);
    set_timer(trial, "c1", None);
    assert_eq!(due(trial, day(99), 9), []);
    assert_eq!(trial.get(trial.store.next_deadline()), None);
}

fn scheduled(trial: &Trial, _: &dyn Fn() -> Trial) {
    let (late, soon) = (
        event("ada", "c1", 1, day(30)),
        event("ada", "c2", 1, day(10)),
    );
    trial.done("c1", |commit| commit.scheduled.add = vec![late.clone()]);
    trial.done("c2", |commit| commit.scheduled.add = vec![soon.clone()]);
    let due = |until, limit| trial.get(trial.store.due_scheduled(until, limit));
    assert_eq!(due(day(9), 9), []);
    assert_eq!(due(day(10), 9).as_slice(), std::slice::from_ref(&soon));
    assert_eq!(due(day(30), 9), [soon.clone(), late.clone()]);
    assert_eq!(due(day(30), 1).as_slice(), std::slice::from_ref(&soon));
    assert_eq!(trial.get(trial.store.next_deadline()), Some(day(10)));
    trial.done("c1", |commit| commit.scheduled.remove = vec![soon.key()]);
    assert_eq!(due(day(30), 9).as_slice(), std::slice::from_ref(&late));
    assert_eq!(trial.get(trial.store.scheduled_of(&"ada".into())), [late]);
    assert_eq!(trial.get(trial.store.scheduled_of(&"bob".into())), []);
    assert_eq!(trial.get(trial.store.next_deadline()), Some(day(30)));
}

fn rescheduled(trial: &Trial, _: &dyn Fn() -> Trial) {
    let first = event("ada", "c1", 1, day(10));
    let moved = Scheduled {
        at: day(20),
        ..first.clone()
    };
    trial.done("c1", |commit| commit.scheduled.add = vec![first.clone()]);
    trial.done("c1", |commit| commit.scheduled.add = vec![moved.clone()]);
    assert_eq!(trial.get(trial.store.due_scheduled(day(99), 9)), [moved]);
    let unknown = ScheduledKey {
        user: "bob".into(),
        id: effect("c1", 1, 9),
    };
    trial.get(trial.store.unschedule(trial.term, unknown));
    assert_eq!(trial.get(trial.store.due_scheduled(day(99), 9)).len(), 1);
    trial.get(trial.store.unschedule(trial.term, first.key()));
    assert_eq!(trial.get(trial.store.due_scheduled(day(99), 9)), []);
    assert_eq!(trial.get(trial.store.next_deadline()), None);
}

/// A conversation with everything that can belong to one.
fn full(trial: &Trial, id: &str, owner: OwnerKind, at: Timestamp) {
    trial.done(id, |commit| {
        commit.at = at;
        commit.head.owner = owner;
        commit.head.timer = Some(day(50));
        commit.duplicate = message(id, "m1", 1);
        commit.outbox.add = vec![call(id, 1, 0)];
        commit.dead_letters.add = vec![letter(id, "x")];
    });
}

fn retained(trial: &Trial, _: &dyn Fn() -> Trial) {
    full(trial, "idle", OwnerKind::Bot, day(1));
    full(trial, "ended", OwnerKind::Ended, day(1));
    full(trial, "ended later", OwnerKind::Ended, day(5));
    full(trial, "idle later", OwnerKind::Bot, day(5));
    let retain = |retention| trial.get(trial.store.retain(trial.term, retention));
    let ended = retain(Retention {
        ended_before: Some(day(5)),
        ..Retention::default()
    });
    assert_eq!(
        ended,
        Removed {
            conversations: 1,
            duplicates: 0,
            more: false
        }
    );
    assert_eq!(trial.load("ended"), None);
    assert!(trial.load("idle").is_some());
    let idle = retain(Retention {
        idle_before: Some(day(5)),
        ..Retention::default()
    });
    assert_eq!(idle.conversations, 1);
    assert_eq!(trial.load("idle"), None);
    for gone in ["idle", "ended"] {
        assert_eq!(trial.get(trial.store.turns(&gone.into(), Turn(0), 9)), []);
        assert_eq!(trial.get(trial.store.outbox_of(&gone.into())), []);
        assert_eq!(trial.get(trial.store.seen(&key(gone, "m1"), day(1))), None);
    }
    assert_eq!(trial.outbox().len(), 2);
    assert_eq!(due(trial, day(99), 9).len(), 2);
    assert_eq!(trial.get(trial.store.dead_letters(None, 9)).rows.len(), 2);
    let all = retain(Retention {
        idle_before: Some(day(6)),
        ..Retention::default()
    });
    assert_eq!(
        all.conversations, 2,
        "one that ended and is idle goes as well"
    );
    assert_eq!(trial.get(trial.store.next_deadline()), None);
}

fn kept(trial: &Trial, _: &dyn Fn() -> Trial) {
    full(trial, "queued", OwnerKind::Queued, day(1));
    full(trial, "with a person", OwnerKind::Person, day(1));
    let everything = Retention {
        ended_before: Some(day(99)),
        idle_before: Some(day(99)),
        duplicates_before: None,
    };
    assert_eq!(
        trial.get(trial.store.retain(trial.term, everything)),
        Removed::default()
    );
    assert!(trial.load("queued").is_some() && trial.load("with a person").is_some());
}

fn many_over_days(trial: &Trial, _: &dyn Fn() -> Trial) {
    let send = |number: u64, at: Timestamp| {
        trial.done("c1", |commit| {
            commit.at = at;
            commit.duplicate = message("c1", &format!("m{number}"), 1);
        });
    };
    let known = |now: Timestamp| {
        let seen = |number: &u64| {
            let key = key("c1", &format!("m{number}"));
            trial.get(trial.store.seen(&key, now)).is_some()
        };
        (1..=45).filter(seen).count()
    };
    let listed = |since| {
        let filter = Filter {
            since,
            ..Filter::default()
        };
        trial.get(trial.store.list(filter, None, 99)).rows.len()
    };
    (1..=40).for_each(|number| send(number, day(1)));
    (41..=43).for_each(|number| send(number, day(2)));
    assert_eq!(
        (known(day(2)), listed(None), listed(Some(day(2)))),
        (43, 1, 1)
    );
    let before = |at| Retention {
        duplicates_before: Some(at),
        ..Retention::default()
    };
    assert_eq!(trial.retain_all(before(day(2))).duplicates, 40);
    assert_eq!((known(day(2)), listed(None)), (3, 1));
    assert_eq!(trial.retain_all(before(day(3))).duplicates, 3);
    assert_eq!(
        (known(day(2)), listed(None), listed(Some(day(2)))),
        (0, 1, 1)
    );
    send(44, day(4));
    send(45, day(4));
    assert_eq!(
        (known(day(4)), listed(None), listed(Some(day(3)))),
        (2, 1, 1)
    );
    assert_eq!(trial.retain_all(before(day(9))).duplicates, 2);
    assert_eq!(
        (known(day(4)), listed(None), listed(Some(day(5)))),
        (0, 1, 0)
    );
    assert_eq!(trial.get(trial.store.status()).conversations, 1);
}

fn forgotten(trial: &Trial, _: &dyn Fn() -> Trial) {
    for id in ["m1", "m2", "m3"] {
        trial.done("c1", |commit| commit.duplicate = message("c1", id, 1));
    }
    let before = |at| Retention {
        duplicates_before: Some(at),
        ..Retention::default()
    };
    let removed = trial.get(trial.store.retain(trial.term, before(day(3))));
    assert_eq!(
        removed,
        Removed {
            conversations: 0,
            duplicates: 2,
            more: false
        }
    );
    let seen = |id| {
        trial
            .get(trial.store.seen(&key("c1", id), day(3)))
            .is_some()
    };
    assert_eq!(["m1", "m2", "m3"].map(seen), [false, false, true]);
}

fn in_parts(trial: &Trial, _: &dyn Fn() -> Trial) {
    (0..150).for_each(|number| full(trial, &format!("c{number}"), OwnerKind::Bot, day(1)));
    full(trial, "queued", OwnerKind::Queued, day(1));
    let everything = Retention {
        idle_before: Some(day(9)),
        ..Retention::default()
    };
    assert_eq!(trial.retain_all(everything).conversations, 150);
    assert_eq!(trial.get(trial.store.status()).conversations, 1);
}
