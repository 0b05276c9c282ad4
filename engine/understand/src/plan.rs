//! Which messages and which intents are held out where, to see how training does on what it has not seen.

use std::sync::Arc;

use crate::calibration::Unseen;
use crate::fold::{Fold, Labelled, Mix, deal, hold_out};
use crate::logistic::Effort;
use crate::train::Progress;

/// A fold holds out one message in so many: enough stay for a fit nearly as good as the whole.
const HELD_OUT_ONE_IN: usize = 5;

/// Folds are run until so many messages were held out, or each once: more would not make the few numbers of the calibration
/// surer, and training should take seconds.
const HELD_OUT_MIN: usize = 2_000;

/// In each fold, one intent in so many is left out whole.
const FOREIGN_ONE_IN: usize = 10;

/// Who is held out where.
pub(crate) struct Plan {
    pub(crate) classes: usize,
    folds: usize,
    /// How often the folds and the whole are fitted.
    tiers: usize,
    /// Each message's fold.
    dealt: Vec<usize>,
}

impl Plan {
    /// For these messages; `tiers` fits of everything follow each other.
    pub(crate) fn of(messages: &[Labelled], classes: usize, tiers: usize) -> Self {
        let folds = (HELD_OUT_MIN * HELD_OUT_ONE_IN)
            .div_ceil(messages.len().max(1))
            .min(HELD_OUT_ONE_IN);
        Self {
            classes,
            folds,
            tiers,
            dealt: deal(messages, classes, HELD_OUT_ONE_IN),
        }
    }

    /// Which classes take part in a fold.
    pub(crate) fn active(&self, fold: usize) -> Vec<bool> {
        (0..self.classes)
            .map(|class| class % FOREIGN_ONE_IN != fold)
            .collect()
    }

    /// Which messages a fold learns from.
    pub(crate) fn keep(&self, fold: usize, messages: &[Labelled]) -> Vec<bool> {
        let active = self.active(fold);
        let kept = |(message, dealt): (&Labelled, &usize)| {
            (*dealt != fold || message.is_name) && active[message.class as usize]
        };
        messages.iter().zip(&self.dealt).map(kept).collect()
    }

    /// Fits every fold.
    pub(crate) fn hold_out(
        &self,
        tier: usize,
        messages: &[Labelled],
        mix: Mix,
        effort: Effort,
        progress: &mut dyn FnMut(Progress),
    ) -> Vec<Fold> {
        let fold = |part: usize| {
            let mut steps = self.steps_of(tier * (self.folds + 1) + part, progress);
            hold_out(
                messages,
                &self.keep(part, messages),
                &self.active(part),
                mix,
                effort,
                &mut steps,
            )
        };
        (0..self.folds).map(fold).collect()
    }

    /// What to call after each step of a tier's fit on everything.
    pub(crate) fn steps<'a>(
        &self,
        tier: usize,
        progress: &'a mut dyn FnMut(Progress),
    ) -> impl FnMut() + 'a {
        self.steps_of(tier * (self.folds + 1) + self.folds, progress)
    }

    fn steps_of<'a>(
        &self,
        part: usize,
        progress: &'a mut dyn FnMut(Progress),
    ) -> impl FnMut() + 'a {
        let parts = self.tiers * (self.folds + 1);
        let mut step = 0;
        move || {
            step += 1;
            progress(Progress::Fitting { part, parts, step });
        }
    }
}

/// The messages that the folds had not seen, those of intents that were left out apart. `rows` are their scores and further
/// signs, in the order of the folds.
pub(crate) fn own_and_foreign<'a>(
    plan: &Plan,
    messages: &[Labelled],
    folds: &[Fold],
    rows: &[(&'a [f32], &'a [f64])],
) -> (Vec<Unseen<'a>>, Vec<Unseen<'a>>) {
    let all = folds.iter().enumerate().flat_map(|(fold, of)| {
        let active: Arc<[bool]> = plan.active(fold).into();
        of.unseen
            .iter()
            .map(move |(message, _)| (active.clone(), messages[*message].class))
    });
    let unseen = all
        .zip(rows)
        .map(|((active, class), (scores, signs))| Unseen {
            scores,
            signs,
            active,
            class,
        });
    unseen.partition(|one| one.active[one.class as usize])
}
