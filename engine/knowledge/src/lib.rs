//! What a bot knows: articles → passages → search, an answer that quotes them, and the check of any answer against its sources.
//!
//! Pure: no network, no clock, no randomness; the same articles give the same index and the same question the same
//! answer. Fetching articles, watching their folder and talking to models is done elsewhere.

pub mod answer;
pub mod article;
mod articles;
pub mod check;
pub mod fit;
mod language;
mod library;
pub mod search;
pub mod talk;
mod text;

/// A text without the lines that tell a machine what to do, and how many there were: tools' results are data, too.
pub fn without_instructions(text: &str) -> (String, usize) {
    article::without_instructions(text)
}

pub use articles::Articles;
pub use language::Language;
pub use library::{Library, Update};
pub use text::growing::Sentences;
