//! The keys of the one tree: first what kind of row, then whose.
//!
//! | key | value |
//! |---|---|
//! | `c` conversation `h` | head and state |
//! | `c` conversation `t` turn | a turn |
//! | `o` effect | an effect that is not done |
//! | `x` conversation id | a dead letter |
//! | `u` user `c` conversation | – |
//! | `u` user `m` key | a memory |
//! | `u` user `s` effect | an event for later |
//! | `u` user `d` source id | an event's id |
//! | `n` name | a document |
//! | `a` day conversation `0` | the ids of the first messages that it got on that day; the day of its last turn has a row even without |
//! | `a` day conversation `1` source id | the id of a further message of that day |
//! | `w` owner time conversation | – : who waits for or has a person, or ended, and since when |
//! | `p` time conversation | – : the earliest deadline |
//! | `s` time user effect | – : an event for later |
//! | `e` day user | – : on that day ids of events for that user were committed |
//! | `m` name | counters, the term, how far ids of messages were forgotten |
//!
//! So one conversation's rows lie together, and so do one person's; what must be found by time is sorted by time. Texts stand
//! behind their length, so that no text can reach into the next part.

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;

use crate::OwnerKind;
use crate::codec::{TIME_BYTES, time_bytes, time_of};
use crate::layout::owner_number;
use crate::verdict::day;

/// A key, or the beginning of one.
pub(super) type Key = Vec<u8>;

/// Where the counters are.
pub(super) const COUNTERS: &[u8] = b"mcounters";
/// Where the term is.
pub(super) const TERM: &[u8] = b"mterm";
/// Where the `a` row is that is looked at next for ids that can be forgotten.
pub(super) const FORGOTTEN: &[u8] = b"mforgotten";

/// All rows of a conversation that begin with it.
pub(super) fn conversation(id: &ConversationId) -> Key {
    Parts::new(b'c').text(id.as_str()).0
}

pub(super) fn head(id: &ConversationId) -> Key {
    Parts(conversation(id)).byte(b'h').0
}

pub(super) fn turns(id: &ConversationId) -> Key {
    Parts(conversation(id)).byte(b't').0
}

pub(super) fn turn(id: &ConversationId, turn: Turn) -> Key {
    Parts(turns(id)).number(turn.0).0
}

/// The ids of all events for a user.
pub(super) fn seen_of(user: &UserId) -> Key {
    Parts(self::user(user)).byte(b'd').0
}

/// The id of an event for a user.
pub(super) fn seen(user: &UserId, source: &str, id: &str) -> Key {
    Parts(seen_of(user)).text(source).text(id).0
}

/// The effects of a conversation that are not done.
pub(super) fn outbox_of(id: &ConversationId) -> Key {
    Parts::new(b'o').text(id.as_str()).0
}

pub(super) fn outbox(id: &EffectId) -> Key {
    Parts::new(b'o').effect(id).0
}

/// The dead letters of a conversation.
pub(super) fn dead_letters_of(id: &ConversationId) -> Key {
    Parts::new(b'x').text(id.as_str()).0
}

pub(super) fn dead_letter(conversation: &ConversationId, id: &str) -> Key {
    Parts(dead_letters_of(conversation)).text(id).0
}

/// All rows of a user.
pub(super) fn user(id: &UserId) -> Key {
    Parts::new(b'u').text(id.as_str()).0
}

pub(super) fn conversations_of(id: &UserId) -> Key {
    Parts(user(id)).byte(b'c').0
}

pub(super) fn conversation_of(id: &UserId, conversation: &ConversationId) -> Key {
    Parts(conversations_of(id)).text(conversation.as_str()).0
}

pub(super) fn memories(id: &UserId) -> Key {
    Parts(user(id)).byte(b'm').0
}

pub(super) fn memory(id: &UserId, key: &str) -> Key {
    Parts(memories(id)).text(key).0
}

pub(super) fn scheduled_of(id: &UserId) -> Key {
    Parts(user(id)).byte(b's').0
}

pub(super) fn scheduled(id: &UserId, effect: &EffectId) -> Key {
    Parts(scheduled_of(id)).effect(effect).0
}

pub(super) fn document(name: &str) -> Key {
    Parts::new(b'n').raw(name.as_bytes()).0
}

/// A conversation's rows of a day, the first of which says that it was active then.
pub(super) fn active(at: Timestamp, id: &ConversationId) -> Key {
    Parts(active_from(at)).text(id.as_str()).0
}

/// The first of them: it holds the day's first ids.
pub(super) fn active_first(at: Timestamp, id: &ConversationId) -> Key {
    Parts(active(at, id)).byte(0).0
}

/// The row of one of the day's further ids.
pub(super) fn active_further(
    at: Timestamp,
    conversation: &ConversationId,
    source: &str,
    id: &str,
) -> Key {
    Parts(active(at, conversation))
        .byte(1)
        .text(source)
        .text(id)
        .0
}

