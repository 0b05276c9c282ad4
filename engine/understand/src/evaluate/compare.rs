//! Two versions of a bot on the same messages: which of them flip.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answered::Answered;
use super::place::Place;
use crate::maths::ln;

/// Differences that chance alone makes at most this often count as more than chance.
const CHANCE_MAX: f64 = 0.05;

/// What changed from one version to the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Messages that both were asked about.
    pub messages: usize,
    /// The part that was right before.
    pub accuracy_before: f64,
    /// The part that is right now.
    pub accuracy_now: f64,
    /// Wrong before, right now.
    pub mended: usize,
    /// Right before, wrong now.
    pub broken: usize,
    /// Wrong before and now, but otherwise.
    pub otherwise_wrong: usize,
    /// How often chance alone would mend and break at least as unevenly (McNemar's test, exact): 1 = always.
    pub chance: f64,
    /// Whether that is rare enough to say that the versions differ.
    pub more_than_chance: bool,
    /// Messages that stand under another intent now; they are compared with nothing.
    pub relabelled: usize,
    /// Messages that only one of them was asked about.
    pub only_before: usize,
    /// And the other.
    pub only_now: usize,
    /// The messages that were taken for something else: broken ones first, then mended, then the others; the surest first.
    pub flips: Vec<Flip>,
}

/// A message that was taken for something else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// What became of it.
    pub kind: FlipKind,
    /// The message.
    pub text: String,
    /// What it means; none = nothing that the bot knows.
    pub intent: Option<String>,
    /// Where it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What it was taken for before, and how surely.
    pub before: Taken,
    /// And now.
    pub now: Taken,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipKind {
    /// Right before, wrong now.
    Broken,
    /// Wrong before, right now.
    Mended,
    /// Wrong before and now, but otherwise.
    OtherwiseWrong,
}

/// What a message was taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// The intent.
    pub intent: String,
    /// How surely.
    pub confidence: f64,
}

/// Compares what two versions made of the messages that both were asked about: those with the same text and meaning. Messages
/// that mean nothing the bot knows are left out: there is no right intent for them.
pub fn compare(before: &[Answered], now: &[Answered]) -> Comparison {
    let (old, new) = (by_message(before), by_message(now));
    let both = || {
        new.iter()
            .filter_map(|(key, now)| Some((old.get(key)?, now)))
    };
    let mut flips: Vec<Flip> = both()
        .filter_map(|(before, now)| flip(before, now))
        .collect();
    flips.sort_by(|a, b| {
        a.kind
            .cmp(&b.kind)
            .then(b.now.confidence.total_cmp(&a.now.confidence))
    });
    let count = |kind| flips.iter().filter(|flip| flip.kind == kind).count();
    let (mended, broken) = (count(FlipKind::Mended), count(FlipKind::Broken));
    let messages = both().count();
    let part = |right: usize| right as f64 / messages.max(1) as f64;
    let chance = chance(mended, broken);
    let relabelled = relabelled(&old, &new);
    Comparison {
        messages,
        accuracy_before: part(both().filter(|(before, _)| before.is_right()).count()),
        accuracy_now: part(both().filter(|(_, now)| now.is_right()).count()),
        mended,
        broken,
        otherwise_wrong: count(FlipKind::OtherwiseWrong),
        chance,
        more_than_chance: chance <= CHANCE_MAX,
        relabelled,
        only_before: old.len() - messages - relabelled,
        only_now: new.len() - messages - relabelled,
        flips,
    }
}

type ByMessage<'a> = BTreeMap<(&'a str, &'a str), &'a Answered>;

/// By text and meaning; of two that are the same, the first.
fn by_message(all: &[Answered]) -> ByMessage<'_> {
    let mut by_message = BTreeMap::new();
    for one in all {
        if let Some(intent) = &one.message.intent {
            by_message
                .entry((one.message.text.as_str(), intent.as_str()))
                .or_insert(one);
        }
    }
    by_message
}

