//! Playing calls back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::difference::{Difference, differences};
use super::{Call, key};
use crate::model::Answer;
use crate::{Error, ErrorKind, Model, Piece, Request};

/// How many differences an unknown request is told of: the first ones name the cause.
const DIFFERENCES_MAX: usize = 3;

/// The calls of a cassette.
#[derive(Debug, Default)]
pub struct Tape {
    calls: Vec<Call>,
    by_key: BTreeMap<String, Vec<usize>>,
}

/// A cassette that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The file cannot be opened.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A line is not a call.
    #[error("{path}:{line}: not a recorded call: {error}")]
    Line {
        /// In which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
    /// A line was changed by hand, and its key is another call's.
    #[error(
        "{path}:{line}: the request is not the one that the key was made of: {expected} would be its key"
    )]
    Key {
        /// In which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What it would have to be.
        expected: String,
    },
}

impl Tape {
    /// The calls of a file.
    pub fn read(path: &Path) -> Result<Self, TapeError> {
        let text = fs::read_to_string(path).map_err(|error| TapeError::File {
            path: path.to_owned(),
            error,
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, TapeError> {
        let mut tape = Self::default();
        for (at, line) in text.lines().enumerate() {
            if line.is_empty() {
                continue;
            }
            let (path, line_number) = (path.to_owned(), at + 1);
            let call: Call = serde_json::from_str(line).map_err(|error| TapeError::Line {
                path: path.clone(),
                line: line_number,
                error,
            })?;
            let expected = key(&call.model, &call.request);
            if call.key != expected {
                return Err(TapeError::Key {
                    path,
                    line: line_number,
                    expected,
                });
            }
            tape.add(call);
        }
        Ok(tape)
    }

    /// The tape of these calls.
    pub fn of(calls: impl IntoIterator<Item = Call>) -> Self {
        let mut tape = Self::default();
        for call in calls {
            tape.add(call);
        }
        tape
    }

    /// All calls, in the order in which they ended.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    fn add(&mut self, call: Call) {
        let at = self.calls.len();
        self.by_key.entry(call.key.clone()).or_default().push(at);
        self.calls.push(call);
    }
}

/// A model that only says what was recorded. A request that was recorded several times is answered in that order, and then
/// always as the last time.
pub struct Player {
    name: String,
    tape: Arc<Tape>,
    /// How often each key was asked for.
    asked: Mutex<BTreeMap<String, usize>>,
}

impl Player {
    /// The model of this name, as the tape knows it.
    pub fn new(name: &str, tape: Arc<Tape>) -> Self {
        Self {
            name: name.to_owned(),
            tape,
            asked: Mutex::default(),
        }
    }

    fn find(&self, key: &str) -> Option<&Call> {
        let places = self.tape.by_key.get(key)?;
        let mut asked = self.asked.lock().expect("nothing panics while it is held");
        let times = asked.entry(key.to_owned()).or_default();
        let place = places[(*times).min(places.len() - 1)];
        *times += 1;
        Some(&self.tape.calls[place])
    }

    fn unknown(&self, request: &Request) -> Error {
        let asked = serde_json::to_value(request).expect("a request is plain data");
        let nearest = self
            .tape
            .calls
            .iter()
            .filter(|call| call.model == self.name)
            .map(|call| {
                let recorded =
                    serde_json::to_value(&call.request).expect("a request is plain data");
                differences(&recorded, &asked)
            })
            .min_by_key(Vec::len);
        let message = match nearest {
            None => "the cassette has no call of this model".to_owned(),
            Some(found) => format!(
                "the cassette has no such call; the nearest differs in {}",
                shown(&found)
            ),
        };
        Error::new(ErrorKind::NotRecorded, &self.name, message)
    }
}

fn shown(found: &[Difference]) -> String {
    let mut sentences: Vec<String> = found
        .iter()
        .take(DIFFERENCES_MAX)
        .map(Difference::to_string)
        .collect();
    if found.len() > DIFFERENCES_MAX {
        sentences.push(format!("{} more", found.len() - DIFFERENCES_MAX));
    }
    sentences.join("; ")
}

impl Model for Player {
    fn name(&self) -> &str {
        &self.name
    }

    fn stream(&self, request: Request, _deadline: Duration) -> Answer {
        let items: Vec<Result<Piece, Error>> = match self.find(&key(&self.name, &request)) {
            None => vec![Err(self.unknown(&request))],
            Some(call) => {
                let pieces = call.pieces.iter().cloned().map(Ok);
                pieces.chain(call.error.clone().map(Err)).collect()
            }
        };
        stream::iter(items).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_changed_by_hand_is_noticed() {
        let call = Call {
            key: key("a:b", &Request::default()),
            about: "c".into(),
            model: "a:b".into(),
            request: Request::default(),
            pieces: Vec::new(),
            error: None,
        };
        let line = serde_json::to_string(&call).unwrap();
        let path = Path::new("calls.jsonl");
        assert_eq!(Tape::parse(path, &line).unwrap().calls(), [call]);
        let changed = line.replace("\"tokens_max\":0", "\"tokens_max\":1");
        let error = Tape::parse(path, &format!("\n{changed}")).unwrap_err();
        assert!(matches!(error, TapeError::Key { line: 2, .. }), "{error}");
        let error = Tape::parse(path, "{}").unwrap_err();
        assert!(matches!(error, TapeError::Line { line: 1, .. }), "{error}");
    }
}
