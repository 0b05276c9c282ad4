//! From answered messages to the report's numbers.

use std::collections::BTreeMap;

use super::answered::Answered;
use super::confusion::{confusions, matrix};
use super::report::{
    Bin, CalibrationReport, IntentReport, LatencyReport, OutOfScopeReport, Report,
};

/// Bins of the reliability table, the number that published errors use.
const BINS: usize = 15;

/// The part of messages in scope that is let in when foreign ones are counted.
const LET_IN: f64 = 0.95;

impl Report {
    /// Everything about these messages.
    pub fn of(answered: &[Answered]) -> Self {
        let (own, foreign) = own_and_foreign(answered);
        let confusions = confusions(&own);
        Self {
            messages: own.len(),
            accuracy: part(&own, Answered::is_right),
            intents: intents(&own),
            matrix: matrix(&own, &confusions),
            confusions,
            calibration: calibration(&own),
            out_of_scope: (!foreign.is_empty()).then(|| out_of_scope(&own, &foreign)),
            latency: latency(answered),
            advice: None,
        }
    }

    /// The same, with what these messages tell of foreign ones: those of intents that were left out.
    pub fn with_foreign(self, answered: &[Answered]) -> Self {
        let (own, foreign) = own_and_foreign(answered);
        let enough = !own.is_empty() && !foreign.is_empty();
        Self {
            out_of_scope: enough.then(|| out_of_scope(&own, &foreign)),
            ..self
        }
    }
}

/// Messages that mean an intent, and those that mean none.
pub(super) fn own_and_foreign(answered: &[Answered]) -> (Vec<&Answered>, Vec<&Answered>) {
    answered
        .iter()
        .partition(|one| one.message.intent.is_some())
}

fn part(all: &[&Answered], holds: impl Fn(&Answered) -> bool) -> f64 {
    ratio(all.iter().filter(|one| holds(one)).count(), all.len())
}

fn ratio(some: usize, all: usize) -> f64 {
    if all == 0 {
        0.0
    } else {
        some as f64 / all as f64
    }
}

fn intents(own: &[&Answered]) -> Vec<IntentReport> {
    #[derive(Default)]
    struct Count {
        meant: usize,
        taken: usize,
        right: usize,
    }
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for one in own {
        let meant = counts
            .entry(one.message.intent.as_deref().unwrap_or_default())
            .or_default();
        meant.meant += 1;
        meant.right += usize::from(one.is_right());
        counts.entry(one.taken_for()).or_default().taken += 1;
    }
    let report = |(intent, count): (&str, Count)| IntentReport {
        intent: intent.to_owned(),
        messages: count.meant,
        precision: ratio(count.right, count.taken),
        recall: ratio(count.right, count.meant),
    };
    counts
        .into_iter()
        .filter(|(_, count)| count.meant > 0)
        .map(report)
        .collect()
}

fn calibration(own: &[&Answered]) -> CalibrationReport {
    let mut bins: Vec<Vec<(f64, bool)>> = vec![Vec::new(); BINS];
    for one in own {
        let confidence = one.confidence();
        let bin = (confidence * BINS as f64) as usize;
        bins[bin.min(BINS - 1)].push((confidence, one.is_right()));
    }
    let bin = |(index, messages): (usize, Vec<(f64, bool)>)| Bin {
        from: index as f64 / BINS as f64,
        to: (index + 1) as f64 / BINS as f64,
        messages: messages.len(),
        confidence: messages
            .iter()
            .map(|(confidence, _)| confidence)
            .sum::<f64>()
            / messages.len() as f64,
        accuracy: ratio(
            messages.iter().filter(|(_, right)| *right).count(),
            messages.len(),
        ),
    };
    let filled = bins
        .into_iter()
        .enumerate()
        .filter(|(_, messages)| !messages.is_empty());
    let bins: Vec<Bin> = filled.map(bin).collect();
    let distance =
        |bin: &Bin| (bin.confidence - bin.accuracy).abs() * ratio(bin.messages, own.len());
    CalibrationReport {
        ece: bins.iter().map(distance).sum(),
        bins,
    }
}

