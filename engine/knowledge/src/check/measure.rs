//! How well the check does on answers that people have judged.

use std::time::Duration;

use understand::{EncodeError, Encoder};

use super::{Check, Material, Veto};
use crate::fit::auroc;

/// An answer that was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The customer's message, where it is known.
    pub message: Option<String>,
    /// What the answer may be made of.
    pub sources: Vec<String>,
    /// The answer.
    pub answer: String,
    /// Whether people found it supported.
    pub grounded: bool,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Report {
    /// Answers.
    pub answers: usize,
    /// Of them supported.
    pub grounded: usize,
    /// How probable it is that a supported one has more support than one that is not.
    pub auroc: f64,
    /// The mean of the shares of supported and unsupported ones that are told right, at the best bound.
    pub balanced_accuracy: f64,
    /// That bound.
    pub bound: f64,
    /// The same at 0.5, which was not chosen on this data.
    pub balanced_accuracy_at_half: f64,
    /// The share of unsupported ones that are held back where nine of ten supported ones pass.
    pub caught_at_90: f64,
    /// How far support as a probability is off, on average over 15 bins.
    pub calibration_error: f64,
    /// Answers with a veto, and how many of these are unsupported.
    pub vetoed: usize,
    /// See `vetoed`.
    pub vetoed_rightly: usize,
    /// Sentences, and how long the check took for one: reading its sources is counted with it.
    pub sentences: usize,
    /// The median, in microseconds.
    pub sentence_median_us: f64,
    /// The 99th of 100, in microseconds.
    pub sentence_p99_us: f64,
}

struct Scored {
    support: f64,
    grounded: bool,
    vetoes: Vec<Veto>,
    sentences: usize,
    took: Duration,
}

/// Checks every answer. The clock is given, since nothing here reads one.
///
/// # Errors
/// When the encoder fails.
pub fn measure(
    judged: &[Judged],
    encoder: Option<&dyn Encoder>,
    clock: &mut dyn FnMut() -> Duration,
) -> Result<Report, EncodeError> {
    let scored = judged
        .iter()
        .map(|one| score(one, encoder, clock))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(report(&scored))
}

fn score(
    one: &Judged,
    encoder: Option<&dyn Encoder>,
    clock: &mut dyn FnMut() -> Duration,
) -> Result<Scored, EncodeError> {
    let sources: Vec<&str> = one.sources.iter().map(String::as_str).collect();
    let material = Material {
        message: one.message.as_deref(),
        sources: &sources,
        ..Material::default()
    };
    let start = clock();
    let verdict = Check::new(&material, encoder).judge(&one.answer)?;
    let took = clock().saturating_sub(start);
    Ok(Scored {
        support: verdict.support,
        grounded: one.grounded,
        vetoes: verdict.vetoes,
        sentences: verdict.sentences.len(),
        took,
    })
}

fn report(scored: &[Scored]) -> Report {
    let scores: Vec<f64> = scored.iter().map(|one| one.support).collect();
    let labels: Vec<bool> = scored.iter().map(|one| one.grounded).collect();
    let (bound, balanced_accuracy) = best_bound(&scores, &labels);
    let times = times(scored);
    let at = |share: f64| {
        times
            .get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0.0)
    };
    let vetoed = scored.iter().filter(|one| !one.vetoes.is_empty());
    Report {
        answers: scored.len(),
        grounded: labels.iter().filter(|one| **one).count(),
        auroc: auroc(&scores, &labels),
        balanced_accuracy,
        bound,
        balanced_accuracy_at_half: balanced(&scores, &labels, 0.5),
        caught_at_90: caught(&scores, &labels),
        calibration_error: calibration_error(&scores, &labels),
        vetoed: vetoed.clone().count(),
        vetoed_rightly: vetoed.filter(|one| !one.grounded).count(),
        sentences: scored.iter().map(|one| one.sentences).sum(),
        sentence_median_us: at(0.5),
        sentence_p99_us: at(0.99),
    }
}

/// Microseconds a sentence, sorted.
fn times(scored: &[Scored]) -> Vec<f64> {
    let mut times: Vec<f64> = scored
        .iter()
        .map(|one| one.took.as_secs_f64() * 1e6 / one.sentences.max(1) as f64)
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn balanced(scores: &[f64], labels: &[bool], bound: f64) -> f64 {
    let share = |wanted: bool| {
        let of: Vec<&f64> = scores
            .iter()
            .zip(labels)
            .filter(|(_, label)| **label == wanted)
            .map(|(score, _)| score)
            .collect();
        of.iter()
            .filter(|score| (***score >= bound) == wanted)
            .count() as f64
            / of.len().max(1) as f64
    };
    (share(true) + share(false)) / 2.0
}

fn best_bound(scores: &[f64], labels: &[bool]) -> (f64, f64) {
    // Hundredths are fine enough, and few enough to look at each.
    let tried = (1..100)
        .map(|one| f64::from(one) / 100.0)
        .map(|bound| (bound, balanced(scores, labels, bound)));
    tried.fold(
        (0.5, 0.0),
        |best, one| if one.1 > best.1 { one } else { best },
    )
}

fn caught(scores: &[f64], labels: &[bool]) -> f64 {
    let of = |wanted: bool| {
        scores
            .iter()
            .zip(labels)
            .filter(move |(_, label)| **label == wanted)
            .map(|(score, _)| *score)
    };
    let mut grounded: Vec<f64> = of(true).collect();
    grounded.sort_by(f64::total_cmp);
    let bound = grounded.get(grounded.len() / 10).copied().unwrap_or(0.0);
    of(false).filter(|score| *score < bound).count() as f64 / of(false).count().max(1) as f64
}

/// Bins of equal width.
const BINS: usize = 15;

fn calibration_error(scores: &[f64], labels: &[bool]) -> f64 {
    let mut bins = [(0.0, 0.0, 0.0); BINS];
    for (score, label) in scores.iter().zip(labels) {
        let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1.0, bin.1 + score, bin.2 + f64::from(*label));
    }
    bins.iter()
        .map(|(_, said, was)| (said - was).abs())
        .sum::<f64>()
        / scores.len().max(1) as f64
}
