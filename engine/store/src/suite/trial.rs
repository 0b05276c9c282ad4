//! A store on trial, and commits to try it with.

use std::collections::BTreeMap;

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Runtime;

use crate::{
    BodyHash, Changes, Commit, CommitOutcome, Dead, DeadLetter, Duplicate, Head, Lane, MessageKey,
    OutboxRow, OwnerKind, Removed, Retention, Scheduled, Scope, Store, StoreError, Stored, Term,
    TurnRecord, Version,
};

/// A store that was taken over.
pub struct Trial {
    /// The store.
    pub store: Box<dyn Store>,
    /// Its term.
    pub term: Term,
    runtime: Runtime,
}

impl Trial {
    /// Takes a store over.
    pub fn new(store: impl Store) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime without drivers needs nothing");
        let term = runtime
            .block_on(store.take_over())
            .expect("the store can be taken over");
        Self {
            store: Box::new(store),
            term,
            runtime,
        }
    }

    /// What a store answers.
    pub fn get<T>(&self, reply: impl Future<Output = Result<T, StoreError>>) -> T {
        self.ask(reply).expect("the store answers")
    }

    /// What a store answers, or why not.
    pub fn ask<T>(
        &self,
        reply: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.runtime.block_on(reply)
    }

    /// Commits the next turn of a conversation, changed by the caller.
    pub fn turn(&self, conversation: &str, change: impl FnOnce(&mut Commit)) -> CommitOutcome {
        let mut commit = self.next(conversation);
        change(&mut commit);
        self.get(self.store.commit(commit))
    }

    /// Commits the next turn of a conversation, which must hold.
    pub fn done(&self, conversation: &str, change: impl FnOnce(&mut Commit)) {
        let outcome = self.turn(conversation, change);
        assert!(
            matches!(outcome, CommitOutcome::Committed(_)),
            "{outcome:?}"
        );
    }

    /// The next turn of a conversation, not yet committed.
    pub fn next(&self, conversation: &str) -> Commit {
        Commit {
            term: self.term,
            ..turn(conversation, self.load(conversation).as_ref())
        }
    }

    /// A conversation.
    pub fn load(&self, conversation: &str) -> Option<Stored> {
        self.get(self.store.load(&conversation.into()))
    }

    /// Removes all that is old enough.
    pub fn retain_all(&self, retention: Retention) -> Removed {
        let mut all = Removed::default();
        loop {
            let part = self.get(self.store.retain(self.term, retention));
            all.conversations += part.conversations;
            all.duplicates += part.duplicates;
            if !part.more {
                return all;
            }
        }
    }

    /// Every effect that is not done.
    pub fn outbox(&self) -> Vec<OutboxRow> {
        self.get(self.store.outbox(None, usize::MAX))
    }
}

/// The next turn of a conversation: a day after 1 March 2026 for each turn, one entry in the feed, nothing else.
pub fn turn(conversation: &str, before: Option<&Stored>) -> Commit {
    let number = before.map_or(0, |before| before.turn.0) + 1;
    let at = day(number);
    Commit {
        conversation: conversation.into(),
        term: Term(0),
        expected: before.map_or(Version(0), |before| before.version),
        at,
        duplicate: None,
        head: before.map_or_else(|| head("ada"), |before| before.head.clone()),
        state: format!("state of {conversation} after turn {number}").into_bytes(),
        turn: TurnRecord {
            turn: Turn(number),
            at,
            event: format!("event {number}").into_bytes(),
            first_seq: before.map_or(0, |before| before.last_seq) + 1,
            feed: vec![format!("message {number}").into_bytes()],
            trace: b"trace".to_vec(),
        },
        bot_spoke_in: None,
        outbox: Changes::default(),
        scheduled: Changes::default(),
        dead_letters: Changes::default(),
        memory: BTreeMap::new(),
    }
}

/// A conversation of this user's with the bot.
pub(super) fn head(user: &str) -> Head {
    Head {
        user: user.into(),
        bot: "v1".into(),
        owner: OwnerKind::Bot,
        epoch: 0,
        timer: None,
    }
}

/// So many days after the last of February.
pub(super) fn day(number: u64) -> Timestamp {
    let start: Timestamp = "2026-02-28T12:00:00Z".parse().expect("it is a time");
    start + SignedDuration::from_hours(24 * i64::try_from(number).expect("it is small"))
}

/// A message of a conversation, with what it says as its hash.
pub(super) fn message(conversation: &str, id: &str, says: u8) -> Option<Duplicate> {
    Some(Duplicate {
        key: key(conversation, id),
        body: BodyHash([says; 32]),
    })
}

pub(super) fn key(conversation: &str, id: &str) -> MessageKey {
    MessageKey {
        scope: Scope::Conversation(conversation.into()),
        source: "http".into(),
        id: id.into(),
    }
}

pub(super) fn effect(conversation: &str, turn: u64, index: u32) -> EffectId {
    EffectId {
        conversation: conversation.into(),
        turn: Turn(turn),
        index,
    }
}

/// A call that is to be made.
pub(super) fn call(conversation: &str, turn: u64, index: u32) -> OutboxRow {
    OutboxRow {
        id: effect(conversation, turn, index),
        lane: Lane::Call,
        payload: format!("call {index}").into_bytes(),
        begun: false,
    }
}

/// An event for later.
pub(super) fn event(user: &str, conversation: &str, turn: u64, at: Timestamp) -> Scheduled {
    Scheduled {
        id: effect(conversation, turn, 9),
        user: UserId::from(user),
        at,
        payload: b"reminder".to_vec(),
    }
}

/// An event that the bot could not take.
pub(super) fn letter(conversation: &str, id: &str) -> DeadLetter {
    DeadLetter {
        conversation: ConversationId::from(conversation),
        id: id.into(),
        at: day(1),
        why: "It could not be taken.".into(),
        what: Dead::Event(b"event".to_vec()),
    }
}
