//! A report as one page that needs nothing else: no script, no font, no address; it opens from a disk and under a strict content
//! security policy. What it says is what the text says.

mod picture;
mod table;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::measure::Measured;
use super::report::line;

const STYLE: &str = include_str!("style.css");

/// The page of a report. `title` says what was measured.
pub(super) fn html(measured: &Measured, title: &str) -> String {
    let report = &measured.report;
    let mut out = String::new();
    head(&mut out, title);
    figures(&mut out, measured, title);
    line!(out, "<h2>Is the confidence honest?</h2>");
    line!(
        out,
        "<p>Of a hundred messages that the bot is 75 % sure of, 75 should be right: then the bounds <code>accept</code> and <code>confirm</code> mean what they say.</p>"
    );
    line!(out, "<div class=\"pair\">");
    let bins = &report.calibration.bins;
    figure(
        &mut out,
        &picture::reliability(bins),
        "Each bar: messages of about this confidence, and the part of them that was right. On the line it is honest; below it, too sure.",
    );
    figure(
        &mut out,
        &picture::distribution(bins),
        "How sure the bot was, when it was right (below) and when it was wrong (above).",
    );
    line!(out, "</div>");
    confusions(&mut out, measured);
    if let Some(advice) = &report.advice {
        table::advice(&mut out, advice);
    }
    table::intents(&mut out, measured);
    line!(out, "</main>\n</html>");
    out
}

fn head(out: &mut String, title: &str) {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    line!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">"
    );
    line!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'\">"
    );
    line!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    );
    line!(out, "<title>What {} misunderstands</title>", escape(title));
    line!(out, "<style>{STYLE}</style>\n<main>");
}

fn figures(out: &mut String, measured: &Measured, title: &str) {
    let report = &measured.report;
    let how = match measured.cross_validated {
        true => "Each example was held out once and asked of a model that had not seen it.",
        false => "Measured on messages that the model had not seen.",
    };
    line!(out, "<h1>What {} misunderstands</h1>", escape(title));
    line!(
        out,
        "<p class=\"soft\">{how} Read with {}.</p>",
        escape(&measured.encoder)
    );
    line!(out, "<dl class=\"figures\">");
    figure_of(
        out,
        "Right",
        &percent(report.accuracy),
        &format!("of {} messages", report.messages),
    );
    figure_of(
        out,
        "Calibration error",
        &percent(report.calibration.ece),
        "said and true apart, on average",
    );
    if let Some(found) = &report.out_of_scope {
        let of = match measured.cross_validated {
            true => "of intents left out, 95 % let in",
            false => "of foreign ones, 95 % let in",
        };
        figure_of(out, "Out of scope found", &percent(found.recall95), of);
    }
    let latency = report.latency;
    figure_of(
        out,
        "A message takes",
        &format!("{:.0} µs", latency.median_us),
        &format!("99 of 100 at most {:.0} µs", latency.p99_us),
    );
    line!(out, "</dl>");
}

fn figure_of(out: &mut String, name: &str, value: &str, more: &str) {
    line!(
        out,
        "<div><dt>{name}</dt><dd>{value}<small>{more}</small></dd></div>"
    );
}

fn figure(out: &mut String, picture: &str, caption: &str) {
    line!(
        out,
        "<figure>{picture}<figcaption>{caption}</figcaption></figure>"
    );
}

fn confusions(out: &mut String, measured: &Measured) {
    let report = &measured.report;
    if report.confusions.is_empty() {
        return;
    }
    line!(out, "<h2>What is mixed up</h2>");
    line!(
        out,
        "<p>Two intents that are often mixed up may be one, or need examples that show the difference.</p>"
    );
    let picture = picture::matrix(&report.matrix);
    line!(
        out,
        "<figure class=\"wide\" tabindex=\"0\">{picture}<figcaption>Down: what messages meant. Across: what they were taken for. Only the intents that are mixed up the most.</figcaption></figure>"
    );
    table::confusions(out, &report.confusions);
}

pub(super) fn percent(part: f64) -> String {
    format!("{:.1} %", 100.0 * part)
}

/// A text that may hold anything, as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        assert_eq!(
            escape("<script>alert('\"&\u{0}')</script>"),
            "&lt;script&gt;alert(&#39;&quot;&amp; &#39;)&lt;/script&gt;"
        );
    }
}
