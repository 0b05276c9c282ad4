//! From scores to probabilities that mean what they say, fitted on messages that the model had not seen.

use std::sync::Arc;

use crate::curve::{Curve, Point};
use crate::logistic::softmax;
use crate::maths::ln;
use crate::scope::{self, energy};

/// How scores become probabilities.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Calibration {
    pub(crate) temperature: Temperature,
    /// From the log-odds of the first intent to the probability that it is right.
    pub(crate) sureness: Curve,
    /// From the energy, or all signs together, to the in-scope score.
    pub(crate) scope: Curve,
    /// What is usual of each sign for messages in scope; empty where the energy is the only one.
    pub(crate) usual: Vec<Usual>,
}

/// Scores of a message that the fit had not seen.
pub(crate) struct Unseen<'a> {
    pub(crate) scores: &'a [f32],
    /// Further signs of being in scope, higher = more so; none without an encoder.
    pub(crate) signs: &'a [f64],
    /// Which classes the fit knew.
    pub(crate) active: Arc<[bool]>,
    /// What it means.
    pub(crate) class: u32,
    /// As [`crate::fold::Labelled::language`].
    pub(crate) language: usize,
    /// As [`crate::fold::Labelled::weight`].
    pub(crate) weight: f64,
}

/// One that leaves the odds as they are.
const STRAIGHT: Curve = Curve {
    slope: 1.0,
    offset: 0.0,
};

impl Calibration {
    /// Fits everything: `own` are messages of the classes that their fit knew, `foreign` of those that it did not.
    pub(crate) fn fit(own: &[Unseen], foreign: &[Unseen]) -> Self {
        let temperature = Temperature::fit(own);
        let points: Vec<Point> = own.iter().map(|one| temperature.point(one)).collect();
        let with_signs = own.first().is_some_and(|one| !one.signs.is_empty());
        let signs = |all: &[Unseen]| -> Vec<Vec<f64>> {
            let of = |one: &Unseen| signs(temperature, one.scores, &one.active, one.signs);
            all.iter().map(of).collect()
        };
        let (own, foreign) = (signs(own), signs(foreign));
        let usual = if with_signs {
            Usual::of(&own)
        } else {
            Vec::new()
        };
        let sums = |all: &[Vec<f64>]| {
            all.iter()
                .map(|signs| sum(&usual, signs))
                .collect::<Vec<_>>()
        };
        Self {
            temperature,
            sureness: Curve::fit(&points, STRAIGHT),
            scope: scope::fit(&sums(&own), &sums(&foreign)),
            usual,
        }
    }

    /// The classes' probabilities, and the in-scope score.
    pub(crate) fn read(&self, scores: &[f32], further: &[f64]) -> (Vec<f32>, f32) {
        let active = vec![true; scores.len()];
        let mut probabilities = self.temperature.probabilities(scores, &active);
        let signs = signs(self.temperature, scores, &active, further);
        self.correct(&mut probabilities);
        (
            probabilities,
            self.scope.at(sum(&self.usual, &signs)) as f32,
        )
    }

    /// Gives the first its calibrated probability and shares the rest among the others as before.
    fn correct(&self, probabilities: &mut [f32]) {
        let best = best(probabilities);
        let before = probabilities[best];
        let after = self.sureness.at(log_odds(before)) as f32;
        let others: f32 = (0..probabilities.len())
            .filter(|class| *class != best)
            .map(|class| probabilities[class])
            .sum();
        let share = if others > 0.0 {
            (1.0 - after) / others
        } else {
            0.0
        };
        for (class, probability) in probabilities.iter_mut().enumerate() {
            *probability = if class == best {
                after
            } else {
                (*probability * share).min(after)
            };
        }
    }
}

/// How a sign is distributed over messages in scope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usual {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

impl Usual {
    /// Of each of these messages' signs.
    fn of(messages: &[Vec<f64>]) -> Vec<Usual> {
        let count = messages.len() as f64;
        let one = |sign: usize| {
            let values = || messages.iter().map(|signs| signs[sign]);
            let mean = values().sum::<f64>() / count;
            let square = values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
            Usual {
                mean,
                deviation: libm::sqrt(square).max(1e-6),
            }
        };
        (0..messages.first().map_or(0, Vec::len)).map(one).collect()
    }
}

/// Signs of being in scope: the energy, and those of an encoder. By cross-validation with intents left out, the energy and the
/// nearest example together tell as much as any further sign beside them (the best score, its flattened probability, the
/// margin, the distance to the classes' clouds), and with a handful of intents far more than probabilities do.
fn signs(temperature: Temperature, scores: &[f32], active: &[bool], further: &[f64]) -> Vec<f64> {
    let mut signs = vec![energy(scores, active, temperature.0)];
    signs.extend(further);
    signs
}

