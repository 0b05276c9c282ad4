//! The tables of a report: what is mixed up, what to look at, and every intent.

use understand::{Advice, Confusion, IntentReport, Place, Scarce, Suspect, Twin};

use super::super::measure::Measured;
use super::super::report::line;
use super::{escape, percent, picture};

/// Rows of a table that are shown at once; the others are behind a click.
const ROWS_SHOWN: usize = 15;

pub(super) fn confusions(out: &mut String, all: &[Confusion]) {
    let row = |one: &Confusion| {
        let messages = one.examples.iter().map(|message| {
            let near = message.nearest.first();
            let near = near.map(|near| {
                format!(
                    "<br><span class=\"soft\">near {}</span>",
                    quoted(&near.text, near.place.as_ref())
                )
            });
            format!(
                "<p>{}, {} sure{}</p>",
                quoted(&message.text, message.place.as_ref()),
                percent(message.confidence),
                near.unwrap_or_default()
            )
        });
        let messages: String = messages.collect();
        format!(
            "<td class=\"number\">{}</td><td><details><summary>{} <span class=\"soft\">taken for</span> {}</summary>{messages}</details></td>",
            one.messages,
            escape(&one.intent),
            escape(&one.taken_for)
        )
    };
    rows(
        out,
        &[
            "<th class=\"number\">messages</th>",
            "<th>mixed up; open it for the messages and what drew them over</th>",
        ],
        all,
        row,
    );
}

pub(super) fn advice(out: &mut String, advice: &Advice) {
    if !advice.suspects.is_empty() {
        line!(out, "<h2>Perhaps under the wrong intent</h2>");
        line!(
            out,
            "<p>Another intent claims these examples much more surely than their own. Some are right and merely odd.</p>"
        );
        rows(
            out,
            &[
                "<th class=\"number\">sure</th>",
                "<th>example</th>",
                "<th>stands under</th>",
                "<th>looks like</th>",
            ],
            &advice.suspects,
            suspect,
        );
    }
    if !advice.twins.is_empty() {
        line!(out, "<h2>Nearly the same example under two intents</h2>");
        line!(
            out,
            "<p>Neither intent can be told from the other by them.</p>"
        );
        rows(
            out,
            &[
                "<th>example</th>",
                "<th>intent</th>",
                "<th>and</th>",
                "<th>intent</th>",
            ],
            &advice.twins,
            twin,
        );
    }
    if !advice.scarce.is_empty() {
        line!(out, "<h2>Few examples</h2>");
        line!(out, "<p>Ten are a start, thirty are good.</p>");
        rows(
            out,
            &[
                "<th class=\"number\">examples</th>",
                "<th>intent</th>",
                "<th class=\"number\">found</th>",
            ],
            &advice.scarce,
            scarce,
        );
    }
}

fn suspect(one: &Suspect) -> String {
    format!(
        "<td class=\"number\">{}</td><td>{}</td><td>{}</td><td>{}</td>",
        percent(one.confidence),
        quoted(&one.text, one.place.as_ref()),
        escape(&one.intent),
        escape(&one.looks_like)
    )
}

fn twin(one: &Twin) -> String {
    let side = |of: &understand::Stands| {
        format!(
            "<td>{}</td><td>{}</td>",
            quoted(&of.text, of.place.as_ref()),
            escape(&of.intent)
        )
    };
    side(&one.first) + &side(&one.second)
}

fn scarce(one: &Scarce) -> String {
    format!(
        "<td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td>",
        one.examples,
        escape(&one.intent),
        percent(one.recall)
    )
}

pub(super) fn intents(out: &mut String, measured: &Measured) {
    let report = &measured.report;
    let mut intents: Vec<&IntentReport> = report.intents.iter().collect();
    intents.sort_by(|a, b| a.recall.total_cmp(&b.recall).then(a.intent.cmp(&b.intent)));
    let most = intents
        .iter()
        .map(|one| one.messages)
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    let what = if measured.cross_validated {
        "examples"
    } else {
        "messages"
    };
    line!(out, "<h2>Every intent</h2>");
    line!(
        out,
        "<p>The least understood first. Found: of its messages, those that were taken for it. True: of the messages taken for it, those that were.</p>"
    );
    let row = |one: &&IntentReport| {
        format!(
            "<td>{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td>",
            escape(&one.intent),
            percent(one.recall),
            picture::bar(one.recall, "right"),
            one.messages,
            picture::bar(one.messages as f64 / most, "bar"),
            percent(one.precision)
        )
    };
    let counted = format!("<th class=\"number\">{what}</th>");
    rows(
        out,
        &[
            "<th>intent</th>",
            "<th class=\"number\">found</th>",
            "<th>of all</th>",
            &counted,
            "<th>beside the others</th>",
            "<th class=\"number\">true</th>",
        ],
        &intents,
        row,
    );
}

/// A table; what is beyond the first rows is behind a click.
fn rows<T>(out: &mut String, head: &[&str], all: &[T], row: impl Fn(&T) -> String) {
    let (first, rest) = all.split_at(all.len().min(ROWS_SHOWN));
    table(out, head, first, &row);
    if !rest.is_empty() {
        line!(out, "<details><summary>{} more</summary>", rest.len());
        table(out, head, rest, &row);
        line!(out, "</details>");
    }
}

fn table<T>(out: &mut String, head: &[&str], rows: &[T], row: impl Fn(&T) -> String) {
    line!(
        out,
        "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>{}</tr></thead><tbody>",
        head.concat()
    );
    for one in rows {
        line!(out, "<tr>{}</tr>", row(one));
    }
    line!(out, "</tbody></table></div>");
}

fn quoted(text: &str, place: Option<&Place>) -> String {
    let place = place.map(|place| format!(" <code>{}</code>", escape(&place.to_string())));
    format!("“{}”{}", escape(text), place.unwrap_or_default())
}
