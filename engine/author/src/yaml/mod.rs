//! YAML with places: a file's text becomes a tree of [`Node`]s, and every mistake in it a finding.
//!
//! The events are saphyr-parser's. Serde is deliberately not used: it stops at the first mistake and loses quoting styles.

mod node;
mod parse;
mod traps;
mod within;

pub use node::*;
pub(crate) use parse::parse;
pub(crate) use within::place_within;

use crate::Diagnostic;
use crate::diagnostic::Findings;
use crate::files::FILE_BYTES_MAX;
use crate::place::{Place, Sources};
use crate::rule;

/// One file as a tree.
#[derive(Debug)]
pub struct ReadFile {
    /// Its content; none when it has none or cannot be read.
    pub root: Option<Node>,
    /// What is wrong with it as YAML.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file that is not the compiler's: a conversation test.
pub fn read(path: &str, text: &str) -> ReadFile {
    let mut sources = Sources::default();
    let findings = Findings::default();
    let too_large = text.len() as u64 > FILE_BYTES_MAX;
    let text = if too_large { "" } else { text };
    let file = sources.add(path, text.to_owned());
    if too_large {
        let place = Place::start_of(file);
        findings.add(&rule::FILE_BOUNDS, place, "the file is larger than 1 MB");
    }
    let root = parse(&sources, file, &findings);
    ReadFile {
        root,
        diagnostics: findings.finish(&sources),
    }
}
