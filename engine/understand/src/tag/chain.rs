//! A message as a chain of labels: which row of labels is the most probable, and how probable each label is.
//!
//! Forward and backward sums are scaled at each word, so that they neither vanish nor overflow however long a message is.

use super::OUTSIDE;
use super::transition::Transitions;
use crate::maths::{add_scaled, exp};

/// Scores of a message's words and of a label behind a label.
pub(super) struct Chain<'a> {
    scores: &'a [Vec<f32>],
    transitions: &'a Transitions,
    labels: usize,
}

/// What a fit needs: how probable each label is, and each pair of labels summed over the words.
pub(super) struct Expected {
    pub(super) marginals: Vec<Vec<f32>>,
    /// By the label before, then by the label.
    pub(super) pairs: Vec<f32>,
}

impl<'a> Chain<'a> {
    /// `scores` has at least one word.
    pub(super) fn new(scores: &'a [Vec<f32>], transitions: &'a Transitions) -> Self {
        Self {
            scores,
            transitions,
            labels: transitions.labels(),
        }
    }

    /// The most probable row of labels.
    pub(super) fn best(&self) -> Vec<usize> {
        let first = self.transitions.first_scores().iter();
        let mut last: Vec<f32> = first.zip(&self.scores[0]).map(|(a, b)| a + b).collect();
        let mut ways: Vec<Vec<u32>> = Vec::new();
        for scores in &self.scores[1..] {
            let (mut sums, way) = self.steps(&last);
            add_scaled(&mut sums, 1.0, scores);
            last = sums;
            ways.push(way);
        }
        let mut label =
            (0..self.labels).fold(
                OUTSIDE,
                |best, one| {
                    if last[one] > last[best] { one } else { best }
                },
            );
        let mut labels = vec![label];
        for way in ways.iter().rev() {
            label = way[label] as usize;
            labels.push(label);
        }
        labels.reverse();
        labels
    }

    /// For each label the best sum that leads to it, and from where; of equals the first.
    fn steps(&self, last: &[f32]) -> (Vec<f32>, Vec<u32>) {
        let mut best = vec![f32::NEG_INFINITY; self.labels];
        let mut from = vec![OUTSIDE as u32; self.labels];
        for (one, sum) in last.iter().enumerate() {
            let all = best.iter_mut().zip(&mut from);
            for ((best, from), score) in all.zip(self.transitions.scores(one)) {
                let sum = sum + score;
                let better = sum > *best;
                *from = if better { one as u32 } else { *from };
                *best = if better { sum } else { *best };
            }
        }
        (best, from)
    }

    /// How probable each label of each word is.
    pub(super) fn marginals(&self) -> Vec<Vec<f32>> {
        let emissions = self.emissions();
        let ahead = self.forward(&emissions);
        let behind = self.backward(&emissions);
        ahead.iter().zip(&behind).map(product).collect()
    }

    /// The same with the pairs.
    pub(super) fn expected(&self) -> Expected {
        let emissions = self.emissions();
        let ahead = self.forward(&emissions);
        let behind = self.backward(&emissions);
        let marginals: Vec<Vec<f32>> = ahead.iter().zip(&behind).map(product).collect();
        // By the label, then by the label before.
        let mut turned = vec![0.0; self.labels * self.labels];
        for (label, probability) in marginals[0].iter().enumerate() {
            turned[label * self.labels + OUTSIDE] += probability;
        }
        let mut pairs = vec![0.0; self.labels * self.labels];
        for at in 1..self.scores.len() {
            let mut sum = 0.0;
            for (label, row) in pairs.chunks_exact_mut(self.labels).enumerate() {
                let right = emissions[at][label] * behind[at][label];
                let factors = self.transitions.factors_to(label);
                for ((pair, factor), left) in row.iter_mut().zip(factors).zip(&ahead[at - 1]) {
                    *pair = left * factor * right;
                    sum += *pair;
                }
            }
            let all = turned.iter_mut().zip(&pairs);
            all.for_each(|(total, pair)| *total += pair / sum);
        }
        let place = |place: usize| turned[place % self.labels * self.labels + place / self.labels];
        Expected {
            marginals,
            pairs: (0..self.labels * self.labels).map(place).collect(),
        }
    }

