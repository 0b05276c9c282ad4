//! Training on parts of the data, to see how the model does on messages that it has not seen.

use crate::feature::Gram;
use crate::logistic::{Blocks, Effort, Problem, fit};
use crate::matrix::{LANES, Matrix};
use crate::vocabulary::{SparseVector, Vocabulary};

/// A message for training: its n-grams, its encoder's vector (empty without an encoder) and its class.
pub(crate) struct Labelled {
    pub(crate) grams: Vec<(Gram, u16)>,
    pub(crate) vector: Vec<f32>,
    pub(crate) class: u32,
    /// Its language, by its place in the ordered list of all.
    pub(crate) language: usize,
    /// Whether it is the intent's name and no message: it is learnt from, but says nothing about how well that went.
    pub(crate) is_name: bool,
    /// How much it counts when it is seen how sure to be.
    pub(crate) weight: f64,
}

/// How long the two halves of a message's row are: its n-grams, and its encoder's vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mix {
    pub(crate) grams: f32,
    pub(crate) vector: f32,
}

impl Mix {
    /// N-grams alone.
    pub(crate) const SPARSE: Mix = Mix {
        grams: 1.0,
        vector: 0.0,
    };

    /// A message's row: the columns of the vocabulary, then, if it counts, those of the vector.
    pub(crate) fn row(
        self,
        vocabulary: &Vocabulary,
        grams: &[(Gram, u16)],
        vector: &[f32],
    ) -> SparseVector {
        let mut row = vocabulary.vector(grams);
        row.iter_mut().for_each(|(_, value)| *value *= self.grams);
        if self.vector > 0.0 {
            let columns = vocabulary.len() as u32..;
            row.extend(columns.zip(vector.iter().map(|x| x * self.vector)));
        }
        row
    }

    /// How many columns the rows have.
    fn columns(self, vocabulary: &Vocabulary, dimensions: usize) -> usize {
        vocabulary.len() + if self.vector > 0.0 { dimensions } else { 0 }
    }
}

/// Which fold each message belongs to: the messages of a class are dealt in turn, so every fold has all classes.
pub(crate) fn deal(messages: &[Labelled], classes: usize, folds: usize) -> Vec<usize> {
    let mut next = vec![0; classes];
    messages
        .iter()
        .map(|message| {
            let fold = next[message.class as usize];
            next[message.class as usize] = (fold + 1) % folds;
            fold
        })
        .collect()
}

/// What a fold gave.
pub(crate) struct Fold {
    /// The messages that it has not seen, with their scores.
    pub(crate) unseen: Vec<(usize, Vec<f32>)>,
}

/// Fits on the messages for which `keep` says so, and scores the others.
pub(crate) fn hold_out(
    messages: &[Labelled],
    keep: &[bool],
    active: &[bool],
    mix: Mix,
    effort: Effort,
    progress: &mut dyn FnMut(),
) -> Fold {
    let kept = messages.iter().zip(keep).filter(|(_, keep)| **keep);
    let vocabulary = Vocabulary::of(kept.map(|(message, _)| message.grams.as_slice()));
    let matrix = matrix(messages, &vocabulary, mix, keep);
    let class = |(message, keep): (&Labelled, &bool)| {
        if *keep {
            message.class
        } else {
            Problem::LEFT_OUT
        }
    };
    let classes: Vec<u32> = messages.iter().zip(keep).map(class).collect();
    let penalty = effort.penalty * penalty_share(keep, active.len());
    let problem = Problem {
        matrix: &matrix,
        classes: &classes,
        active,
        effort: Effort { penalty, ..effort },
    };
    let fit = fit(&problem, progress);
    let unseen = (0..messages.len())
        .filter(|message| !keep[*message] && !messages[*message].is_name)
        .map(|message| (message, row(&fit.scores, message, active.len())))
        .collect();
    Fold { unseen }
}

/// Up to so many messages a class, scores grow in proportion to their number; with many more they hardly grow.
const GROWING: f32 = 10.0;

/// By how much the penalty is lowered so that the scores of held-out messages are of the size that the fit on everything
/// will give: without it a bot of ten examples an intent is three percent too sure.
fn penalty_share(keep: &[bool], classes: usize) -> f32 {
    let kept = keep.iter().filter(|keep| **keep).count() as f32;
    let growing = (GROWING * classes as f32 / keep.len() as f32).min(1.0);
    1.0 - (1.0 - kept / keep.len() as f32) * growing
}

/// The messages as a matrix over the vocabulary and the vectors; `learnt` says which of them are learnt from.
pub(crate) fn matrix(
    messages: &[Labelled],
    vocabulary: &Vocabulary,
    mix: Mix,
    learnt: &[bool],
) -> Matrix {
    let dimensions = messages.first().map_or(0, |message| message.vector.len());
    let rows = messages
        .iter()
        .map(|message| mix.row(vocabulary, &message.grams, &message.vector))
        .collect();
    Matrix::new(rows, mix.columns(vocabulary, dimensions), learnt)
}

fn row(blocks: &Blocks, row: usize, classes: usize) -> Vec<f32> {
    (0..classes)
        .map(|class| blocks[class / LANES][row][class % LANES])
        .collect()
}
