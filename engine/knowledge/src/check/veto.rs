//! What makes an answer unsayable, whatever else speaks for it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::align;
use super::citation;
use super::evidence::Evidence;
use super::grounds::Grounds;
use crate::language::{self, Language};
use crate::text::figure::{Figure, Unit};
use crate::text::literal::Kind;
use crate::text::word::Reader;

/// Why an answer must not be said, and where it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veto {
    /// What is wrong.
    pub cause: Cause,
    /// What it is about, as it stands in the answer; empty for the whole of it.
    pub text: String,
    /// Where it stands, in bytes.
    pub at: Range<usize>,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A number that stands nowhere.
    Number,
    /// A price that stands nowhere, or in another currency.
    Price,
    /// A share, a span of time or a measure that stands nowhere: the same number counts something else there.
    Unit,
    /// A date or a time of day that stands nowhere.
    Date,
    /// A link that stands nowhere.
    Link,
    /// An address of mail that stands nowhere.
    Mail,
    /// An id that stands nowhere.
    Id,
    /// A citation of a source that was not given.
    Citation,
    /// It refuses, or says that it doesn't know.
    Refusal,
    /// It is in another language.
    Language,
    /// It tells a secret.
    Secret,
    /// It says the same again: a model that has lost its thread.
    Repetition,
    /// It says nothing.
    Empty,
}

/// Numbers in words up to this are often none (`one of them`, `in two minds`).
const WORD_NUMBER_MIN: f64 = 3.0;
/// Letters of a secret from which finding it is no accident.
const SECRET_CHARS_MIN: usize = 3;
/// So many words in a row don't stand twice in one sentence by accident.
const REPEATED_WORDS: usize = 4;
/// Small words that must speak for another language.
const FOREIGN_VOTES_MIN: u32 = 4;

/// Keys as well-known services write them.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:sk-[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abp]-[A-Za-z0-9-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,})",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is ours")
}

/// All of an answer, by place.
pub(super) fn vetoes(grounds: &Grounds<'_>, answer: &str, evidence: &[Evidence]) -> Vec<Veto> {
    let mut found = Vec::new();
    if evidence.is_empty() {
        found.push(Veto {
            cause: Cause::Empty,
            text: String::new(),
            at: 0..0,
        });
    }
    let citations = citation::places(answer);
    for part in evidence {
        unknown_figures(grounds, answer, part, &citations, &mut found);
        unknown_literals(grounds, answer, part, &mut found);
    }
    wrong_citations(grounds, answer, &citations, &mut found);
    refusal(answer, evidence, grounds.language, &mut found);
    foreign(grounds, answer, &mut found);
    secrets(grounds, answer, &mut found);
    repetition(answer, evidence, &mut found);
    found.sort_by_key(|veto| (veto.at.start, veto.at.end, veto.cause));
    found
}

fn veto(cause: Cause, answer: &str, at: Range<usize>) -> Veto {
    Veto {
        cause,
        text: answer[at.clone()].to_owned(),
        at,
    }
}

fn unknown_figures(
    grounds: &Grounds<'_>,
    answer: &str,
    part: &Evidence,
    citations: &[Range<usize>],
    found: &mut Vec<Veto>,
) {
    let place = |at: (usize, usize)| part.at.0 + at.0..part.at.0 + at.1;
    for figure in &part.figures_read.numbers {
        let at = place(figure.at);
        let cited = citations
            .iter()
            .any(|one| one.start < at.end && at.start < one.end);
        if !cited
            && !is_list_number(answer, part, figure)
            && let Some(cause) = wrong(grounds, figure)
        {
            found.push(veto(cause, answer, at));
        }
    }
    let dates = part
        .figures_read
        .dates
        .iter()
        .filter(|(date, _)| !align::has_date(&grounds.figures, *date));
    let times = part
        .figures_read
        .times
        .iter()
        .filter(|(time, _)| !align::has_time(&grounds.figures, *time));
    for at in dates.map(|(_, at)| *at).chain(times.map(|(_, at)| *at)) {
        found.push(veto(Cause::Date, answer, place(at)));
    }
}

/// What is wrong with a number, if anything is.
fn wrong(grounds: &Grounds<'_>, figure: &Figure) -> Option<Cause> {
    let value = figure.values.first().copied().unwrap_or_default();
    if figure.in_words && value < WORD_NUMBER_MIN {
        return None;
    }
    let there = &grounds.figures;
    match (
        align::has_number(there, figure),
        align::has_figure(there, figure),
        &figure.unit,
    ) {
        (_, true, _) => None,
        (_, _, Some(Unit::Money(_))) => Some(Cause::Price),
        (true, false, Some(_)) => Some(Cause::Unit),
        (true, false, None) => None,
        (false, ..) => Some(Cause::Number),
    }
}

