//! A text as counted, hashed n-grams: words and pairs of words, and runs of characters within a word.

use crate::normalise::{normalise, tokens};

/// The shortest and the longest run of characters.
const RUN_MIN: usize = 1;
const RUN_MAX: usize = 5;

/// Words beyond this many characters are cut: nothing sensible is so long, and its runs would cost time.
const WORD_CHARS_MAX: usize = 40;

/// An n-gram by its hash. The highest bit tells runs of characters from words; the other 31 make a collision among a
/// bot's hundred thousand n-grams rare (about two in all).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gram(pub(crate) u32);

const RUN_BIT: u32 = 1 << 31;

impl Gram {
    fn word(hash: u64) -> Self {
        Self(fold(hash) & !RUN_BIT)
    }

    fn run(hash: u64) -> Self {
        Self(fold(hash) | RUN_BIT)
    }

    /// Whether it is a run of characters.
    pub(crate) fn is_run(self) -> bool {
        self.0 & RUN_BIT != 0
    }
}

/// The n-grams of a text with how often each occurs, ordered by hash.
pub(crate) fn grams(text: &str) -> Vec<(Gram, u16)> {
    let normalised = normalise(text);
    let mut all = Vec::with_capacity(normalised.len() * 4);
    let mut previous = fnv(SEED, b"^");
    let mut any = false;
    for word in tokens(&normalised) {
        let hash = fnv(SEED, word.as_bytes());
        all.push(Gram::word(hash));
        all.push(Gram::word(pair(previous, hash)));
        push_runs(word, &mut all);
        previous = hash;
        any = true;
    }
    if any {
        all.push(Gram::word(pair(previous, fnv(SEED, b"$"))));
    }
    count(all)
}

/// The runs of a word, its beginning and end marked by a space.
fn push_runs(word: &str, all: &mut Vec<Gram>) {
    let mut chars = [' '; WORD_CHARS_MAX + 2];
    let mut length = 1;
    for c in word.chars().take(WORD_CHARS_MAX) {
        chars[length] = c;
        length += 1;
    }
    let padded = &chars[..length + 1];
    for start in 0..padded.len() {
        let mut hash = SEED;
        for (index, c) in padded[start..].iter().take(RUN_MAX).enumerate() {
            hash = mix(hash, *c as u64);
            if index + 1 >= RUN_MIN {
                all.push(Gram::run(hash));
            }
        }
    }
}

fn count(mut all: Vec<Gram>) -> Vec<(Gram, u16)> {
    all.sort_unstable();
    let mut counted: Vec<(Gram, u16)> = Vec::with_capacity(all.len());
    for gram in all {
        match counted.last_mut() {
            Some((last, times)) if *last == gram => *times = times.saturating_add(1),
            _ => counted.push((gram, 1)),
        }
    }
    counted
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}

fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3)
}

fn pair(first: u64, second: u64) -> u64 {
    mix(first.rotate_left(23), second)
}

/// The high half of one more multiplication, where every bit of the hash has had its say.
fn fold(hash: u64) -> u32 {
    ((hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_reads_the_same() {
        assert_eq!(grams("Where’s my  CARD?"), grams("where's my card"));
        assert_eq!(grams("ca\u{200b}rd \u{202e}"), grams("card"));
        assert_ne!(grams("card"), grams("cord"));
    }

    #[test]
    fn what_has_no_words_has_no_grams() {
        for text in ["", "  ", "?!…", "\u{0}\u{7}", "'"] {
            assert!(grams(text).is_empty(), "{text:?}");
        }
    }
}
