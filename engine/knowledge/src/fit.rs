//! Fitting a logistic regression, and measuring what it says: the weights in the code are made with this.
//!
//! Newton's method on a few hundred rows: exact, without chance, the same on every machine.

/// Rounds after which the weights stand still to the last bit that matters.
const ROUNDS_MAX: usize = 60;
const CHANGE_MIN: f64 = 1e-12;

/// A fitted regression on raw features.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// By feature.
    pub weights: Vec<f64>,
    /// What is added.
    pub offset: f64,
}

impl Fit {
    /// The probability of `true`.
    pub fn probability(&self, row: &[f64]) -> f64 {
        probability(&self.weights, self.offset, row)
    }
}

/// The probability that a regression gives a row: `1 / (1 + e^-(weights · row + offset))`.
pub(crate) fn probability(weights: &[f64], offset: f64, row: &[f64]) -> f64 {
    let products = weights.iter().zip(row).map(|(weight, one)| weight * one);
    1.0 / (1.0 + libm::exp(-(products.sum::<f64>() + offset)))
}

/// Fits rows to labels; a row counts as much as its weight. Features are brought to mean 0 and deviation 1 first, so that `penalty` means the same for each.
pub fn fit(rows: &[Vec<f64>], labels: &[bool], weights: &[f64], penalty: f64) -> Fit {
    let width = rows.first().map_or(0, Vec::len);
    let scales: Vec<(f64, f64)> = (0..width).map(|column| scale(rows, column)).collect();
    let scaled: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .zip(&scales)
                .map(|(one, (mean, deviation))| (one - mean) / deviation)
                .chain([1.0])
                .collect()
        })
        .collect();
    let fitted = newton(&scaled, labels, weights, penalty);
    let raw: Vec<f64> = fitted
        .iter()
        .zip(&scales)
        .map(|(weight, (_, deviation))| weight / deviation)
        .collect();
    let shift: f64 = raw
        .iter()
        .zip(&scales)
        .map(|(weight, (mean, _))| weight * mean)
        .sum();
    Fit {
        offset: fitted[width] - shift,
        weights: raw,
    }
}

/// Mean and deviation; a column that never changes has the deviation 1 and so no weight.
fn scale(rows: &[Vec<f64>], column: usize) -> (f64, f64) {
    let count = rows.len() as f64;
    let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
    let square = rows
        .iter()
        .map(|row| (row[column] - mean) * (row[column] - mean))
        .sum::<f64>()
        / count;
    (mean, if square > 1e-12 { square.sqrt() } else { 1.0 })
}

#[allow(
    clippy::needless_range_loop,
    reason = "matrices are written by row and column"
)]
fn newton(rows: &[Vec<f64>], labels: &[bool], counts: &[f64], penalty: f64) -> Vec<f64> {
    let width = rows.first().map_or(0, Vec::len);
    let mut weights = vec![0.0; width];
    for _ in 0..ROUNDS_MAX {
        let (mut hessian, mut gradient) = (vec![vec![0.0; width]; width], vec![0.0; width]);
        for ((row, label), count) in rows.iter().zip(labels).zip(counts) {
            let sum: f64 = row
                .iter()
                .zip(&weights)
                .map(|(one, weight)| one * weight)
                .sum();
            let probability = 1.0 / (1.0 + libm::exp(-sum));
            let (error, curve) = (
                count * (probability - f64::from(*label)),
                count * probability * (1.0 - probability),
            );
            for i in 0..width {
                gradient[i] += error * row[i];
                for j in 0..=i {
                    hessian[i][j] += curve * row[i] * row[j];
                }
            }
        }
        // The offset, which comes last, isn't held small.
        for i in 0..width {
            let hold = if i + 1 < width { penalty } else { 1e-9 };
            gradient[i] += hold * weights[i];
            hessian[i][i] += hold;
        }
        let step = solve(hessian, gradient);
        let change: f64 = step.iter().map(|one| one.abs()).sum();
        weights
            .iter_mut()
            .zip(&step)
            .for_each(|(weight, one)| *weight -= one);
        if change < CHANGE_MIN {
            break;
        }
    }
    weights
}

/// Solves a symmetric, positive system of which the lower half is given (Cholesky).
#[allow(
    clippy::needless_range_loop,
    reason = "matrices are written by row and column"
)]
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for i in 0..width {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let left = matrix[i][j] - sum;
            matrix[i][j] = if i == j {
                left.max(1e-12).sqrt()
            } else {
                left / matrix[j][j]
            };
        }
    }
    for i in 0..width {
        let sum: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - sum) / matrix[i][i];
    }
    for i in (0..width).rev() {
        let sum: f64 = (i + 1..width).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - sum) / matrix[i][i];
    }
    right
}

/// How probable it is that a `true` one has a higher score than a `false` one; equal scores count half.
pub fn auroc(scores: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let (mut ranks, mut from) = (0.0, 0);
    while from < order.len() {
        let equal = order[from..]
            .iter()
            .take_while(|one| scores[**one] == scores[order[from]])
            .count();
        let rank = from as f64 + (equal as f64 + 1.0) / 2.0;
        ranks += rank
            * order[from..from + equal]
                .iter()
                .filter(|one| labels[**one])
                .count() as f64;
        from += equal;
    }
    let positive = labels.iter().filter(|one| **one).count() as f64;
    let negative = labels.len() as f64 - positive;
    (ranks - positive * (positive + 1.0) / 2.0) / (positive * negative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_divides_is_found() {
        let rows: Vec<Vec<f64>> = (0..40)
            .map(|one| vec![f64::from(one), f64::from(one % 3), 7.0])
            .collect();
        let labels: Vec<bool> = (0..40).map(|one| one + (one % 5) > 20).collect();
        let fit = fit(&rows, &labels, &[1.0; 40], 0.1);
        let scores: Vec<f64> = rows.iter().map(|row| fit.probability(row)).collect();
        assert!(auroc(&scores, &labels) > 0.98);
        let sum: f64 = scores.iter().sum();
        let count = labels.iter().filter(|one| **one).count() as f64;
        assert!(
            (sum - count).abs() < 1e-6,
            "the probabilities add up to the labels"
        );
        assert!(fit.weights[2].abs() < 1e-9);
    }

    #[test]
    fn equal_scores_count_half() {
        assert!((auroc(&[0.5, 0.5, 0.5, 0.5], &[true, false, true, false]) - 0.5).abs() < 1e-12);
        assert!((auroc(&[0.1, 0.9], &[false, true]) - 1.0).abs() < 1e-12);
    }
}
