//! A message as a chain of labels: which row of labels is the most probable, and how probable each label is.
//!
//! Forward and backward sums are scaled at each word, so that they neither vanish nor overflow however long a message is.

use super::{OUTSIDE, entity_of};
use crate::maths::exp;

/// Scores of a message's words and of a label behind a label.
pub(super) struct Chain<'a> {
    scores: &'a [Vec<f32>],
    transitions: &'a [f32],
    labels: usize,
}

/// What a fit needs: how probable each label is, and each pair of labels summed over the words.
pub(super) struct Expected {
    pub(super) marginals: Vec<Vec<f32>>,
    pub(super) pairs: Vec<f32>,
}

/// Whether a label may stand behind another: a value goes on only behind its own beginning.
fn may_follow(before: usize, label: usize) -> bool {
    match entity_of(label) {
        Some((entity, false)) => entity_of(before).is_some_and(|(other, _)| other == entity),
        _ => true,
    }
}

/// The labels that may stand before a label.
fn before(label: usize, labels: usize) -> std::ops::Range<usize> {
    match entity_of(label) {
        Some((_, false)) => label - 1..label + 1,
        _ => 0..labels,
    }
}

impl<'a> Chain<'a> {
    /// `scores` has at least one word.
    pub(super) fn new(scores: &'a [Vec<f32>], transitions: &'a [f32]) -> Self {
        Self {
            scores,
            transitions,
            labels: scores[0].len(),
        }
    }

    fn transition(&self, before: usize, label: usize) -> f32 {
        self.transitions[before * self.labels + label]
    }

    /// The most probable row of labels.
    pub(super) fn best(&self) -> Vec<usize> {
        let mut last: Vec<f32> = (0..self.labels)
            .map(|label| match may_follow(OUTSIDE, label) {
                true => self.transition(OUTSIDE, label) + self.scores[0][label],
                false => f32::NEG_INFINITY,
            })
            .collect();
        let mut ways: Vec<Vec<usize>> = Vec::new();
        for scores in &self.scores[1..] {
            let step = |label: usize| {
                let from = |one: usize| (last[one] + self.transition(one, label), one);
                let all = before(label, self.labels).map(from);
                all.reduce(|best, one| if one.0 > best.0 { one } else { best })
                    .unwrap_or((f32::NEG_INFINITY, OUTSIDE))
            };
            let steps: Vec<(f32, usize)> = (0..self.labels).map(step).collect();
            last = steps
                .iter()
                .zip(scores)
                .map(|((sum, _), score)| sum + score)
                .collect();
            ways.push(steps.into_iter().map(|(_, from)| from).collect());
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
            label = way[label];
            labels.push(label);
        }
        labels.reverse();
        labels
    }

    /// How probable each label of each word is.
    pub(super) fn marginals(&self) -> Vec<Vec<f32>> {
        let emissions = self.emissions();
        let transitions = self.factors();
        let ahead = self.forward(&emissions, &transitions);
        let behind = self.backward(&emissions, &transitions);
        ahead.iter().zip(&behind).map(product).collect()
    }

    /// The same with the pairs.
    pub(super) fn expected(&self) -> Expected {
        let emissions = self.emissions();
        let transitions = self.factors();
        let ahead = self.forward(&emissions, &transitions);
        let behind = self.backward(&emissions, &transitions);
        let marginals: Vec<Vec<f32>> = ahead.iter().zip(&behind).map(product).collect();
        let mut pairs = vec![0.0; self.labels * self.labels];
        for (label, probability) in marginals[0].iter().enumerate() {
            pairs[OUTSIDE * self.labels + label] += probability;
        }
        let mut row = vec![0.0; self.labels * self.labels];
        for at in 1..self.scores.len() {
            let mut sum = 0.0;
            for label in 0..self.labels {
                let right = emissions[at][label] * behind[at][label];
                for one in before(label, self.labels) {
                    let place = one * self.labels + label;
                    row[place] = ahead[at - 1][one] * transitions[place] * right;
                    sum += row[place];
                }
            }
            for label in 0..self.labels {
                for one in before(label, self.labels) {
                    let place = one * self.labels + label;
                    pairs[place] += row[place] / sum;
                }
            }
        }
        Expected { marginals, pairs }
    }

    /// `e^score`, relative to each word's best.
    fn emissions(&self) -> Vec<Vec<f32>> {
        let of = |scores: &Vec<f32>| {
            let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            scores.iter().map(|score| exp(score - max)).collect()
        };
        self.scores.iter().map(of).collect()
    }

    fn factors(&self) -> Vec<f32> {
        self.transitions.iter().map(|score| exp(*score)).collect()
    }

    fn forward(&self, emissions: &[Vec<f32>], transitions: &[f32]) -> Vec<Vec<f32>> {
        let start = (0..self.labels)
            .map(|label| match may_follow(OUTSIDE, label) {
                true => transitions[OUTSIDE * self.labels + label] * emissions[0][label],
                false => 0.0,
            })
            .collect();
        let mut rows = vec![scaled(start)];
        for emission in &emissions[1..] {
            let last = &rows[rows.len() - 1];
            let sum = |label: usize| -> f32 {
                let from = before(label, self.labels);
                from.map(|one| last[one] * transitions[one * self.labels + label])
                    .sum()
            };
            let row = (0..self.labels)
                .map(|label| sum(label) * emission[label])
                .collect();
            rows.push(scaled(row));
        }
        rows
    }

    fn backward(&self, emissions: &[Vec<f32>], transitions: &[f32]) -> Vec<Vec<f32>> {
        let mut rows = vec![vec![1.0; self.labels]];
        for emission in emissions[1..].iter().rev() {
            let last = &rows[rows.len() - 1];
            let mut row = vec![0.0; self.labels];
            for label in 0..self.labels {
                let weight = emission[label] * last[label];
                for one in before(label, self.labels) {
                    row[one] += transitions[one * self.labels + label] * weight;
                }
            }
            rows.push(scaled(row));
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

fn product((ahead, behind): (&Vec<f32>, &Vec<f32>)) -> Vec<f32> {
    scaled(ahead.iter().zip(behind).map(|(a, b)| a * b).collect())
}

#[cfg(test)]
mod tests {
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
