//! Examples that look as if they stood under the wrong intent.
//!
//! An example is suspected when a model that has not seen it takes it for another intent at least as surely as it usually takes
//! that intent's own examples (confident learning: Northcutt, Jiang, Chuang 2021), and much more surely than its own. Some of
//! them are right and merely odd: they are for a person to look at, the worst first.

use std::collections::BTreeMap;

use super::answered::Answered;
use super::report::Suspect;

/// By how much the other intent must be surer than its own.
const SURER_BY: f64 = 0.5;

/// The suspected examples, those with the greatest difference first.
pub(super) fn suspects(own: &[&Answered]) -> Vec<Suspect> {
    let usual = usual(own);
    let is_suspect = |one: &&&Answered| {
        !one.is_right()
            && one.confidence() - one.own_confidence() >= SURER_BY
            && usual
                .get(one.taken_for())
                .is_some_and(|usual| one.confidence() >= *usual)
    };
    let mut suspects: Vec<Suspect> = own
        .iter()
        .filter(is_suspect)
        .map(|one| suspect(one))
        .collect();
    suspects.sort_by(|a, b| difference(b).total_cmp(&difference(a)));
    suspects
}

fn difference(one: &Suspect) -> f64 {
    one.confidence - one.own_confidence
}

/// How probable its own intent is to an intent's messages, on average.
fn usual<'a>(own: &[&'a Answered]) -> BTreeMap<&'a str, f64> {
    let mut sums: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for one in own {
        let intent = one.message.intent.as_deref().unwrap_or_default();
        let (sum, count) = sums.entry(intent).or_default();
        *sum += one.own_confidence();
        *count += 1;
    }
    let mean = |(intent, (sum, count)): (&'a str, (f64, usize))| (intent, sum / count as f64);
    sums.into_iter().map(mean).collect()
}

fn suspect(one: &Answered) -> Suspect {
    Suspect {
        text: one.message.text.clone(),
        place: one.message.place.clone(),
        intent: one.message.intent.clone().unwrap_or_default(),
        looks_like: one.taken_for().to_owned(),
        confidence: one.confidence(),
        own_confidence: one.own_confidence(),
    }
}