    /// `e^score`, relative to each word's best.
    fn emissions(&self) -> Vec<Vec<f32>> {
        let of = |scores: &Vec<f32>| {
            let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            scores.iter().map(|score| exp(score - max)).collect()
        };
        self.scores.iter().map(of).collect()
    }

    fn forward(&self, emissions: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let mut rows = vec![scaled(times(
            self.transitions.factors(OUTSIDE),
            &emissions[0],
        ))];
        for emission in &emissions[1..] {
            let mut sums = vec![0.0; self.labels];
            for (one, share) in rows[rows.len() - 1].iter().enumerate() {
                add_scaled(&mut sums, *share, self.transitions.factors(one));
            }
            rows.push(scaled(times(&sums, emission)));
        }
        rows
    }

    fn backward(&self, emissions: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let mut rows = vec![vec![1.0; self.labels]];
        for emission in emissions[1..].iter().rev() {
            let mut sums = vec![0.0; self.labels];
            for (label, weight) in times(emission, &rows[rows.len() - 1]).iter().enumerate() {
                add_scaled(&mut sums, *weight, self.transitions.factors_to(label));
            }
            rows.push(scaled(sums));
        }
        rows.reverse();
        rows
    }
}

/// With the sum of one.
fn scaled(row: Vec<f32>) -> Vec<f32> {
    let sum = row.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    row.into_iter().map(|one| one / sum).collect()
}

fn times(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter().zip(other).map(|(a, b)| a * b).collect()
}

fn product((ahead, behind): (&Vec<f32>, &Vec<f32>)) -> Vec<f32> {
    scaled(times(ahead, behind))
}

#[cfg(test)]
mod tests {
    use super::super::transition::may_follow;
    use super::*;

    /// Every row of labels that is allowed, with its score.
    fn all(scores: &[Vec<f32>], transitions: &[f32]) -> Vec<(Vec<usize>, f32)> {
        let labels = scores[0].len();
        let mut rows = vec![(Vec::new(), 0.0)];
        for word in scores {
            let longer = |(row, sum): &(Vec<usize>, f32)| {
                let last = row.last().copied().unwrap_or(OUTSIDE);
                let next = (0..labels).filter(|label| may_follow(last, *label));
                next.map(|label| {
                    let sum = sum + transitions[last * labels + label] + word[label];
                    ([row.as_slice(), &[label]].concat(), sum)
                })
                .collect::<Vec<_>>()
            };
            rows = rows.iter().flat_map(longer).collect();
        }
        rows
    }

    #[test]
    fn sums_and_the_best_row_are_those_of_trying_all() {
        let scores: Vec<Vec<f32>> = (0..4)
            .map(|t| (0..5).map(|l| ((t * 7 + l * 3) % 5) as f32 - 2.0).collect())
            .collect();
        let transitions: Vec<f32> = (0..25).map(|i| (i * 11 % 7) as f32 / 3.0 - 1.0).collect();
        let rows = all(&scores, &transitions);
        let total: f32 = rows.iter().map(|(_, sum)| exp(*sum)).sum();
        let transitions = Transitions::new(5, transitions);
        let chain = Chain::new(&scores, &transitions);
        let best = rows.iter().fold(
            &rows[0],
            |best, one| if one.1 > best.1 { one } else { best },
        );
        let score_of = |labels: &[usize]| {
            rows.iter()
                .find(|(row, _)| row == labels)
                .map(|(_, sum)| *sum)
        };
        assert_eq!(score_of(&chain.best()), Some(best.1));
        let expected = chain.expected();
        let mut pairs = 0.0;
        for (row, sum) in &rows {
            pairs += row.windows(2).filter(|pair| pair == &[1, 2]).count() as f32 * exp(*sum);
        }
        assert!((expected.pairs[5 + 2] - pairs / total).abs() < 1e-4);
        for at in 0..4 {
            for label in 0..5 {
                let with = rows.iter().filter(|(row, _)| row[at] == label);
                let probability = with.map(|(_, sum)| exp(*sum)).sum::<f32>() / total;
                assert!((expected.marginals[at][label] - probability).abs() < 1e-4);
                assert!((chain.marginals()[at][label] - probability).abs() < 1e-4);
            }
        }
    }
}
