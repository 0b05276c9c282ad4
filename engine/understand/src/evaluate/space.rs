//! Texts as vectors of length 1, to say how near one is to another: by the encoder where there is one, else by n-grams.

use crate::encoder::EncodeError;
use crate::feature::{Gram, grams};
use crate::trainer::Trainer;
use crate::vocabulary::{SparseVector, Vocabulary};

/// A text's vector.
#[derive(Clone, Debug)]
pub(crate) enum Row {
    /// Over n-grams, ordered by column.
    Grams(SparseVector),
    /// An encoder's.
    Encoded(Vec<f32>),
}

impl Row {
    /// The cosine to another row of the same kind.
    pub(crate) fn cosine(&self, other: &Row) -> f32 {
        match (self, other) {
            (Row::Grams(a), Row::Grams(b)) => product(a, b),
            (Row::Encoded(a), Row::Encoded(b)) => a.iter().zip(b).map(|(a, b)| a * b).sum(),
            _ => 0.0,
        }
    }
}

/// How texts become rows.
pub(crate) struct Space<'a> {
    trainer: &'a mut Trainer,
    vocabulary: Vocabulary,
}

impl<'a> Space<'a> {
    /// With the vocabulary of these texts.
    pub(crate) fn of<'t>(trainer: &'a mut Trainer, texts: impl Iterator<Item = &'t str>) -> Self {
        let all: Vec<Vec<(Gram, u16)>> = texts.map(grams).collect();
        Self {
            trainer,
            vocabulary: Vocabulary::of(all.iter().map(Vec::as_slice)),
        }
    }

    /// The texts' rows.
    ///
    /// # Errors
    /// When the encoder can't be run.
    pub(crate) fn rows(&mut self, texts: &[&str]) -> Result<Vec<Row>, EncodeError> {
        if let Some(vectors) = self.trainer.encode(texts, &mut |_, _| ())? {
            return Ok(vectors.into_iter().map(Row::Encoded).collect());
        }
        Ok(texts
            .iter()
            .map(|text| Row::Grams(self.by_column(text)))
            .collect())
    }

    /// A text's n-grams, ordered by column.
    fn by_column(&self, text: &str) -> SparseVector {
        by_column(&self.vocabulary, &grams(text))
    }
}

/// A message's vector ordered by column: the most frequent n-grams first.
pub(crate) fn by_column(vocabulary: &Vocabulary, message: &[(Gram, u16)]) -> SparseVector {
    let mut vector = vocabulary.vector(message);
    vector.sort_unstable_by_key(|(column, _)| *column);
    vector
}

/// Of two vectors that are ordered by column.
pub(crate) fn product(a: &SparseVector, b: &SparseVector) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while let (Some((column, x)), Some((other, y))) = (a.get(i), b.get(j)) {
        if column == other {
            sum += x * y;
        }
        i += usize::from(column <= other);
        j += usize::from(other <= column);
    }
    sum
}
