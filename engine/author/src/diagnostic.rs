//! What is wrong in an author's file: a code, a place, one sentence and what to do.

use std::cell::RefCell;
use std::fmt;

use crate::place::{FileId, Place, Sources};
use crate::rule::Rule;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The bot cannot run like that.
    Error,
    /// It runs, but hardly as it was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// Something that an author should know of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// What kind of thing it is.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The file, from the bot's folder.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters are marked; at least 1.
    pub length: u32,
    /// What is wrong, for somebody who does not program.
    pub sentence: String,
    /// What to do, often the text to write instead.
    pub help: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}  {} {}  {}",
            self.file, self.line, self.column, self.rule.code, self.rule.name, self.sentence
        )?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// Collects what is found while the files are read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: RefCell<Vec<Finding>>,
}

#[derive(Debug)]
struct Finding {
    rule: &'static Rule,
    place: Place,
    sentence: String,
    help: Option<String>,
}

/// The most diagnostics of one run: more help nobody, and a hostile file could make millions.
const FOUND_MAX: usize = 1_000;

/// A mistake because of which something is missing from the bot: a reference to nothing, a value of the wrong form.
fn is_unread(finding: &Finding) -> bool {
    finding.rule.severity == Severity::Error && finding.rule.code < "SB050"
}

impl Findings {
    /// Notes something.
    pub(crate) fn add(&self, rule: &'static Rule, place: Place, sentence: impl Into<String>) {
        self.note(rule, place, sentence.into(), None);
    }

    /// Notes something, with what to do.
    pub(crate) fn add_with_help(
        &self,
        rule: &'static Rule,
        place: Place,
        sentence: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.note(rule, place, sentence.into(), Some(help.into()));
    }

    /// Notes something, with what to do where that is known.
    pub(crate) fn note(
        &self,
        rule: &'static Rule,
        place: Place,
        sentence: String,
        help: Option<String>,
    ) {
        let mut found = self.found.borrow_mut();
        if found.len() < FOUND_MAX {
            found.push(Finding {
                rule,
                place,
                sentence,
                help,
            });
        }
    }

    /// Whether everything in a file was read: only then can be said what leads nowhere in it.
    pub(crate) fn is_whole(&self, file: FileId) -> bool {
        !self
            .found
            .borrow()
            .iter()
            .any(|finding| finding.place.file == file && is_unread(finding))
    }

    /// Whether every expression was read.
    pub(crate) fn expressions_are_whole(&self) -> bool {
        let codes = [
            "SB016", "SB040", "SB041", "SB042", "SB043", "SB045", "SB046",
        ];
        !self
            .found
            .borrow()
            .iter()
            .any(|finding| codes.contains(&finding.rule.code))
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// Whether nothing stands in the way of running the bot.
    pub(crate) fn no_errors(&self) -> bool {
        self.found
            .borrow()
            .iter()
            .all(|finding| finding.rule.severity != Severity::Error)
    }

    /// Everything found, by file, line and column, without repetitions.
    pub(crate) fn finish(self, sources: &Sources) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by(|a, b| {
            (
                sources.name(a.place.file),
                a.place,
                a.rule.code,
                &a.sentence,
            )
                .cmp(&(
                    sources.name(b.place.file),
                    b.place,
                    b.rule.code,
                    &b.sentence,
                ))
        });
        found.dedup_by(|a, b| {
            a.place == b.place && a.rule.code == b.rule.code && a.sentence == b.sentence
        });
        found
            .into_iter()
            .map(|finding| Diagnostic {
                rule: finding.rule,
                severity: finding.rule.severity,
                file: sources.name(finding.place.file).to_owned(),
                line: finding.place.line,
                column: finding.place.column,
                length: finding.place.length,
                sentence: finding.sentence,
                help: finding.help,
            })
            .collect()
    }
}
