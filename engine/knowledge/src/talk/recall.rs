//! The notes of past conversations that a question goes back to.

use std::collections::BTreeSet;

use understand::{EncodeError, Encoder};

use super::says;
use crate::language::Language;
use crate::text::word::{Reader, Word};

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

fn content(words: Vec<Word>) -> Vec<Word> {
    words.into_iter().filter(says).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
