//! Long-term memory: what is kept of a user, under which keys, and how a session sees it.

use std::collections::BTreeMap;

use dialog::{Bot, ConversationId, Fact, Locale, Scope, UserMemory, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::episode::{self, Kept as Episode};
use crate::inbound::{EpisodeView, UserView};

/// Rows of a user's memory, as the store has them.
pub(crate) type Rows = BTreeMap<String, Vec<u8>>;
/// Changes to them: none = forgotten.
pub(crate) type RowChanges = BTreeMap<String, Option<Vec<u8>>>;

const ABOUT: &str = "about";
const SLOT: &str = "slot/";
const CONSENT: &str = "consent/";
/// What stands for a secret.
const MASK: &str = "••";

/// What the runtime itself must know of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Whether the user was here before; false again once everything was forgotten.
    #[serde(default)]
    pub(crate) returning: bool,
    /// Where an event for the user goes.
    pub(crate) conversation: Option<ConversationId>,
    /// The channel of that conversation.
    pub(crate) channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tz: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<Locale>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    value: Value,
    #[serde(flatten)]
    fact: Fact,
}

/// The runtime's own row.
pub(crate) fn about(rows: &Rows) -> Option<About> {
    read(rows.get(ABOUT)?)
}

/// The change that keeps the runtime's own row.
pub(crate) fn keep_about(changes: &mut RowChanges, about: &About) {
    changes.insert(ABOUT.to_owned(), Some(write(about)));
}

/// The change that keeps a slot's value.
pub(crate) fn keep_slot(changes: &mut RowChanges, slot: &str, value: Value, fact: Fact) {
    changes.insert(slot_key(slot), Some(write(&Kept { value, fact })));
}

/// Under which key a slot's value is kept.
pub(crate) fn slot_key(slot: &str) -> String {
    format!("{SLOT}{slot}")
}

/// Whether what stands under a key is over: gone already, or not to be kept until now.
pub(crate) fn is_over(rows: &Rows, key: &str, now: Timestamp) -> bool {
    #[derive(Deserialize)]
    struct Until {
        until: Option<Timestamp>,
    }
    let kept = rows.get(key).and_then(|row| read::<Until>(row));
    kept.and_then(|kept| kept.until)
        .is_some_and(|until| until <= now)
}

/// The change that keeps an answer to a consent question.
pub(crate) fn keep_consent(changes: &mut RowChanges, slot: &str, given: bool) {
    changes.insert(format!("{CONSENT}{slot}"), Some(write(&given)));
}

/// The change that forgets a slot's value.
pub(crate) fn forget_slot(changes: &mut RowChanges, slot: &str) {
    changes.insert(slot_key(slot), None);
}

/// The changes that forget everything but where the user can be reached now.
pub(crate) fn forget_all(changes: &mut RowChanges, rows: &Rows) {
    for key in rows.keys() {
        changes.insert(key.clone(), None);
    }
    let reach = about(rows).unwrap_or_default();
    let about = About {
        conversation: reach.conversation,
        channel: reach.channel,
        ..About::default()
    };
    keep_about(changes, &about);
}

/// What a session that begins now sees.
pub(crate) fn session_view(rows: &Rows, now: Timestamp) -> UserMemory {
    let about = about(rows).unwrap_or_default();
    UserMemory {
        first: !about.returning,
        tz: about.tz,
        locale: about.locale,
        slots: slots(rows, now),
        facts: facts(rows, now),
        consents: consents(rows),
        episodes: episode::at_hand(rows, now),
    }
}

/// What an integrator sees.
pub(crate) fn view(rows: &Rows, bot: &Bot, now: Timestamp) -> UserView {
    let about = about(rows).unwrap_or_default();
    let secret = |name: &str| {
        bot.slots
            .iter()
            .any(|slot| slot.name == name && slot.scope == Scope::User && slot.secret)
    };
    let slots = slots(rows, now).into_iter().map(|(name, value)| {
        let shown = if secret(&name) {
            MASK.into()
        } else {
            value.to_json()
        };
        (name, shown)
    });
    UserView {
        slots: slots.collect(),
        facts: facts(rows, now),
        episodes: episode::episodes(rows, now)
            .into_iter()
            .map(shown)
            .collect(),
        consents: consents(rows),
        last_conversation: about.conversation,
        channel: about.channel,
    }
}