fn out_of_scope(own: &[&Answered], foreign: &[&Answered]) -> OutOfScopeReport {
    let score = |one: &&Answered| one.answer.in_scope.0;
    let mut own_scores: Vec<f32> = own.iter().map(score).collect();
    own_scores.sort_unstable_by(f32::total_cmp);
    let refused_of_own = (own.len() as f64 * (1.0 - LET_IN)) as usize;
    let threshold = own_scores.get(refused_of_own).copied().unwrap_or(0.0);
    let fpr95 = part(foreign, |one| one.answer.in_scope.0 >= threshold);
    let let_in = |one: &Answered| one.answer.in_scope.0 >= 0.5;
    OutOfScopeReport {
        messages: foreign.len(),
        auroc: auroc(&own_scores, foreign.iter().map(score)),
        fpr95,
        recall95: 1.0 - fpr95,
        accepted: part(own, let_in),
        refused: 1.0 - part(foreign, let_in),
        accepted_right: part(own, |one| let_in(one) && one.is_right()),
    }
}

/// `own` is ordered.
fn auroc(own: &[f32], foreign: impl Iterator<Item = f32>) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for score in foreign {
        let below = own.partition_point(|own| *own < score);
        let not_above = own.partition_point(|own| *own <= score);
        sum += (own.len() - not_above) as f64 + (not_above - below) as f64 / 2.0;
        count += own.len();
    }
    if count == 0 { 0.0 } else { sum / count as f64 }
}

fn latency(answered: &[Answered]) -> LatencyReport {
    let mut times: Vec<f64> = answered
        .iter()
        .map(|one| one.took.as_secs_f64() * 1e6)
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |part: f64| {
        times
            .get((times.len() as f64 * part) as usize)
            .copied()
            .unwrap_or(0.0)
    };
    LatencyReport {
        median_us: at(0.5),
        p99_us: at(0.99),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dialog::{Confidence, RankedIntent};

    use super::*;
    use crate::classifier::Classification;
    use crate::evaluate::TestMessage;

    /// Messages by what they mean, what they were taken for, how surely, and their in-scope score.
    fn measured(rows: &[(Option<&str>, &str, f32, f32)]) -> Report {
        let answered: Vec<Answered> = rows
            .iter()
            .map(|(meant, taken, confidence, in_scope)| Answered {
                message: TestMessage {
                    text: "…".to_owned(),
                    intent: meant.map(str::to_owned),
                    place: None,
                },
                answer: Classification {
                    intents: vec![RankedIntent {
                        intent: (*taken).to_owned(),
                        confidence: Confidence(*confidence),
                    }],
                    in_scope: Confidence(*in_scope),
                },
                took: Duration::from_micros(5),
                fold: None,
            })
            .collect();
        Report::of(&answered)
    }

    #[test]
    fn right_and_wrong_are_counted_by_intent() {
        let report = measured(&[
            (Some("a"), "a", 0.9, 1.0),
            (Some("a"), "b", 0.9, 1.0),
            (Some("b"), "b", 0.9, 1.0),
            (Some("b"), "b", 0.9, 1.0),
        ]);
        assert_eq!((report.messages, report.accuracy), (4, 0.75));
        let of_b = &report.intents[1];
        assert_eq!((of_b.intent.as_str(), of_b.recall), ("b", 1.0));
        assert!((of_b.precision - 2.0 / 3.0).abs() < 1e-9);
        let [confusion] = report.confusions.as_slice() else {
            panic!("there is one confusion")
        };
        assert_eq!(
            (confusion.intent.as_str(), confusion.taken_for.as_str()),
            ("a", "b")
        );
        // All are in one bin: 0.9 was said, 0.75 was right.
        assert!((report.calibration.ece - 0.15).abs() < 1e-6);
        assert_eq!(report.latency.median_us, 5.0);
    }

    #[test]
    fn foreign_messages_are_told_apart_by_their_score() {
        let mut rows = vec![(Some("a"), "a", 0.9, 0.8); 19];
        rows.push((Some("a"), "a", 0.9, 0.1));
        rows.extend([
            (None, "a", 0.5, 0.2),
            (None, "a", 0.5, 0.2),
            (None, "a", 0.5, 0.9),
            (None, "a", 0.5, 0.8),
        ]);
        let found = measured(&rows)
            .out_of_scope
            .expect("there were foreign messages");
        assert_eq!((found.messages, found.fpr95, found.refused), (4, 0.5, 0.5));
        assert_eq!((found.accepted, found.accepted_right), (0.95, 0.95));
        // Of the pairs: 2 × 19 won, 19 even.
        assert!((found.auroc - (38.0 + 9.5) / 80.0).abs() < 1e-9);
    }
}
