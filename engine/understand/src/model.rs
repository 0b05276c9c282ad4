//! A trained model: the one thing that `author`, `runtime` and `server` hold.

use dialog::Understanding;

use crate::bytes::{self, ModelError};
use crate::choice;
use crate::classifier::{Classification, Classifier};
use crate::cue::{self, Cues};
use crate::entity::Extractor;
use crate::entity::text::Text;
use crate::part::split;
use crate::reading::Reading;
use crate::train::{Progress, train};
use crate::training::TrainingData;

/// What a bot understands. Immutable; share it behind an `Arc`.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) hash: String,
    pub(crate) classifier: Classifier,
    /// What the extractor is made of; kept with the model.
    pub(crate) entity_data: TrainingData,
    extractor: Extractor,
}

impl Model {
    /// Trains a model on exactly this data. The same data gives the same bytes on a given kind of machine, whatever the
    /// number of threads.
    pub fn train(data: &TrainingData, progress: &mut dyn FnMut(Progress)) -> Model {
        let classifier = train(&data.intents, progress);
        Self::new(classifier, data.for_entities(), data.content_hash())
    }

    pub(crate) fn new(classifier: Classifier, entity_data: TrainingData, hash: String) -> Self {
        let extractor = Extractor::new(&entity_data);
        Self {
            hash,
            classifier,
            entity_data,
            extractor,
        }
    }

    /// The model to be kept, for [`Model::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::write(self)
    }

    /// A model that was kept.
    ///
    /// # Errors
    /// When the bytes are something else, of another version of the engine, cut short or changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        bytes::read(bytes)
    }

    /// [`TrainingData::content_hash`] of what it was trained on: the name to keep it under.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The intents it knows, ordered by name.
    pub fn intents(&self) -> &[String] {
        &self.classifier.intents
    }

    /// Ranks a text's intents, without looking at the conversation.
    pub fn classify(&self, text: &str) -> Classification {
        self.classifier.classify(text)
    }

    /// All that a message says, read against what the conversation waits for.
    pub fn understand(&self, text: &str, reading: &Reading) -> Understanding {
        let whole = self.classify(text);
        let parts = split(
            &self.classifier,
            &Text::new(text),
            &whole,
            Cues::of(reading.locale),
            reading.bands,
        );
        let (entities, words) = self.extractor.extract(text, reading);
        let read = cue::words(text);
        Understanding {
            model: self.hash.clone(),
            intents: whole.intents,
            in_scope: whole.in_scope,
            parts,
            entities,
            words,
            negation: cue::is_negated(&read, reading.locale),
            correction: cue::is_correction(&read, reading.locale),
            choices: choice::named(text, &reading.expected.choices, reading.locale),
        }
    }
}
