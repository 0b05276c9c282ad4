//! What can go wrong when a conversation is told something, by what a caller does about it.

use dialog::ConversationId;
use store::StoreError;

/// Why something was not taken. Nothing of it happened, unless the variant says otherwise.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TurnError {
    /// No such conversation, user or turn: 404. Also what belongs to others.
    #[error("There is no conversation `{0}`.")]
    NotFound(ConversationId),
    /// The entries of the feed that a subscriber has read are not there any more: retention or an erasure has removed them. 410.
    #[error(
        "What follows your last entry is not kept any more. Read without a last entry; if nothing is there, open another conversation."
    )]
    Gone,
    /// It has ended: 409.
    #[error("The conversation has ended; open another one.")]
    Ended,
    /// The id was used for another body: 422.
    #[error("This id was used before with another body. Make a new id for each message.")]
    IdReused,
    /// What was sent can't be taken as it is: 422, with a code that stays.
    #[error("{what}")]
    Refused {
        /// A stable code: `text-too-long`, `event-refused`, `slot-refused`, `choice-unknown`, `locale-unknown`.
        code: &'static str,
        /// What, in a sentence.
        what: String,
    },
    /// The conversation's owner doesn't fit the request (a claim of what isn't queued): 409.
    #[error("{0}")]
    WrongOwner(String),
    /// Too much waits, here or in the store: 503 with Retry-After.
    #[error("Too many messages wait. Try again in a second.")]
    Full,
    /// The process shuts down: 503.
    #[error("The server is shutting down. Try again in a few seconds.")]
    Draining,
    /// Another replica has the conversations by now, or the disk is nearly full: 503.
    #[error("New messages can't be kept at the moment. Try again in a few seconds.")]
    Unhealthy,
    /// The store can't keep anything any more: the process must end (exit code 74).
    #[error("{0}")]
    Broken(StoreError),
    /// Something else failed inside; it is in the log. 500.
    #[error("Something failed inside: {0}")]
    Internal(String),
}

impl TurnError {
    /// A refusal with its code.
    pub(crate) fn refused(code: &'static str, what: impl Into<String>) -> Self {
        Self::Refused {
            code,
            what: what.into(),
        }
    }
}

impl From<StoreError> for TurnError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full { .. } => Self::Full,
            StoreError::Fenced => Self::Unhealthy,
            StoreError::Broken(_) => Self::Broken(error),
            StoreError::Used(_)
            | StoreError::Corrupt { .. }
            | StoreError::Newer { .. }
            | StoreError::Invalid(_)
            | StoreError::File { .. } => Self::Internal(error.to_string()),
        }
    }
}
