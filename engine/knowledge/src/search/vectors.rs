//! Vectors of texts that were encoded before: encoding is the slow part of reading articles.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use understand::{EncodeError, Encoder, unit_mean};

use super::tokens::Tokens;

type Key = [u8; 32];

/// By what an encoder and a text hash to.
#[derive(Clone, Debug, Default)]
pub struct Vectors {
    wholes: BTreeMap<Key, Arc<Vec<f32>>>,
    tokens: BTreeMap<Key, Arc<Tokens>>,
}

/// What kept vectors begin with; the number rises with the form.
const MAGIC: &[u8] = b"SBVEC2\n\0";
/// Numbers of a vector.
const DIMENSIONS_MAX: usize = 4_096;
/// Tokens of a text.
const TOKENS_MAX: usize = 4_096;

/// Texts that are encoded at once.
const TEXTS_AT_ONCE: usize = 256;

impl Vectors {
    /// Encodes those that were not encoded before, together: that takes less time than one after the other.
    pub(super) fn learn(
        &mut self,
        encoder: &dyn Encoder,
        texts: &[&str],
    ) -> Result<(), EncodeError> {
        let new = new(encoder, texts, |key| self.wholes.contains_key(key));
        for piece in new.chunks(TEXTS_AT_ONCE) {
            let (keys, texts): (Vec<Key>, Vec<&str>) = piece.iter().copied().unzip();
            let vectors = encoder.encode(&texts)?.into_iter().map(Arc::new);
            self.wholes.extend(keys.into_iter().zip(vectors));
        }
        Ok(())
    }

    /// The same token by token, and as a whole, which the tokens give.
    pub(super) fn learn_tokens(
        &mut self,
        encoder: &dyn Encoder,
        texts: &[&str],
    ) -> Result<(), EncodeError> {
        let width = encoder.dimensions();
        let new = new(encoder, texts, |key| self.tokens.contains_key(key));
        for piece in new.chunks(TEXTS_AT_ONCE) {
            let texts: Vec<&str> = piece.iter().map(|(_, text)| *text).collect();
            for ((key, text), read) in piece.iter().zip(encoder.tokens(&texts)?) {
                let all = read.iter().map(|token| token.vector.as_slice());
                let whole = unit_mean(all, width);
                let whole = whole.ok_or_else(|| EncodeError(format!("`{text}` has no vector")))?;
                self.wholes.insert(*key, Arc::new(whole));
                self.tokens
                    .insert(*key, Arc::new(Tokens::new(&read, width)));
            }
        }
        Ok(())
    }

    /// A text's vector, which was learned before.
    pub(super) fn of(
        &self,
        encoder: &dyn Encoder,
        text: &str,
    ) -> Result<Arc<Vec<f32>>, EncodeError> {
        let known = self.wholes.get(&key(encoder, text));
        let known = known.filter(|known| known.len() == encoder.dimensions());
        known.cloned().ok_or_else(|| lost(text))
    }

    /// A text's tokens, which were learned before.
    pub(super) fn tokens_of(
        &self,
        encoder: &dyn Encoder,
        text: &str,
    ) -> Result<Arc<Tokens>, EncodeError> {
        let known = self.tokens.get(&key(encoder, text));
        let known = known.filter(|known| known.width == encoder.dimensions());
        known.cloned().ok_or_else(|| lost(text))
    }

    pub(crate) fn count(&self) -> usize {
        self.wholes.len()
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.wholes.extend(others.wholes);
        self.tokens.extend(others.tokens);
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for (key, vector) in &self.wholes {
            let none = Tokens::default();
            let tokens = self.tokens.get(key).map_or(&none, |tokens| &**tokens);
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(&(vector.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&(tokens.ids.len() as u32).to_le_bytes());
            let numbers = vector.iter().chain(&tokens.scales);
            numbers.for_each(|one| bytes.extend_from_slice(&one.to_le_bytes()));
            let ids = tokens.ids.iter();
            ids.for_each(|id| bytes.extend_from_slice(&id.to_le_bytes()));
            bytes.extend(tokens.numbers.iter().map(|one| one.cast_unsigned()));
        }
        bytes
    }

    /// What can be read of kept vectors: a file that was cut short loses its end.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut vectors = Self::default();
        let mut rest = bytes.strip_prefix(MAGIC).unwrap_or_default();
        while let Some((key, vector, tokens)) = one(&mut rest) {
            vectors.wholes.insert(key, Arc::new(vector));
            if !tokens.ids.is_empty() {
                vectors.tokens.insert(key, Arc::new(tokens));
            }
        }
        vectors
    }
}

