//! A trained model: the one thing that `author`, `runtime` and `server` hold.

use std::fmt;
use std::sync::Arc;

use dialog::{Locale, Understanding};

use crate::bytes::{self, ModelError};
use crate::choice;
use crate::classifier::{Classification, Classifier, Tiers};
use crate::cue::{self, Cues};
use crate::deep::Deep;
use crate::encoder::Encoder;
use crate::entity::Extractor;
use crate::entity::language::tag;
use crate::entity::text::Text;
use crate::language::Languages;
use crate::part::split;
use crate::reading::Reading;
use crate::train::Progress;
use crate::trainer::Trainer;
use crate::training::TrainingData;

/// What a bot understands. Immutable; share it behind an `Arc`.
#[derive(Clone)]
pub struct Model {
    pub(crate) hash: String,
    pub(crate) classifier: Classifier,
    /// What the extractor is made of; kept with the model.
    pub(crate) entity_data: TrainingData,
    pub(crate) extractor: Extractor,
    /// There when the bot has several languages.
    pub(crate) languages: Option<Languages>,
    /// The fingerprint of the encoder that it was trained with, if any.
    pub(crate) trained_with: Option<String>,
    /// There exactly when it helps.
    encoder: Option<Arc<dyn Encoder>>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Model({})", self.hash)
    }
}

impl Model {
    /// Trains a model on exactly this data. The same data gives the same bytes on a given kind of machine, whatever the
    /// number of threads.
    pub fn train(data: &TrainingData, progress: &mut dyn FnMut(Progress)) -> Model {
        let model = Trainer::sparse().train(data, progress);
        model.expect("only an encoder can fail")
    }

    pub(crate) fn new(
        classifier: Classifier,
        entity_data: TrainingData,
        extractor: Extractor,
        hash: String,
        encoder: Option<Arc<dyn Encoder>>,
    ) -> Self {
        let trained_with = encoder.as_ref().map(|one| one.fingerprint().to_owned());
        let encoder = encoder.filter(|_| classifier.deep.is_some());
        Self {
            hash,
            trained_with,
            classifier,
            entity_data,
            extractor,
            encoder,
            languages: None,
        }
    }

    pub(crate) fn with_languages(self, languages: Option<Languages>) -> Self {
        Self { languages, ..self }
    }

    /// Which of the bot's languages a text is clearly in; none when it has only one, or the text is too short, mixed, or in
    /// none of them.
    pub fn language(&self, text: &str) -> Option<&Locale> {
        self.languages.as_ref()?.find(text)
    }

    /// The model to be kept, for [`Model::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::write(self)
    }

    /// A model that was kept, trained without an encoder.
    ///
    /// # Errors
    /// When the bytes are something else, of another version of the engine, cut short or changed, or need an encoder.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        bytes::read(bytes, None)
    }

    /// A model that was kept, with the encoder that it was trained with.
    ///
    /// # Errors
    /// The same, and when it was trained with another encoder or without any.
    pub fn from_bytes_with(bytes: &[u8], encoder: Arc<dyn Encoder>) -> Result<Model, ModelError> {
        bytes::read(bytes, Some(encoder))
    }

    /// The encoder that it reads texts with; none also when it was trained with one that does not help with its examples.
    pub fn encoder(&self) -> Option<&dyn Encoder> {
        self.encoder.as_deref()
    }

    /// Whether the encoder helps in this locale's language: held-out messages said so.
    pub fn reads(&self, locale: &Locale) -> bool {
        let language = tag(locale);
        let deep = self.classifier.deep.as_ref();
        deep.is_some_and(|deep| deep.languages.contains(&language))
    }

    /// [`crate::Trainer::hash`] of what it was trained on: the name to keep it under.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The intents it knows, ordered by name.
    pub fn intents(&self) -> &[String] {
        &self.classifier.intents
    }

    /// Ranks a text's intents, without looking at the conversation.
    pub fn classify(&self, text: &str) -> Classification {
        self.tiers(text).classify(text)
    }

    /// With the encoder, unless the text is clearly in a language in which that does not help.
    fn tiers(&self, text: &str) -> Tiers<'_> {
        let helps = |deep: &Deep| {
            let language = self.language(text).map(tag);
            language.is_none_or(|language| deep.languages.contains(&language))
        };
        let deep = self.classifier.deep.as_ref().filter(|deep| helps(deep));
        Tiers {
            classifier: &self.classifier,
            encoder: self.encoder().filter(|_| deep.is_some()),
        }
    }

    /// All that a message says, read against what the conversation waits for.
    pub fn understand(&self, text: &str, reading: &Reading) -> Understanding {
        let tiers = self.tiers(text);
        let whole = tiers.classify(text);
        let parts = split(
            tiers,
            &Text::new(text),
            &whole,
            Cues::of(reading.locale),
            reading.bands,
        );
        let (entities, words) = self.extractor.extract(text, reading);
        let read = cue::words(text);
        Understanding {
            model: self.hash.clone(),
            locale: None,
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
