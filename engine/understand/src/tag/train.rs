//! From marked examples to a tagger that knows how sure it has to be.

use dialog::Locale;

use super::feature::Seen;
use super::fit::{Fit, fit};
use super::sentence::{Sentence, learned, sentences};
use super::{Learned, Tagger};
use crate::weights::Weights;
use crate::{EntityKind, TrainingData};

/// Folds in which the threshold is chosen.
const FOLDS: usize = 5;
/// With more examples the threshold is chosen on fewer folds: each fit takes longer, and there is more to choose on.
const MANY: usize = 100;
const FOLDS_OF_MANY: usize = 3;

/// No value is taken that is less probable than this, whatever the examples say.
const THRESHOLD_MIN: f32 = 0.4;
const THRESHOLD_MAX: f32 = 0.95;
/// How far apart the thresholds are that are tried.
const THRESHOLD_STEP: f32 = 0.05;

/// A value that is not there is worse than one that is not found, by this factor: the flow asks for what it has not found.
const PRECISION_WEIGHS: f32 = 2.0;

/// Learns the entities that are found by examples; none if there are none, or no example marks them. `seen` gives what other
/// readers find in a text.
pub(crate) fn train(
    data: &TrainingData,
    seen: &dyn Fn(&str, &Locale) -> Vec<Seen>,
) -> Option<Tagger> {
    let names = names(data);
    if names.is_empty() {
        return None;
    }
    let sentences = sentences(data, &names, seen);
    let entities = learned(&sentences, &names);
    let threshold = threshold(&sentences, &entities);
    let all: Vec<&Sentence<'_>> = sentences.iter().collect();
    Some(tagger(&all, entities, threshold))
}

/// The entities that are learned and that at least one example marks, ordered: those said to be, and roles.
fn names(data: &TrainingData) -> Vec<String> {
    let is_marked = |name: &str| {
        let examples = data.intents.iter().flat_map(|of| &of.examples);
        let mut marks = examples.flat_map(|example| &example.annotations);
        marks.any(|one| one.entity == name)
    };
    let learned = |kind: &EntityKind| matches!(kind, EntityKind::Learned | EntityKind::Role { .. });
    let mut names: Vec<String> = data
        .entities
        .iter()
        .filter(|one| learned(&one.kind) && is_marked(&one.name))
        .map(|one| one.name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn tagger(sentences: &[&Sentence<'_>], entities: Vec<Learned>, threshold: f32) -> Tagger {
    let labels = 2 * entities.len() + 1;
    let Fit {
        common,
        columns,
        weights,
        transitions,
    } = fit(sentences, labels);
    Tagger {
        entities,
        common,
        columns,
        weights: Weights::from_rows(labels, weights.chunks_exact(labels)),
        transitions,
        threshold,
    }
}

/// A value that was found in an example that the fit had not seen.
struct Tried {
    confidence: f32,
    right: bool,
}

/// The threshold that does best on examples that each fit had not seen.
fn threshold(sentences: &[Sentence<'_>], entities: &[Learned]) -> f32 {
    let folds = if sentences.len() > MANY {
        FOLDS_OF_MANY
    } else {
        FOLDS
    };
    let mut tried: Vec<Tried> = Vec::new();
    let mut there = 0;
    for fold in 0..folds.min(sentences.len()) {
        let held_out = |index: usize| index % folds == fold;
        let kept: Vec<&Sentence<'_>> = sentences
            .iter()
            .enumerate()
            .filter(|(index, _)| !held_out(*index))
            .map(|(_, one)| one)
            .collect();
        let tagger = tagger(&kept, entities.to_vec(), 0.0);
        for (_, sentence) in sentences
            .iter()
            .enumerate()
            .filter(|(index, _)| held_out(*index))
        {
            there += sentence.values.len();
            tried.extend(try_on(&tagger, sentence));
        }
    }
    best_threshold(&tried, there)
}

fn try_on(tagger: &Tagger, sentence: &Sentence<'_>) -> Vec<Tried> {
    let found = tagger.find(&sentence.text, &sentence.seen);
    let is_right = |one: &super::Tagged<'_>| {
        sentence.values.iter().any(|(entity, span)| {
            *span == one.span && tagger.entities[*entity].name == one.entity.name
        })
    };
    found
        .iter()
        .map(|one| Tried {
            confidence: one.confidence,
            right: is_right(one),
        })
        .collect()
}

fn best_threshold(tried: &[Tried], there: usize) -> f32 {
    let steps = ((THRESHOLD_MAX - THRESHOLD_MIN) / THRESHOLD_STEP).round() as usize;
    let worth = |threshold: f32| {
        let taken = tried.iter().filter(|one| one.confidence >= threshold);
        let found = taken.clone().count() as f32;
        let right = taken.filter(|one| one.right).count() as f32;
        // The F-measure in which precision weighs more.
        let weight = 1.0 / PRECISION_WEIGHS.powi(2);
        (1.0 + weight) * right / (weight * there as f32 + found).max(1.0)
    };
    let mut best = (THRESHOLD_MAX, f32::MIN);
    for step in 0..=steps {
        let threshold = THRESHOLD_MAX - THRESHOLD_STEP * step as f32;
        let worth = worth(threshold);
        if worth > best.1 {
            best = (threshold, worth);
        }
    }
    best.0
}
