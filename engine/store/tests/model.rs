//! Whatever is done to it, sled answers as the store in memory does, also after restarts and compactions.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use dialog::{ConversationId, EffectId, Turn};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use store::suite::Trial;
use store::{
    BodyHash, Bundle, Commit, Dead, DeadLetter, Duplicate, Filter, Lane, Memory, MessageKey,
    Options, OutboxRow, OwnerKind, Removed, Retention, Scheduled, Scope, Sled, Version,
};

const CONVERSATIONS: [&str; 3] = ["c1", "c10", "k"];
const USERS: [&str; 3] = ["ada", "ad", "bob"];
const OWNERS: [OwnerKind; 4] = [
    OwnerKind::Bot,
    OwnerKind::Queued,
    OwnerKind::Person,
    OwnerKind::Ended,
];

/// Something that is done to a store. Numbers choose among few things, so that they meet.
#[derive(Clone, Debug)]
enum Deed {
    Turn(TurnDeed),
    MarkBegun(usize),
    Acknowledge(usize),
    Bury(usize),
    Redrive(usize),
    Discard(usize),
    Unschedule(usize),
    Remember {
        user: usize,
        key: bool,
        value: Option<u8>,
    },
    Keep {
        name: bool,
        value: Option<u8>,
    },
    Retain {
        ended: Option<u8>,
        idle: Option<u8>,
        duplicates: Option<u8>,
    },
    Erase(usize),
    TakeOver,
    Restart,
    Compact,
}

#[derive(Clone, Debug)]
struct TurnDeed {
    conversation: usize,
    user: usize,
    owner: usize,
    epoch_rises: bool,
    spoke_before: Option<u64>,
    old_version: bool,
    old_term: bool,
    message: Option<(u8, bool)>,
    timer: Option<u8>,
    feed: usize,
    effects: u32,
    done: Option<usize>,
    later: Option<u8>,
    came: Option<usize>,
    letter: Option<bool>,
    memory: Option<Option<u8>>,
}

fn turns() -> impl Strategy<Value = TurnDeed> {
    let who = (
        0..3usize,
        0..3usize,
        0..4usize,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.3, 0..2u64),
    );
    let wrong = (
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.05),
        prop::option::of((0..3u8, any::<bool>())),
    );
    let effects = (
        prop::option::of(0..8u8),
        0..3usize,
        0..3u32,
        prop::option::of(0..4usize),
    );
    let rest = (
        prop::option::weighted(0.2, 0..8u8),
        prop::option::weighted(0.2, 0..3usize),
    );
    let more = (
        prop::option::weighted(0.1, any::<bool>()),
        prop::option::weighted(0.3, prop::option::of(any::<u8>())),
    );
    (who, wrong, effects, rest, more).prop_map(|(who, wrong, effects, rest, more)| TurnDeed {
        conversation: who.0,
        user: who.1,
        owner: who.2,
        epoch_rises: who.3,
        spoke_before: who.4,
        old_version: wrong.0,
        old_term: wrong.1,
        message: wrong.2,
        timer: effects.0,
        feed: effects.1,
        effects: effects.2,
        done: effects.3,
        later: rest.0,
        came: rest.1,
        letter: more.0,
        memory: more.1,
    })
}

