//! A conversation's most telling sentences, chosen one after another by what each adds for its length.

use std::collections::BTreeSet;

use super::{Line, says};
use crate::language::Language;
use crate::text::sentence::sentences;
use crate::text::word::{Reader, Word};

/// The share of the words that the customer's sentences may take before others are looked at: what somebody wanted is what a
/// conversation was about, what was answered can mostly be found again.
const OF_CUSTOMER: f64 = 0.6;
/// Questions of the bot say little once they are answered.
const ASKED_BACK: f64 = 0.2;
/// A figure is what nobody can guess.
const FIGURE: f64 = 1.5;
/// A sentence must bring this much that no other one said: a new word of the customer's, two of the others'. With less it is a
/// "yes, please" or "sorry to hear that".
const GAIN_MIN: f64 = 1.0;
const GAIN_MIN_OF_OTHERS: f64 = 2.0;

/// The sentences that say most, in their order, in at most so many words.
pub fn condense(lines: &[Line], language: Language, words_max: usize) -> Vec<Line> {
    let reader = Reader::new(language);
    let first = lines.iter().position(|line| line.by_customer);
    let mut spoken: Vec<Spoken<'_>> = lines
        .iter()
        .enumerate()
        .skip(first.unwrap_or(lines.len()))
        .flat_map(|(at, line)| spoken(at, line, &reader, language))
        .collect();
    let mut known = BTreeSet::new();
    // What it was about comes first, then what was answered.
    let of_customer = (words_max as f64 * OF_CUSTOMER) as usize;
    let kept = keep(&mut spoken, &mut known, of_customer, |one| one.by_customer);
    keep(&mut spoken, &mut known, words_max - kept, |_| true);
    joined(lines, &spoken)
}

/// Keeps the best of those that may be, and says how many words they have.
fn keep(
    spoken: &mut [Spoken<'_>],
    known: &mut BTreeSet<String>,
    words_max: usize,
    may: impl Fn(&Spoken<'_>) -> bool,
) -> usize {
    let mut left = words_max;
    while let Some(best) = best(spoken, known, left, &may) {
        let chosen = &mut spoken[best];
        chosen.is_kept = true;
        left -= chosen.words.len();
        known.extend(chosen.words.iter().map(|word| word.stem.clone()));
    }
    words_max - left
}

/// A sentence of a line.
struct Spoken<'a> {
    line: usize,
    by_customer: bool,
    text: &'a str,
    words: Vec<Word>,
    weight: f64,
    is_kept: bool,
}

fn spoken<'a>(at: usize, line: &'a Line, reader: &Reader, language: Language) -> Vec<Spoken<'a>> {
    let spans = sentences(&line.text, language);
    let one = |(from, to): (usize, usize)| {
        let text = line.text[from..to].trim();
        let weight = match (line.by_customer, text.ends_with('?')) {
            (false, true) => ASKED_BACK,
            (true, _) | (false, false) => 1.0,
        };
        Spoken {
            line: at,
            by_customer: line.by_customer,
            text,
            words: reader.words(text),
            weight,
            is_kept: false,
        }
    };
    spans.into_iter().map(one).collect()
}

