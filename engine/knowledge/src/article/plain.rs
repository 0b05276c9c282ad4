//! Plain text: paragraphs between empty lines.

use super::piece::{Content, Piece, tidy};

/// Characters of a first line that may be a title.
const TITLE_CHARS_MAX: usize = 120;

/// Reads a text. A short first line with an empty one behind it is its title.
pub(super) fn read(text: &str) -> Content {
    let text = text.replace("\r\n", "\n");
    let mut paragraphs: Vec<String> = text
        .split("\n\n")
        .map(tidy)
        .filter(|one| !one.is_empty())
        .collect();
    let is_title =
        |one: &String| one.chars().count() <= TITLE_CHARS_MAX && !one.ends_with(['.', '!', ':']);
    let title = (paragraphs.len() > 1 && paragraphs.first().is_some_and(is_title))
        .then(|| paragraphs.remove(0));
    Content {
        title,
        link: None,
        pieces: paragraphs.into_iter().map(Piece::Line).collect(),
    }
}