fn deeds() -> impl Strategy<Value = Deed> {
    let days = || prop::option::of(0..60u8);
    prop_oneof![
        20 => turns().prop_map(Deed::Turn),
        2 => (0..4usize).prop_map(Deed::MarkBegun),
        1 => (0..4usize).prop_map(Deed::Acknowledge),
        2 => (0..4usize).prop_map(Deed::Bury),
        2 => (0..4usize).prop_map(Deed::Redrive),
        1 => (0..4usize).prop_map(Deed::Discard),
        1 => (0..4usize).prop_map(Deed::Unschedule),
        1 => (0..3usize, any::<bool>(), prop::option::of(any::<u8>())).prop_map(|(user, key, value)| Deed::Remember { user, key, value }),
        1 => (any::<bool>(), prop::option::of(any::<u8>())).prop_map(|(name, value)| Deed::Keep { name, value }),
        1 => (days(), days(), days()).prop_map(|(ended, idle, duplicates)| Deed::Retain { ended, idle, duplicates }),
        1 => (0..3usize).prop_map(Deed::Erase),
        1 => Just(Deed::TakeOver),
        1 => Just(Deed::Restart),
        1 => Just(Deed::Compact),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn sled_answers_as_memory_does(deeds in prop::collection::vec((deeds(), 0..40u32), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let mut model = Trial::new(Memory::new());
        let mut sled = open(folder.path());
        let mut now = day(0);
        for (deed, hours) in deeds {
            now += SignedDuration::from_hours(hours.into());
            match deed {
                Deed::Restart => sled = again(sled, &mut model, folder.path(), false),
                Deed::Compact => sled = again(sled, &mut model, folder.path(), true),
                _ => prop_assert_eq!(done(&mut sled, &deed, now), done(&mut model, &deed, now), "{:?}", deed),
            }
            prop_assert_eq!(all(&sled, now), all(&model, now), "after {:?}", deed);
        }
    }
}

fn open(folder: &Path) -> Trial {
    Trial::new(Sled::open(folder, Options::default()).unwrap())
}

/// Closes the folder, compacts it perhaps, and opens it again, which takes it over; so the model is taken over as well.
fn again(sled: Trial, model: &mut Trial, folder: &Path, compact: bool) -> Trial {
    drop(sled);
    if compact {
        Sled::compact(folder, Options::default()).unwrap();
    }
    model.term = model.get(model.store.take_over());
    open(folder)
}

/// Does it, and says what came of it.
fn done(trial: &mut Trial, deed: &Deed, now: Timestamp) -> String {
    let (store, term) = (&trial.store, trial.term);
    match deed {
        Deed::Turn(turn) => said(trial.ask(store.commit(commit(trial, turn, now)))),
        Deed::MarkBegun(which) => on_effect(trial, *which, |row| {
            said(trial.ask(store.mark_begun(term, &row.id)))
        }),
        Deed::Acknowledge(which) => on_effect(trial, *which, |row| {
            said(trial.ask(store.acknowledge(term, vec![row.id])))
        }),
        Deed::Bury(which) => on_effect(trial, *which, |row| {
            said(trial.ask(store.bury(term, buried(row, now))))
        }),
        Deed::Redrive(which) => on_letter(trial, *which, |letter| {
            said(trial.ask(store.redrive(term, &letter.conversation, &letter.id)))
        }),
        Deed::Discard(which) => on_letter(trial, *which, |letter| {
            said(trial.ask(store.discard(term, &letter.conversation, &letter.id)))
        }),
        Deed::Unschedule(which) => match scheduled(trial).into_iter().nth(*which) {
            Some(event) => said(trial.ask(store.unschedule(term, event.key()))),
            None => String::new(),
        },
        Deed::Remember { user, key, value } => {
            said(trial.ask(store.remember(term, &USERS[*user].into(), memory(*key, *value))))
        }
        Deed::Keep { name, value } => {
            said(trial.ask(store.keep(term, &name.to_string(), value.map(|value| vec![value]))))
        }
        Deed::Retain {
            ended,
            idle,
            duplicates,
        } => {
            let removed = trial.ask(store.retain(term, retention(*ended, *idle, *duplicates)));
            // An id that came again after seven days counts once or twice, as a store has kept it.
            said(removed.map(|removed| Removed {
                duplicates: 0,
                ..removed
            }))
        }
        Deed::Erase(user) => said(trial.ask(store.erase(term, &USERS[*user].into()))),
        Deed::TakeOver => {
            trial.term = trial.get(trial.store.take_over());
            said(trial.term)
        }
        Deed::Restart | Deed::Compact => String::new(),
    }
}

fn said(what: impl Debug) -> String {
    format!("{what:?}")
}

fn on_effect(trial: &Trial, which: usize, deed: impl FnOnce(OutboxRow) -> String) -> String {
    sorted_outbox(trial)
        .into_iter()
        .nth(which)
        .map_or_else(String::new, deed)
}

fn on_letter(trial: &Trial, which: usize, deed: impl FnOnce(DeadLetter) -> String) -> String {
    letters(trial)
        .into_iter()
        .nth(which)
        .map_or_else(String::new, deed)
}

/// The turn that a deed means on this store as it is.
fn commit(trial: &Trial, deed: &TurnDeed, now: Timestamp) -> Commit {
    let id = CONVERSATIONS[deed.conversation];
    let mut commit = trial.next(id);
    let epoch = commit.head.epoch;
    commit.at = now;
    commit.turn.at = now;
    commit.head.user = USERS[deed.user].into();
    commit.head.owner = OWNERS[deed.owner];
    commit.head.epoch += u64::from(deed.epoch_rises);
    commit.head.timer = deed.timer.map(|days| day(days.into()));
    commit.bot_spoke_in = deed.spoke_before.map(|before| epoch.saturating_sub(before));
    commit.expected.0 = commit.expected.0.saturating_sub(deed.old_version.into());
    commit.term.0 -= u64::from(deed.old_term);
    commit.duplicate = deed
        .message
        .map(|(number, of_user)| message(id, USERS[deed.user], number, of_user));
    commit.turn.feed = vec![b"said".to_vec(); deed.feed];
    let turn = commit.turn.turn;
    commit.outbox.add = (0..deed.effects)
        .map(|index| call(id, turn, index))
        .collect();
    commit.outbox.remove = deed
        .done
        .and_then(|which| sorted_outbox(trial).into_iter().nth(which))
        .map(|row| row.id)
        .into_iter()
        .collect();
    commit.scheduled.add = deed
        .later
        .map(|days| later(id, USERS[deed.user], turn, days))
        .into_iter()
        .collect();
    commit.scheduled.remove = deed
        .came
        .and_then(|which| scheduled(trial).into_iter().nth(which))
        .map(|event| event.key())
        .into_iter()
        .collect();
    commit.dead_letters.add = deed
        .letter
        .filter(|add| *add)
        .map(|_| letter(id, now))
        .into_iter()
        .collect();
    commit.dead_letters.remove = deed
        .letter
        .filter(|add| !*add)
        .map(|_| "event".to_owned())
        .into_iter()
        .collect();
    commit.memory = deed
        .memory
        .map(|value| memory(true, value))
        .unwrap_or_default();
    commit
}

fn message(conversation: &str, user: &str, number: u8, of_user: bool) -> Duplicate {
    let scope = if of_user {
        Scope::User(user.into())
    } else {
        Scope::Conversation(conversation.into())
    };
    Duplicate {
        key: MessageKey {
            scope,
            source: "http".into(),
            id: format!("m{number}"),
        },
        body: BodyHash([number; 32]),
    }
}

fn call(conversation: &str, turn: Turn, index: u32) -> OutboxRow {
    let id = EffectId {
        conversation: conversation.into(),
        turn,
        index,
    };
    OutboxRow {
        id,
        lane: Lane::Call,
        payload: vec![1, 2, 3],
        begun: false,
    }
}

fn later(conversation: &str, user: &str, turn: Turn, days: u8) -> Scheduled {
    let id = EffectId {
        conversation: conversation.into(),
        turn,
        index: 99,
    };
    Scheduled {
        id,
        user: user.into(),
        at: day(days.into()),
        payload: vec![days],
    }
}

fn letter(conversation: &str, at: Timestamp) -> DeadLetter {
    DeadLetter {
        conversation: conversation.into(),
        id: "event".into(),
        at,
        why: "It failed.".into(),
        what: Dead::Event(vec![1]),
    }
}

fn buried(row: OutboxRow, at: Timestamp) -> DeadLetter {
    let (conversation, id) = (row.id.conversation.clone(), DeadLetter::effect_id(&row.id));
    DeadLetter {
        conversation,
        id,
        at,
        why: "It failed.".into(),
        what: Dead::Effect(row),
    }
}

fn memory(key: bool, value: Option<u8>) -> BTreeMap<String, Option<Vec<u8>>> {
    BTreeMap::from([(key.to_string(), value.map(|value| vec![value]))])
}

fn retention(ended: Option<u8>, idle: Option<u8>, duplicates: Option<u8>) -> Retention {
    let before = |days: Option<u8>| days.map(|days| day(days.into()));
    Retention {
        ended_before: before(ended),
        idle_before: before(idle),
        duplicates_before: before(duplicates),
    }
}

fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * number)
}

