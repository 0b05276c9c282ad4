//! Exponentials that give the same bits everywhere: the system's `expf` differs between versions of the C library and with
//! the processor, and a model must not.

/// Adding and subtracting this rounds an `f32` to a whole number, and leaves that number in its lowest bits.
const ROUND: f32 = 12_582_912.0;

/// `e^x`, to about one part in ten million; `x` is cut to −87 … 88, where the result is a normal number. Written so that
/// the compiler can take four or more at a time.
#[inline]
pub(crate) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let mut p = 1.987_569_1e-4_f32;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let mantissa = p * r * r + r + 1.0;
    mantissa * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

/// The natural logarithm.
pub(crate) fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `1 / (1 + e^-x)`.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// The sum of the products, in a fixed order and in double precision across stretches.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    const STRETCH: usize = 256;
    a.chunks(STRETCH)
        .zip(b.chunks(STRETCH))
        .map(|(a, b)| f64::from(dot_stretch(a, b)))
        .sum()
}

fn dot_stretch(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_lanes
        .remainder()
        .iter()
        .zip(b_lanes.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// `y += factor · x`.
pub(crate) fn add_scaled(y: &mut [f32], factor: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_close_to_the_exact_one() {
        for step in -800..800 {
            let x = step as f32 / 10.0;
            let exact = libm::exp(f64::from(x));
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "at {x}");
        }
        assert!(exp(-1e9) < 1e-37);
    }
}
