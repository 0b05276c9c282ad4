//! A logistic curve: from a number that says something to the probability that something is so.

use crate::maths::sigmoid;

/// `1 / (1 + e^-(slope · x + offset))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Curve {
    pub(crate) slope: f64,
    pub(crate) offset: f64,
}

/// A number that was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) x: f64,
    /// Whether it was so.
    pub(crate) truth: bool,
    /// How much it counts.
    pub(crate) weight: f64,
}

/// Newton's method on two numbers is there after a few steps.
const STEPS: usize = 30;

/// No step is longer: far from its end the method overshoots.
const STEP_MAX: f64 = 1.0;

/// How strongly the curve is held at the one that is expected, in points: a handful of points moves it little.
const HELD: f64 = 5.0;

impl Curve {
    /// The probability at `x`.
    pub(crate) fn at(self, x: f64) -> f64 {
        sigmoid(self.slope * x + self.offset)
    }

    /// The curve that makes these points most probable (Platt 1999), held towards an expected one.
    pub(crate) fn fit(points: &[Point], expected: Curve) -> Self {
        let mut curve = expected;
        for _ in 0..STEPS {
            let (slope, offset) = curve.step(points, expected);
            curve.slope -= slope.clamp(-STEP_MAX, STEP_MAX);
            curve.offset -= offset.clamp(-STEP_MAX, STEP_MAX);
        }
        if curve.slope.is_finite() && curve.offset.is_finite() && curve.slope > 0.0 {
            curve
        } else {
            expected
        }
    }

    fn step(self, points: &[Point], expected: Curve) -> (f64, f64) {
        let mut gradient = [
            HELD * (self.slope - expected.slope),
            HELD * (self.offset - expected.offset),
        ];
        let mut bend = [HELD, 0.0, HELD];
        for Point { x, truth, weight } in points {
            let p = self.at(*x);
            let error = weight * (p - f64::from(u8::from(*truth)));
            let curvature = weight * p * (1.0 - p);
            gradient = [gradient[0] + error * x, gradient[1] + error];
            bend = [
                bend[0] + curvature * x * x,
                bend[1] + curvature * x,
                bend[2] + curvature,
            ];
        }
        let determinant = bend[0] * bend[2] - bend[1] * bend[1];
        let slope = (gradient[0] * bend[2] - gradient[1] * bend[1]) / determinant;
        (
            slope,
            (gradient[1] * bend[0] - gradient[0] * bend[1]) / determinant,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRAIGHT: Curve = Curve {
        slope: 1.0,
        offset: 0.0,
    };

    #[test]
    fn a_curve_is_found_again_from_its_points() {
        let of = Curve {
            slope: 0.5,
            offset: -1.0,
        };
        let points: Vec<Point> = (-600..600)
            .flat_map(|i| {
                let x = f64::from(i) / 100.0;
                let p = of.at(x);
                [
                    Point {
                        x,
                        truth: true,
                        weight: p,
                    },
                    Point {
                        x,
                        truth: false,
                        weight: 1.0 - p,
                    },
                ]
            })
            .collect();
        let found = Curve::fit(&points, STRAIGHT);
        assert!(
            (found.slope - 0.5).abs() < 0.05 && (found.offset + 1.0).abs() < 0.05,
            "{found:?}"
        );
    }

    #[test]
    fn points_that_say_nothing_leave_the_expected_curve() {
        assert_eq!(Curve::fit(&[], STRAIGHT), STRAIGHT);
        let parted: Vec<Point> = (0..100)
            .map(|i| Point {
                x: f64::from(i) - 50.0,
                truth: i >= 50,
                weight: 1.0,
            })
            .collect();
        assert!(Curve::fit(&parted, STRAIGHT).slope.is_finite());
    }
}