/// Where the conversations begin that were active on that day or later.
pub(super) fn active_from(at: Timestamp) -> Key {
    Parts::new(b'a').day(at).0
}

/// All conversations of an owner, by time.
pub(super) fn owned_by(owner: OwnerKind) -> Key {
    Parts::new(b'w').byte(owner_number(owner)).0
}

pub(super) fn owned(owner: OwnerKind, since: Timestamp, id: &ConversationId) -> Key {
    Parts(owned_by(owner)).time(since).text(id.as_str()).0
}

pub(super) fn timer(at: Timestamp, id: &ConversationId) -> Key {
    Parts::new(b'p').time(at).text(id.as_str()).0
}

pub(super) fn due(at: Timestamp, user: &UserId, effect: &EffectId) -> Key {
    Parts::new(b's')
        .time(at)
        .text(user.as_str())
        .effect(effect)
        .0
}

/// That ids of events for a user were committed on that day.
pub(super) fn seen_on(at: Timestamp, user: &UserId) -> Key {
    Parts(seen_from(at)).text(user.as_str()).0
}

/// Where the users begin with ids that were committed on that day or later.
pub(super) fn seen_from(at: Timestamp) -> Key {
    Parts::new(b'e').day(at).0
}

/// The user of an `e` key.
pub(super) fn seen_user(key: &[u8]) -> Option<UserId> {
    text_at(key, 1 + DAY_BYTES).map(UserId)
}

/// The first key behind all that begin like this.
pub(super) fn behind(prefix: &[u8]) -> Key {
    let mut key = prefix.to_vec();
    while let Some(last) = key.pop() {
        if last < u8::MAX {
            key.push(last + 1);
            break;
        }
    }
    key
}

/// The first key behind this one.
pub(super) fn behind_one(key: &[u8]) -> Key {
    let mut key = key.to_vec();
    key.push(0);
    key
}

/// The `c` or `u` part of a key with its owner's id: what a reader of that conversation or user is concerned with.
pub(super) fn concern(key: &[u8]) -> Option<&[u8]> {
    let length = match key {
        [b'c' | b'u' | b'o', high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
        _ => return None,
    };
    key.get(..3 + length)
}

/// The last part of a key that is a text, where what precedes it has this length.
pub(super) fn text_at(key: &[u8], start: usize) -> Option<String> {
    let (length, rest) = key.get(start..)?.split_at_checked(2)?;
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    String::from_utf8(rest.get(..length)?.to_vec()).ok()
}

/// The conversation of a `u` … `c` key.
pub(super) fn conversation_of_user(key: &[u8]) -> Option<ConversationId> {
    let user = text_at(key, 1)?;
    text_at(key, 1 + 2 + user.len() + 1).map(ConversationId)
}

/// The row of the event that an `s` key makes due.
pub(super) fn scheduled_by(key: &[u8]) -> Key {
    let behind_time = 1 + TIME_BYTES;
    let user = text_at(key, behind_time).map_or(0, |user| 2 + user.len());
    let (user, effect) = key[behind_time..].split_at(user);
    Parts::new(b'u').raw(user).byte(b's').raw(effect).0
}

/// The conversation of an `a` key.
pub(super) fn active_conversation(key: &[u8]) -> Option<ConversationId> {
    text_at(key, 1 + DAY_BYTES).map(ConversationId)
}

/// Whether it is a conversation's head.
pub(super) fn is_head(key: &[u8]) -> bool {
    key.first() == Some(&b'c')
        && key.last() == Some(&b'h')
        && concern(key).is_some_and(|concern| concern.len() + 1 == key.len())
}

/// The conversation of a `w` key.
pub(super) fn owned_conversation(key: &[u8]) -> Option<ConversationId> {
    text_at(key, 2 + TIME_BYTES).map(ConversationId)
}

/// The time of a `p` or `s` key.
pub(super) fn due_time(key: &[u8]) -> Option<Timestamp> {
    time_of(key.get(1..1 + TIME_BYTES)?)
}

/// The conversation of a `p` key.
pub(super) fn timer_conversation(key: &[u8]) -> Option<ConversationId> {
    text_at(key, 1 + TIME_BYTES).map(ConversationId)
}

const DAY_BYTES: usize = 4;

/// A key in the making.
struct Parts(Key);

impl Parts {
    fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        // Longer texts are refused before they come here; what was looked up by one finds nothing.
        let bytes = &text.as_bytes()[..text.len().min(u16::MAX.into())];
        let length = u16::try_from(bytes.len()).expect("it was cut to this");
        self.raw(&length.to_be_bytes()).raw(bytes)
    }

    fn number(self, number: u64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    fn time(self, time: Timestamp) -> Self {
        self.raw(&time_bytes(time))
    }

    fn day(self, time: Timestamp) -> Self {
        self.raw(&(day(time) ^ i32::MIN).to_be_bytes())
    }

    fn effect(self, id: &EffectId) -> Self {
        self.text(id.conversation.as_str())
            .number(id.turn.0)
            .raw(&id.index.to_be_bytes())
    }
}
