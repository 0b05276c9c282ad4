//! Any intent corpus as JSON lines: `{"text": …, "intent": …, "split": …}`.

use std::collections::BTreeMap;

use dialog::Locale;
use serde::Deserialize;

use super::TestMessage;
use crate::training::{Example, IntentExamples, TrainingData};

/// A labelled message of a corpus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CorpusLine {
    /// What was written.
    pub text: String,
    /// What it means.
    pub intent: String,
    /// Which part of the corpus it belongs to.
    #[serde(default)]
    pub split: String,
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
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|source| CorpusError {
                line: index + 1,
                source,
            })
        })
        .collect()
}

impl CorpusSplits {
    /// What to train on. A corpus says nothing of languages: the locale is the caller's.
    pub fn training(&self, lines: &[CorpusLine], locale: &Locale) -> TrainingData {
        let mut intents: BTreeMap<&str, Vec<Example>> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.split == self.train) {
            if self.oos_label.as_ref() != Some(&line.intent) {
                intents
                    .entry(&line.intent)
                    .or_default()
                    .push(Example::from(line.text.as_str()));
            }
        }
        let examples = |(intent, mut examples): (&str, Vec<Example>)| {
            examples.truncate(self.shots.unwrap_or(usize::MAX));
            IntentExamples {
                intent: intent.to_owned(),
                locale: locale.clone(),
                examples,
            }
        };
        TrainingData {
            locales: vec![locale.clone()],
            intents: intents.into_iter().map(examples).collect(),
            entities: Vec::new(),
        }
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
            })
            .collect()
    }
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
