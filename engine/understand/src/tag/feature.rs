//! What is seen of a word: itself, its neighbours, its shape, its beginning and ending, and what other readers found there.

use crate::entity::text::{Kind, Span, Text};

/// The longest beginning and ending of a word that is looked at, in characters.
const AFFIX_MAX: usize = 3;

/// Stands for the words before the first and behind the last.
const EDGE: &str = "\u{0}";

/// Something that another reader found: its entity and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) entity: String,
    pub(crate) span: Span,
}

/// A message's words, made ready.
pub(super) struct Words<'a> {
    text: &'a Text<'a>,
    words: Vec<String>,
    shapes: Vec<String>,
    rare: Vec<bool>,
    /// By word, the hashes of what was found there.
    kinds: Vec<Vec<u64>>,
}

impl<'a> Words<'a> {
    /// `common`: hashes of words that are not rare, ascending.
    pub(super) fn new(text: &'a Text<'a>, seen: &[Seen], common: &[u64]) -> Self {
        let words: Vec<String> = text.tokens.iter().map(|one| plain(&one.norm)).collect();
        let rare = words
            .iter()
            .map(|word| common.binary_search(&word_hash(word)).is_err())
            .collect();
        let shape = |token: &crate::entity::text::Token| match token.kind {
            Kind::Letters => shape(&text.raw[token.start..token.end]),
            Kind::Digits => plain(&token.norm),
            Kind::Sign => "$".to_owned(),
        };
        let mut kinds: Vec<Vec<_>> = vec![Vec::new(); words.len()];
        for one in seen {
            for (nth, kinds) in kinds[one.span.start..one.span.end].iter_mut().enumerate() {
                let place = if nth == 0 { "first" } else { "further" };
                kinds.push(hash(0, &[&one.entity, place]));
            }
        }
        Self {
            text,
            shapes: text.tokens.iter().map(shape).collect(),
            words,
            rare,
            kinds,
        }
    }

    fn word(&self, at: usize, away: isize) -> &str {
        let word = at
            .checked_add_signed(away)
            .and_then(|at| self.words.get(at));
        word.map_or(EDGE, String::as_str)
    }

    fn shape(&self, at: usize, away: isize) -> &str {
        let shape = at
            .checked_add_signed(away)
            .and_then(|at| self.shapes.get(at));
        shape.map_or(EDGE, String::as_str)
    }

    /// The features of a word. Each kind of feature has a number, so that no two are taken for each other.
    pub(super) fn features(&self, at: usize) -> Vec<u64> {
        let (word, before, behind) = (self.word(at, 0), self.word(at, -1), self.word(at, 1));
        let shape = self.shape(at, 0);
        let rare = if self.rare[at] { "rare" } else { "common" };
        let parted = if at > 0 && !self.text.is_joined(at) {
            "parted"
        } else {
            "joined"
        };
        let mut features = vec![
            hash(1, &[]),
            hash(2, &[word]),
            hash(3, &[before]),
            hash(4, &[behind]),
            hash(5, &[self.word(at, -2)]),
            hash(6, &[self.word(at, 2)]),
            hash(7, &[before, word]),
            hash(8, &[word, behind]),
            hash(9, &[self.word(at, -2), before]),
            hash(10, &[behind, self.word(at, 2)]),
            hash(11, &[shape]),
            hash(12, &[self.shape(at, -1), shape]),
            hash(13, &[shape, self.shape(at, 1)]),
            hash(14, &[before, shape]),
            hash(15, &[behind, shape]),
            hash(16, &[rare]),
            hash(17, &[before, rare]),
            hash(18, &[rare, behind]),
            hash(19, &[parted]),
        ];
        self.push_affixes(word, &mut features);
        self.push_kinds(at, before, &mut features);
        features
    }

    fn push_affixes(&self, word: &str, features: &mut Vec<u64>) {
        let letters: Vec<(usize, char)> = word.char_indices().collect();
        for length in 2..=AFFIX_MAX.min(letters.len().saturating_sub(1)) {
            let (head, _) = letters[length];
            let (tail, _) = letters[letters.len() - length];
            features.push(hash(20, &[&word[..head]]));
            features.push(hash(21, &[&word[tail..]]));
        }
    }

    fn push_kinds(&self, at: usize, before: &str, features: &mut Vec<u64>) {
        for (number, away) in [(22, -1), (23, 0), (24, 1)] {
            let kinds = at
                .checked_add_signed(away)
                .and_then(|at| self.kinds.get(at));
            for kind in kinds.into_iter().flatten() {
                features.push(mix(hash(number, &[]), *kind));
            }
        }
        for kind in &self.kinds[at] {
            features.push(mix(hash(25, &[before]), *kind));
        }
    }
}

/// The hash of a word in [`super::Tagger::common`].
pub(super) fn word_hash(word: &str) -> u64 {
    hash(0, &[word])
}

/// A word as it is compared: one digit is like another.
pub(super) fn plain(word: &str) -> String {
    let one = |c: char| if c.is_ascii_digit() { '0' } else { c };
    word.chars().map(one).collect()
}

/// "Baker" is `Xx`, "IBM" `X`, "iPhone" `xXx`.
fn shape(word: &str) -> String {
    let mut shape = String::new();
    for c in word.chars() {
        let class = if c.is_uppercase() {
            'X'
        } else if c.is_alphabetic() {
            'x'
        } else {
            '-'
        };
        if !shape.ends_with(class) {
            shape.push(class);
        }
    }
    shape
}

/// FNV-1a over the number and the parts, in 64 bits.
fn hash(number: u8, parts: &[&str]) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    let mut sum = step(START, number);
    for part in parts {
        sum = part.bytes().fold(sum, step);
        sum = step(sum, 0xff);
    }
    sum
}

fn mix(a: u64, b: u64) -> u64 {
    b.to_le_bytes().into_iter().fold(a, step)
}

fn step(sum: u64, byte: u8) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    (sum ^ u64::from(byte)).wrapping_mul(PRIME)
}