/// All signs together, each measured by what is usual; a single one as it is.
fn sum(usual: &[Usual], signs: &[f64]) -> f64 {
    if usual.is_empty() {
        return signs[0];
    }
    let measured = usual
        .iter()
        .zip(signs)
        .map(|(usual, x)| (x - usual.mean) / usual.deviation);
    measured.sum()
}

/// The position of the greatest; of equals the first.
fn best(probabilities: &[f32]) -> usize {
    (0..probabilities.len())
        .reduce(|best, one| {
            if probabilities[one] > probabilities[best] {
                one
            } else {
                best
            }
        })
        .unwrap_or(0)
}

fn log_odds(probability: f32) -> f64 {
    let p = f64::from(probability).clamp(1e-6, 1.0 - 1e-6);
    ln(p / (1.0 - p))
}

/// Scores are divided by this before they become probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Temperature(pub(crate) f32);

/// The range of temperatures that is searched. Beyond it a handful of odd examples would decide.
const COLDEST: f64 = 0.02;
const HOTTEST: f64 = 5.0;

/// Narrowings of that range: to one part in a hundred, and the sureness makes up for the rest.
const SEARCH_STEPS: usize = 14;

impl Temperature {
    /// For the curve of sureness: how sure the message's best class is, and whether it is right.
    fn point(self, one: &Unseen) -> Point {
        let probabilities = self.probabilities(one.scores, &one.active);
        let best = best(&probabilities);
        Point {
            x: log_odds(probabilities[best]),
            truth: best == one.class as usize,
            weight: one.weight,
        }
    }

    /// The temperature at which the truth is most probable (golden section on its logarithm).
    pub(crate) fn fit(unseen: &[Unseen]) -> Self {
        let loss =
            |log_temperature: f64| Temperature(libm::exp(log_temperature) as f32).loss(unseen);
        Temperature(libm::exp(golden_section(ln(COLDEST), ln(HOTTEST), loss)) as f32)
    }

    /// How surprising the truth is, summed over the messages.
    pub(crate) fn loss(self, unseen: &[Unseen]) -> f64 {
        unseen
            .iter()
            .map(|one| one.weight * self.surprise(one))
            .sum()
    }

    /// How surprising a message's truth is.
    pub(crate) fn surprise(self, one: &Unseen) -> f64 {
        let p = self.probabilities(one.scores, &one.active)[one.class as usize];
        -ln(f64::from(p).max(1e-12))
    }

    /// The classes' probabilities; 0 for those that take no part.
    fn probabilities(self, scores: &[f32], active: &[bool]) -> Vec<f32> {
        let mut probabilities: Vec<f32> = scores.iter().map(|score| score / self.0).collect();
        softmax(&mut probabilities, active);
        probabilities
    }
}

/// Where a function with one valley is lowest.
fn golden_section(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_a, mut at_b) = (of(a), of(b));
    for _ in 0..SEARCH_STEPS {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = of(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = of(b);
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_stay_behind_the_first_however_sure_it_is() {
        let active = [true; 4];
        let scores = [[0.0, 9.0, 1.0, 2.0], [90.0, 0.0, 1.0, 2.0]];
        let unseen = scores.map(|scores| scores.to_vec());
        let own: Vec<Unseen> = unseen
            .iter()
            .map(|scores| Unseen {
                scores,
                signs: &[],
                active: active.into(),
                class: 3,
                language: 0,
                weight: 1.0,
            })
            .collect();
        let calibration = Calibration::fit(&own, &[]);
        for scores in [[0.0, 500.0, 1.0, 2.0], [1.0, 1.01, 1.0, 0.9], [0.0; 4]] {
            let (probabilities, _) = calibration.read(&scores, &[]);
            let first = best(&scores);
            assert!(
                probabilities.iter().all(|p| (0.0..=1.0).contains(p)),
                "{probabilities:?}"
            );
            assert!(
                probabilities.iter().all(|p| *p <= probabilities[first]),
                "{probabilities:?}"
            );
        }
    }

    #[test]
    fn a_message_counts_by_its_weight() {
        let active: Arc<[bool]> = [true; 2].into();
        let scores = [2.0, 0.0];
        let confidence = |weight_of_wrong: f64| {
            let own: Vec<Unseen> = (0..200)
                .map(|index| Unseen {
                    scores: &scores,
                    signs: &[],
                    active: active.clone(),
                    class: index % 2,
                    language: 0,
                    weight: if index % 2 == 1 { weight_of_wrong } else { 1.0 },
                })
                .collect();
            let (probabilities, _) = Calibration::fit(&own, &[]).read(&scores, &[]);
            probabilities[0]
        };
        assert!((confidence(1.0) - 0.5).abs() < 0.02, "{}", confidence(1.0));
        assert!((confidence(0.1) - 0.9).abs() < 0.03, "{}", confidence(0.1));
    }
}