/// Texts that mean one thing before and another now; a text may stand several times.
fn relabelled(old: &ByMessage, new: &ByMessage) -> usize {
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let mut gone_texts: BTreeMap<&str, usize> = BTreeMap::new();
    gone.for_each(|(text, _)| *gone_texts.entry(text).or_default() += 1);
    let come = new.keys().filter(|key| !old.contains_key(*key));
    let mut relabelled = 0;
    for (text, _) in come {
        if let Some(left) = gone_texts.get_mut(text).filter(|left| **left > 0) {
            *left -= 1;
            relabelled += 1;
        }
    }
    relabelled
}

fn flip(before: &Answered, now: &Answered) -> Option<Flip> {
    let kind = match (before.is_right(), now.is_right()) {
        (true, false) => FlipKind::Broken,
        (false, true) => FlipKind::Mended,
        (false, false) if before.taken_for() != now.taken_for() => FlipKind::OtherwiseWrong,
        _ => return None,
    };
    let taken = |one: &Answered| Taken {
        intent: one.taken_for().to_owned(),
        confidence: one.confidence(),
    };
    Some(Flip {
        kind,
        text: now.message.text.clone(),
        intent: now.message.intent.clone(),
        place: now.message.place.clone(),
        before: taken(before),
        now: taken(now),
    })
}

/// If each of the flips were as likely to mend as to break: how often they would fall at least as unevenly, either way.
fn chance(mended: usize, broken: usize) -> f64 {
    let (all, fewer) = (mended + broken, mended.min(broken));
    let mut log_choose = 0.0;
    let mut tail = 0.0;
    for k in 0..=fewer {
        if k > 0 {
            log_choose += ln((all - k + 1) as f64) - ln(k as f64);
        }
        tail += libm::exp(log_choose - all as f64 * std::f64::consts::LN_2);
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dialog::{Confidence, RankedIntent};

    use super::*;
    use crate::classifier::Classification;
    use crate::evaluate::TestMessage;

    fn answered(text: &str, intent: &str, taken_for: &str) -> Answered {
        Answered {
            message: TestMessage {
                text: text.to_owned(),
                intent: Some(intent.to_owned()),
                place: None,
            },
            answer: Classification {
                intents: vec![RankedIntent {
                    intent: taken_for.to_owned(),
                    confidence: Confidence(0.5),
                }],
                in_scope: Confidence(1.0),
            },
            took: Duration::ZERO,
            fold: None,
        }
    }

    #[test]
    fn each_way_to_flip_is_counted_apart() {
        let before = [
            answered("kept", "a", "a"),
            answered("broken", "a", "a"),
            answered("mended", "a", "b"),
            answered("other", "a", "b"),
            answered("gone", "a", "b"),
            answered("moved", "a", "b"),
        ];
        let now = [
            answered("kept", "a", "a"),
            answered("broken", "a", "b"),
            answered("mended", "a", "a"),
            answered("other", "a", "c"),
            answered("new", "a", "a"),
            answered("newer", "a", "a"),
            answered("moved", "b", "b"),
        ];
        let found = compare(&before, &now);
        assert_eq!(
            (
                found.messages,
                found.relabelled,
                found.only_before,
                found.only_now
            ),
            (4, 1, 1, 2)
        );
        assert_eq!(
            (found.broken, found.mended, found.otherwise_wrong),
            (1, 1, 1)
        );
        let texts: Vec<&str> = found.flips.iter().map(|flip| flip.text.as_str()).collect();
        assert_eq!(texts, ["broken", "mended", "other"]);
        assert_eq!((found.accuracy_before, found.accuracy_now), (0.5, 0.5));
        assert!(!found.more_than_chance);
    }

    #[test]
    fn how_often_chance_does_as_much_is_exact() {
        // Of six flips one way and none the other: 2 of 64. Nine and one: 22 of 1,024.
        assert!((chance(6, 0) - 2.0 / 64.0).abs() < 1e-12);
        assert!((chance(1, 9) - 22.0 / 1024.0).abs() < 1e-12);
        assert_eq!((chance(0, 0), chance(5, 5)), (1.0, 1.0));
        // Thousands of flips stay finite.
        assert!((chance(2_000, 2_000) - 1.0).abs() < 1e-9 && chance(3_000, 1_000) < 1e-100);
    }
}
