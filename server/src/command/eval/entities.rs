//! `switchboard eval --entities`: how well the values in messages are found.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use dialog::Locale;
use understand::{EntityReport, EntityScore, Extractor, evaluate_entities, read_entities};

use super::Args;
use super::subject::Subject;

/// Messages with mistakes that are listed.
const MISTAKES_SHOWN: usize = 20;

/// A report with what it says in shares.
#[derive(serde::Serialize)]
pub(super) struct Measured {
    precision: f64,
    recall: f64,
    f1: f64,
    #[serde(flatten)]
    report: EntityReport,
}

/// Measures a bot's entities, or what a corpus marks, on the messages of a file.
pub(super) fn measure(args: &Args, subject: &Subject, file: &Path) -> anyhow::Result<Measured> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut lines = read_entities(&text).with_context(|| format!("in {}", file.display()))?;
    if let Some(split) = &args.test_split {
        lines.retain(|line| line.split == *split);
    }
    if lines.is_empty() {
        bail!("no line of {} is to be measured on", file.display());
    }
    let extractor = Extractor::train(&subject.data);
    let report = evaluate_entities(&extractor, &lines, &Locale::from(args.locale.as_str()));
    Ok(Measured {
        precision: report.all.precision(),
        recall: report.all.recall(),
        f1: report.all.f1(),
        report,
    })
}

/// The report for people.
pub(super) fn text(measured: &Measured) -> String {
    let report = &measured.report;
    let mut out = format!(
        "{} messages, {} of them without a mistake\n\n{:24} {:>9} {:>7} {:>6} {:>6}\n",
        report.messages, report.messages_right, "entity", "precision", "recall", "F1", "there"
    );
    let rows = report.entities.iter().chain([&report.all]);
    rows.for_each(|one| out.push_str(&row(one)));
    if !report.mistakes.is_empty() {
        out.push_str("\nmistakes\n");
    }
    for one in report.mistakes.iter().take(MISTAKES_SHOWN) {
        let _ = writeln!(out, "  {}", one.text);
        for missed in &one.missed {
            let _ = writeln!(out, "    missed  {missed}");
        }
        for extra in &one.extra {
            let _ = writeln!(out, "    extra   {extra}");
        }
    }
    let more = report.mistakes.len().saturating_sub(MISTAKES_SHOWN);
    if more > 0 {
        let _ = writeln!(out, "  and {more} more; --json lists all");
    }
    out
}

fn row(one: &EntityScore) -> String {
    format!(
        "{:24} {:>7.1} % {:>5.1} % {:>6.1} {:>6}\n",
        one.entity,
        100.0 * one.precision(),
        100.0 * one.recall(),
        100.0 * one.f1(),
        one.expected
    )
}
