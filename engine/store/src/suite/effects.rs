//! Effects that are to be carried out, and those that could not be.

use super::Rule;
use super::trial::{Trial, call, day, effect, letter};
use crate::{Dead, DeadLetter, Lane, Mark, OutboxRow};

pub(super) const RULES: &[Rule] = &[
    ("effects wait in order until they are done", waiting),
    ("all effects can be read in parts", paged),
    ("a mark is made once", marked),
    ("a buried effect leaves the outbox", buried),
    ("a dead effect can be tried again under its id", redriven),
    ("a dead event stays until a turn takes it", event_letters),
    ("dead letters can be read in parts and discarded", discarded),
];

fn waiting(trial: &Trial, _: &dyn Fn() -> Trial) {
    let send = OutboxRow {
        lane: Lane::Send,
        ..call("c1", 1, 1)
    };
    trial.done("c1", |commit| {
        commit.outbox.add = vec![call("c1", 1, 0), send.clone()]
    });
    trial.done("c1", |commit| commit.outbox.add = vec![call("c1", 2, 0)]);
    trial.done("c10", |commit| commit.outbox.add = vec![call("c10", 1, 0)]);
    let of = |id: &str| trial.get(trial.store.outbox_of(&id.into()));
    assert_eq!(of("c1"), [call("c1", 1, 0), send.clone(), call("c1", 2, 0)]);
    assert_eq!(of("c10"), [call("c10", 1, 0)]);
    trial.done("c1", |commit| {
        commit.outbox.remove = vec![effect("c1", 1, 0), effect("c1", 7, 7)]
    });
    assert_eq!(of("c1"), [send, call("c1", 2, 0)]);
    trial.get(trial.store.acknowledge(
        trial.term,
        vec![effect("c1", 1, 1), effect("c1", 2, 0), effect("c1", 1, 1)],
    ));
    assert_eq!(of("c1"), []);
    assert_eq!(trial.outbox(), [call("c10", 1, 0)]);
}

fn paged(trial: &Trial, _: &dyn Fn() -> Trial) {
    for id in ["c1", "c2", "c3"] {
        trial.done(id, |commit| {
            commit.outbox.add = (0..3).map(|index| call(id, 1, index)).collect()
        });
    }
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|row: &OutboxRow| row.id.clone());
        let part = trial.get(trial.store.outbox(after, 2));
        if part.is_empty() {
            break;
        }
        all.extend(part);
    }
    let expected: Vec<OutboxRow> = ["c1", "c2", "c3"]
        .iter()
        .flat_map(|id| (0..3).map(|index| call(id, 1, index)))
        .collect();
    assert_eq!(all, expected);
}

fn marked(trial: &Trial, _: &dyn Fn() -> Trial) {
    let id = effect("c1", 1, 0);
    assert_eq!(
        trial.get(trial.store.mark_begun(trial.term, &id)),
        Mark::Gone
    );
    trial.done("c1", |commit| commit.outbox.add = vec![call("c1", 1, 0)]);
    assert_eq!(
        trial.get(trial.store.mark_begun(trial.term, &id)),
        Mark::Begun
    );
    assert_eq!(
        trial.get(trial.store.mark_begun(trial.term, &id)),
        Mark::AlreadyBegun
    );
    assert_eq!(
        trial.outbox(),
        [OutboxRow {
            begun: true,
            ..call("c1", 1, 0)
        }]
    );
    trial.done("c1", |commit| commit.outbox.remove = vec![id.clone()]);
    assert_eq!(
        trial.get(trial.store.mark_begun(trial.term, &id)),
        Mark::Gone
    );
}

/// A call that was given up.
fn dead_call() -> DeadLetter {
    let row = OutboxRow {
        begun: true,
        ..call("c1", 1, 0)
    };
    DeadLetter {
        id: DeadLetter::effect_id(&row.id),
        why: "It never answered.".into(),
        what: Dead::Effect(row),
        ..letter("c1", "")
    }
}

fn buried(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| {
        commit.outbox.add = vec![call("c1", 1, 0), call("c1", 1, 1)]
    });
    trial.get(trial.store.bury(trial.term, dead_call()));
    assert_eq!(trial.outbox(), [call("c1", 1, 1)]);
    assert_eq!(
        trial.get(trial.store.dead_letters(None, 9)).rows,
        [dead_call()]
    );
}

fn redriven(trial: &Trial, _: &dyn Fn() -> Trial) {
    let redrive = || trial.get(trial.store.redrive(trial.term, &"c1".into(), "1/0"));
    assert_eq!(redrive(), None);
    trial.done("c1", |commit| commit.outbox.add = vec![call("c1", 1, 0)]);
    trial.get(trial.store.bury(trial.term, dead_call()));
    assert_eq!(redrive(), Some(dead_call()));
    assert_eq!(
        trial.outbox(),
        [call("c1", 1, 0)],
        "not begun, so that it may leave again"
    );
    assert_eq!(trial.get(trial.store.dead_letters(None, 9)).rows, []);
    assert_eq!(redrive(), None);
}

fn event_letters(trial: &Trial, _: &dyn Fn() -> Trial) {
    trial.done("c1", |commit| {
        commit.dead_letters.add = vec![letter("c1", "turn 1")]
    });
    let redrive = || trial.get(trial.store.redrive(trial.term, &"c1".into(), "turn 1"));
    assert_eq!(redrive(), Some(letter("c1", "turn 1")));
    assert_eq!(redrive(), Some(letter("c1", "turn 1")));
    trial.done("c1", |commit| {
        commit.dead_letters.remove = vec!["turn 1".into()]
    });
    assert_eq!(redrive(), None);
}

fn discarded(trial: &Trial, _: &dyn Fn() -> Trial) {
    for id in ["c1", "c2"] {
        trial.done(id, |commit| {
            commit.dead_letters.add = vec![letter(id, "a"), letter(id, "b")]
        });
    }
    let all = || -> Vec<(String, String)> {
        let mut letters = Vec::new();
        let mut after = None;
        loop {
            let page = trial.get(trial.store.dead_letters(after, 1));
            letters.extend(
                page.rows
                    .into_iter()
                    .map(|letter| (letter.conversation.0, letter.id)),
            );
            after = page.next;
            if after.is_none() {
                return letters;
            }
        }
    };
    let names = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(c, id)| (c.to_string(), id.to_string()))
            .collect()
    };
    assert_eq!(
        all(),
        names(&[("c1", "a"), ("c1", "b"), ("c2", "a"), ("c2", "b")])
    );
    trial.get(trial.store.discard(trial.term, &"c1".into(), "b"));
    trial.get(trial.store.discard(trial.term, &"c1".into(), "b"));
    assert_eq!(all(), names(&[("c1", "a"), ("c2", "a"), ("c2", "b")]));
    assert_eq!(trial.load("c1").map(|stored| stored.active), Some(day(1)));
}
