//! What was said in a conversation: its lines cut down to the sentences that say most, and the notes of past conversations
//! that a question goes back to. Nothing is written anew: what is kept was said.

mod condense;
mod recall;

use serde::{Deserialize, Serialize};

use crate::text::word::Word;

pub use condense::condense;
pub use recall::{Relation, recall, relations};

/// A line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whether the customer said it; else the bot or a person at a desk.
    pub by_customer: bool,
    /// The words.
    pub text: String,
}

/// Whether a word says what a conversation is about.
fn says(word: &Word) -> bool {
    const POLITE: [&str; 16] = [
        "thanks",
        "thank",
        "bye",
        "goodbye",
        "sorry",
        "please",
        "welcome",
        "glad",
        "danke",
        "bitte",
        "tschüss",
        "entschuldigung",
        "leid",
        "gern",
        "gerne",
        "willkommen",
    ];
    !word.class.small && !word.class.courtesy && !POLITE.contains(&word.folded.as_str())
}
