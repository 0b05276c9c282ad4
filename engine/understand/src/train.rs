//! From training data to a classifier: hold parts out to calibrate, then fit on everything.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::built_in;
use crate::calibration::Calibration;
use crate::classifier::Classifier;
use crate::deepen::{Learning, deepen};
use crate::encoder::{EncodeError, Encoder};
use crate::entity::language::tag;
use crate::feature::{Gram, grams};
use crate::fold::{Fold, Labelled, Mix, matrix};
use crate::logistic::{Effort, Problem, fit};
use crate::plan::{Plan, own_and_foreign};
use crate::training::IntentExamples;
use crate::vectors::Vectors;
use crate::vocabulary::Vocabulary;
use crate::weights::Weights;

/// How strongly large weights are held back. Chosen by cross-validation on the training data of BANKING77 and CLINC150,
/// all of it and ten examples an intent: the same is near the best for all four.
pub(crate) const PENALTY: f32 = 0.02;

/// For the fit that is kept. Stopping three times earlier costs half a percent of CLINC150; going on gains nothing.
pub(crate) const FINAL: Effort = Effort {
    penalty: PENALTY,
    steps_max: 60,
    gradient_left_max: 0.003,
};

/// For the folds, which only tell how sure to be.
pub(crate) const HELD_OUT: Effort = Effort {
    gradient_left_max: 0.005,
    ..FINAL
};

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Texts are encoded that were not before.
    Encoding {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// Weights are fitted.
    Fitting {
        /// Which part is being fitted, from 0: the folds, then the whole; with an encoder the same again.
        part: usize,
        /// How many parts there are.
        parts: usize,
        /// Steps taken within the part.
        step: usize,
    },
}

/// An encoder with the vectors that are known already.
pub(crate) struct Encoding<'a> {
    pub(crate) encoder: &'a dyn Encoder,
    pub(crate) vectors: &'a mut Vectors,
}