/// Everything that can be asked. Where the trait leaves the order open, sorted.
fn all(trial: &Trial, now: Timestamp) -> String {
    let mut said = vec![
        said(bundles(trial)),
        said(sorted_outbox(trial)),
        said(scheduled(trial)),
        said(letters(trial)),
    ];
    said.push(said_lists(trial, now));
    said.push(said_of_each(trial, now));
    let status = trial.get(trial.store.status());
    said.push(format!(
        "{} {} {}",
        status.conversations, status.outbox, status.dead_letters
    ));
    said.join("\n")
}

fn said_lists(trial: &Trial, now: Timestamp) -> String {
    let store = &trial.store;
    let mut timers = trial.get(store.due_timers(now, 99));
    assert!(timers.is_sorted_by_key(|timer| timer.at));
    timers.sort();
    let due = trial.get(store.due_scheduled(now, 99));
    assert!(due.is_sorted_by_key(|event| event.at));
    let mut said = vec![
        said(timers),
        said(due.len()),
        said(trial.get(store.next_deadline())),
        said(trial.get(store.documents(""))),
    ];
    for owner in OWNERS {
        said.push(listed(
            trial,
            Filter {
                owner: Some(owner),
                ..Filter::default()
            },
        ));
    }
    for user in USERS {
        said.push(listed(
            trial,
            Filter {
                user: Some(user.into()),
                since: Some(now - SignedDuration::from_hours(48)),
                ..Filter::default()
            },
        ));
        said.push(format!("{:?}", trial.get(store.memory(&user.into()))));
    }
    said.push(listed(
        trial,
        Filter {
            since: Some(now - SignedDuration::from_hours(30)),
            ..Filter::default()
        },
    ));
    said.join("\n")
}