/// `1.` at the beginning of a line counts nothing.
fn is_list_number(answer: &str, part: &Evidence, figure: &Figure) -> bool {
    let sentence = &answer[part.at.0..part.at.1];
    let before = sentence[..figure.at.0].trim_start_matches(['-', '*', '#', ' ', '(']);
    let after = &sentence[figure.at.1..];
    before.is_empty() && (after.starts_with(". ") || after.starts_with(") "))
}

fn unknown_literals(grounds: &Grounds<'_>, answer: &str, part: &Evidence, found: &mut Vec<Veto>) {
    for literal in part
        .literals_read
        .iter()
        .filter(|one| !align::has_literal(grounds, one))
    {
        let cause = match literal.kind {
            Kind::Link => Cause::Link,
            Kind::Mail => Cause::Mail,
            Kind::Id => Cause::Id,
        };
        found.push(veto(
            cause,
            answer,
            part.at.0 + literal.at.0..part.at.0 + literal.at.1,
        ));
    }
}

fn wrong_citations(
    grounds: &Grounds<'_>,
    answer: &str,
    citations: &[Range<usize>],
    found: &mut Vec<Veto>,
) {
    for at in citations {
        let numbers = answer[at.start + 1..at.end - 1]
            .split(',')
            .map(|one| one.trim().parse::<usize>());
        let given = |number: usize| (1..=grounds.sources_count).contains(&number);
        if numbers.into_iter().any(|number| !number.is_ok_and(given)) {
            found.push(veto(Cause::Citation, answer, at.clone()));
        }
    }
}

/// A sentence that begins with a refusal, or has one behind a courtesy.
fn refusal(answer: &str, evidence: &[Evidence], language: Language, found: &mut Vec<Veto>) {
    for part in evidence {
        let text = answer[part.at.0..part.at.1]
            .to_lowercase()
            .replace('’', "'");
        let begins = |clause: &str| {
            language
                .table()
                .refusals
                .iter()
                .any(|one| clause.trim_start().starts_with(one))
        };
        let clauses = text.split([',', ';', ':', '–', '—']);
        if begins(&text) || clauses.into_iter().any(begins) {
            found.push(veto(Cause::Refusal, answer, part.at.0..part.at.1));
            return;
        }
    }
}

fn foreign(grounds: &Grounds<'_>, answer: &str, found: &mut Vec<Veto>) {
    let words = Reader::new(Language::Other).words(answer);
    let detected = language::detect(words.iter().map(|word| word.folded.as_str()));
    if let (Some(expected), Some(detected)) = (grounds.expected, detected)
        && detected.code != expected
        && detected.votes >= FOREIGN_VOTES_MIN
    {
        found.push(Veto {
            cause: Cause::Language,
            text: detected.code.to_owned(),
            at: 0..answer.len(),
        });
    }
}

/// Words in a row that stand twice in one sentence, or a sentence that stands twice.
fn repetition(answer: &str, evidence: &[Evidence], found: &mut Vec<Veto>) {
    let mut said = BTreeSet::new();
    for part in evidence {
        let at = part.at.0..part.at.1;
        let sentence = answer[at.clone()].to_lowercase();
        let words: Vec<&str> = sentence
            .split(|one: char| !one.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let mut rows = BTreeSet::new();
        let within = words
            .windows(REPEATED_WORDS)
            .any(|row| !rows.insert(row.to_vec()));
        if within || !said.insert(words.join(" ")) {
            found.push(veto(Cause::Repetition, answer, at));
            return;
        }
    }
}

fn secrets(grounds: &Grounds<'_>, answer: &str, found: &mut Vec<Veto>) {
    for secret in grounds
        .secrets
        .iter()
        .filter(|one| one.chars().count() >= SECRET_CHARS_MIN)
    {
        for (start, text) in answer.match_indices(secret) {
            found.push(Veto {
                cause: Cause::Secret,
                text: String::new(),
                at: start..start + text.len(),
            });
        }
    }
    for key in KEY.find_iter(answer) {
        found.push(Veto {
            cause: Cause::Secret,
            text: String::new(),
            at: key.range(),
        });
    }
}