/// Trains a classifier.
///
/// # Errors
/// When there is an encoder and it can't be run.
pub(crate) fn train(
    intents: &[IntentExamples],
    encoding: Option<Encoding>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Classifier, EncodeError> {
    let languages = languages(intents);
    let (names, mut messages) = label(intents, &languages);
    if names.is_empty() {
        return Ok(Classifier::empty());
    }
    let tiers = 1 + usize::from(encoding.is_some());
    let plan = Plan::of(&messages, names.len(), tiers);
    let folds = plan.hold_out(0, &messages, Mix::SPARSE, HELD_OUT, progress);
    let mut classifier = sparse(names, &messages, &plan, &folds, progress);
    if let Some(encoding) = encoding {
        let fingerprint = encoding.encoder.fingerprint().to_owned();
        encode(&mut messages, intents, encoding, progress)?;
        let learning = Learning {
            messages: &messages,
            languages: &languages,
            vocabulary: &classifier.vocabulary,
            plan: &plan,
            sparse: &folds,
        };
        classifier.deep = deepen(&learning, &fingerprint, progress);
    }
    Ok(classifier)
}

/// The classifier over n-grams alone; `folds` show how it does on what it has not seen.
fn sparse(
    names: Vec<String>,
    messages: &[Labelled],
    plan: &Plan,
    folds: &[Fold],
    progress: &mut dyn FnMut(Progress),
) -> Classifier {
    let (own, foreign) = own_and_foreign(plan, messages, folds, &without_signs(folds));
    let calibration = Calibration::fit(&own, &foreign);
    let vocabulary = Vocabulary::of(messages.iter().map(|message| message.grams.as_slice()));
    let weights = fit_all(
        messages,
        &vocabulary,
        Mix::SPARSE,
        FINAL,
        plan.classes,
        &mut plan.steps(0, progress),
    );
    Classifier {
        intents: names,
        vocabulary,
        weights,
        calibration,
        deep: None,
    }
}

/// The scores of what the folds had not seen, without further signs.
pub(crate) fn without_signs(folds: &[Fold]) -> Vec<(&[f32], &[f64])> {
    let unseen = folds.iter().flat_map(|fold| &fold.unseen);
    unseen
        .map(|(_, scores)| (scores.as_slice(), [].as_slice()))
        .collect()
}

/// The weights of a fit on everything.
pub(crate) fn fit_all(
    messages: &[Labelled],
    vocabulary: &Vocabulary,
    mix: Mix,
    effort: Effort,
    classes: usize,
    progress: &mut dyn FnMut(),
) -> Weights {
    let matrix = matrix(messages, vocabulary, mix, &vec![true; messages.len()]);
    let class_of: Vec<u32> = messages.iter().map(|message| message.class).collect();
    let problem = Problem {
        matrix: &matrix,
        classes: &class_of,
        active: &vec![true; classes],
        effort,
    };
    let fit = fit(&problem, progress);
    Weights::of(&matrix, &fit.combination, classes)
}

/// The languages of the examples, ordered: of `de-AT` it is `de`.
fn languages(intents: &[IntentExamples]) -> Vec<String> {
    let all: BTreeSet<String> = intents.iter().map(|of| tag(&of.locale)).collect();
    all.into_iter().collect()
}

/// The intents by name, and all examples with a word in them.
fn label(intents: &[IntentExamples], languages: &[String]) -> (Vec<String>, Vec<Labelled>) {
    let mut ids: BTreeMap<&str, u32> = intents
        .iter()
        .map(|examples| (examples.intent.as_str(), 0))
        .collect();
    for (index, id) in ids.values_mut().enumerate() {
        *id = index as u32;
    }
    let messages = readable(intents).into_iter().map(|one| Labelled {
        class: ids[one.intent],
        grams: one.grams,
        vector: Vec::new(),
        language: languages.partition_point(|language| *language < one.language),
        is_name: one.is_name,
        weight: weight(one.intent),
    });
    let messages = messages.collect();
    (ids.into_keys().map(str::to_owned).collect(), messages)
}

/// How much a built-in intent's example counts when it is seen how sure to be. Each is a wording of its own, and held out hard to
/// tell, while customers mostly write "yes" and "help" as they stand there. Counted in full, the hundreds of them make a bot of
/// a few intents too careful with its own. Chosen on validation messages: `docs/decisions/understanding.md`.
const BUILT_IN_WEIGHT: f64 = 0.1;

fn weight(intent: &str) -> f64 {
    if built_in::NAMES.contains(&intent) {
        BUILT_IN_WEIGHT
    } else {
        1.0
    }
}

/// A text that is learnt from.
struct Readable<'a> {
    intent: &'a str,
    /// Empty for a name.
    language: String,
    text: Cow<'a, str>,
    grams: Vec<(Gram, u16)>,
    is_name: bool,
}

/// All examples with a word in them, and behind them the intents' names, since an author names an intent by what it is about:
/// with ten examples each that is worth half a percent and more.
fn readable(intents: &[IntentExamples]) -> Vec<Readable<'_>> {
    let examples = intents.iter().flat_map(|of| {
        of.examples.iter().map(|example| {
            (
                of.intent.as_str(),
                tag(&of.locale),
                Cow::from(&example.text),
            )
        })
    });
    let names: BTreeSet<&str> = intents.iter().map(|of| of.intent.as_str()).collect();
    let names = names
        .into_iter()
        .map(|name| (name, String::new(), Cow::Owned(words(name))));
    let all = examples
        .chain(names)
        .map(|(intent, language, text)| Readable {
            intent,
            grams: grams(&text),
            text,
            is_name: language.is_empty(),
            language,
        });
    all.filter(|one| !one.grams.is_empty()).collect()
}

/// An intent's name as words: `card_arrival` is "card arrival".
fn words(name: &str) -> String {
    name.split(|c: char| !c.is_alphanumeric())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Gives the messages, which are in the order of [`readable`], their vectors.
fn encode(
    messages: &mut [Labelled],
    intents: &[IntentExamples],
    encoding: Encoding,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), EncodeError> {
    let readable = readable(intents);
    let texts: Vec<&str> = readable.iter().map(|one| one.text.as_ref()).collect();
    let vectors = encoding
        .vectors
        .of(encoding.encoder, &texts, &mut |done, of| {
            progress(Progress::Encoding { done, of });
        })?;
    for (message, vector) in messages.iter_mut().zip(vectors) {
        message.vector = vector;
    }
    Ok(())
}
