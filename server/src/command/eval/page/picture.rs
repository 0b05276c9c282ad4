//! The pictures of a report, as SVG.

use understand::{Bin, Matrix};

use super::super::report::line;
use super::escape;

/// The inside of the square pictures, and the room for their axes.
const SIDE: f64 = 300.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 10.0;
const BELOW: f64 = 40.0;

/// Confidence against the truth.
pub(super) fn reliability(bins: &[Bin]) -> String {
    let mut out = opened("Confidence against the part that was right");
    for bin in bins {
        let (x, width) = (LEFT + bin.from * SIDE, (bin.to - bin.from) * SIDE - 2.0);
        let height = bin.accuracy * SIDE;
        let y = TOP + SIDE - height;
        let said = format!(
            "said {:.0} %, was {:.0} %, {} messages",
            100.0 * bin.confidence,
            100.0 * bin.accuracy,
            bin.messages
        );
        line!(
            out,
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" opacity=\"{:.2}\"><title>{said}</title></rect>",
            opacity(bin, bins)
        );
    }
    let (right, bottom) = (LEFT + SIDE, TOP + SIDE);
    line!(
        out,
        "<line class=\"ideal\" x1=\"{LEFT}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{TOP}\"/>"
    );
    axes(&mut out, "how sure", "how often right", |part| {
        format!("{:.0} %", 100.0 * part)
    });
    out + "</svg>"
}

/// Bins with few messages are paler: they say little.
fn opacity(bin: &Bin, bins: &[Bin]) -> f64 {
    let all: usize = bins.iter().map(|bin| bin.messages).sum();
    let usual = all as f64 / bins.len().max(1) as f64 / 4.0;
    (bin.messages as f64 / usual.max(1.0)).clamp(0.35, 1.0)
}

/// How many messages had which confidence, right and wrong.
pub(super) fn distribution(bins: &[Bin]) -> String {
    let mut out = opened("How many messages had which confidence, right and wrong");
    let most = bins
        .iter()
        .map(|bin| bin.messages)
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    // By square roots, or the surest bin would leave the others without height.
    let height = |messages: f64| SIDE * (messages / most).sqrt();
    for bin in bins {
        let (x, width) = (LEFT + bin.from * SIDE, (bin.to - bin.from) * SIDE - 2.0);
        let right = (bin.accuracy * bin.messages as f64).round();
        let wrong = bin.messages as f64 - right;
        let (whole, below) = (
            height(bin.messages as f64),
            height(bin.messages as f64) * bin.accuracy,
        );
        let bottom = TOP + SIDE;
        line!(
            out,
            "<rect class=\"right\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{below:.1}\"><title>{right} right</title></rect>",
            bottom - below
        );
        line!(
            out,
            "<rect class=\"wrong\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\"><title>{wrong} wrong</title></rect>",
            bottom - whole,
            whole - below
        );
    }
    axes(&mut out, "how sure", "messages (by square root)", |part| {
        format!("{:.0}", part * part * most)
    });
    out + "</svg>"
}

fn opened(name: &str) -> String {
    let (width, height) = (LEFT + SIDE + RIGHT, TOP + SIDE + BELOW);
    format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{name}\">\n")
}

fn axes(out: &mut String, across: &str, up: &str, mark: impl Fn(f64) -> String) {
    let bottom = TOP + SIDE;
    for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (x, y) = (LEFT + part * SIDE, bottom - part * SIDE);
        line!(
            out,
            "<line class=\"axis\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{:.1}\" y2=\"{y}\"/>",
            LEFT + SIDE
        );
        line!(
            out,
            "<text class=\"soft middle\" x=\"{x}\" y=\"{}\">{:.0} %</text>",
            bottom + 16.0,
            100.0 * part
        );
        line!(
            out,
            "<text class=\"soft end\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            mark(part)
        );
    }
    line!(
        out,
        "<text class=\"middle\" x=\"{}\" y=\"{}\">{across}</text>",
        LEFT + SIDE / 2.0,
        bottom + 34.0
    );
    line!(
        out,
        "<text class=\"soft\" x=\"{}\" y=\"{}\">{up}</text>",
        LEFT + 6.0,
        TOP + 12.0
    );
}

/// Room for the intents' names, and the size of a cell.
const NAMES: f64 = 270.0;
const CELL: f64 = 32.0;
/// Names are cut behind so many letters.
const NAME_CHARS_MAX: usize = 32;

/// Which intents were taken for which.
pub(super) fn matrix(matrix: &Matrix) -> String {
    let count = matrix.intents.len() as f64;
    let (width, height) = (NAMES + count * CELL + 10.0, count * CELL + 40.0);
    let mut out = format!(
        "<svg class=\"matrix\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Which intents were taken for which\">\n"
    );
    let wrong = |row: usize, column: usize| {
        if row == column {
            0
        } else {
            matrix.messages[row][column]
        }
    };
    let all = (0..matrix.intents.len())
        .flat_map(|row| (0..matrix.intents.len()).map(move |column| (row, column)));
    let most = all
        .clone()
        .map(|(row, column)| wrong(row, column))
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    for (row, name) in matrix.intents.iter().enumerate() {
        let y = 30.0 + row as f64 * CELL;
        line!(
            out,
            "<text class=\"end\" x=\"{}\" y=\"{:.1}\">{} · {}</text>",
            NAMES - 10.0,
            y + 20.0,
            escape(&cut(name)),
            row + 1
        );
        line!(
            out,
            "<text class=\"soft middle\" x=\"{:.1}\" y=\"20\">{}</text>",
            NAMES + (row as f64 + 0.5) * CELL,
            row + 1
        );
    }
    for (row, column) in all {
        let (x, y) = (NAMES + column as f64 * CELL, 30.0 + row as f64 * CELL);
        let messages = matrix.messages[row][column];
        let strength = wrong(row, column) as f64 / most * 0.75;
        let (meant, taken) = (
            escape(&matrix.intents[row]),
            escape(&matrix.intents[column]),
        );
        line!(
            out,
            "<g><title>{meant} taken for {taken}: {messages}</title>"
        );
        line!(
            out,
            "<rect class=\"heat\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{0}\" height=\"{0}\" rx=\"3\" opacity=\"{1:.2}\"/>",
            CELL - 2.0,
            strength.max(0.05)
        );
        if messages > 0 {
            let class = if row == column { "cell soft" } else { "cell" };
            line!(
                out,
                "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\">{messages}</text>",
                x + CELL / 2.0 - 1.0,
                y + 19.0
            );
        }
        line!(out, "</g>");
    }
    out + "</svg>"
}

fn cut(name: &str) -> String {
    match name.chars().count() > NAME_CHARS_MAX {
        true => name.chars().take(NAME_CHARS_MAX - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// A bar for a table, from 0 to 1.
pub(super) fn bar(part: f64, class: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"{:.1}\" height=\"8\" rx=\"1\"/></svg>",
        100.0 * part
    )
}
