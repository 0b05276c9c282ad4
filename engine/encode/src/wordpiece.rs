//! A text as BERT's tokens: words and signs in lower case without accents, each cut into the longest known pieces.
//!
//! Written here because the library's tokenizer cannot be shared between threads. It reads the vocabulary out of the
//! `tokenizer.json` that comes with the model.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a text that are read: far more than a model's tokens can hold.
const READ_CHARS_MAX: usize = 2_000;

/// A word of more characters is one unknown token, as in the model's training.
const WORD_CHARS_MAX: usize = 100;

/// What stands before a piece that goes on a word.
const GOES_ON: &str = "##";

/// Cuts texts.
pub(crate) struct WordPiece {
    ids: BTreeMap<String, u32>,
    unknown: u32,
    first: u32,
    last: u32,
    accents: Regex,
    punctuation: Regex,
}

#[derive(Deserialize)]
struct Json {
    model: Vocabulary,
}

#[derive(Deserialize)]
struct Vocabulary {
    vocab: BTreeMap<String, u32>,
}

impl WordPiece {
    /// From a `tokenizer.json`.
    ///
    /// # Errors
    /// A sentence when it is none, or lacks one of the marks.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, String> {
        let Json { model } = serde_json::from_slice(json)
            .map_err(|error| format!("its tokenizer can't be read: {error}"))?;
        let count = model.vocab.len();
        if model.vocab.values().any(|id| *id as usize >= count) {
            return Err("its tokenizer's tokens are not numbered from 0 on".to_owned());
        }
        let mark = |name: &str| {
            let id = model.vocab.get(name).copied();
            id.ok_or_else(|| format!("its tokenizer has no token {name}"))
        };
        Ok(Self {
            unknown: mark("[UNK]")?,
            first: mark("[CLS]")?,
            last: mark("[SEP]")?,
            accents: Regex::new(r"\p{Mn}").expect("the pattern is ours"),
            punctuation: Regex::new(r"\p{P}").expect("the pattern is ours"),
            ids: model.vocab,
        })
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// A text's tokens between the two marks, at most so many in all.
    pub(crate) fn tokens(&self, text: &str, tokens_max: usize) -> Vec<u32> {
        let mut tokens = vec![self.first];
        for word in self.words(text) {
            self.push_pieces(&word, &mut tokens);
            if tokens.len() >= tokens_max {
                break;
            }
        }
        tokens.truncate(tokens_max - 1);
        tokens.push(self.last);
        tokens
    }

    /// Words, each sign a word of its own.
    fn words(&self, text: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let clean = text
            .chars()
            .take(READ_CHARS_MAX)
            .flat_map(char::to_lowercase)
            .nfd();
        for c in clean.filter(|c| !is_dropped(*c) && !self.is_accent(*c)) {
            if c.is_whitespace() {
                words.push(String::new());
            } else if self.stands_alone(c) {
                words.extend([c.to_string(), String::new()]);
            } else if let Some(word) = words.last_mut() {
                word.push(c);
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    fn is_accent(&self, c: char) -> bool {
        !c.is_ascii() && self.accents.is_match(c.encode_utf8(&mut [0; 4]))
    }

    fn stands_alone(&self, c: char) -> bool {
        if c.is_ascii() {
            return c.is_ascii_punctuation();
        }
        is_ideograph(c) || self.punctuation.is_match(c.encode_utf8(&mut [0; 4]))
    }

    fn push_pieces(&self, word: &str, tokens: &mut Vec<u32>) {
        match self.pieces(word) {
            Some(pieces) => tokens.extend(pieces),
            None => tokens.push(self.unknown),
        }
    }

    /// The longest piece from the left, again and again; none when a rest begins with no known one.
    fn pieces(&self, word: &str) -> Option<Vec<u32>> {
        if word.chars().count() > WORD_CHARS_MAX {
            return None;
        }
        let mut pieces = Vec::new();
        let mut rest = word;
        while !rest.is_empty() {
            let before = if pieces.is_empty() { "" } else { GOES_ON };
            let ends = rest.char_indices().map(|(start, c)| start + c.len_utf8());
            let longest = ends.rev().find_map(|end| {
                let id = self.ids.get(&format!("{before}{}", &rest[..end]))?;
                Some((*id, end))
            });
            let (id, end) = longest?;
            pieces.push(id);
            rest = &rest[end..];
        }
        Some(pieces)
    }
}

/// Control and formatting characters, which BERT's texts were cleaned of.
fn is_dropped(c: char) -> bool {
    let formatting = matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}');
    formatting || (c.is_control() && !c.is_whitespace())
}

/// Chinese characters stand for words.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ceaf}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<u32> {
        let vocab = [
            "[UNK]", "[CLS]", "[SEP]", "card", "##s", "ca", "##rd", "?", "naive", "日", "本",
        ];
        let ids: BTreeMap<&str, usize> = vocab.iter().copied().zip(0..).collect();
        let json = serde_json::json!({ "model": { "vocab": ids } }).to_string();
        let pieces = WordPiece::from_json(json.as_bytes()).expect("it is a tokenizer");
        pieces.tokens(text, 8)
    }

    #[test]
    fn words_are_cut_into_the_longest_known_pieces() {
        assert_eq!(tokens("Cards?"), [1, 3, 4, 7, 2]);
        assert_eq!(tokens("na\u{ef}ve\u{200b}"), [1, 8, 2]);
        assert_eq!(tokens("日本"), [1, 9, 10, 2]);
        assert_eq!(tokens("carx"), [1, 0, 2]);
        assert_eq!(tokens(""), [1, 2]);
    }

    #[test]
    fn a_long_text_is_cut_behind_so_many_tokens() {
        let long = tokens(&"card ".repeat(50_000));
        assert_eq!(
            (long.len(), long.first(), long.last()),
            (8, Some(&1), Some(&2))
        );
    }

    #[test]
    fn what_is_no_tokenizer_is_refused() {
        for json in ["", "{}", r#"{"model":{"vocab":{"a":1}}}"#] {
            assert!(WordPiece::from_json(json.as_bytes()).is_err(), "{json}");
        }
    }
}
