//! Reading a text: sentences, words, figures with their units, and what must be copied to the letter.

pub(crate) mod figure;
pub(crate) mod growing;
pub(crate) mod literal;
pub(crate) mod sentence;
pub(crate) mod word;

/// A text's first characters.
pub(crate) fn cut(text: &str, chars_max: usize) -> &str {
    match text.char_indices().nth(chars_max) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}
