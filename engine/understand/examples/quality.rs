//! Trains on the corpora in `data`, measures on their test splits, and prints a row for each.
//!
//! `cargo run --release -p understand --example quality [--choosing] [CORPUS …]`, CORPUS one of those that it prints. With
//! `--choosing` it measures on validation splits, and for BANKING77's few shots on the rest of the train split: settings are
//! chosen there, never on the test splits. `bias` is mean confidence less accuracy: positive = too sure.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use understand::{CorpusLine, CorpusSplits, Model, evaluate, read_corpus};

/// What to measure: a name, the file with the train split, that split, the file to measure on, and its split for choosing.
struct Run(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const RUNS: [Run; 6] = [
    Run(
        "banking77",
        "banking77/banking77.jsonl",
        "train",
        "banking77/banking77.jsonl",
        None,
    ),
    Run(
        "banking77_10",
        "nlu/banking77_fewshot_splits.jsonl",
        "train_10",
        "banking77/banking77.jsonl",
        Some("train"),
    ),
    Run(
        "banking77_5",
        "nlu/banking77_fewshot_splits.jsonl",
        "train_5",
        "banking77/banking77.jsonl",
        Some("train"),
    ),
    Run(
        "clinc150",
        "nlu/clinc150.jsonl",
        "train",
        "nlu/clinc150.jsonl",
        Some("valid"),
    ),
    Run(
        "clinc150_10",
        "nlu/clinc150_fewshot_splits.jsonl",
        "train_10",
        "nlu/clinc150.jsonl",
        Some("valid"),
    ),
    Run(
        "clinc150_5",
        "nlu/clinc150_fewshot_splits.jsonl",
        "train_5",
        "nlu/clinc150.jsonl",
        Some("valid"),
    ),
];

fn main() -> Result<()> {
    println!(
        "corpus         accuracy   ECE  bias  AUROC FPR95 accepted refused  train s  µs/message      bytes"
    );
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let choosing = wanted.iter().any(|name| name == "--choosing");
    wanted.retain(|name| name != "--choosing");
    for run in RUNS
        .iter()
        .filter(|run| wanted.is_empty() || wanted.iter().any(|name| name == run.0))
    {
        match (choosing, run.4) {
            (false, _) => measure(run, "test")?,
            (true, Some(split)) => measure(run, split)?,
            (true, None) => {}
        }
    }
    Ok(())
}

fn measure(Run(name, train_file, split, test_file, _): &Run, test: &str) -> Result<()> {
    let splits = CorpusSplits {
        train: (*split).to_owned(),
        test: Some(test.to_owned()),
        oos_label: Some("oos".to_owned()),
        shots: None,
    };
    let data = splits.training(&corpus(train_file)?, &"en".into());
    let started = now();
    let model = Model::train(&data, &mut |_| ());
    let training = started.elapsed();
    let mut messages = splits.test(&corpus(test_file)?);
    let learnt: BTreeSet<&str> = data
        .intents
        .iter()
        .flat_map(|of| of.examples.iter().map(|example| example.text.as_str()))
        .collect();
    if test != "test" {
        messages.retain(|message| !learnt.contains(message.text.as_str()));
    }
    let report = evaluate(&model, &messages, &mut since(started));
    let bytes = model.to_bytes().len();
    let (seconds, us) = (training.as_secs_f64(), report.latency.median_us);
    let foreign =
        report
            .out_of_scope
            .map_or("     –     –        –       –".to_owned(), |found| {
                let percent = [found.auroc, found.fpr95, found.accepted, found.refused]
                    .map(|part| part * 100.0);
                format!(
                    "{:6.2} {:5.2} {:8.2} {:7.2}",
                    percent[0], percent[1], percent[2], percent[3]
                )
            });
    let (accuracy, ece) = (report.accuracy * 100.0, report.calibration.ece * 100.0);
    let bins = report.calibration.bins.iter();
    let confidence: f64 = bins.map(|bin| bin.confidence * bin.messages as f64).sum();
    let bias = (confidence / report.messages as f64 - report.accuracy) * 100.0;
    println!(
        "{name:14} {accuracy:8.2} {ece:5.2} {bias:+5.2} {foreign}  {seconds:7.2} {us:11.1} {bytes:10}"
    );
    Ok(())
}

fn corpus(file: &str) -> Result<Vec<CorpusLine>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(file);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    read_corpus(&text).with_context(|| format!("in {}", path.display()))
}

fn since(moment: Instant) -> impl FnMut() -> Duration {
    move || moment.elapsed()
}

#[expect(
    clippy::disallowed_methods,
    reason = "measuring is what this program is for"
)]
fn now() -> Instant {
    Instant::now()
}