fn shown(kept: Episode) -> EpisodeView {
    EpisodeView {
        at: kept.at,
        until: kept.until,
        text: kept.text(),
        conversation: kept.conversation,
        turn: kept.turn,
    }
}

fn slots(rows: &Rows, now: Timestamp) -> BTreeMap<String, Value> {
    kept(rows, now)
        .map(|(name, kept)| (name.to_owned(), kept.value))
        .collect()
}

fn facts(rows: &Rows, now: Timestamp) -> BTreeMap<String, Fact> {
    kept(rows, now)
        .map(|(name, kept)| (name.to_owned(), kept.fact))
        .collect()
}

fn kept(rows: &Rows, now: Timestamp) -> impl Iterator<Item = (&str, Kept)> {
    named(rows, SLOT).filter_map(move |(name, row)| {
        let kept: Kept = read(row)?;
        let lasts = kept.fact.until.is_none_or(|until| until > now);
        lasts.then_some((name, kept))
    })
}

fn consents(rows: &Rows) -> BTreeMap<String, bool> {
    named(rows, CONSENT)
        .filter_map(|(name, row)| Some((name.to_owned(), read(row)?)))
        .collect()
}

/// The rows whose key begins with this, by the rest of their key.
pub(crate) fn named<'a>(
    rows: &'a Rows,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    rows.iter()
        .filter_map(move |(key, row)| Some((key.strip_prefix(prefix)?, row.as_slice())))
}

fn read<T: for<'de> Deserialize<'de>>(row: &[u8]) -> Option<T> {
    serde_json::from_slice(row).ok()
}

fn write<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data with text keys always serialises")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(changes: RowChanges) -> Rows {
        changes
            .into_iter()
            .filter_map(|(key, row)| Some((key, row?)))
            .collect()
    }

    fn told(until: Option<Timestamp>) -> Fact {
        Fact {
            at: Timestamp::UNIX_EPOCH,
            source: None,
            confidence: None,
            until,
        }
    }

    #[test]
    fn a_value_that_was_kept_without_its_source_is_read() {
        let row =
            serde_json::json!({ "value": Value::from("Ana"), "until": "2026-03-02T09:00:00Z" });
        let row = row.to_string().into_bytes();
        let rows = Rows::from([("slot/nickname".to_owned(), row)]);
        assert_eq!(session_view(&rows, Timestamp::UNIX_EPOCH).facts.len(), 1);
    }

    #[test]
    fn a_value_is_seen_until_its_time_is_over() {
        let until: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut changes = RowChanges::new();
        keep_slot(&mut changes, "nickname", "Ana".into(), told(Some(until)));
        keep_consent(&mut changes, "nickname", true);
        let rows = applied(changes);
        let before = session_view(&rows, "2026-03-02T08:59:59Z".parse().unwrap());
        assert_eq!(before.slots.get("nickname"), Some(&"Ana".into()));
        assert!(session_view(&rows, until).slots.is_empty());
        assert_eq!(before.consents.get("nickname"), Some(&true));
    }

    #[test]
    fn who_asked_to_be_forgotten_is_reached_in_this_conversation_and_new_in_the_next() {
        let mut changes = RowChanges::new();
        keep_slot(&mut changes, "nickname", "Ana".into(), told(None));
        let known = About {
            returning: true,
            conversation: Some("c1".into()),
            channel: Some("http".into()),
            tz: Some("Europe/Berlin".into()),
            locale: None,
        };
        keep_about(&mut changes, &known);
        let rows = applied(changes);
        let mut forgotten = RowChanges::new();
        forget_all(&mut forgotten, &rows);
        assert_eq!(forgotten.get("slot/nickname"), Some(&None));
        let left = applied(forgotten);
        assert!(session_view(&left, Timestamp::UNIX_EPOCH).first);
        let reach = about(&left).unwrap();
        assert_eq!(reach.conversation, Some("c1".into()));
        assert_eq!(reach.tz, None);
    }
}
