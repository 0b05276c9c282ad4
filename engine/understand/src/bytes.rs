//! A model as bytes, to be kept beside the bot: a header that names the format, and a checksum over everything.

use std::str;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::calibration::{Calibration, Temperature, Usual};
use crate::classifier::Classifier;
use crate::curve::Curve;
use crate::deep::{Blend, Deep};
use crate::encoder::Encoder;
use crate::entity::Extractor;
use crate::feature::Gram;
use crate::language::Languages;
use crate::model::Model;
use crate::neighbour::Neighbours;
use crate::tag::{Learned, Tagger, Transitions};
use crate::training::TrainingData;
use crate::vocabulary::Vocabulary;
use crate::weights::Weights;

/// The first bytes of every model.
const MAGIC: &[u8; 8] = b"SWBMODEL";

/// Raised with every change of the bytes' order.
const VERSION: u32 = 5;

/// In place of an encoder's fingerprint.
const NO_ENCODER: &str = "no encoder";

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
    /// Trained with another encoder than the one given, or without any.
    #[error("the model was trained with {needed}, not with {given}; train the bot again")]
    Encoder {
        /// The encoder it was trained with.
        needed: String,
        /// The one given.
        given: String,
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
    out.text(model.trained_with.as_deref().unwrap_or(NO_ENCODER));
    out.text(&model.hash);
    out.text(
        &serde_json::to_string(&model.entity_data)
            .expect("plain data with text keys always serialises"),
    );
    out.tagger(model.extractor.tagger());
    out.languages(model.languages.as_ref());
    out.number(model.classifier.intents.len() as u32);
    model
        .classifier
        .intents
        .iter()
        .for_each(|intent| out.text(intent));
    let (grams, idf, idf_unseen) = model.classifier.vocabulary.parts();
    out.list(grams.iter().map(|gram| gram.0.to_le_bytes()));
    out.floats(idf);
    out.0.extend(idf_unseen.to_le_bytes());
    out.weights(&model.classifier.weights);
    out.calibration(&model.classifier.calibration);
    out.number(u32::from(model.classifier.deep.is_some()));
    if let Some(deep) = &model.classifier.deep {
        out.deep(deep);
    }
    let checksum = Sha256::digest(&out.0);
    out.0.extend(checksum);
    out.0
}

