//! Any intent corpus as JSON lines: `{"text": …, "intent": …, "split": …}`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialog::Locale;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::entity::ExpectedEntity;
use super::{Place, Places, TestMessage};
use crate::training::{
    Annotation, EntityDefinition, EntityKind, Example, IntentExamples, TrainingData,
};

/// A labelled message of a corpus.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CorpusLine {
    /// What was written.
    pub text: String,
    /// What it means.
    pub intent: String,
    /// Which part of the corpus it belongs to.
    #[serde(default)]
    pub split: String,
    /// Where it stands, where that is known.
    #[serde(skip)]
    pub place: Option<Place>,
    /// The values in it, where the corpus marks them.
    #[serde(default)]
    pub entities: Vec<ExpectedEntity>,
}

/// A line that is no labelled message.
#[derive(Debug, thiserror::Error)]
#[error(
    "line {line} is no JSON object with the texts `text`, `intent` and, where there are several, `split`: {source}"
)]
pub struct CorpusError {
    /// Counted from 1.
    pub line: usize,
    /// What the parser says.
    pub source: serde_json::Error,
}

/// What to take of a corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorpusSplits {
    /// The split to train on.
    pub train: String,
    /// The split to measure on; none = cross-validate.
    pub test: Option<String>,
    /// The intent that stands for "none of them": not trained on, and out of scope when measured.
    pub oos_label: Option<String>,
    /// The most examples of an intent to train on, the first ones.
    pub shots: Option<usize>,
}

/// Reads a corpus; empty lines are left out.
///
/// # Errors
/// At the first line that is no labelled message.
pub fn read_corpus(text: &str) -> Result<Vec<CorpusLine>, CorpusError> {
    json_lines(text)
}

/// The same of a file with this name: each line knows its place.
///
/// # Errors
/// At the first line that is no labelled message.
pub fn read_corpus_file(file: &str, text: &str) -> Result<Vec<CorpusLine>, CorpusError> {
    let file: Arc<str> = file.into();
    let placed = |(line, text): (usize, &str)| {
        let place = Place {
            file: file.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        };
        Ok(CorpusLine {
            place: Some(place),
            ..read_line(line, text)?
        })
    };
    lines(text).map(placed).collect()
}

/// The lines that are not empty, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate();
    numbered
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| (index + 1, line))
}

/// One object a line; empty lines are left out.
pub(super) fn json_lines<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, CorpusError> {
    lines(text)
        .map(|(line, text)| read_line(line, text))
        .collect()
}

fn read_line<T: DeserializeOwned>(line: usize, text: &str) -> Result<T, CorpusError> {
    serde_json::from_str(text).map_err(|source| CorpusError { line, source })
}

impl CorpusSplits {
    /// What to train on. A corpus says nothing of languages: the locale is the caller's.
    pub fn training(&self, lines: &[CorpusLine], locale: &Locale) -> TrainingData {
        let examples = |(intent, lines): (&str, Vec<&CorpusLine>)| IntentExamples {
            intent: intent.to_owned(),
            locale: locale.clone(),
            examples: lines.iter().map(|line| example(line)).collect(),
        };
        TrainingData {
            locales: vec![locale.clone()],
            intents: self.by_intent(lines).into_iter().map(examples).collect(),
            entities: learned(lines),
        }
    }

    /// Where what [`CorpusSplits::training`] gives stands.
    pub fn places(&self, lines: &[CorpusLine]) -> Places {
        let lists = self.by_intent(lines).into_values();
        let places =
            |lines: Vec<&CorpusLine>| lines.iter().map(|line| line.place.clone()).collect();
        Places(lists.map(places).collect())
    }

    fn by_intent<'a>(&self, lines: &'a [CorpusLine]) -> BTreeMap<&'a str, Vec<&'a CorpusLine>> {
        let mut intents: BTreeMap<&str, Vec<&CorpusLine>> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.split == self.train) {
            if self.oos_label.as_ref() != Some(&line.intent) {
                intents.entry(&line.intent).or_default().push(line);
            }
        }
        for lines in intents.values_mut() {
            lines.truncate(self.shots.unwrap_or(usize::MAX));
        }
        intents
    }

    /// What to measure on; empty when there is no test split.
    pub fn test(&self, lines: &[CorpusLine]) -> Vec<TestMessage> {
        let in_test = lines
            .iter()
            .filter(|line| self.test.as_ref() == Some(&line.split));
        in_test
            .map(|line| TestMessage {
                text: line.text.clone(),
                intent: (self.oos_label.as_ref() != Some(&line.intent))
                    .then(|| line.intent.clone()),
                place: line.place.clone(),
            })
            .collect()
    }
}

/// A line with its values marked.
fn example(line: &CorpusLine) -> Example {
    let places = super::entity::places(&line.text, &line.entities);
    let annotation = |(one, place): (&ExpectedEntity, Option<(usize, usize)>)| {
        place.map(|(start, end)| Annotation {
            start,
            end,
            entity: one.entity.clone(),
            value: None,
        })
    };
    let annotations = line.entities.iter().zip(places).filter_map(annotation);
    Example {
        text: line.text.clone(),
        annotations: annotations.collect(),
    }
}

/// Whatever a corpus marks is learned from its marks.
fn learned(lines: &[CorpusLine]) -> Vec<EntityDefinition> {
    let marked = lines.iter().flat_map(|line| &line.entities);
    let names: BTreeSet<&str> = marked.map(|one| one.entity.as_str()).collect();
    let definition = |name: &str| EntityDefinition {
        name: name.to_owned(),
        kind: EntityKind::Learned,
        fuzzy: 0,
    };
    names.into_iter().map(definition).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"{"text":"hello","intent":"greet","split":"train"}
{"text":"hi","intent":"greet","split":"train"}
{"text":"pi?","intent":"oos","split":"train"}

{"text":"hey","intent":"greet","split":"test"}
{"text":"why?","intent":"oos","split":"test"}"#;

    #[test]
    fn a_corpus_gives_what_to_train_and_what_to_measure_on() {
        let lines = read_corpus(LINES).expect("all lines are labelled");
        let splits = CorpusSplits {
            train: "train".to_owned(),
            test: Some("test".to_owned()),
            oos_label: Some("oos".to_owned()),
            shots: Some(1),
        };
        let data = splits.training(&lines, &"en".into());
        assert_eq!((data.intents.len(), data.intents[0].examples.len()), (1, 1));
        let intents: Vec<_> = splits
            .test(&lines)
            .into_iter()
            .map(|message| message.intent)
            .collect();
        assert_eq!(intents, [Some("greet".to_owned()), None]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = read_corpus("{\"text\":\"a\",\"intent\":\"b\"}\n\nnot json")
            .expect_err("line 3 is none");
        assert_eq!(error.line, 3);
    }
}
