//! Which n-grams a model knows, how much each tells, and a message as a vector over them (TF-IDF).

use crate::feature::Gram;
use crate::maths::ln;

/// The n-grams that were seen in training, each a column of the model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vocabulary {
    /// Hashes of the columns' n-grams; the most frequent column is the first, so that what is used often lies together.
    grams: Vec<Gram>,
    /// The columns' inverse document frequencies.
    idf: Vec<f32>,
    /// That of an n-gram which was never seen.
    idf_unseen: f32,
    /// Open addressing: a column + 1, or 0 for a free place. A power of two, at most half full.
    places: Vec<u32>,
}

/// Entries of a message's vector: columns and values, in the order of the n-grams' hashes.
pub(crate) type SparseVector = Vec<(u32, f32)>;

impl Vocabulary {
    /// The columns of these messages.
    pub(crate) fn of<'a>(messages: impl Iterator<Item = &'a [(Gram, u16)]>) -> Self {
        let mut all = Vec::new();
        let mut count = 0_u32;
        for message in messages {
            count += 1;
            all.extend(message.iter().map(|(gram, _)| *gram));
        }
        all.sort_unstable();
        let mut columns: Vec<(Gram, u32)> = all
            .chunk_by(|a, b| a == b)
            .map(|same| (same[0], same.len() as u32))
            .collect();
        columns.sort_by_key(|(gram, messages)| (std::cmp::Reverse(*messages), *gram));
        let idf = |messages: u32| rarity(count, messages);
        Self::new(
            columns.iter().map(|(gram, _)| *gram).collect(),
            columns.iter().map(|(_, messages)| idf(*messages)).collect(),
            idf(0),
        )
    }

    /// From its parts; grams and idf have the same length.
    pub(crate) fn new(grams: Vec<Gram>, idf: Vec<f32>, idf_unseen: f32) -> Self {
        let mut places = vec![0; (grams.len() * 2).next_power_of_two().max(2)];
        for (column, gram) in grams.iter().enumerate() {
            let mut place = gram.0 as usize & (places.len() - 1);
            while places[place] != 0 {
                place = (place + 1) & (places.len() - 1);
            }
            places[place] = column as u32 + 1;
        }
        Self {
            grams,
            idf,
            idf_unseen,
            places,
        }
    }

    /// How many columns.
    pub(crate) fn len(&self) -> usize {
        self.grams.len()
    }

    /// The columns' n-grams, their idf, and the idf of an unseen one: what [`Vocabulary::new`] takes.
    pub(crate) fn parts(&self) -> (&[Gram], &[f32], f32) {
        (&self.grams, &self.idf, self.idf_unseen)
    }

    /// The message's vector: words and runs of characters each of length 1 (their weights apart), n-grams that were never
    /// seen counted in the length, so that a message of unknown words is a short vector.
    pub(crate) fn vector(&self, message: &[(Gram, u16)]) -> SparseVector {
        let mut squares = [0.0_f32; 2];
        let mut entries = Vec::with_capacity(message.len());
        for (gram, times) in message {
            let column = self.column(*gram);
            let idf = column.map_or(self.idf_unseen, |column| self.idf[column as usize]);
            let value = sublinear(*times) * idf;
            squares[usize::from(gram.is_run())] += value * value;
            entries.extend(column.map(|column| (column, gram.is_run(), value)));
        }
        let scale = [WORD_WEIGHT, RUN_WEIGHT];
        let factor = [0, 1].map(|kind| scale[kind] / squares[kind].sqrt().max(f32::MIN_POSITIVE));
        entries
            .into_iter()
            .map(|(column, run, value)| (column, value * factor[usize::from(run)]))
            .collect()
    }

    fn column(&self, gram: Gram) -> Option<u32> {
        let mut place = gram.0 as usize & (self.places.len() - 1);
        loop {
            let column = self.places[place].checked_sub(1)?;
            if self.grams[column as usize] == gram {
                return Some(column);
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }
}

/// The lengths of the two halves of a message's vector.
const WORD_WEIGHT: f32 = 0.7;
const RUN_WEIGHT: f32 = 0.714;

/// How far rare n-grams count more than frequent ones: 1 is the usual inverse document frequency, 0 none. Chosen, with
/// [`crate::feature`]'s runs and the penalty of training, by cross-validation on the training data of BANKING77 and
/// CLINC150, all of it and ten examples an intent: better than 1 on all four.
const RARITY: f64 = 0.6;

/// The inverse document frequency of an n-gram that stands in so many of `count` messages, softened.
fn rarity(count: u32, messages: u32) -> f32 {
    libm::pow(
        ln(f64::from(1 + count) / f64::from(1 + messages)) + 1.0,
        RARITY,
    ) as f32
}

/// `1 + ln(times)`: the tenth "card" of a message tells less than the first.
fn sublinear(times: u16) -> f32 {
    match times {
        1 => 1.0,
        times => 1.0 + ln(f64::from(times)) as f32,
    }
}