/// Reads what [`write`] wrote, for use with this encoder.
pub(crate) fn read(bytes: &[u8], encoder: Option<Arc<dyn Encoder>>) -> Result<Model, ModelError> {
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
    let needed = input.text().ok_or(ModelError::Damaged)?;
    let given = encoder
        .as_ref()
        .map_or(NO_ENCODER, |one| one.fingerprint())
        .to_owned();
    if needed != given {
        return Err(ModelError::Encoder { needed, given });
    }
    input.model(encoder).ok_or(ModelError::Damaged)
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

    fn floats(&mut self, numbers: &[f32]) {
        self.list(numbers.iter().map(|number| number.to_le_bytes()));
    }

    fn weights(&mut self, weights: &Weights) {
        let (scales, bytes) = weights.parts();
        self.floats(scales);
        self.list(bytes.iter().map(|byte| byte.to_le_bytes()));
    }

    fn calibration(&mut self, calibration: &Calibration) {
        self.0.extend(calibration.temperature.0.to_le_bytes());
        self.curve(calibration.sureness);
        self.curve(calibration.scope);
        self.list(
            calibration
                .usual
                .iter()
                .map(|usual| usual.mean.to_le_bytes()),
        );
        self.list(
            calibration
                .usual
                .iter()
                .map(|usual| usual.deviation.to_le_bytes()),
        );
    }

    fn tagger(&mut self, tagger: Option<&Tagger>) {
        self.number(tagger.map_or(0, |tagger| tagger.entities.len()) as u32);
        let Some(tagger) = tagger else {
            return;
        };
        for entity in &tagger.entities {
            self.text(&entity.name);
            self.number(entity.beside.len() as u32);
            entity.beside.iter().for_each(|kind| self.text(kind));
        }
        self.list(tagger.common.iter().map(|word| word.to_le_bytes()));
        self.list(tagger.columns.iter().map(|column| column.to_le_bytes()));
        self.weights(&tagger.weights);
        self.floats(tagger.transitions.learned());
        self.floats(&[tagger.threshold]);
    }

    fn languages(&mut self, languages: Option<&Languages>) {
        self.number(languages.map_or(0, |languages| languages.locales.len()) as u32);
        let Some(languages) = languages else {
            return;
        };
        for locale in &languages.locales {
            self.text(locale.as_str());
        }
        self.list(languages.grams.iter().map(|gram| gram.to_le_bytes()));
        self.floats(&languages.shares);
        self.floats(&[languages.clear]);
    }

    fn deep(&mut self, deep: &Deep) {
        self.number(deep.dimensions as u32);
        self.number(deep.languages.len() as u32);
        deep.languages.iter().for_each(|one| self.text(one));
        self.weights(&deep.weights);
        let (classes, scales, bytes) = deep.neighbours.parts();
        self.list(classes.iter().map(|class| class.to_le_bytes()));
        self.floats(scales);
        self.list(bytes.iter().map(|byte| byte.to_le_bytes()));
        self.floats(&[deep.blend.joint, deep.blend.nearest]);
        self.calibration(&deep.calibration);
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
    fn model(&mut self, encoder: Option<Arc<dyn Encoder>>) -> Option<Model> {
        let hash = self.text()?;
        let entity_data: TrainingData = serde_json::from_str(&self.text()?).ok()?;
        let extractor = Extractor::new(&entity_data).with_tagger(self.tagger()?);
        let languages = self.languages()?;
        let count = self.number()? as usize;
        let intents = (0..count)
            .map(|_| self.text())
            .collect::<Option<Vec<_>>>()?;
        let vocabulary = self.vocabulary()?;
        let mut classifier = Classifier {
            intents,
            weights: self.weights(count, vocabulary.len())?,
            calibration: self.calibration()?,
            vocabulary,
            deep: None,
        };
        if self.number()? == 1 {
            let columns = classifier.vocabulary.len();
            classifier.deep = Some(self.deep(count, columns, encoder.as_deref()?)?);
        }
        Some(
            Model::new(classifier, entity_data, extractor, hash, encoder).with_languages(languages),
        )
    }

    /// None inside where nothing was learned.
    fn tagger(&mut self) -> Option<Option<Tagger>> {
        let count = self.number()? as usize;
        if count == 0 {
            return Some(None);
        }
        let entities = (0..count)
            .map(|_| self.learned())
            .collect::<Option<Vec<_>>>()?;
        let common = self.list(u64::from_le_bytes)?;
        let columns: Vec<u64> = self.list(u64::from_le_bytes)?;
        let labels = 2 * count + 1;
        Some(Some(Tagger {
            entities,
            common,
            weights: self.weights(labels, columns.len())?,
            columns,
            transitions: Transitions::new(labels, self.floats(labels * labels)?),
            threshold: self.floats(1)?[0],
        }))
    }

    /// None inside for a bot of one language.
    fn languages(&mut self) -> Option<Option<Languages>> {
        let count = self.number()? as usize;
        if count == 0 {
            return Some(None);
        }
        let locales = (0..count)
            .map(|_| Some(self.text()?.into()))
            .collect::<Option<_>>()?;
        let grams: Vec<u32> = self.list(u32::from_le_bytes)?;
        Some(Some(Languages {
            locales,
            shares: self.floats(grams.len() * count)?,
            grams,
            clear: self.floats(1)?[0],
        }))
    }

    fn learned(&mut self) -> Option<Learned> {
        let name = self.text()?;
        let kinds = self.number()?;
        let beside = (0..kinds).map(|_| self.text()).collect::<Option<_>>()?;
        Some(Learned { name, beside })
    }

    fn vocabulary(&mut self) -> Option<Vocabulary> {
        let grams: Vec<Gram> = self.list(|item| Gram(u32::from_le_bytes(item)))?;
        let idf = self.floats(grams.len())?;
        Some(Vocabulary::new(
            grams,
            idf,
            f32::from_le_bytes(self.take()?),
        ))
    }

    fn weights(&mut self, classes: usize, columns: usize) -> Option<Weights> {
        let scales = self.floats(columns)?;
        Weights::new(classes, scales, self.list(i8::from_le_bytes)?)
    }

    fn calibration(&mut self) -> Option<Calibration> {
        let temperature = Temperature(f32::from_le_bytes(self.take()?));
        let (sureness, scope) = (self.curve()?, self.curve()?);
        let means: Vec<f64> = self.list(f64::from_le_bytes)?;
        let deviations: Vec<f64> = self.list(f64::from_le_bytes)?;
        let usual = means.into_iter().zip(deviations);
        Some(Calibration {
            temperature,
            sureness,
            scope,
            usual: usual
                .map(|(mean, deviation)| Usual { mean, deviation })
                .collect(),
        })
    }

    fn deep(&mut self, classes: usize, columns: usize, encoder: &dyn Encoder) -> Option<Deep> {
        let dimensions = self.number()? as usize;
        if dimensions != encoder.dimensions() {
            return None;
        }
        let languages = (0..self.number()?)
            .map(|_| self.text())
            .collect::<Option<_>>()?;
        let weights = self.weights(classes, columns + dimensions)?;
        let neighbours = Neighbours::new(
            dimensions,
            self.list(u32::from_le_bytes)?,
            self.list(f32::from_le_bytes)?,
            self.list(i8::from_le_bytes)?,
        )?;
        let blend = self.floats(2)?;
        Some(Deep {
            fingerprint: encoder.fingerprint().to_owned(),
            dimensions,
            languages,
            weights,
            neighbours,
            blend: Blend {
                joint: blend[0],
                nearest: blend[1],
            },
            calibration: self.calibration()?,
        })
    }

    /// A list of exactly so many numbers.
    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        self.list(f32::from_le_bytes)
            .filter(|list: &Vec<f32>| list.len() == count)
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
