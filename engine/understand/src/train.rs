//! From training data to a classifier: hold parts out to calibrate, then fit on everything.

use std::collections::BTreeMap;

use crate::calibration::Temperature;
use crate::classifier::{Calibration, Classifier};
use crate::feature::grams;
use crate::fold::{Fold, Labelled, deal, hold_out, matrix};
use crate::logistic::{Blocks, Effort, Problem, fit};
use crate::scope::{Scope, energy};
use crate::training::IntentExamples;
use crate::vocabulary::Vocabulary;
use crate::weights::Weights;

/// How strongly large weights are held back. Chosen by cross-validation on the training data of BANKING77 and CLINC150,
/// all of it and ten examples an intent: the same is near the best for all four.
const PENALTY: f32 = 0.02;

/// For the fit that is kept: later steps change no answer.
const FINAL: Effort = Effort {
    penalty: PENALTY,
    steps_max: 40,
    gradient_left_max: 0.01,
};

/// For the folds, which only tell how sure to be.
const HELD_OUT: Effort = Effort {
    penalty: PENALTY,
    steps_max: 25,
    gradient_left_max: 0.02,
};

/// Up to so many messages there are [`FOLDS_FEW`] folds, beyond [`FOLDS_MANY`]: a fold should be nearly as good as the
/// whole, which matters where examples are few, and training should take seconds, which matters where they are many.
const FEW_MESSAGES: usize = 4_000;
const FOLDS_FEW: usize = 5;
const FOLDS_MANY: usize = 3;

/// In each fold, one intent in so many is left out whole.
const FOREIGN_ONE_IN: usize = 10;

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which part is being fitted, from 0: the folds, then the whole.
    pub part: usize,
    /// How many parts there are.
    pub parts: usize,
    /// Steps taken within the part.
    pub step: usize,
}

/// Trains a classifier.
pub(crate) fn train(intents: &[IntentExamples], progress: &mut dyn FnMut(Progress)) -> Classifier {
    let (names, messages) = label(intents);
    if names.is_empty() {
        return Classifier::empty();
    }
    let plan = Plan::of(&messages, names.len());
    let folds = plan.hold_out(&messages, progress);
    let calibration = plan.calibrate(&messages, &folds);
    let vocabulary = Vocabulary::of(messages.iter().map(|message| message.grams.as_slice()));
    let matrix = matrix(&messages, &vocabulary, &vec![true; messages.len()]);
    let classes: Vec<u32> = messages.iter().map(|message| message.class).collect();
    let active = vec![true; names.len()];
    let problem = Problem {
        matrix: &matrix,
        classes: &classes,
        active: &active,
        effort: FINAL,
    };
    let mut step = 0;
    let fit = fit(&problem, Some(plan.middle(folds)), &mut || {
        step += 1;
        progress(Progress {
            part: plan.folds,
            parts: plan.folds + 1,
            step,
        });
    });
    let weights = Weights::of(&matrix, &fit.combination, names.len());
    Classifier {
        intents: names,
        vocabulary,
        weights,
        calibration,
    }
}

/// The intents by name, and all examples with a word in them.
fn label(intents: &[IntentExamples]) -> (Vec<String>, Vec<Labelled>) {
    let mut ids: BTreeMap<&str, u32> = intents
        .iter()
        .map(|examples| (examples.intent.as_str(), 0))
        .collect();
    for (index, id) in ids.values_mut().enumerate() {
        *id = index as u32;
    }
    let messages = intents.iter().flat_map(|of| {
        let class = ids[of.intent.as_str()];
        of.examples.iter().map(move |example| Labelled {
            grams: grams(&example.text),
            class,
        })
    });
    let messages = messages
        .filter(|message| !message.grams.is_empty())
        .collect();
    (ids.into_keys().map(str::to_owned).collect(), messages)
}

/// Who is held out where.
struct Plan {
    classes: usize,
    folds: usize,
    /// Each message's fold.
    dealt: Vec<usize>,
}

impl Plan {
    fn of(messages: &[Labelled], classes: usize) -> Self {
        let folds = if messages.len() <= FEW_MESSAGES {
            FOLDS_FEW
        } else {
            FOLDS_MANY
        };
        Self {
            classes,
            folds,
            dealt: deal(messages, classes, folds),
        }
    }

    /// Which classes take part in a fold.
    fn active(&self, fold: usize) -> Vec<bool> {
        (0..self.classes)
            .map(|class| class % FOREIGN_ONE_IN != fold)
            .collect()
    }

    fn hold_out(&self, messages: &[Labelled], progress: &mut dyn FnMut(Progress)) -> Vec<Fold> {
        let parts = self.folds + 1;
        let fold = |part: usize| {
            let active = self.active(part);
            let kept = |(message, dealt): (&Labelled, &usize)| {
                *dealt != part && active[message.class as usize]
            };
            let keep: Vec<bool> = messages.iter().zip(&self.dealt).map(kept).collect();
            let mut step = 0;
            hold_out(messages, &keep, &active, HELD_OUT, &mut || {
                step += 1;
                progress(Progress { part, parts, step });
            })
        };
        (0..self.folds).map(fold).collect()
    }

    fn calibrate(&self, messages: &[Labelled], folds: &[Fold]) -> Calibration {
        let active: Vec<Vec<bool>> = (0..self.folds).map(|fold| self.active(fold)).collect();
        let (mut own, mut own_active, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
        for (fold, active) in folds.iter().zip(&active) {
            for unseen in &fold.unseen {
                let class = messages[unseen.message].class;
                if active[class as usize] {
                    own.push((unseen.scores.as_slice(), class));
                    own_active.push(active.as_slice());
                } else {
                    foreign.push((unseen.scores.as_slice(), active.as_slice()));
                }
            }
        }
        let temperature = Temperature::fit(&own, &own_active);
        let own: Vec<f64> = own
            .iter()
            .zip(&own_active)
            .map(|((scores, _), active)| energy(scores, active, temperature.0))
            .collect();
        let foreign: Vec<f64> = foreign
            .iter()
            .map(|(scores, active)| energy(scores, active, temperature.0))
            .collect();
        Calibration {
            temperature,
            scope: Scope::fit(&own, &foreign),
        }
    }

    /// Where the whole begins: each message's part in the folds that it was in, on average.
    fn middle(&self, folds: Vec<Fold>) -> Blocks {
        let mut folds = folds.into_iter().map(|fold| fold.combination);
        let mut sum = folds.next().unwrap_or_default();
        for combination in folds {
            for (sum, part) in sum.iter_mut().zip(&combination) {
                crate::maths::add_scaled(sum.as_flattened_mut(), 1.0, part.as_flattened());
            }
        }
        let share = 1.0 / (self.folds - 1) as f32;
        for block in &mut sum {
            block
                .as_flattened_mut()
                .iter_mut()
                .for_each(|number| *number *= share);
        }
        sum
    }
}
