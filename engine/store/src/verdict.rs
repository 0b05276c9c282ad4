//! Whether a commit holds: the checks that every store makes, in their order.

use dialog::{ConversationId, Turn};
use jiff::Timestamp;

use crate::{
    Commit, CommitOutcome, DUPLICATES_KEPT, Scope, Seen, StoreError, Stored, Term, Version,
};

/// Longest text that stands in a key, in bytes: ids are short, and rows with long keys are slow to find.
pub(crate) const KEY_TEXT_MAX: usize = 1024;

/// What a commit rests on.
pub(crate) struct Ground<'a> {
    /// The store's term.
    pub(crate) term: Term,
    /// The message, if it was committed before.
    pub(crate) seen: Option<Seen>,
    /// The conversation, if there is one.
    pub(crate) stored: Option<&'a Stored>,
}

/// The outcome of a commit that must not be written; none = write it.
pub(crate) fn refusal(
    commit: &Commit,
    ground: Ground<'_>,
) -> Result<Option<CommitOutcome>, StoreError> {
    if commit.term < ground.term {
        return Ok(Some(CommitOutcome::Fenced));
    }
    if let Some(seen) = ground.seen.filter(|seen| is_remembered(seen, commit.at)) {
        return Ok(Some(CommitOutcome::Duplicate(seen)));
    }
    let version = ground.stored.map_or(Version(0), |stored| stored.version);
    let epoch = ground.stored.map_or(0, |stored| stored.head.epoch);
    if commit.expected != version || commit.bot_spoke_in.is_some_and(|decided| decided < epoch) {
        return Ok(Some(CommitOutcome::Conflict));
    }
    check(commit, ground.stored).map(|()| None)
}

/// Whether a message still counts as seen.
pub(crate) fn is_remembered(seen: &Seen, now: Timestamp) -> bool {
    now.duration_since(seen.at) < DUPLICATES_KEPT
}

/// Refuses what only a mistake in the program can ask for.
fn check(commit: &Commit, stored: Option<&Stored>) -> Result<(), StoreError> {
    let turn = stored.map_or(Turn(0), |stored| stored.turn);
    let seq = stored.map_or(0, |stored| stored.last_seq);
    let id = &commit.conversation;
    if commit.turn.turn.0 != turn.0 + 1 {
        return Err(invalid(
            id,
            format!("turn {} cannot follow turn {turn}", commit.turn.turn),
        ));
    }
    if commit.turn.first_seq != seq + 1 {
        return Err(invalid(
            id,
            format!(
                "feed entry {} cannot follow entry {seq}",
                commit.turn.first_seq
            ),
        ));
    }
    if stored.is_some_and(|stored| commit.head.epoch < stored.head.epoch) {
        return Err(invalid(id, "an epoch never falls".into()));
    }
    let scope = commit.duplicate.as_ref().map(|one| &one.key.scope);
    if matches!(scope, Some(Scope::Conversation(other)) if other != id) {
        return Err(invalid(id, "a message belongs to its conversation".into()));
    }
    if commit
        .outbox
        .add
        .iter()
        .any(|row| row.id.conversation != *id)
    {
        return Err(invalid(
            id,
            "an effect belongs to the conversation that caused it".into(),
        ));
    }
    if commit
        .dead_letters
        .add
        .iter()
        .any(|letter| letter.conversation != *id)
    {
        return Err(invalid(
            id,
            "a dead letter belongs to the conversation that caused it".into(),
        ));
    }
    if commit
        .scheduled
        .add
        .iter()
        .any(|event| event.user != commit.head.user)
    {
        return Err(invalid(
            id,
            "an event for later belongs to the conversation's user".into(),
        ));
    }
    texts(commit).into_iter().try_for_each(check_text)
}

/// Every text of a commit that becomes part of a key.
fn texts(commit: &Commit) -> Vec<&str> {
    let mut texts = vec![commit.conversation.as_str(), commit.head.user.as_str()];
    if let Some(duplicate) = &commit.duplicate {
        texts.extend([duplicate.key.source.as_str(), duplicate.key.id.as_str()]);
    }
    texts.extend(commit.memory.keys().map(String::as_str));
    texts.extend(
        commit
            .dead_letters
            .add
            .iter()
            .map(|letter| letter.id.as_str()),
    );
    texts
}

/// Refuses a text that is too long for a key.
pub(crate) fn check_text(text: &str) -> Result<(), StoreError> {
    if text.len() <= KEY_TEXT_MAX {
        return Ok(());
    }
    let bytes = text.len();
    Err(StoreError::Invalid(format!(
        "an id of {bytes} bytes is too long, {KEY_TEXT_MAX} are the most"
    )))
}

fn invalid(conversation: &ConversationId, why: String) -> StoreError {
    StoreError::Invalid(format!("{why} (conversation {conversation})"))
}

impl Stored {
    /// The conversation after a commit that holds.
    pub(crate) fn after(commit: &Commit, before: Option<&Stored>) -> Self {
        let same_owner = before.filter(|before| before.head.owner == commit.head.owner);
        Self {
            version: Version(commit.expected.0 + 1),
            head: commit.head.clone(),
            turn: commit.turn.turn,
            last_seq: commit.turn.last_seq(),
            begun: before.map_or(commit.at, |before| before.begun),
            active: commit.at,
            owned_since: same_owner.map_or(commit.at, |before| before.owned_since),
            state: commit.state.clone(),
        }
    }
}

/// The day (UTC) that a time is on, counted from 1970. Retention works in whole days.
pub(crate) fn day(time: Timestamp) -> i32 {
    i32::try_from(time.as_second().div_euclid(SECONDS_A_DAY))
        .expect("jiff's times lie within 10,000 years")
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
