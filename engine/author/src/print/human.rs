//! For people: the line of the file, the place marked in it, the sentence, what to do.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::files::Files;

/// Diagnostics as people read them: with the line of the file and the place marked in it.
pub fn human(diagnostics: &[Diagnostic], files: &Files) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        one(&mut out, diagnostic, files);
    }
    out
}

fn one(out: &mut String, diagnostic: &Diagnostic, files: &Files) {
    let _ = writeln!(
        out,
        "{}:{}:{}  {} {} ({})",
        diagnostic.file,
        diagnostic.line,
        diagnostic.column,
        diagnostic.rule.code,
        diagnostic.rule.name,
        diagnostic.severity.name()
    );
    let line = files
        .get(&diagnostic.file)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.lines().nth(diagnostic.line as usize - 1));
    if let Some(line) = line {
        mark(out, diagnostic, line);
    } else {
        let _ = writeln!(out, "      {}", diagnostic.sentence);
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "      help: {help}");
    }
    out.push('\n');
}

/// The longest piece of a line that is shown.
const SHOWN_MAX: usize = 160;

fn mark(out: &mut String, diagnostic: &Diagnostic, line: &str) {
    let column = diagnostic.column as usize - 1;
    let skipped = column.saturating_sub(SHOWN_MAX / 2);
    let shown: String = line
        .chars()
        .skip(skipped)
        .take(SHOWN_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let length =
        (diagnostic.length as usize).min(SHOWN_MAX - (column - skipped).min(SHOWN_MAX - 1));
    let _ = writeln!(out, "{:5} | {shown}", diagnostic.line);
    let _ = writeln!(
        out,
        "      | {}{} {}",
        " ".repeat(column - skipped),
        "^".repeat(length.max(1)),
        diagnostic.sentence
    );
}
