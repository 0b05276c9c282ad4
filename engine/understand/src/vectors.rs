//! Vectors of texts, kept by what the text is: training a second time encodes only what is new.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::encoder::{EncodeError, Encoder};
use crate::normalise::normalise;
use crate::parallel;

/// The first bytes of kept vectors; the last one is raised with every change of their order.
const MAGIC: &[u8; 8] = b"SWBVECT\x01";

/// Texts that one thread encodes between two reports of progress.
const TEXTS_A_PIECE: usize = 16;

/// Pieces between two reports of progress.
const PIECES_A_ROUND: usize = 8;

/// A text by the beginning of its hash: among ten thousand texts two alike would be a wonder.
type Key = [u8; 16];

/// Vectors of one encoder.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Vectors {
    known: BTreeMap<Key, Vec<f32>>,
    /// Those that were asked for since this was made: only they are kept.
    used: BTreeSet<Key>,
}

impl Vectors {
    /// What [`Vectors::to_bytes`] wrote for the same encoder; empty for anything else: they can be computed again.
    pub(crate) fn from_bytes(bytes: &[u8], encoder: &dyn Encoder) -> Self {
        Self {
            known: read(bytes, encoder).unwrap_or_default(),
            used: BTreeSet::new(),
        }
    }

    /// The vectors that were asked for, to be kept.
    pub(crate) fn to_bytes(&self, encoder: &dyn Encoder) -> Vec<u8> {
        let mut out = head(encoder);
        for (key, vector) in self
            .known
            .iter()
            .filter(|(key, _)| self.used.contains(*key))
        {
            out.extend(key);
            vector.iter().for_each(|x| out.extend(x.to_le_bytes()));
        }
        let checksum = Sha256::digest(&out);
        out.extend(checksum);
        out
    }

    /// The texts' vectors. `progress` is told how many of how many new texts are encoded.
    ///
    /// # Errors
    /// When the encoder can't be run.
    pub(crate) fn of(
        &mut self,
        encoder: &dyn Encoder,
        texts: &[&str],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Vec<f32>>, EncodeError> {
        let texts: Vec<String> = texts.iter().map(|text| normalise(text)).collect();
        let keys: Vec<Key> = texts.iter().map(|text| key(text)).collect();
        let new: BTreeMap<Key, &str> = keys
            .iter()
            .zip(&texts)
            .filter(|(key, _)| !self.known.contains_key(*key))
            .map(|(key, text)| (*key, text.as_str()))
            .collect();
        self.encode(encoder, &new, progress)?;
        self.used.extend(&keys);
        Ok(keys.iter().map(|key| self.known[key].clone()).collect())
    }

    fn encode(
        &mut self,
        encoder: &dyn Encoder,
        new: &BTreeMap<Key, &str>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), EncodeError> {
        let (keys, texts): (Vec<Key>, Vec<&str>) = new.iter().unzip();
        let mut done = 0;
        for (keys, texts) in keys
            .chunks(TEXTS_A_PIECE * PIECES_A_ROUND)
            .zip(texts.chunks(TEXTS_A_PIECE * PIECES_A_ROUND))
        {
            let mut pieces: Vec<&[&str]> = texts.chunks(TEXTS_A_PIECE).collect();
            let mut threads = vec![(); parallel::threads()];
            let vectors = parallel::each(&mut pieces, &mut threads, |_, piece, _| {
                encoder.encode(piece)
            });
            for (keys, vectors) in keys.chunks(TEXTS_A_PIECE).zip(vectors) {
                self.known.extend(keys.iter().copied().zip(vectors?));
            }
            done += texts.len();
            progress(done, new.len());
        }
        Ok(())
    }
}

fn key(text: &str) -> Key {
    let hash = Sha256::digest(text);
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

/// What every file of this encoder's vectors begins with.
fn head(encoder: &dyn Encoder) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(Sha256::digest(encoder.fingerprint()));
    head
}

fn read(bytes: &[u8], encoder: &dyn Encoder) -> Option<BTreeMap<Key, Vec<f32>>> {
    let (content, checksum) = bytes.split_last_chunk::<32>()?;
    let entries = content.strip_prefix(head(encoder).as_slice())?;
    if Sha256::digest(content).as_slice() != checksum {
        return None;
    }
    let entry = |entry: &[u8]| {
        let (key, vector) = entry.split_first_chunk::<16>()?;
        let number = |bytes: &[u8]| Some(f32::from_le_bytes(bytes.try_into().ok()?));
        let vector = vector.chunks(4).map(number).collect::<Option<Vec<f32>>>()?;
        Some((*key, vector))
    };
    entries
        .chunks(16 + 4 * encoder.dimensions())
        .map(entry)
        .collect()
}
