//! `switchboard eval --languages`: how well a bot's languages are told apart.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use understand::{
    LanguageReport, LanguageRow, cross_validate_languages, evaluate_languages, read_languages,
};

use super::Args;
use super::subject::Subject;

/// Messages with mistakes that are listed.
const MISTAKES_SHOWN: usize = 20;

/// Measures on the messages of a file, or on a bot's own examples by cross-validation.
pub(super) fn measure(
    args: &Args,
    subject: &Subject,
    file: Option<&Path>,
) -> anyhow::Result<LanguageReport> {
    let report = match file {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let mut lines =
                read_languages(&text).with_context(|| format!("in {}", file.display()))?;
            if let Some(split) = &args.test_split {
                lines.retain(|line| line.split == *split);
            }
            if lines.is_empty() {
                bail!("no line of {} is to be measured on", file.display());
            }
            evaluate_languages(&subject.data, &lines)
        }
        None => cross_validate_languages(&subject.data),
    };
    report.context("this bot has one language, or of one of them hardly any examples")
}

/// The report for people.
pub(super) fn text(report: &LanguageReport) -> String {
    let mut out = format!(
        "{:10} {:>8} {:>9} {:>8} {:>8} {:>10}\n",
        "language", "words", "messages", "right", "wrong", "undecided"
    );
    report.rows.iter().for_each(|one| out.push_str(&row(one)));
    let mut all = LanguageRow::default();
    for one in &report.rows {
        all.messages += one.messages;
        all.right += one.right;
        all.wrong += one.wrong;
    }
    out.push_str(&line("all", "", &all));
    if !report.mistakes.is_empty() {
        out.push_str("\ntaken for another language\n");
    }
    for one in report.mistakes.iter().take(MISTAKES_SHOWN) {
        let _ = writeln!(out, "  {} ({}): {}", one.language, one.taken_for, one.text);
    }
    let more = report.mistakes.len().saturating_sub(MISTAKES_SHOWN);
    if more > 0 {
        let _ = writeln!(out, "  and {more} more; --json lists all");
    }
    out
}

fn row(one: &LanguageRow) -> String {
    let words = one
        .words_max
        .map_or("more".to_owned(), |most| format!("≤ {most}"));
    line(&one.language, &words, one)
}

fn line(language: &str, words: &str, one: &LanguageRow) -> String {
    let share = |count: usize| 100.0 * count as f64 / one.messages.max(1) as f64;
    format!(
        "{language:10} {words:>8} {:>9} {:>6.1} % {:>6.1} % {:>8.1} %\n",
        one.messages,
        share(one.right),
        share(one.wrong),
        share(one.undecided())
    )
}
