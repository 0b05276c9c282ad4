//! How well a bot's languages are told apart: messages whose language is known, held against what is detected.

use std::collections::BTreeMap;

use dialog::Locale;
use serde::{Deserialize, Serialize};

use super::CorpusError;
use super::corpus::json_lines;
use super::deal::{Deal, FOLDS};
use crate::entity::language::tag;
use crate::language::Languages;
use crate::training::{IntentExamples, TrainingData};

/// Messages are told apart by their length: up to so many words each, and the longer ones together.
const LENGTHS: [usize; 5] = [1, 2, 4, 8, 16];

/// A message and the language that it is in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LanguageLine {
    /// What was written.
    pub text: String,
    /// Its language.
    pub locale: Locale,
    /// Which part of the corpus it belongs to.
    #[serde(default)]
    pub split: String,
}

/// How well languages were told apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LanguageReport {
    /// By language and length, in that order; only those that messages have.
    pub rows: Vec<LanguageRow>,
    /// Every message that was taken for one in another language.
    pub mistakes: Vec<LanguageMistake>,
}

/// The messages of one language and length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LanguageRow {
    /// The language.
    pub language: String,
    /// They have at most so many words, and more than the row before; none = any number.
    pub words_max: Option<usize>,
    /// How many messages.
    pub messages: usize,
    /// How many were detected.
    pub right: usize,
    /// How many were taken for another language.
    pub wrong: usize,
}

impl LanguageRow {
    /// How many were left in the language that they came in.
    pub fn undecided(&self) -> usize {
        self.messages - self.right - self.wrong
    }
}

/// A message that was taken for one in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LanguageMistake {
    /// The message.
    pub text: String,
    /// Its language.
    pub language: String,
    /// What it was taken for.
    pub taken_for: String,
}

/// Reads messages with their language; empty lines are left out.
///
/// # Errors
/// At the first line that is none.
pub fn read_languages(text: &str) -> Result<Vec<LanguageLine>, CorpusError> {
    json_lines(text)
}

/// Detects the languages of these messages by a bot's examples; none when it has only one language, or too few examples.
pub fn evaluate_languages(data: &TrainingData, lines: &[LanguageLine]) -> Option<LanguageReport> {
    let languages = Languages::train(data)?;
    let mut report = Counting::default();
    for line in lines {
        report.count(&line.text, &line.locale, &languages);
    }
    Some(report.done())
}

/// Detects the language of each example by the others: every fifth is held out together.
pub fn cross_validate_languages(data: &TrainingData) -> Option<LanguageReport> {
    let deal = Deal::of(data);
    let mut report = Counting::default();
    for fold in 0..FOLDS {
        let languages = Languages::train(&part(data, &deal, |one| one != fold))?;
        for of in part(data, &deal, |one| one == fold).intents {
            for example in &of.examples {
                report.count(&example.text, &of.locale, &languages);
            }
        }
    }
    Some(report.done())
}

/// The examples of some folds.
fn part(data: &TrainingData, deal: &Deal, takes: impl Fn(usize) -> bool) -> TrainingData {
    let of = |(list, of): (usize, &IntentExamples)| {
        let examples = of.examples.iter().enumerate();
        let taken = examples.filter(|(index, _)| takes(deal.fold(list, *index)));
        IntentExamples {
            intent: of.intent.clone(),
            locale: of.locale.clone(),
            examples: taken.map(|(_, example)| example.clone()).collect(),
        }
    };
    TrainingData {
        locales: data.locales.clone(),
        intents: data.intents.iter().enumerate().map(of).collect(),
        entities: Vec::new(),
    }
}

/// A report while messages are counted.
#[derive(Default)]
struct Counting {
    rows: BTreeMap<(String, usize), LanguageRow>,
    mistakes: Vec<LanguageMistake>,
}

impl Counting {
    fn count(&mut self, text: &str, locale: &Locale, languages: &Languages) {
        let words = text.split_whitespace().count();
        let length = LENGTHS.partition_point(|most| *most < words);
        let language = tag(locale);
        let row = self.rows.entry((language.clone(), length)).or_default();
        row.messages += 1;
        match languages.find(text).map(tag) {
            Some(found) if found == language => row.right += 1,
            Some(found) => {
                row.wrong += 1;
                self.mistakes.push(LanguageMistake {
                    text: text.to_owned(),
                    language,
                    taken_for: found,
                });
            }
            None => {}
        }
    }

    fn done(self) -> LanguageReport {
        let rows = self.rows.into_iter();
        let rows = rows.map(|((language, length), row)| LanguageRow {
            language,
            words_max: LENGTHS.get(length).copied(),
            ..row
        });
        LanguageReport {
            rows: rows.collect(),
            mistakes: self.mistakes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The built-in examples of two languages.
    fn data() -> TrainingData {
        TrainingData {
            locales: vec!["en".into(), "de".into()],
            ..TrainingData::default()
        }
        .with_built_in()
    }

    fn line(text: &str, locale: &str) -> LanguageLine {
        LanguageLine {
            text: text.to_owned(),
            locale: locale.into(),
            split: String::new(),
        }
    }

    #[test]
    fn right_wrong_and_undecided_messages_are_counted_by_language_and_length() {
        let lines = [
            line("ich möchte bitte mit einem Menschen sprechen", "de-AT"),
            line("I would like to talk to a person please", "de"),
            line("Visa", "en"),
            line("could you please repeat what you said", "en"),
        ];
        let report = evaluate_languages(&data(), &lines).expect("two languages");
        let row =
            |language: &str, words_max: usize, right: usize, wrong: usize, messages: usize| {
                LanguageRow {
                    language: language.to_owned(),
                    words_max: Some(words_max),
                    messages,
                    right,
                    wrong,
                }
            };
        let expected = [
            row("de", 8, 1, 0, 1),
            row("de", 16, 0, 1, 1),
            row("en", 1, 0, 0, 1),
            row("en", 8, 1, 0, 1),
        ];
        assert_eq!(report.rows, expected);
        assert_eq!(report.rows[2].undecided(), 1);
        assert_eq!(report.mistakes[0].taken_for, "en");
    }

    #[test]
    fn each_example_is_looked_at_once_by_what_the_others_tell() {
        let data = data();
        let report = cross_validate_languages(&data).expect("two languages");
        let all: usize = data.intents.iter().map(|of| of.examples.len()).sum();
        let looked_at: usize = report.rows.iter().map(|row| row.messages).sum();
        assert_eq!(looked_at, all);
        let right: usize = report.rows.iter().map(|row| row.right).sum();
        let wrong: usize = report.rows.iter().map(|row| row.wrong).sum();
        assert!(right > all / 3 && wrong <= all / 100, "{right} {wrong}");
        let one = TrainingData {
            locales: vec!["en".into()],
            ..data
        };
        assert_eq!(cross_validate_languages(&one), None);
    }
}
