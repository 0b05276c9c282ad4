//! What a model is trained on, as plain data: the author fills it from the bot's files, `eval` from JSON lines.
//!
//! Nothing here reads files or knows where an example came from.

use dialog::Locale;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Raised whenever training gives another model from the same data, so that a cached model of an older build is not taken.
const TRAINING_VERSION: u32 = 7;

/// Everything that decides what a model understands. [`crate::Model::train`] adds nothing of its own: see
/// [`TrainingData::with_built_in`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingData {
    /// The bot's languages, the default first.
    pub locales: Vec<Locale>,
    /// Examples; an intent may stand here several times (per locale and file).
    pub intents: Vec<IntentExamples>,
    /// The author's entities.
    pub entities: Vec<EntityDefinition>,
}

/// Examples of one intent in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntentExamples {
    /// The intent's name.
    pub intent: String,
    /// Their language.
    pub locale: Locale,
    /// What customers write.
    pub examples: Vec<Example>,
}

/// A message as a customer would write it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The text, without the marks of annotations.
    pub text: String,
    /// Which parts of it are values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
}

/// A part of an example that names an entity's value: `[visa](card_type)`, `[my plastic](card_type=debit)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// The first byte in [`Example::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The entity's name.
    pub entity: String,
    /// The value that it names; none = the words themselves decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An entity of the author's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntityDefinition {
    /// Its name.
    pub name: String,
    /// How it is found.
    pub kind: EntityKind,
    /// How many letters a phrase may differ in and still be taken; 0 = none.
    #[serde(default)]
    pub fuzzy: u8,
}

/// How an entity is found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// By the phrases that name its values.
    Values(Vec<ValueDefinition>),
    /// By a regular expression.
    Pattern(String),
    /// By what examples mark as it, where no list can name all values ("[Baker Street](street)").
    Learned,
    /// As another entity's value that stands behind a cue ("from Rome"), or where examples mark it.
    Role {
        /// The other entity, or a built-in kind.
        of: String,
        /// Words that stand before it; without a locale they count in every language.
        cue: Vec<(Option<Locale>, String)>,
    },
}

/// A value and what people call it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueDefinition {
    /// What the flow sees.
    pub key: String,
    /// Words for it, beside the key itself; without a locale they count in every language.
    pub phrases: Vec<(Option<Locale>, String)>,
}

impl TrainingData {
    /// The same with the built-in intents (`affirm`, `deny` …) of its languages. Examples that the data has for one of
    /// them already stay beside the built-in ones.
    pub fn with_built_in(mut self) -> Self {
        let built_in: Vec<_> = self
            .locales
            .iter()
            .flat_map(crate::built_in_examples)
            .collect();
        self.intents.extend(built_in);
        self
    }

    /// Only what entities are found by: the definitions, and examples with annotations.
    pub(crate) fn for_entities(&self) -> Self {
        let annotated = |of: &IntentExamples| {
            let examples = of
                .examples
                .iter()
                .filter(|example| !example.annotations.is_empty());
            IntentExamples {
                examples: examples.cloned().collect(),
                ..of.clone()
            }
        };
        let intents = self
            .intents
            .iter()
            .map(annotated)
            .filter(|of| !of.examples.is_empty());
        Self {
            locales: self.locales.clone(),
            intents: intents.collect(),
            entities: self.entities.clone(),
        }
    }

    /// A name for exactly this data and this way to train: 64 hexadecimal digits. A model with the same
    /// [`crate::Model::hash`] need not be trained again.
    pub fn content_hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(TRAINING_VERSION.to_le_bytes());
        hasher
            .update(serde_json::to_vec(self).expect("plain data with text keys always serialises"));
        hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl From<&str> for Example {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            annotations: Vec::new(),
        }
    }
}
