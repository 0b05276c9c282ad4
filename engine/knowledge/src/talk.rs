//! What was said in a conversation: its lines cut down to the sentences that say most, and the notes of past conversations
//! that a question goes back to. Nothing is written anew: what is kept was said.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use understand::{EncodeError, Encoder};

use crate::language::Language;
use crate::text::sentence::sentences;
use crate::text::word::{Reader, Word};

/// A line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whether the customer said it; else the bot or a person at a desk.
    pub by_customer: bool,
    /// The words.
    pub text: String,
}

/// What the customer says is what a conversation was about; what was answered can mostly be found again.
const CUSTOMER: f64 = 1.5;
/// Questions of the bot say little once they are answered.
const ASKED_BACK: f64 = 0.2;
/// A figure is what nobody can guess.
const FIGURE: f64 = 1.5;
/// A sentence must bring this much that no other one said: a new word of the customer's, two of the others'. With less it is a
/// "yes, please".
const GAIN_MIN: f64 = 1.5;

/// The sentences that say most, in their order, in at most so many words.
pub fn condense(lines: &[Line], language: Language, words_max: usize) -> Vec<Line> {
    let reader = Reader::new(language);
    let mut spoken: Vec<Spoken<'_>> = lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| spoken(at, line, &reader, language))
        .collect();
    let mut known = BTreeSet::new();
    let mut left = words_max;
    while let Some(best) = best(&spoken, &known, left) {
        let chosen = &mut spoken[best];
        chosen.is_kept = true;
        left -= chosen.words.len();
        known.extend(chosen.words.iter().map(|word| word.stem.clone()));
    }
    joined(lines, &spoken)
}

/// A sentence of a line.
struct Spoken<'a> {
    line: usize,
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
            (true, _) => CUSTOMER,
            (false, true) => ASKED_BACK,
            (false, false) => 1.0,
        };
        Spoken {
            line: at,
            text,
            words: reader.words(text),
            weight,
            is_kept: false,
        }
    };
    spans.into_iter().map(one).collect()
}

