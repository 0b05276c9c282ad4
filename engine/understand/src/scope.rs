//! How probable it is that a message is about anything the bot knows.
//!
//! Nobody gives a bot examples of what it does not know. So, while parts of the data are held out, some intents are left out
//! whole: their messages are then foreign to that fit, and show how a foreign message looks to it. The sign is the energy of
//! the scores (Liu et al. 2020, Energy-based Out-of-distribution Detection): their soft maximum, at the temperature at
//! which they are probabilities. It alone did as well as it did together with any of margin, nearest example and the share
//! of known words.

use crate::curve::{Curve, Point};
use crate::maths::{exp, ln};

/// The part of messages in scope that is refused at an in-scope score of one half. How many foreign messages a bot gets
/// cannot be known from its files, so the curve's middle is set by what its author would bear.
const REFUSED: f64 = 0.05;

/// Fewer messages of either sort than this say nothing about the curve.
const MESSAGES_MIN: usize = 20;

/// Without enough messages to fit one: a message is foreign when no score has risen above what a message without any known
/// word gets.
const FLAT: Curve = Curve {
    slope: 1.0,
    offset: 1.0,
};

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
    let sum: f64 = taken().map(|score| f64::from(exp(score - max))).sum();
    f64::from(max) + ln(sum)
}

/// The curve from the energies of messages in scope and of foreign ones to the in-scope score.
pub(crate) fn fit(own: &[f64], foreign: &[f64]) -> Curve {
    if own.len() < MESSAGES_MIN {
        return FLAT;
    }
    let slope = if foreign.len() < MESSAGES_MIN {
        FLAT.slope
    } else {
        slope(own, foreign)
    };
    Curve {
        slope,
        offset: -slope * quantile(own, REFUSED),
    }
}

/// The slope of the curve that makes both sorts most probable, each sort counting as much as the other.
fn slope(own: &[f64], foreign: &[f64]) -> f64 {
    let half = (own.len() + foreign.len()) as f64 / 2.0;
    let points = |energies: &[f64], truth: bool| -> Vec<Point> {
        let weight = half / energies.len() as f64;
        energies
            .iter()
            .map(|energy| Point {
                x: *energy,
                truth,
                weight,
            })
            .collect()
    };
    let middle = (mean(own) + mean(foreign)) / 2.0;
    let all = [points(own, true), points(foreign, false)].concat();
    Curve::fit(
        &all,
        Curve {
            slope: FLAT.slope,
            offset: -FLAT.slope * middle,
        },
    )
    .slope
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
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
        let scope = fit(&own, &foreign);
        let refused = own.iter().filter(|energy| scope.at(**energy) < 0.5).count();
        assert!((45..=55).contains(&refused), "{refused}");
        assert!(scope.at(0.0) < 0.1 && scope.at(12.0) > 0.99);
    }

    #[test]
    fn sorts_that_do_not_overlap_give_a_finite_curve() {
        let scope = fit(&[5.0; 30], &[1.0; 30]);
        assert!(scope.slope.is_finite() && scope.offset.is_finite());
    }
}
