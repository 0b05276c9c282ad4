//! Where the examples of a training data stand, for those who must mend them. Training does not know it: a place changes
//! nothing that is learnt.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, as its author names it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The places of a [`crate::TrainingData`]: its lists, and their examples, in its order. Built-in examples stand nowhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places(pub Vec<Vec<Option<Place>>>);

impl Places {
    /// Where an example stands; none where that is not known.
    pub fn of(&self, list: usize, example: usize) -> Option<&Place> {
        self.0.get(list)?.get(example)?.as_ref()
    }
}
