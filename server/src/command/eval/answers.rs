//! `switchboard eval --answers`: how well the check of answers does on answers that people have judged.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use encode::Shelf;
use knowledge::check::{Judged, Report, measure};
use serde_json::Value;

use crate::config::Config;
use crate::reader;

/// What was measured, and with what texts were read.
#[derive(serde::Serialize)]
pub(super) struct Measured {
    encoder: String,
    /// Answers that are neither: chat that states nothing.
    left_out: usize,
    #[serde(flatten)]
    report: Report,
}

/// Measures a file of judged answers; only the lines of a split if one is named.
pub(super) fn measure_file(
    file: &Path,
    split: Option<&str>,
    encoder: Option<&str>,
) -> anyhow::Result<Measured> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (judged, left_out) =
        read(&text, split).with_context(|| format!("in {}", file.display()))?;
    if !judged.iter().any(|one| one.grounded) || judged.iter().all(|one| one.grounded) {
        bail!(
            "{} needs supported and unsupported answers to tell apart",
            file.display()
        );
    }
    let shelf = Shelf::new(Config::load(Path::new("."), &[])?.encoders(Path::new(".")));
    let encoder = reader::open(encoder.unwrap_or("auto"), &shelf)?;
    let report = measure(&judged, encoder.as_deref(), &mut clock())?;
    let encoder = encoder.map_or("sparse".to_owned(), |encoder| {
        encoder.fingerprint().to_owned()
    });
    Ok(Measured {
        encoder,
        left_out,
        report,
    })
}

/// The answers, and how many lines are neither supported nor not.
fn read(text: &str, split: Option<&str>) -> anyhow::Result<(Vec<Judged>, usize)> {
    let (mut judged, mut left_out) = (Vec::new(), 0);
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let value: Value =
            serde_json::from_str(line).with_context(|| format!("line {}", number + 1))?;
        if split.is_some_and(|split| value["split"].as_str() != Some(split)) {
            continue;
        }
        match one(&value).with_context(|| format!("line {}", number + 1))? {
            Some(one) => judged.push(one),
            None => left_out += 1,
        }
    }
    Ok((judged, left_out))
}

/// One line; none when its label is neither.
fn one(value: &Value) -> anyhow::Result<Option<Judged>> {
    let first = |names: &[&str]| {
        names
            .iter()
            .map(|name| &value[*name])
            .find(|one| !one.is_null())
    };
    let text = |names: &[&str]| first(names).and_then(Value::as_str).map(str::to_owned);
    let sources =
        first(&["sources", "knowledge", "source", "context"]).context("it has no `sources`")?;
    let label = first(&["label"]).context("it has no `label`")?;
    let Some(grounded) = grounded(label)? else {
        return Ok(None);
    };
    Ok(Some(Judged {
        message: text(&["question", "message"]),
        sources: texts(sources),
        answer: text(&["answer", "response"]).context("it has no `answer`")?,
        grounded,
    }))
}

/// A text, or a list of texts or of objects with a `text`.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(map) => map.get("text").map(texts).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Words by which corpora call an answer supported; and not; and neither.
const SUPPORTED: &[&str] = &[
    "supported",
    "grounded",
    "attributable",
    "fully attributable",
    "faithful",
    "consistent",
    "correct",
    "right",
    "yes",
    "true",
    "1",
];
const UNSUPPORTED: &[&str] = &[
    "unsupported",
    "not supported",
    "ungrounded",
    "not grounded",
    "not attributable",
    "not fully attributable",
    "unfaithful",
    "inconsistent",
    "hallucinated",
    "hallucination",
    "contradictory",
    "incorrect",
    "wrong",
    "no",
    "false",
    "0",
];
const NEITHER: &[&str] = &["generic"];

fn grounded(label: &Value) -> anyhow::Result<Option<bool>> {
    let text = match label {
        Value::String(text) => text.trim().to_lowercase(),
        other => other.to_string(),
    };
    let is = |words: &[&str]| words.contains(&text.as_str());
    match (is(SUPPORTED), is(UNSUPPORTED), is(NEITHER)) {
        (true, ..) => Ok(Some(true)),
        (_, true, _) => Ok(Some(false)),
        (.., true) => Ok(None),
        _ => bail!(
            "the label {label} is unknown; it is true or false, or a word such as supported, unsupported"
        ),
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn clock() -> impl FnMut() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}

/// The report for people.
pub(super) fn text(measured: &Measured) -> String {
    let report = &measured.report;
    [
        format!("read with           {}", measured.encoder),
        format!(
            "answers             {} ({} supported; {} left out, which state nothing)",
            report.answers, report.grounded, measured.left_out
        ),
        format!("AUROC               {:.4}", report.auroc),
        format!(
            "balanced accuracy   {:.3} at support {:.2}, {:.3} at 0.50",
            report.balanced_accuracy, report.bound, report.balanced_accuracy_at_half
        ),
        format!(
            "inventions caught   {:.3} where nine of ten supported answers pass",
            report.caught_at_90
        ),
        format!(
            "calibration error   {:.2} %  (15 bins)",
            100.0 * report.calibration_error
        ),
        format!(
            "vetoes              {} answers, of which {} are unsupported",
            report.vetoed, report.vetoed_rightly
        ),
        format!(
            "time a sentence     {:.0} µs median, {:.0} µs p99 ({} sentences; their sources are read each time)",
            report.sentence_median_us, report.sentence_p99_us, report.sentences
        ),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_the_ways_of_several_corpora() {
        let text = concat!(
            r#"{"question": "q", "sources": ["a", {"text": "b"}], "answer": "c", "label": true}"#,
            "\n\n",
            r#"{"knowledge": "a", "message": "m", "response": "r", "label": "Not fully attributable", "split": "dev"}"#,
            "\n",
            r#"{"knowledge": "a", "response": "r", "label": "Generic"}"#,
        );
        let (judged, left_out) = read(text, None).expect("all lines can be read");
        assert_eq!(left_out, 1);
        assert_eq!((judged[0].sources.len(), judged[0].grounded), (2, true));
        assert_eq!(
            (judged[1].message.as_deref(), judged[1].grounded),
            (Some("m"), false)
        );
        assert_eq!(read(text, Some("dev")).expect("one line").0.len(), 1);
    }

    #[test]
    fn a_line_without_a_label_is_named() {
        let error = read(r#"{"sources": "a", "answer": "b"}"#, None).expect_err("it has no label");
        assert!(
            format!("{error:#}").contains("line 1: it has no `label`"),
            "{error:#}"
        );
        assert!(
            read(
                r#"{"sources": "a", "answer": "b", "label": "perhaps"}"#,
                None
            )
            .is_err()
        );
    }
}
