//! How probable it is that a message is about anything the bot knows.
//!
//! Nobody gives a bot examples of what it does not know. So, while parts of the data are held out, some intents are left out
//! whole: their messages are then foreign to that fit, and show how a foreign message looks to it. The sign is the energy of
//! the scores (Liu et al. 2020, Energy-based Out-of-distribution Detection): their soft maximum, at the temperature at
//! which they are probabilities. It alone did as well as it did together with any of margin, nearest example and the share
//! of known words.

use crate::maths::{ln, sigmoid};

/// A logistic curve over the energy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scope {
    pub(crate) slope: f64,
    pub(crate) offset: f64,
}

/// The part of messages in scope that is refused at an in-scope score of one half. How many foreign messages a bot gets
/// cannot be known from its files, so the curve's middle is set by what its author would bear.
const REFUSED: f64 = 0.05;

/// Fewer messages of either sort than this say nothing about the curve.
const MESSAGES_MIN: usize = 20;

/// Without enough messages to fit one: a message is foreign when no score has risen above what a message without any known
/// word gets.
const FLAT: Scope = Scope {
    slope: 1.0,
    offset: 1.0,
};

/// Newton's method on two numbers is there after a few steps.
const FIT_STEPS: usize = 25;

/// Keeps the slope finite where the two sorts do not overlap.
const RIDGE: f64 = 1.0;

/// The energy of a message's scores.
pub(crate) fn energy(scores: &[f32], active: &[bool], temperature: f32) -> f64 {
    let taken = || {
        scores
            .iter()
            .zip(active)
            .filter(|(_, active)| **active)
            .map(|(score, _)| score / temperature)
    };
    let max = taken().fold(f32::NEG_INFINITY, f32::max);
    if max == f32::NEG_INFINITY {
        return 0.0;
    }
    let sum: f64 = taken()
        .map(|score| f64::from(crate::maths::exp(score - max)))
        .sum();
    f64::from(max) + ln(sum)
}

impl Scope {
    /// Fits the curve to the energies of messages in scope and of foreign ones.
    pub(crate) fn fit(own: &[f64], foreign: &[f64]) -> Self {
        if own.len().min(foreign.len()) < MESSAGES_MIN {
            return own_only(own);
        }
        let slope = logistic_slope(own, foreign);
        Self {
            slope,
            offset: -slope * quantile(own, REFUSED),
        }
    }

    /// The probability of being in scope.
    pub(crate) fn probability(self, energy: f64) -> f32 {
        sigmoid(self.slope * energy + self.offset) as f32
    }
}

fn own_only(own: &[f64]) -> Scope {
    if own.len() < MESSAGES_MIN {
        return FLAT;
    }
    Scope {
        slope: FLAT.slope,
        offset: -FLAT.slope * quantile(own, REFUSED),
    }
}

/// The slope of the curve that makes both sorts most probable, each sort counting as much as the other.
fn logistic_slope(own: &[f64], foreign: &[f64]) -> f64 {
    let share = |count: usize| (own.len() + foreign.len()) as f64 / (2.0 * count as f64);
    let (own_share, foreign_share) = (share(own.len()), share(foreign.len()));
    let all = || {
        let own = own.iter().map(move |energy| (*energy, 1.0, own_share));
        own.chain(
            foreign
                .iter()
                .map(move |energy| (*energy, 0.0, foreign_share)),
        )
    };
    let middle = all().map(|(energy, _, share)| energy * share).sum::<f64>()
        / (own.len() + foreign.len()) as f64;
    let (mut slope, mut offset) = (0.0, 0.0);
    for _ in 0..FIT_STEPS {
        let (mut g, mut h) = ([RIDGE * slope, 0.0], [RIDGE, 0.0, 1e-9]);
        for (energy, truth, share) in all() {
            let x = energy - middle;
            let p = sigmoid(slope * x + offset);
            let (error, curve) = (share * (p - truth), share * p * (1.0 - p));
            g = [g[0] + error * x, g[1] + error];
            h = [h[0] + curve * x * x, h[1] + curve * x, h[2] + curve];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        slope -= (g[0] * h[2] - g[1] * h[1]) / determinant;
        offset -= (g[1] * h[0] - g[0] * h[1]) / determinant;
    }
    if slope.is_finite() && slope > 0.0 {
        slope
    } else {
        FLAT.slope
    }
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_in_twenty_is_below_one_half() {
        let own: Vec<f64> = (0..1000).map(|i| 2.0 + f64::from(i) / 100.0).collect();
        let foreign: Vec<f64> = (0..300).map(|i| f64::from(i) / 100.0).collect();
        let scope = Scope::fit(&own, &foreign);
        let refused = own
            .iter()
            .filter(|energy| scope.probability(**energy) < 0.5)
            .count();
        assert!((45..=55).contains(&refused), "{refused}");
        assert!(scope.probability(0.0) < 0.1 && scope.probability(12.0) > 0.99);
    }

    #[test]
    fn sorts_that_do_not_overlap_give_a_finite_curve() {
        let scope = Scope::fit(&[5.0; 30], &[1.0; 30]);
        assert!(scope.slope.is_finite() && scope.offset.is_finite());
    }
}