/// Each text that is not known, once, in the order of the keys.
fn new<'a>(
    encoder: &dyn Encoder,
    texts: &[&'a str],
    is_known: impl Fn(&Key) -> bool,
) -> Vec<(Key, &'a str)> {
    let new: BTreeMap<Key, &str> = texts
        .iter()
        .map(|text| (key(encoder, text), *text))
        .filter(|(key, _)| !is_known(key))
        .collect();
    new.into_iter().collect()
}

fn lost(text: &str) -> EncodeError {
    EncodeError(format!("`{text}` was not encoded, or by another encoder"))
}

fn key(encoder: &dyn Encoder, text: &str) -> Key {
    Sha256::new()
        .chain_update(encoder.fingerprint())
        .chain_update([0])
        .chain_update(text)
        .finalize()
        .into()
}

fn one(rest: &mut &[u8]) -> Option<(Key, Vec<f32>, Tokens)> {
    let key = *take(rest, 32)?.first_chunk::<32>()?;
    let [width, count] = [word(rest)?, word(rest)?].map(|one| u32::from_le_bytes(one) as usize);
    if width > DIMENSIONS_MAX || count > TOKENS_MAX {
        return None;
    }
    let vector = floats(rest, width)?;
    let scales = floats(rest, count)?;
    let ids = words(rest, count)?.iter().map(|id| u32::from_le_bytes(*id));
    let tokens = Tokens {
        ids: ids.collect(),
        scales,
        width,
        numbers: take(rest, count * width)?
            .iter()
            .map(|one| one.cast_signed())
            .collect(),
    };
    Some((key, vector, tokens))
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}

fn word(rest: &mut &[u8]) -> Option<[u8; 4]> {
    words(rest, 1)?.first().copied()
}

fn words<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [[u8; 4]]> {
    Some(take(rest, 4 * count)?.as_chunks::<4>().0)
}

fn floats(rest: &mut &[u8], count: usize) -> Option<Vec<f32>> {
    let numbers = words(rest, count)?.iter();
    let numbers: Vec<f32> = numbers.map(|one| f32::from_le_bytes(*one)).collect();
    numbers.iter().all(|one| one.is_finite()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use understand::Token;

    #[test]
    fn kept_vectors_come_back_as_far_as_they_were_kept() {
        let mut vectors = Vectors::default();
        vectors.wholes.insert([1; 32], Arc::new(vec![0.5, -1.0]));
        vectors.wholes.insert([2; 32], Arc::new(vec![0.25, 0.5]));
        let token = |id, vector: [f32; 2]| Token {
            id,
            vector: vector.to_vec(),
        };
        let tokens = Tokens::new(&[token(5, [3.0, -4.0]), token(8, [0.1, 0.0])], 2);
        vectors.tokens.insert([2; 32], Arc::new(tokens));
        let bytes = vectors.to_bytes();
        let back = Vectors::from_bytes(&bytes);
        assert_eq!(
            (&back.wholes, &back.tokens),
            (&vectors.wholes, &vectors.tokens)
        );
        for cut in 1..bytes.len() - MAGIC.len() {
            let back = Vectors::from_bytes(&bytes[..bytes.len() - cut]);
            assert!(back.wholes.len() < 2 && back.tokens.is_empty());
        }
        assert!(Vectors::from_bytes(b"something else").wholes.is_empty());
    }
}