fn listed(trial: &Trial, filter: Filter) -> String {
    let mut rows = trial.get(trial.store.list(filter, None, 99)).rows;
    rows.sort_by(|one, other| one.conversation.cmp(&other.conversation));
    said(rows)
}

fn said_of_each(trial: &Trial, now: Timestamp) -> String {
    let each = CONVERSATIONS.map(|name| {
        let id = ConversationId::from(name);
        let seen = [0, 1, 2]
            .map(|number| trial.get(trial.store.seen(&message(name, "", number, false).key, now)));
        let stored = trial.load(name);
        let version = stored.as_ref().map_or(Version(0), |stored| stored.version);
        let feed: Vec<_> = (0..8)
            .map(|seq| trial.get(trial.store.feed(&id, seq, 3)))
            .collect();
        let turns = trial.get(trial.store.turns(&id, Turn(2), 3));
        said((
            stored,
            version,
            seen,
            feed,
            turns,
            trial.get(trial.store.outbox_of(&id)),
        ))
    });
    each.join("\n")
}

fn sorted_outbox(trial: &Trial) -> Vec<OutboxRow> {
    let mut rows = trial.outbox();
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    rows
}

fn scheduled(trial: &Trial) -> Vec<Scheduled> {
    let mut events: Vec<Scheduled> = USERS
        .iter()
        .flat_map(|user| trial.get(trial.store.scheduled_of(&(*user).into())))
        .collect();
    events.sort_by_key(Scheduled::key);
    events
}

fn letters(trial: &Trial) -> Vec<DeadLetter> {
    let mut letters = trial.get(trial.store.dead_letters(None, 99)).rows;
    letters
        .sort_by(|one, other| (&one.conversation, &one.id).cmp(&(&other.conversation, &other.id)));
    letters
}

/// What a copy would hold.
fn bundles(trial: &Trial) -> Vec<Bundle> {
    let mut bundles = trial.get(trial.store.bundles(None)).rows;
    for bundle in &mut bundles {
        match bundle {
            Bundle::Conversation(bundle) => bundle
                .dead_letters
                .sort_by(|one, other| one.id.cmp(&other.id)),
            Bundle::User(bundle) => bundle.scheduled.sort_by_key(Scheduled::key),
            Bundle::Document { .. } => {}
        }
    }
    bundles.sort_by_key(|bundle| match bundle {
        Bundle::Conversation(bundle) => format!("conversation {}", bundle.conversation),
        Bundle::User(bundle) => format!("user {}", bundle.user),
        Bundle::Document { name, .. } => format!("document {name}"),
    });
    bundles
}
