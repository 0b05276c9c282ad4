//! Trains on the corpora in `data`, measures on their test splits, and prints a row for each.
//!
//! `cargo run --release -p understand --example quality [CORPUS …]`, CORPUS one of those that it prints.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use understand::{CorpusLine, CorpusSplits, Model, evaluate, read_corpus};

/// What to measure: a name, the file with the train split, that split, and the file with the test split.
const RUNS: [(&str, &str, &str, &str); 6] = [
    (
        "banking77",
        "banking77/banking77.jsonl",
        "train",
        "banking77/banking77.jsonl",
    ),
    (
        "banking77_10",
        "nlu/banking77_fewshot_splits.jsonl",
        "train_10",
        "banking77/banking77.jsonl",
    ),
    (
        "banking77_5",
        "nlu/banking77_fewshot_splits.jsonl",
        "train_5",
        "banking77/banking77.jsonl",
    ),
    (
        "clinc150",
        "nlu/clinc150.jsonl",
        "train",
        "nlu/clinc150.jsonl",
    ),
    (
        "clinc150_10",
        "nlu/clinc150_fewshot_splits.jsonl",
        "train_10",
        "nlu/clinc150.jsonl",
    ),
    (
        "clinc150_5",
        "nlu/clinc150_fewshot_splits.jsonl",
        "train_5",
        "nlu/clinc150.jsonl",
    ),
];

fn main() -> Result<()> {
    println!(
        "corpus         accuracy   ECE  AUROC FPR95 accepted refused  train s  µs/message      bytes"
    );
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for run in RUNS
        .iter()
        .filter(|run| wanted.is_empty() || wanted.iter().any(|name| name == run.0))
    {
        measure(run)?;
    }
    Ok(())
}

fn measure((name, train_file, split, test_file): &(&str, &str, &str, &str)) -> Result<()> {
    let splits = CorpusSplits {
        train: (*split).to_owned(),
        test: Some("test".to_owned()),
        oos_label: Some("oos".to_owned()),
        shots: None,
    };
    let data = splits.training(&corpus(train_file)?, &"en".into());
    let started = now();
    let model = Model::train(&data, &mut |_| ());
    let training = started.elapsed();
    let report = evaluate(
        &model,
        &splits.test(&corpus(test_file)?),
        &mut since(started),
    );
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
    println!("{name:14} {accuracy:8.2} {ece:5.2} {foreign}  {seconds:7.2} {us:11.1} {bytes:10}");
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
