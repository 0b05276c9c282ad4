//! A report as JUnit XML, which continuous integration reads.

use std::fmt::Write;

use crate::report::{Outcome, Report};

/// The report as one `<testsuites>` document.
pub fn junit(report: &Report) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failures) = (report.outcomes.len(), report.failed());
    let seconds = report.took.as_secs_f64();
    let _ = writeln!(
        out,
        "<testsuites tests=\"{tests}\" failures=\"{failures}\" time=\"{seconds:.3}\">"
    );
    let _ = writeln!(
        out,
        "<testsuite name=\"conversations\" tests=\"{tests}\" failures=\"{failures}\" time=\"{seconds:.3}\">"
    );
    for outcome in &report.outcomes {
        case(&mut out, outcome);
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, outcome: &Outcome) {
    let (file, name) = (escaped(&outcome.file), escaped(&outcome.name));
    let seconds = outcome.took.as_secs_f64();
    let _ = write!(
        out,
        "<testcase classname=\"{file}\" name=\"{name}\" file=\"{file}\" time=\"{seconds:.3}\""
    );
    match outcome.failures.first() {
        None => out.push_str("/>\n"),
        Some(first) => {
            let message = escaped(&format!("{}:{} {}", first.file, first.at.line, first.step));
            let text = escaped(&outcome.print());
            let _ = writeln!(
                out,
                ">\n<failure message=\"{message}\">{text}</failure>\n</testcase>"
            );
        }
    }
}

/// XML knows no control characters but tab and line ends: others become a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