/// The sentence that brings most for its length; the earlier one of two alike.
fn best(
    spoken: &[Spoken<'_>],
    known: &BTreeSet<String>,
    words_left: usize,
    may: &impl Fn(&Spoken<'_>) -> bool,
) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (index, one) in spoken.iter().enumerate() {
        let fits = !one.words.is_empty() && one.words.len() <= words_left;
        if one.is_kept || !fits || !may(one) {
            continue;
        }
        let gain = gain(one, known);
        let worth = gain / (one.words.len() as f64).sqrt();
        let gain_min = match one.by_customer {
            true => GAIN_MIN,
            false => GAIN_MIN_OF_OTHERS,
        };
        if gain >= gain_min && best.is_none_or(|(_, most)| worth > most) {
            best = Some((index, worth));
        }
    }
    best.map(|(index, _)| index)
}

/// What a sentence says that is not known yet.
fn gain(spoken: &Spoken<'_>, known: &BTreeSet<String>) -> f64 {
    let mut own = BTreeSet::new();
    let new = spoken
        .words
        .iter()
        .filter(|word| says(word) && !known.contains(&word.stem) && own.insert(word.stem.as_str()));
    let worth = |word: &Word| word.weight * if word.class.digits { FIGURE } else { 1.0 };
    spoken.weight * new.map(worth).sum::<f64>()
}

/// What is kept, a line for each that something is kept of.
fn joined(lines: &[Line], spoken: &[Spoken<'_>]) -> Vec<Line> {
    let mut kept: Vec<(usize, Line)> = Vec::new();
    for one in spoken.iter().filter(|one| one.is_kept) {
        match kept.last_mut().filter(|(line, _)| *line == one.line) {
            Some((_, line)) => {
                line.text.push(' ');
                line.text.push_str(one.text);
            }
            None => kept.push((
                one.line,
                Line {
                    by_customer: lines[one.line].by_customer,
                    text: one.text.to_owned(),
                },
            )),
        }
    }
    kept.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let (by, text) = text.split_once(": ").unwrap();
        Line {
            by_customer: by == "customer",
            text: text.to_owned(),
        }
    }

    const TALK: [&str; 8] = [
        "customer: hi there",
        "bot: Hello, I am the assistant of Tern Bank. What can I do for you?",
        "customer: my visa card was stolen in Lisbon yesterday",
        "bot: I am sorry to hear that. Shall I block it?",
        "customer: yes please",
        "bot: Your Visa card ending in 4417 is blocked. A new one arrives within 5 working days.",
        "customer: ok thanks",
        "bot: You are welcome.",
    ];

    #[test]
    fn what_a_conversation_was_about_is_kept_in_its_own_words() {
        let lines: Vec<Line> = TALK.iter().map(|text| line(text)).collect();
        let kept = condense(&lines, Language::En, 30);
        let kept: Vec<&str> = kept.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            kept,
            [
                "my visa card was stolen in Lisbon yesterday",
                "Your Visa card ending in 4417 is blocked. A new one arrives within 5 working days.",
            ]
        );
    }

    #[test]
    fn what_was_wanted_has_its_place_beside_long_answers() {
        let answer = "bot: A machine keeps a card after three wrong PINs or after a fault, and its operator destroys it. Order a \
                      free replacement under Cards; it takes up to 5 working days. If the machine was tampered with, call \
                      040 66969 116, day or night. Limits, fees, exchange rates and partners are listed on our website.";
        let talk = [
            "bot: Welcome to Tern Bank in Hamburg!",
            "customer: my card was swallowed in Porto",
            answer,
        ];
        let lines: Vec<Line> = talk.map(line).into();
        let kept = condense(&lines, Language::En, 40);
        assert_eq!(kept[0], lines[1], "{kept:?}");
        assert!(
            kept.len() == 2 && kept[1].text.contains("040 66969 116"),
            "{kept:?}"
        );
    }

    #[test]
    fn a_bound_of_words_holds_and_nothing_is_said_twice() {
        let mut lines: Vec<Line> = TALK.iter().map(|text| line(text)).collect();
        lines.extend(lines.clone());
        for words_max in [0, 5, 10, 20, 40] {
            let kept = condense(&lines, Language::En, words_max);
            let count: usize = kept
                .iter()
                .map(|line| line.text.split_whitespace().count())
                .sum();
            assert!(count <= words_max, "{count} of {words_max}: {kept:?}");
            let different: BTreeSet<&str> = kept.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(different.len(), kept.len());
        }
    }

    #[test]
    fn small_talk_leaves_no_note() {
        let lines: Vec<Line> = ["customer: hi", "bot: Hello!", "customer: thanks, bye"]
            .map(line)
            .into();
        assert_eq!(condense(&lines, Language::En, 60), []);
    }
}
