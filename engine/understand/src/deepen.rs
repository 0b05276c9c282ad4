//! Trains the second tier: folds show how much each judge should count, then everything is fitted on all examples.

use crate::calibration::{Calibration, Temperature, Unseen};
use crate::deep::{Blend, Deep, JOINT, Verdict};
use crate::fold::{Fold, Labelled};
use crate::neighbour::Neighbours;
use crate::parallel;
use crate::plan::{Plan, own_and_foreign};
use crate::train::{FINAL, HELD_OUT, Progress, fit_all, without_signs};
use crate::vocabulary::Vocabulary;

/// How much the nearest examples may count beside the calibrated scores of the weights. The share with which held-out messages
/// are the least surprising is taken.
const NEAREST_SHARES: [f32; 5] = [0.0, 3.0, 6.0, 9.0, 12.0];

/// Held-out messages that one thread judges at a time.
const MESSAGES_A_PIECE: usize = 64;

/// What the second tier is trained on.
pub(crate) struct Learning<'a> {
    /// They have vectors.
    pub(crate) messages: &'a [Labelled],
    /// Theirs, ordered.
    pub(crate) languages: &'a [String],
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) plan: &'a Plan,
    /// What n-grams alone make of the messages that the same folds hold out.
    pub(crate) sparse: &'a [Fold],
}

/// Trains the second tier. None when there are no messages, or the encoder helps in no language.
pub(crate) fn deepen(
    learning: &Learning,
    fingerprint: &str,
    progress: &mut dyn FnMut(Progress),
) -> Option<Deep> {
    let (messages, plan) = (learning.messages, learning.plan);
    let dimensions = messages.first()?.vector.len();
    let folds = plan.hold_out(1, messages, JOINT, HELD_OUT, progress);
    let verdicts: Vec<Verdict> = folds
        .iter()
        .enumerate()
        .flat_map(|(index, fold)| judge(messages, plan, index, fold))
        .collect();
    let chooser = Chooser {
        messages,
        plan,
        folds: &folds,
        verdicts: &verdicts,
    };
    let blend = chooser.blend();
    let blended: Vec<Vec<f32>> = verdicts.iter().map(|one| blend.of(one)).collect();
    let languages = chooser.helped(&blended, learning);
    if languages.is_empty() {
        return None;
    }
    let calibration = chooser.with(&blended, Calibration::fit);
    let all: Vec<&Labelled> = messages.iter().collect();
    let mut steps = plan.steps(1, progress);
    Some(Deep {
        fingerprint: fingerprint.to_owned(),
        dimensions,
        languages,
        weights: fit_all(
            messages,
            learning.vocabulary,
            JOINT,
            FINAL,
            plan.classes,
            &mut steps,
        ),
        neighbours: neighbours(dimensions, &all),
        blend,
        calibration,
    })
}

fn neighbours(dimensions: usize, messages: &[&Labelled]) -> Neighbours {
    let examples = messages
        .iter()
        .map(|message| (message.vector.as_slice(), message.class));
    Neighbours::of(dimensions, examples)
}

/// What the judges, trained on what a fold kept, say about what it had not seen.
fn judge(messages: &[Labelled], plan: &Plan, index: usize, fold: &Fold) -> Vec<Verdict> {
    let dimensions = messages.first().map_or(0, |message| message.vector.len());
    let kept: Vec<&Labelled> = messages
        .iter()
        .zip(plan.keep(index, messages))
        .filter_map(|(message, keep)| keep.then_some(message))
        .collect();
    let neighbours = neighbours(dimensions, &kept);
    let mut pieces: Vec<&[(usize, Vec<f32>)]> = fold.unseen.chunks(MESSAGES_A_PIECE).collect();
    let mut threads = vec![(); parallel::threads()];
    let verdict = |(message, scores): &(usize, Vec<f32>)| {
        Verdict::of(scores.clone(), &messages[*message].vector, &neighbours)
    };
    let verdicts = parallel::each(&mut pieces, &mut threads, |_, piece, _| {
        piece.iter().map(verdict).collect::<Vec<_>>()
    });
    verdicts.into_iter().flatten().collect()
}

/// Chooses on what the folds had not seen.
struct Chooser<'a> {
    messages: &'a [Labelled],
    plan: &'a Plan,
    folds: &'a [Fold],
    verdicts: &'a [Verdict],
}

impl Chooser<'_> {
    /// Calls `work` with the held-out messages under these scores, the foreign ones apart.
    fn with<T>(&self, scores: &[Vec<f32>], work: impl FnOnce(&[Unseen], &[Unseen]) -> T) -> T {
        let signs: Vec<[f64; 1]> = self.verdicts.iter().map(|one| [one.nearest()]).collect();
        let rows = scores
            .iter()
            .map(Vec::as_slice)
            .zip(signs.iter().map(|one| one.as_slice()));
        let rows: Vec<(&[f32], &[f64])> = rows.collect();
        let (own, foreign) = own_and_foreign(self.plan, self.messages, self.folds, &rows);
        work(&own, &foreign)
    }

    /// The blend under which the truth is the least surprising; of equals the one in which the nearest examples count least.
    fn blend(&self) -> Blend {
        let plain: Vec<Vec<f32>> = self.verdicts.iter().map(|one| one.joint.clone()).collect();
        let joint = 1.0 / self.with(&plain, |own, _| Temperature::fit(own).0);
        let mut ways = NEAREST_SHARES.map(|nearest| Blend { joint, nearest });
        let mut threads = vec![(); parallel::threads()];
        let losses = parallel::each(&mut ways, &mut threads, |_, blend, _| self.loss(*blend));
        let least = losses.iter().zip(ways);
        let least = least.reduce(|least, one| if one.0 < least.0 { one } else { least });
        least.map_or(ways[0], |(_, blend)| blend)
    }

    /// The languages in which the truth is not clearly more surprising with the encoder than by n-grams alone: an encoder for
    /// English does harm in German.
    fn helped(&self, blended: &[Vec<f32>], learning: &Learning) -> Vec<String> {
        let with = self.with(blended, |own, _| surprises(own));
        let rows = without_signs(learning.sparse);
        let (own, _) = own_and_foreign(self.plan, self.messages, learning.sparse, &rows);
        let without = surprises(&own);
        let mut harm = vec![Harm::default(); learning.languages.len()];
        for ((one, with), without) in own.iter().zip(with).zip(without) {
            harm[one.language].add(with - without);
        }
        let all = learning.languages.iter().zip(&harm);
        all.filter(|(_, harm)| !harm.is_clear())
            .map(|(language, _)| language.clone())
            .collect()
    }

    fn loss(&self, blend: Blend) -> f64 {
        let scores: Vec<Vec<f32>> = self.verdicts.iter().map(|one| blend.of(one)).collect();
        self.with(&scores, |own, _| Temperature::fit(own).loss(own))
    }
}

/// How surprising the truth of each message is.
fn surprises(own: &[Unseen]) -> Vec<f64> {
    let temperature = Temperature::fit(own);
    own.iter().map(|one| temperature.surprise(one)).collect()
}

/// By how much more surprising messages are with the encoder.
#[derive(Clone, Default)]
struct Harm {
    sum: f64,
    squares: f64,
}

impl Harm {
    fn add(&mut self, one: f64) {
        self.sum += one;
        self.squares += one * one;
    }

    /// More than its standard error: else a bot of a few examples would go without the encoder by bad luck.
    fn is_clear(&self) -> bool {
        self.sum > libm::sqrt(self.squares)
    }
}
