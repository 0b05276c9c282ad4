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

/// Of the intents, one in so many is left out whole at a time.
const FOREIGN_ONE_IN: usize = 10;

/// Who is held out where.
pub(crate) struct Plan {
    pub(crate) classes: usize,
    folds: Vec<HeldOut>,
    /// How often the folds and the whole are fitted.
    tiers: usize,
    /// Each message's share of the data.
    dealt: Vec<usize>,
}

/// What a fold does not learn from.
#[derive(Clone, Copy)]
struct HeldOut {
    /// The messages of this share.
    share: Option<usize>,
    /// All messages of every tenth intent from this one on.
    intents: Option<usize>,
}

impl Plan {
    /// For these messages; `tiers` fits of everything follow each other.
    pub(crate) fn of(messages: &[Labelled], classes: usize, tiers: usize) -> Self {
        let shares = (HELD_OUT_MIN * HELD_OUT_ONE_IN)
            .div_ceil(messages.len().max(1))
            .min(HELD_OUT_ONE_IN);
        Self {
            classes,
            folds: folds(shares),
            tiers,
            dealt: deal(messages, classes, HELD_OUT_ONE_IN),
        }
    }

    /// Which classes take part in a fold.
    pub(crate) fn active(&self, fold: usize) -> Vec<bool> {
        let left_out = self.folds[fold].intents;
        (0..self.classes)
            .map(|class| left_out != Some(class % FOREIGN_ONE_IN))
            .collect()
    }

    /// Which messages a fold learns from.
    pub(crate) fn keep(&self, fold: usize, messages: &[Labelled]) -> Vec<bool> {
        let active = self.active(fold);
        let left_out = self.folds[fold].share;
        let kept = |(message, share): (&Labelled, &usize)| {
            (left_out != Some(*share) || message.is_name) && active[message.class as usize]
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
            let mut steps = self.steps_of(tier * (self.folds.len() + 1) + part, progress);
            hold_out(
                messages,
                &self.keep(part, messages),
                &self.active(part),
                mix,
                effort,
                &mut steps,
            )
        };
        (0..self.folds.len()).map(fold).collect()
    }

    /// What to call after each step of a tier's fit on everything.
    pub(crate) fn steps<'a>(
        &self,
        tier: usize,
        progress: &'a mut dyn FnMut(Progress),
    ) -> impl FnMut() + 'a {
        self.steps_of(tier * (self.folds.len() + 1) + self.folds.len(), progress)
    }

    fn steps_of<'a>(
        &self,
        part: usize,
        progress: &'a mut dyn FnMut(Progress),
    ) -> impl FnMut() + 'a {
        let parts = self.tiers * (self.folds.len() + 1);
        let mut step = 0;
        move || {
            step += 1;
            progress(Progress::Fitting { part, parts, step });
        }
    }
}

/// A bot so small that each message is held out once is told which intents are foreign in folds of their own: with fewer intents
/// to confuse, it would look surer than it is. A large one is spared their time.
fn folds(shares: usize) -> Vec<HeldOut> {
    let all = 0..shares;
    if shares < HELD_OUT_ONE_IN {
        let both = all.map(|one| HeldOut {
            share: Some(one),
            intents: Some(one),
        });
        return both.collect();
    }
    let own = all.clone().map(|one| HeldOut {
        share: Some(one),
        intents: None,
    });
    let foreign = all.map(|one| HeldOut {
        share: None,
        intents: Some(one),
    });
    own.chain(foreign).collect()
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
            .map(move |(message, _)| (active.clone(), &messages[*message]))
    });
    let unseen = all
        .zip(rows)
        .map(|((active, message), (scores, signs))| Unseen {
            scores,
            signs,
            active,
            class: message.class,
            language: message.language,
            weight: message.weight,
        });
    unseen.partition(|one| one.active[one.class as usize])
}
