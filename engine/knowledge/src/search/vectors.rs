//! Vectors of texts that were encoded before: encoding is the slow part of reading articles.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use understand::{EncodeError, Encoder};

type Key = [u8; 32];

/// By what an encoder and a text hash to.
#[derive(Clone, Debug, Default)]
pub struct Vectors(BTreeMap<Key, Arc<Vec<f32>>>);

/// What kept vectors begin with; the number rises with the form.
const MAGIC: &[u8] = b"SBVEC1\n\0";
/// Numbers of a vector.
const DIMENSIONS_MAX: usize = 4_096;

/// Texts that are encoded at once.
const TEXTS_AT_ONCE: usize = 256;

impl Vectors {
    /// Encodes those that were not encoded before, together: that takes less time than one after the other.
    pub(super) fn learn(
        &mut self,
        encoder: &dyn Encoder,
        texts: &[&str],
    ) -> Result<(), EncodeError> {
        let new: BTreeMap<Key, &str> = texts
            .iter()
            .map(|text| (key(encoder, text), *text))
            .filter(|(key, _)| !self.0.contains_key(key))
            .collect();
        let new: Vec<(Key, &str)> = new.into_iter().collect();
        for piece in new.chunks(TEXTS_AT_ONCE) {
            let texts: Vec<&str> = piece.iter().map(|(_, text)| *text).collect();
            let vectors = encoder.encode(&texts)?;
            let keys = piece.iter().map(|(key, _)| *key);
            self.0.extend(keys.zip(vectors.into_iter().map(Arc::new)));
        }
        Ok(())
    }

    pub(super) fn of(
        &mut self,
        encoder: &dyn Encoder,
        text: &str,
    ) -> Result<Arc<Vec<f32>>, EncodeError> {
        let key = key(encoder, text);
        if let Some(known) = self
            .0
            .get(&key)
            .filter(|known| known.len() == encoder.dimensions())
        {
            return Ok(known.clone());
        }
        let vector = Arc::new(encoder.encode(&[text])?.pop().unwrap_or_default());
        self.0.insert(key, vector.clone());
        Ok(vector)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for (key, vector) in &self.0 {
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(&(vector.len() as u32).to_le_bytes());
            vector
                .iter()
                .for_each(|one| bytes.extend_from_slice(&one.to_le_bytes()));
        }
        bytes
    }

    /// What can be read of kept vectors: a file that was cut short loses its end.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut vectors = Self::default();
        let mut rest = bytes.strip_prefix(MAGIC).unwrap_or_default();
        while let Some((key, vector, after)) = one(rest) {
            vectors.0.insert(key, Arc::new(vector));
            rest = after;
        }
        vectors
    }
}

fn key(encoder: &dyn Encoder, text: &str) -> Key {
    Sha256::new()
        .chain_update(encoder.fingerprint())
        .chain_update([0])
        .chain_update(text)
        .finalize()
        .into()
}

fn one(bytes: &[u8]) -> Option<(Key, Vec<f32>, &[u8])> {
    let (key, rest) = bytes.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > DIMENSIONS_MAX || rest.len() < 4 * length {
        return None;
    }
    let (numbers, rest) = rest.split_at(4 * length);
    let (numbers, _) = numbers.as_chunks::<4>();
    let vector: Vec<f32> = numbers.iter().map(|one| f32::from_le_bytes(*one)).collect();
    vector
        .iter()
        .all(|one| one.is_finite())
        .then_some((*key, vector, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_vectors_come_back_as_far_as_they_were_kept() {
        let mut vectors = Vectors::default();
        vectors.0.insert([1; 32], Arc::new(vec![0.5, -1.0]));
        vectors.0.insert([2; 32], Arc::new(vec![0.25]));
        let bytes = vectors.to_bytes();
        assert_eq!(Vectors::from_bytes(&bytes).0, vectors.0);
        assert_eq!(Vectors::from_bytes(&bytes[..bytes.len() - 1]).0.len(), 1);
        assert!(Vectors::from_bytes(b"something else").0.is_empty());
    }
}
