//! Nearly the same example under two intents: the same words in another order, or one word spelt a little otherwise.
//!
//! Only what is certainly the same to a reader: `switchboard eval` looks further, and takes longer. Examples are brought
//! together by what they have in common, so that no example is compared with all others.

use std::collections::BTreeMap;

use dialog::Locale;
use understand::IntentExamples;

use super::Checked;
use super::examples::{named, plain, way_out};
use crate::built_in;
use crate::decode::ReadIntent;
use crate::place::Place;
use crate::rule;

/// A word that may be spelt otherwise has at least so many letters: of shorter ones, another letter makes another word.
const BENT_LETTERS_MIN: usize = 5;

/// Shorter sentences say too little beside the word.
const WORDS_MIN: usize = 3;

/// An example is compared with so many before it that have the same in common: a bound for files that are all alike.
const COMPARED_MAX: usize = 32;

/// An example, and what it was brought together by.
#[derive(Clone, Copy)]
struct Near<'a> {
    intent: &'a str,
    text: &'a str,
    /// Where it stands; none if it is built in.
    place: Option<Place>,
    /// The word that is left out; empty for all words together.
    word: &'a str,
}

pub(super) fn check(checked: &Checked<'_>) {
    let built_in = built_in::examples(checked.declared);
    let mut alike: BTreeMap<(&str, u64), Vec<Near>> = BTreeMap::new();
    let mut reported = BTreeMap::new();
    for (locale, mut near) in all(&built_in, &checked.declared.intents) {
        for (key, word) in keys(near.text) {
            near.word = word;
            let others = alike.entry((locale, key)).or_default();
            let before = others.iter().rev().take(COMPARED_MAX);
            let twin = near.place.and_then(|place| {
                let twin = before.into_iter().find(|other| are_twins(other, &near))?;
                Some((place, *twin))
            });
            if let Some((place, twin)) = twin {
                reported.entry(place).or_insert(twin);
            }
            others.push(near);
        }
    }
    for (place, twin) in reported {
        report(checked, place, &twin);
    }
}

/// Every example with its language: the built-in ones first, so that a mistake is told where the author can mend it.
fn all<'a>(
    built_in: &'a [IntentExamples],
    own: &'a [ReadIntent],
) -> impl Iterator<Item = (&'a str, Near<'a>)> {
    let near = |locale: &'a Locale, intent: &'a str, text: &'a str, place: Option<Place>| {
        let near = Near {
            intent,
            text,
            place,
            word: "",
        };
        (locale.as_str(), near)
    };
    let built_in = built_in.iter().flat_map(move |of| {
        let examples = of.examples.iter();
        examples.map(move |one| near(&of.locale, &of.intent, &one.text, None))
    });
    let own = own.iter().flat_map(move |of| {
        let examples = of.examples.iter();
        examples.map(move |one| near(&of.locale, &of.name, &one.example.text, Some(one.place())))
    });
    built_in.chain(own)
}

fn are_twins(one: &Near, other: &Near) -> bool {
    let (a, b) = (one.word, other.word);
    let bent = || strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase()) == 1;
    let turned = || a.is_empty() && b.is_empty() && !is_same(one, other);
    one.intent != other.intent && (turned() || bent())
}

/// Whether they differ in nothing but case and punctuation, which is a finding of its own.
fn is_same(one: &Near, other: &Near) -> bool {
    plain(one.text) == plain(other.text)
}

fn report(checked: &Checked<'_>, place: Place, twin: &Near) {
    checked.cx.findings.add_with_help(
        &rule::NEARLY_THE_SAME_EXAMPLE,
        place,
        format!(
            "`{}` under {} is nearly the same, so neither intent can be told from the other by it",
            twin.text,
            named(checked, twin.intent, twin.place)
        ),
        way_out(twin.place),
    );
}

/// All words together, and what is left without each word that may be spelt otherwise. The order of the words makes no
/// difference.
fn keys(text: &str) -> Vec<(u64, &str)> {
    let words: Vec<(&str, u64)> = words(text).map(|word| (word, hash(word))).collect();
    let all = words
        .iter()
        .fold(0_u64, |sum, (_, hash)| sum.wrapping_add(*hash));
    let mut keys = vec![(all, "")];
    if words.len() >= WORDS_MIN {
        let long = words
            .iter()
            .filter(|(word, _)| word.chars().count() >= BENT_LETTERS_MIN);
        // One more, so that a sentence without a word is not taken for one that never had it.
        keys.extend(long.map(|(word, hash)| (all.wrapping_sub(*hash).wrapping_add(1), *word)));
    }
    keys
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .filter(|word| !word.is_empty())
}

/// Of the word in lower case (FNV-1a).
fn hash(word: &str) -> u64 {
    let letters = word.chars().flat_map(char::to_lowercase);
    letters.fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(c)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
