//! A message cut into tokens: runs of letters, numbers as written, currency signs.

/// The most tokens that are read: what is longer is no message that names values.
const TOKENS_MAX: usize = 400;
/// The most bytes that are read, so that one endless word costs no more than many short ones.
const BYTES_MAX: usize = 8_000;

/// A message and its tokens.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) raw: &'a str,
    pub(crate) tokens: Vec<Token>,
    /// How many words it has, parted by white space.
    pub(crate) words: u16,
}

/// A run of letters in lower case, a number as written, or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) norm: String,
    pub(crate) kind: Kind,
    /// Bytes of the raw text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Which word it is in.
    pub(crate) word: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Letters,
    /// Digits, with `.`, `,`, `:`, `-` and `/` between them.
    Digits,
    /// A currency sign.
    Sign,
}

/// Something that a reader found: a range of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Token indices, the end excluded.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Text<'a> {
    pub(crate) fn new(raw: &'a str) -> Self {
        let raw = &raw[..raw.floor_char_boundary(BYTES_MAX)];
        let mut text = Text {
            raw,
            tokens: Vec::new(),
            words: 0,
        };
        let mut at = 0;
        for part in raw.split(char::is_whitespace) {
            if part.chars().any(|c| c.is_alphanumeric() || is_sign(c))
                && text.tokens.len() < TOKENS_MAX
            {
                text.cut(at, part);
                text.words = text.words.saturating_add(1);
            }
            // The separator is one character of white space, which may have several bytes.
            let end = at + part.len();
            at = end + raw[end..].chars().next().map_or(0, char::len_utf8);
        }
        text
    }

    fn cut(&mut self, offset: usize, part: &str) {
        let mut rest = part;
        while let Some(c) = rest.chars().next()
            && self.tokens.len() < TOKENS_MAX
        {
            let start = offset + part.len() - rest.len();
            let (kind, length) = if c.is_ascii_digit() {
                (Kind::Digits, digits(rest))
            } else if c.is_alphanumeric() {
                (Kind::Letters, letters(rest))
            } else {
                if is_sign(c) {
                    self.push(Kind::Sign, start, start + c.len_utf8());
                }
                rest = &rest[c.len_utf8()..];
                continue;
            };
            self.push(kind, start, start + length);
            rest = &rest[length..];
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let norm = normalise(&self.raw[start..end]);
        self.tokens.push(Token {
            norm,
            kind,
            start,
            end,
            word: self.words,
        });
    }

    /// The bytes that a range of tokens covers.
    pub(crate) fn bytes(&self, span: &Span) -> (usize, usize) {
        (self.tokens[span.start].start, self.tokens[span.end - 1].end)
    }

    /// The token's text in lower case; nothing past the end.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.tokens
            .get(index)
            .map_or("", |token| token.norm.as_str())
    }

    /// How many tokens a phrase covers from here; none = it does not stand here.
    pub(crate) fn phrase(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut count = 0;
        for part in phrase.split([' ', '-']) {
            if self.word(at + count) != part {
                return None;
            }
            count += 1;
        }
        Some(count)
    }

    /// The longest of the table's phrases that stands here: how many tokens it covers, and its value.
    pub(crate) fn longest<T: Copy>(&self, at: usize, table: &[(&str, T)]) -> Option<(usize, T)> {
        let found = table
            .iter()
            .filter_map(|(phrase, value)| Some((self.phrase(at, phrase)?, *value)));
        found.reduce(|best, one| if one.0 > best.0 { one } else { best })
    }

    /// Whether no comma or full stop parts a token from the one before it.
    pub(crate) fn is_joined(&self, index: usize) -> bool {
        let (Some(before), Some(token)) = (
            index
                .checked_sub(1)
                .and_then(|before| self.tokens.get(before)),
            self.tokens.get(index),
        ) else {
            return false;
        };
        !self.raw[before.end..token.start].contains([',', ';', '.', '!', '?', ':'])
    }

    /// The character right behind a token.
    pub(crate) fn behind(&self, index: usize) -> Option<char> {
        self.raw[self.tokens.get(index)?.end..].chars().next()
    }

    /// The character right before a token.
    pub(crate) fn before(&self, index: usize) -> Option<char> {
        self.raw[..self.tokens.get(index)?.start]
            .chars()
            .next_back()
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, '€' | '$' | '£' | '¥' | '₹' | '₽' | '₺' | '₩')
}

fn digits(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let joins = matches!(byte, b'.' | b',' | b':' | b'-' | b'/' | b'\'')
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !byte.is_ascii_digit() && !joins {
            break;
        }
        end += 1;
    }
    end
}

/// Letters, with an apostrophe or a dot between two of them ("can't", "a.m").
fn letters(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_letter = chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        let joins = matches!(c, '\'' | '’') || (c == '.' && end == 1);
        if (c.is_alphanumeric() && !c.is_ascii_digit()) || (joins && next_is_letter && end > 0) {
            end = at + c.len_utf8();
        } else {
            break;
        }
    }
    end
}

/// Lower case, with one form of apostrophe.
pub(crate) fn normalise(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(raw: &str) -> Vec<String> {
        Text::new(raw)
            .tokens
            .into_iter()
            .map(|token| token.norm)
            .collect()
    }

    #[test]
    fn letters_numbers_and_signs_are_parted() {
        assert_eq!(
            tokens("Pay €5.50, at 9am!"),
            ["pay", "€", "5.50", "at", "9", "am"]
        );
        assert_eq!(
            tokens("I can’t use my EC-Karte (TX-123456)"),
            ["i", "can't", "use", "my", "ec", "karte", "tx", "123456"]
        );
        assert_eq!(
            tokens("on 2026-03-02 at 09:30 a.m."),
            ["on", "2026-03-02", "at", "09:30", "a.m"]
        );
        assert_eq!(tokens("  \u{3000}é  … "), ["é"]);
    }

    #[test]
    fn words_are_counted_by_white_space() {
        let text = Text::new("my EC-Karte  … is gone");
        assert_eq!(
            (text.words, text.tokens[2].word, text.tokens[4].word),
            (4, 1, 3)
        );
    }
}
