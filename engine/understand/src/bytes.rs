//! A model as bytes, to be kept beside the bot: a header that names the format, and a checksum over everything.

use std::str;

use sha2::{Digest, Sha256};

use crate::calibration::{Calibration, Temperature};
use crate::classifier::Classifier;
use crate::curve::Curve;
use crate::feature::Gram;
use crate::model::Model;
use crate::training::TrainingData;
use crate::vocabulary::Vocabulary;
use crate::weights::Weights;

/// The first bytes of every model.
const MAGIC: &[u8; 8] = b"SWBMODEL";

/// Raised with every change of the bytes' order.
const VERSION: u32 = 2;

/// The length of the checksum at the end.
const CHECKSUM: usize = 32;

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Something else altogether.
    #[error("these bytes are no model of this engine; train the bot to make one")]
    Foreign,
    /// Of another build.
    #[error(
        "the model has format {found}, this engine reads format {VERSION}; train the bot again"
    )]
    Version {
        /// Its format.
        found: u32,
    },
    /// Cut short, or changed on the way.
    #[error(
        "the model is damaged: its checksum does not fit its content, perhaps it was cut short; train the bot again"
    )]
    Damaged,
}

/// Writes a model.
pub(crate) fn write(model: &Model) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    out.0.extend_from_slice(MAGIC);
    out.number(VERSION);
    out.text(&model.hash);
    out.text(
        &serde_json::to_string(&model.entity_data)
            .expect("plain data with text keys always serialises"),
    );
    out.number(model.classifier.intents.len() as u32);
    model
        .classifier
        .intents
        .iter()
        .for_each(|intent| out.text(intent));
    let (grams, idf, idf_unseen) = model.classifier.vocabulary.parts();
    out.list(grams.iter().map(|gram| gram.0.to_le_bytes()));
    out.list(idf.iter().map(|idf| idf.to_le_bytes()));
    out.0.extend(idf_unseen.to_le_bytes());
    let (scales, bytes) = model.classifier.weights.parts();
    out.list(scales.iter().map(|scale| scale.to_le_bytes()));
    out.list(bytes.iter().map(|byte| byte.to_le_bytes()));
    let calibration = model.classifier.calibration;
    out.0.extend(calibration.temperature.0.to_le_bytes());
    out.curve(calibration.sureness);
    out.curve(calibration.scope);
    let checksum = Sha256::digest(&out.0);
    out.0.extend(checksum);
    out.0
}

/// Reads what [`write`] wrote.
pub(crate) fn read(bytes: &[u8]) -> Result<Model, ModelError> {
    let rest = bytes
        .strip_prefix(MAGIC.as_slice())
        .ok_or(ModelError::Foreign)?;
    let mut input = Reader(rest);
    let found = input.number().ok_or(ModelError::Damaged)?;
    if found != VERSION {
        return Err(ModelError::Version { found });
    }
    let content = bytes
        .len()
        .checked_sub(CHECKSUM)
        .ok_or(ModelError::Damaged)?;
    if Sha256::digest(&bytes[..content]).as_slice() != &bytes[content..] {
        return Err(ModelError::Damaged);
    }
    input.model().ok_or(ModelError::Damaged)
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.list(text.bytes().map(|byte| [byte]));
    }

    fn curve(&mut self, curve: Curve) {
        self.0.extend(curve.slope.to_le_bytes());
        self.0.extend(curve.offset.to_le_bytes());
    }

    /// The number of items, then each.
    fn list<const N: usize>(&mut self, items: impl ExactSizeIterator<Item = [u8; N]>) {
        self.number(items.len() as u32);
        items.for_each(|item| self.0.extend(item));
    }
}

/// What is still to be read. Every method gives none when there is too little of it.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn model(&mut self) -> Option<Model> {
        let hash = self.text()?;
        let entity_data: TrainingData = serde_json::from_str(&self.text()?).ok()?;
        let count = self.number()? as usize;
        let intents = (0..count)
            .map(|_| self.text())
            .collect::<Option<Vec<_>>>()?;
        let grams: Vec<Gram> = self.list(|item| Gram(u32::from_le_bytes(item)))?;
        let idf = self.list(f32::from_le_bytes)?;
        let idf_unseen = f32::from_le_bytes(self.take()?);
        let weights = Weights::new(
            count,
            self.list(f32::from_le_bytes)?,
            self.list(i8::from_le_bytes)?,
        )?;
        if grams.len() != idf.len() || grams.len() != weights.parts().0.len() {
            return None;
        }
        let temperature = Temperature(f32::from_le_bytes(self.take()?));
        let vocabulary = Vocabulary::new(grams, idf, idf_unseen);
        let calibration = Calibration {
            temperature,
            sureness: self.curve()?,
            scope: self.curve()?,
        };
        Some(Model::new(
            Classifier {
                intents,
                vocabulary,
                weights,
                calibration,
            },
            entity_data,
            hash,
        ))
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn curve(&mut self) -> Option<Curve> {
        let (slope, offset) = (
            f64::from_le_bytes(self.take()?),
            f64::from_le_bytes(self.take()?),
        );
        Some(Curve { slope, offset })
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn list<const N: usize, T>(&mut self, read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let length = self.number()? as usize * N;
        let (items, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        let items = items
            .chunks_exact(N)
            .map(|item| read(item.try_into().expect("chunks have the length asked for")));
        Some(items.collect())
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(text).ok().map(str::to_owned)
    }
}
