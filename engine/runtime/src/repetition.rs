//! By what the same message is recognised when it comes again.

use sha2::{Digest, Sha256};
use store::BodyHash;

use crate::inbound::Inbound;

/// The sources of messages that are not a channel's.
/// The source of events from outside.
pub(crate) const EVENTS: &str = "events";

/// The source of what a person at a desk writes.
pub(crate) const DESK: &str = "desk";

/// What a client's message says, in so many bytes; salted with its id, so that equal texts don't show as equal rows.
pub(crate) fn body_hash(inbound: &Inbound) -> BodyHash {
    let body =
        serde_json::to_vec(&inbound.body).expect("plain data with text keys always serialises");
    let attachments = serde_json::to_vec(&inbound.attachments)
        .expect("plain data with text keys always serialises");
    hash(&[
        inbound.conversation.as_str().as_bytes(),
        inbound.id.as_bytes(),
        &body,
        &attachments,
    ])
}

/// A hash of these parts, each with its length.
pub(crate) fn hash(parts: &[&[u8]]) -> BodyHash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    BodyHash(hasher.finalize().into())
}
