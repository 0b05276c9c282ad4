//! One YAML file by itself, for readers outside this crate: the runner of conversation tests.

use super::{Node, parse};
use crate::diagnostic::{Diagnostic, Findings};
use crate::place::Sources;

/// What a file holds.
#[derive(Debug)]
pub struct Tree {
    /// Its content; none when it has none or cannot be read.
    pub root: Option<Node>,
    /// Everything found on the way.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a YAML text. `path` is what diagnostics call the file.
pub fn read(path: &str, text: &str) -> Tree {
    let mut sources = Sources::default();
    let findings = Findings::default();
    let file = sources.add(path, text.to_owned());
    let root = parse(&sources, file, &findings);
    Tree {
        root,
        diagnostics: findings.finish(&sources),
    }
}
