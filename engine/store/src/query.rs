//! What can be asked of a store, and its answers.

use dialog::{BotVersion, ConversationId, Turn, UserId};
use jiff::Timestamp;

use crate::verdict::day;
use crate::{Head, OwnerKind, Seen, Version};

/// A conversation as it was last committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// To be expected by the next commit.
    pub version: Version,
    /// What the store knows of it.
    pub head: Head,
    /// Its last turn.
    pub turn: Turn,
    /// The number of the last entry of its feed; 0 = none.
    pub last_seq: u64,
    /// When it was committed first.
    pub begun: Timestamp,
    /// When it was committed last.
    pub active: Timestamp,
    /// When its owner became what it is.
    pub owned_since: Timestamp,
    /// The opaque state.
    pub state: Vec<u8>,
}

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its id.
    pub conversation: ConversationId,
    /// Whose it is.
    pub user: UserId,
    /// The version of the bot that it runs on.
    pub bot: BotVersion,
    /// Who speaks.
    pub owner: OwnerKind,
    /// Since when.
    pub owned_since: Timestamp,
    /// When it was committed last.
    pub active: Timestamp,
    /// Its last turn.
    pub turn: Turn,
}

impl Summary {
    /// The list's row for a conversation.
    pub fn new(conversation: ConversationId, stored: &Stored) -> Self {
        Self {
            conversation,
            user: stored.head.user.clone(),
            bot: stored.head.bot.clone(),
            owner: stored.head.owner,
            owned_since: stored.owned_since,
            active: stored.active,
            turn: stored.turn,
        }
    }
}

/// Which conversations to list; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Who speaks.
    pub owner: Option<OwnerKind>,
    /// Whose.
    pub user: Option<UserId>,
    /// Active then or later.
    pub since: Option<Timestamp>,
}

impl Filter {
    /// Whether a conversation belongs to the list.
    pub fn holds(&self, summary: &Summary) -> bool {
        self.owner.is_none_or(|owner| owner == summary.owner)
            && self.user.as_ref().is_none_or(|user| *user == summary.user)
            && self.since.is_none_or(|since| since <= summary.active)
    }
}

/// A place in a list, to go on from. Opaque; text that can stand in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<Row> {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the next part begins; none = this was the last. A part may be empty and not the last.
    pub next: Option<Cursor>,
}

/// A conversation whose timer is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueTimer {
    /// The deadline.
    pub at: Timestamp,
    /// Whose.
    pub conversation: ConversationId,
}

/// What came of [`crate::Store::mark_begun`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The mark is durable: the request may leave.
    Begun,
    /// It was there: the request may have left before, so it must not leave again.
    AlreadyBegun,
    /// The effect is not in the outbox any more.
    Gone,
}

/// What [`crate::Store::retain`] removes. Whole days (UTC): what was active on the day of the given time stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Ended conversations that were last active on an earlier day than this.
    pub ended_before: Option<Timestamp>,
    /// Conversations that were last active on an earlier day than this, also those that never ended. One that waits for a person, or has
    /// one, stays.
    pub idle_before: Option<Timestamp>,
    /// Ids of messages that were committed on an earlier day than this; it should be [`crate::DUPLICATES_KEPT`] ago.
    pub duplicates_before: Option<Timestamp>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Conversations, with their turns, effects, dead letters and ids of messages.
    pub conversations: u64,
    /// Ids of messages. One that came again after seven days may count twice.
    pub duplicates: u64,
    /// Whether there is more: call again.
    pub more: bool,
}

/// What was removed with a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Conversations, with all that belongs to them.
    pub conversations: u64,
    /// Keys of the long-term memory.
    pub memories: u64,
    /// Events for later.
    pub scheduled: u64,
}

/// How full a store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Conversations.
    pub conversations: u64,
    /// Effects that are not done.
    pub outbox: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Rows of any kind; 0 where a store doesn't count them.
    pub rows: u64,
    /// What the rows would take without any overhead, in bytes.
    pub live_bytes: u64,
    /// What the files take, in bytes; 0 = no files.
    pub disk_bytes: u64,
}

impl Status {
    /// Whether compacting would give much space back: more than four fifths of the files are waste, and that is worth
    /// a stop.
    pub fn wants_compaction(&self) -> bool {
        self.disk_bytes > WASTE_BYTES_MIN
            && self.disk_bytes > self.live_bytes.saturating_mul(WASTE_FACTOR)
    }
}

/// How many times the live bytes the files may take. sled itself promises this factor while it runs.
const WASTE_FACTOR: u64 = 5;

/// Files smaller than this are nobody's worry.
const WASTE_BYTES_MIN: u64 = 256 * 1024 * 1024;

impl Retention {
    /// Whether a conversation goes.
    pub(crate) fn removes(&self, stored: &Stored) -> bool {
        let idle = self
            .idle_before
            .is_some_and(|before| day(stored.active) < day(before));
        let ended = self
            .ended_before
            .is_some_and(|before| day(stored.active) < day(before));
        match stored.head.owner {
            OwnerKind::Ended => idle || ended,
            OwnerKind::Bot => idle,
            OwnerKind::Queued | OwnerKind::Person => false,
        }
    }

    /// Whether a message's id goes.
    pub(crate) fn forgets(&self, seen: &Seen) -> bool {
        self.duplicates_before
            .is_some_and(|before| day(seen.at) < day(before))
    }
}
