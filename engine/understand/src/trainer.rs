//! Training with or without an encoder: what is the same for a bot's data whatever reads its texts.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::encoder::{EncodeError, Encoder};
use crate::entity::Extractor;
use crate::language::Languages;
use crate::model::Model;
use crate::train::{Encoding, Progress, train};
use crate::training::TrainingData;
use crate::vectors::Vectors;

/// Trains models, one after the other; texts that were encoded once are not encoded again.
#[derive(Clone, Default)]
pub struct Trainer(Option<(Arc<dyn Encoder>, Vectors)>);

impl Trainer {
    /// One that needs no encoder.
    pub fn sparse() -> Self {
        Self(None)
    }

    /// One that uses an encoder. `vectors` is what [`Trainer::vectors`] gave before; anything else counts as nothing.
    pub fn with(encoder: Arc<dyn Encoder>, vectors: &[u8]) -> Self {
        let vectors = Vectors::from_bytes(vectors, encoder.as_ref());
        Self(Some((encoder, vectors)))
    }

    /// The encoder.
    pub fn encoder(&self) -> Option<&Arc<dyn Encoder>> {
        self.0.as_ref().map(|(encoder, _)| encoder)
    }

    /// The vectors of the texts that were trained on, to be kept; none without an encoder.
    pub fn vectors(&self) -> Option<Vec<u8>> {
        self.0
            .as_ref()
            .map(|(encoder, vectors)| vectors.to_bytes(encoder.as_ref()))
    }

    /// The texts' vectors, of length 1; none without an encoder. `progress` is told how many of how many new ones are there.
    ///
    /// # Errors
    /// When the encoder can't be run.
    pub(crate) fn encode(
        &mut self,
        texts: &[&str],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<Vec<Vec<f32>>>, EncodeError> {
        let Some((encoder, vectors)) = &mut self.0 else {
            return Ok(None);
        };
        vectors.of(encoder.as_ref(), texts, progress).map(Some)
    }

    /// A name for exactly this data, this way to train, and this encoder.
    pub fn hash(&self, data: &TrainingData) -> String {
        let content = data.content_hash();
        let Some(encoder) = self.encoder() else {
            return content;
        };
        let mut hasher = Sha256::new();
        hasher.update(content);
        hasher.update(encoder.fingerprint());
        hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Trains a model. The same data gives the same bytes on a given kind of machine, whatever the number of threads and
    /// whichever vectors were known before.
    ///
    /// # Errors
    /// When the encoder can't be run.
    pub fn train(
        &mut self,
        data: &TrainingData,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Model, EncodeError> {
        let hash = self.hash(data);
        let encoding = self.0.as_mut().map(|(encoder, vectors)| Encoding {
            encoder: &**encoder,
            vectors,
        });
        let classifier = train(&data.intents, encoding, progress)?;
        let encoder = self.encoder().cloned();
        let (entities, extractor) = (data.for_entities(), Extractor::train(data));
        let model = Model::new(classifier, entities, extractor, hash, encoder);
        Ok(model.with_languages(Languages::train(data)))
    }
}
