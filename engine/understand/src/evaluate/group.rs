//! Messages that were not understood, put together by what they seem to ask for.
//!
//! The message with the most others near it leads a group of these; then the same with what is left. So the same messages give
//! the same groups, and no number of groups has to be guessed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use dialog::{Confidence, RankedIntent};
use serde::{Deserialize, Serialize};

use super::sample::Examined;
use super::space::{Row, Space};
use crate::encoder::EncodeError;
use crate::model::Model;
use crate::normalise::{normalise, tokens};
use crate::parallel;
use crate::trainer::Trainer;

/// Texts that are grouped: each is compared with each other. The most frequent are taken.
const TEXTS_MAX: usize = 3_000;

/// From this cosine on two messages belong together: of n-grams, and of an encoder's vectors, in which everything lies nearer.
const TOGETHER_BY_GRAMS: f32 = 0.40;
const TOGETHER_ENCODED: f32 = 0.65;

/// Intents that are named for a group.
const NEAREST_MAX: usize = 3;

/// Texts that one thread compares at a time.
const TEXTS_A_PIECE: usize = 64;

/// A message and how often it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// How often.
    pub times: usize,
}

/// Messages that seem to ask for the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// How many messages.
    pub messages: usize,
    /// The different texts: the most typical first.
    pub texts: Vec<GroupedText>,
    /// The intents that the bot finds nearest, on average over the messages.
    pub nearest: Vec<RankedIntent>,
}

/// A text of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupedText {
    /// As it was written the most often.
    pub text: String,
    /// How often, small differences of writing aside.
    pub times: usize,
}

/// What became of the messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grouped {
    /// Those with more than one text, the largest first.
    pub groups: Vec<Group>,
    /// Texts that nothing else is near to, the most frequent first.
    pub alone: Vec<GroupedText>,
    /// Texts beyond what can be compared.
    pub left_out: usize,
}

/// Groups messages. `examined` and `model` are the bot's: its examples help to tell which words are rare, and it says which of
/// its intents is nearest.
///
/// # Errors
/// When the trainer's encoder can't be run.
pub fn group(
    trainer: &mut Trainer,
    examined: Examined,
    model: &Model,
    written: &[Written],
) -> Result<Grouped, EncodeError> {
    let mut texts = distinct(written);
    let left_out = texts.len().saturating_sub(TEXTS_MAX);
    texts.truncate(TEXTS_MAX);
    let known = examined.samples().map(|sample| sample.text);
    let own: Vec<&str> = texts.iter().map(|one| one.text.as_str()).collect();
    let mut space = Space::of(trainer, known.chain(own.iter().copied()));
    let rows = space.rows(&own)?;
    let mut grouped = Grouped {
        left_out,
        ..Grouped::default()
    };
    for members in together(&neighbours(&rows), &texts) {
        let mut of_group: Vec<GroupedText> =
            members.iter().map(|one| texts[*one].clone()).collect();
        match of_group.len() {
            1 => grouped.alone.append(&mut of_group),
            _ => grouped.groups.push(Group {
                messages: of_group.iter().map(|one| one.times).sum(),
                nearest: nearest(model, &of_group),
                texts: of_group,
            }),
        }
    }
    grouped.groups.sort_by_key(|group| Reverse(group.messages));
    grouped.alone.sort_by_key(|one| Reverse(one.times));
    Ok(grouped)
}

/// The different texts with a word in them, the most frequent first; those that differ in case and punctuation only are one.
fn distinct(written: &[Written]) -> Vec<GroupedText> {
    let mut by_words: BTreeMap<Vec<String>, BTreeMap<&str, usize>> = BTreeMap::new();
    for one in written {
        let words: Vec<String> = tokens(&normalise(&one.text)).map(str::to_owned).collect();
        if !words.is_empty() {
            *by_words
                .entry(words)
                .or_default()
                .entry(&one.text)
                .or_default() += one.times;
        }
    }
    let text = |ways: BTreeMap<&str, usize>| GroupedText {
        times: ways.values().sum(),
        text: ways
            .iter()
            .max_by_key(|(text, times)| (**times, Reverse(**text)))
            .map(|(text, _)| (*text).to_owned())
            .unwrap_or_default(),
    };
    let mut texts: Vec<GroupedText> = by_words.into_values().map(text).collect();
    texts.sort_by_key(|one| Reverse(one.times));
    texts
}

/// For each row the others that are near it, the nearest first.
fn neighbours(rows: &[Row]) -> Vec<Vec<usize>> {
    let numbers: Vec<usize> = (0..rows.len()).collect();
    let mut pieces: Vec<&[usize]> = numbers.chunks(TEXTS_A_PIECE).collect();
    let mut threads = vec![(); parallel::threads()];
    let found = parallel::each(&mut pieces, &mut threads, |_, piece, _| {
        piece.iter().map(|one| near(*one, rows)).collect::<Vec<_>>()
    });
    found.into_iter().flatten().collect()
}

fn near(one: usize, rows: &[Row]) -> Vec<usize> {
    let together = match rows[one] {
        Row::Grams(_) => TOGETHER_BY_GRAMS,
        Row::Encoded(_) => TOGETHER_ENCODED,
    };
    let others = (0..rows.len()).filter(|other| *other != one);
    let cosines = others.map(|other| (rows[one].cosine(&rows[other]), other));
    let mut near: Vec<(f32, usize)> = cosines.filter(|(cosine, _)| *cosine >= together).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.into_iter().map(|(_, other)| other).collect()
}

/// Groups of texts: each begins with its leader, followed by what is near it, the nearest first.
fn together(neighbours: &[Vec<usize>], texts: &[GroupedText]) -> Vec<Vec<usize>> {
    let mut free = vec![true; texts.len()];
    let mut groups = Vec::new();
    loop {
        let weight = |one: usize| {
            let others = neighbours[one].iter().filter(|other| free[**other]);
            others.map(|other| texts[*other].times).sum::<usize>() + texts[one].times
        };
        let leaders = (0..texts.len()).filter(|one| free[*one]);
        let Some(leader) = leaders.max_by_key(|one| (weight(*one), Reverse(*one))) else {
            return groups;
        };
        let others = neighbours[leader]
            .iter()
            .copied()
            .filter(|other| free[*other]);
        let members: Vec<usize> = std::iter::once(leader).chain(others).collect();
        members.iter().for_each(|one| free[*one] = false);
        groups.push(members);
    }
}

/// The mean confidence of each intent over the group's messages.
fn nearest(model: &Model, texts: &[GroupedText]) -> Vec<RankedIntent> {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    let mut messages = 0;
    for one in texts {
        messages += one.times;
        for ranked in model.classify(&one.text).intents {
            *sums.entry(ranked.intent).or_default() +=
                f64::from(ranked.confidence.0) * one.times as f64;
        }
    }
    let mut all: Vec<RankedIntent> = sums
        .into_iter()
        .map(|(intent, sum)| RankedIntent {
            intent,
            confidence: Confidence((sum / messages as f64) as f32),
        })
        .collect();
    all.sort_by(|a, b| b.confidence.0.total_cmp(&a.confidence.0));
    all.truncate(NEAREST_MAX);
    all
}
