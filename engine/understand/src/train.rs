//! From training data to a classifier: hold parts out to calibrate, then fit on everything.

use std::collections::BTreeMap;

use crate::calibration::{Calibration, Unseen};
use crate::classifier::Classifier;
use crate::feature::grams;
use crate::fold::{Fold, Labelled, deal, hold_out, matrix};
use crate::logistic::{Effort, Problem, fit};
use crate::training::IntentExamples;
use crate::vocabulary::Vocabulary;
use crate::weights::Weights;

/// How strongly large weights are held back. Chosen by cross-validation on the training data of BANKING77 and CLINC150,
/// all of it and ten examples an intent: the same is near the best for all four.
const PENALTY: f32 = 0.02;

/// For the fit that is kept. Stopping three times earlier costs half a percent of CLINC150; going on gains nothing.
const FINAL: Effort = Effort {
    penalty: PENALTY,
    steps_max: 60,
    gradient_left_max: 0.003,
};

/// For the folds, which only tell how sure to be.
const HELD_OUT: Effort = Effort {
    gradient_left_max: 0.005,
    ..FINAL
};

/// A fold holds out one message in so many: enough stay for a fit nearly as good as the whole.
const HELD_OUT_ONE_IN: usize = 5;

/// Folds are run until so many messages were held out, or each once: more would not make the few numbers of the calibration
/// surer, and training should take seconds.
const HELD_OUT_MIN: usize = 2_000;

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
    let fit = fit(&problem, &mut || {
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
        let folds = (HELD_OUT_MIN * HELD_OUT_ONE_IN)
            .div_ceil(messages.len().max(1))
            .min(HELD_OUT_ONE_IN);
        Self {
            classes,
            folds,
            dealt: deal(messages, classes, HELD_OUT_ONE_IN),
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
        let (mut own, mut foreign) = (Vec::new(), Vec::new());
        for (fold, active) in folds.iter().zip(&active) {
            for (message, scores) in &fold.unseen {
                let class = messages[*message].class;
                let of = if active[class as usize] {
                    &mut own
                } else {
                    &mut foreign
                };
                of.push(Unseen {
                    scores,
                    active,
                    class,
                });
            }
        }
        Calibration::fit(&own, &foreign)
    }
}
