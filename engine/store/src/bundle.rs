//! Parts of a whole store, for copies: independent of how a store lays out its rows.

use std::collections::BTreeMap;

use dialog::{ConversationId, UserId};

use crate::{DeadLetter, MessageKey, OutboxRow, Scheduled, Seen, Stored, TurnRecord};

/// Something that is copied whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Bundle {
    /// A conversation.
    Conversation(Box<ConversationBundle>),
    /// What belongs to a user.
    User(UserBundle),
    /// A named document.
    Document {
        /// Its name.
        name: String,
        /// The document.
        document: Vec<u8>,
    },
}

/// A conversation with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationBundle {
    /// Its id.
    pub conversation: ConversationId,
    /// As it was last committed.
    pub stored: Stored,
    /// Its turns, in order.
    pub turns: Vec<TurnRecord>,
    /// Its effects that are not done, in order.
    pub outbox: Vec<OutboxRow>,
    /// Ids of messages in its scope.
    pub seen: Vec<(MessageKey, Seen)>,
    /// Its dead letters.
    pub dead_letters: Vec<DeadLetter>,
}

/// What belongs to a user beside conversations.
#[derive(Clone, Debug, PartialEq)]
pub struct UserBundle {
    /// Who.
    pub user: UserId,
    /// The long-term memory.
    pub memory: BTreeMap<String, Vec<u8>>,
    /// Events for later.
    pub scheduled: Vec<Scheduled>,
    /// Ids of events in the user's scope.
    pub seen: Vec<(MessageKey, Seen)>,
}

/// How many bundles a store gives at once: enough to keep a copy fast, few enough that a running store's writes hardly wait.
pub(crate) const BUNDLES_A_PAGE: usize = 64;
