//! Ids that nobody can guess.

use dialog::{ConversationId, UserId};

/// 128 random bits: who doesn't know one can't find one.
const ID_BYTES: usize = 16;

/// A new conversation's id.
pub(crate) fn conversation() -> ConversationId {
    ConversationId(format!("c-{}", random()))
}

/// A new anonymous user's id.
pub(crate) fn anonymous() -> UserId {
    UserId(format!("anon-{}", random()))
}

fn random() -> String {
    let mut bytes = [0; ID_BYTES];
    getrandom::fill(&mut bytes).expect("the system gives random bytes, or nothing on it is safe");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
