//! A message as the classifier reads it: one form for what looks the same, without what cannot be seen.

use unicode_normalization::UnicodeNormalization;

/// How many characters of a message the classifier reads. Nobody asks for one thing in more than a page, and what comes
/// behind must not cost time.
const READ_CHARS_MAX: usize = 2_000;

/// The text in lower case and Unicode's compatibility form, control characters and marks of direction left out, the kinds
/// of apostrophe made one.
pub(crate) fn normalise(text: &str) -> String {
    text.chars()
        .take(READ_CHARS_MAX)
        .filter(|c| !is_invisible(*c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect()
}

/// Whether a character shows nothing by itself: zero-width ones, joiners, marks of direction, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn plain(c: char) -> char {
    match c {
        '’' | '‘' | '`' | '´' | 'ʼ' => '\'',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// The words of a normalised text: letters and digits with apostrophes among them. An emoji is a word of its own, since
/// it says as much as one.
pub(crate) fn tokens(normalised: &str) -> impl Iterator<Item = &str> {
    normalised
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || is_emoji(c)))
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}
