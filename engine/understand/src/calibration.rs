//! From scores to probabilities that mean what they say, fitted on messages that the model had not seen.

use crate::logistic::softmax;
use crate::maths::ln;

/// Scores are divided by this before they become probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Temperature(pub(crate) f32);

/// The range of temperatures that is searched. Beyond it a handful of odd examples would decide.
const COLDEST: f64 = 0.02;
const HOTTEST: f64 = 5.0;

/// Halvings of that range: enough for four digits.
const SEARCH_STEPS: usize = 40;

impl Temperature {
    /// The temperature at which the truth is most probable (golden section on its logarithm).
    pub(crate) fn fit(unseen: &[(&[f32], u32)], active: &[&[bool]]) -> Self {
        let loss = |log_temperature: f64| {
            let temperature = Temperature(libm::exp(log_temperature) as f32);
            let losses = unseen.iter().zip(active).map(|((scores, class), active)| {
                let p = temperature.probabilities(scores, active)[*class as usize];
                -ln(f64::from(p).max(1e-12))
            });
            losses.sum::<f64>()
        };
        Temperature(libm::exp(golden_section(ln(COLDEST), ln(HOTTEST), loss)) as f32)
    }

    /// The classes' probabilities; 0 for those that take no part.
    pub(crate) fn probabilities(self, scores: &[f32], active: &[bool]) -> Vec<f32> {
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