/// The sentence that brings most for its length; the earlier one of two alike.
fn best(spoken: &[Spoken<'_>], known: &BTreeSet<String>, words_left: usize) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (index, one) in spoken.iter().enumerate() {
        if one.is_kept || one.words.is_empty() || one.words.len() > words_left {
            continue;
        }
        let gain = gain(one, known);
        let worth = gain / (one.words.len() as f64).sqrt();
        if gain >= GAIN_MIN && best.is_none_or(|(_, most)| worth > most) {
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

/// A note has to share so much of a question's words, by weight …
const SHARE_MIN: f64 = 0.5;
/// … or be so near to it, by an encoder's cosine. Both are chosen on the split `tuning` of tests/knowledge/recall.jsonl
/// (`--example recall`): a note too many costs a model forty words, one too few the answer.
const NEAR_MIN: f64 = 0.35;
/// Notes, from the newest, that an encoder reads: some ten milliseconds each.
const READ_MAX: usize = 20;
/// Notes that a question can go back to. More is no recollection but the whole past.
const RECALLED_MAX: usize = 3;

/// The notes, newest first, that a question goes back to: those about the same thing, and the newest where it speaks of earlier.
///
/// # Errors
/// When the encoder can't read a text.
pub fn recall(
    question: &str,
    notes: &[String],
    language: Language,
    encoder: Option<&dyn Encoder>,
) -> Result<Vec<usize>, EncodeError> {
    let looks_back = looks_back(question, language);
    let relations = relations(question, notes, language, encoder)?;
    let mut matter: Vec<(usize, f64)> = relations
        .iter()
        .enumerate()
        .filter(|(index, relation)| {
            let is_meant = looks_back && *index == 0;
            relation.share >= SHARE_MIN || relation.near >= NEAR_MIN || is_meant
        })
        .map(|(index, relation)| (index, relation.share.max(relation.near)))
        .collect();
    matter.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut recalled: Vec<usize> = matter
        .iter()
        .take(RECALLED_MAX)
        .map(|(at, _)| *at)
        .collect();
    recalled.sort_unstable();
    Ok(recalled)
}

/// What a question and a note have to do with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relation {
    /// How much of the question's words the note has, by weight, from 0 to 1.
    pub share: f64,
    /// The cosine of their vectors; 0 without an encoder.
    pub near: f64,
}

/// What a question has to do with each note.
///
/// # Errors
/// When the encoder can't read a text.
pub fn relations(
    question: &str,
    notes: &[String],
    language: Language,
    encoder: Option<&dyn Encoder>,
) -> Result<Vec<Relation>, EncodeError> {
    let reader = Reader::new(language);
    let asked = content(reader.words(question));
    let near = match encoder {
        Some(encoder) => nearness(question, notes, encoder)?,
        None => vec![0.0; notes.len()],
    };
    let relation = |(note, near): (&String, f64)| Relation {
        share: share(&asked, &content(reader.words(note))),
        near,
    };
    Ok(notes.iter().zip(near).map(relation).collect())
}

fn content(words: Vec<Word>) -> Vec<Word> {
    words.into_iter().filter(says).collect()
}

/// Whether a word says what a conversation is about.
fn says(word: &Word) -> bool {
    const POLITE: [&str; 16] = [
        "thanks",
        "thank",
        "bye",
        "goodbye",
        "sorry",
        "please",
        "welcome",
        "glad",
        "danke",
        "bitte",
        "tschüss",
        "entschuldigung",
        "leid",
        "gern",
        "gerne",
        "willkommen",
    ];
    !word.class.small && !word.class.courtesy && !POLITE.contains(&word.folded.as_str())
}

/// How much of the asked words a note has. A single word is no topic.
fn share(asked: &[Word], note: &[Word]) -> f64 {
    let stems: BTreeSet<&str> = note.iter().map(|word| word.stem.as_str()).collect();
    let (mut all, mut has, mut count) = (0.0, 0.0, 0);
    for word in asked {
        all += word.weight;
        if stems.contains(word.stem.as_str()) {
            has += word.weight;
            count += 1;
        }
    }
    if count < 2 { 0.0 } else { has / all }
}

fn nearness(
    question: &str,
    notes: &[String],
    encoder: &dyn Encoder,
) -> Result<Vec<f64>, EncodeError> {
    let mut texts: Vec<&str> = vec![question];
    texts.extend(notes.iter().take(READ_MAX).map(String::as_str));
    let count = notes.len();
    let vectors = encoder.encode(&texts)?;
    let Some((asked, notes)) = vectors.split_first() else {
        return Ok(Vec::new());
    };
    // Vectors have length one.
    let cosine = |note: &Vec<f32>| asked.iter().zip(note).map(|(a, b)| f64::from(a * b)).sum();
    let mut near: Vec<f64> = notes.iter().map(cosine).collect();
    near.resize(count, 0.0);
    Ok(near)
}

/// Whether a text speaks of what was before this conversation.
fn looks_back(text: &str, language: Language) -> bool {
    let cues: &[&str] = match language {
        Language::En => &[
            "last time",
            "the other day",
            "my last visit",
            "earlier",
            "previously",
            "as before",
            "already told",
            "already asked",
            "we talked",
            "we spoke",
            "you said",
            "you told me",
            "remember when",
        ],
        Language::De => &[
            "letztes mal",
            "letzten mal",
            "neulich",
            "beim vorigen",
            "vorhin",
            "früher schon",
            "schon einmal",
            "schon gesagt",
            "schon gefragt",
            "gesprochen haben",
            "sie sagten",
            "du sagtest",
            "hatten sie gesagt",
        ],
        Language::Other => &[],
    };
    let text = text.to_lowercase();
    cues.iter().any(|cue| text.contains(cue))
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

    #[test]
    fn a_question_recalls_what_is_about_the_same_thing_or_what_was_last() {
        let notes = [
            "my visa card was stolen in Lisbon. Your Visa card ending in 4417 is blocked."
                .to_owned(),
            "how much does a transfer to Poland cost. It costs 1.50 EUR.".to_owned(),
        ];
        let recalled = |question: &str| recall(question, &notes, Language::En, None).unwrap();
        assert_eq!(recalled("is the visa card blocked by now?"), [0]);
        assert_eq!(recalled("and a transfer that goes to Poland today?"), [1]);
        assert_eq!(recalled("what did you say, last time?"), [0]);
        assert_eq!(
            recalled("can I open a savings account?"),
            Vec::<usize>::new()
        );
        assert_eq!(recalled("card"), Vec::<usize>::new());
    }
}
