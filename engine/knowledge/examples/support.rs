//! Makes the weights of a search's support from questions of which it is known whether the articles answer them.
//!
//! ```text
//! switchboard ask --questions tests/knowledge/tuning.jsonl --encoder sparse > found.jsonl
//! cargo run --release -p knowledge --example support -- tests/knowledge/tuning.jsonl found.jsonl
//! ```

use anyhow::Context;
use knowledge::fit::{auroc, fit};
use serde_json::Value;

/// Strong, since the questions are few.
const PENALTY: f64 = 2.0;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut lines = || -> anyhow::Result<Vec<Value>> {
        let file = args
            .next()
            .context("two files: the questions, and what was found")?;
        std::fs::read_to_string(file)?
            .lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    };
    let (questions, found) = (lines()?, lines()?);
    let labels: Vec<bool> = questions
        .iter()
        .map(|one| !one["article"].is_null())
        .collect();
    let number = |one: &Value, name: &str| one["evidence"][name].as_f64().unwrap_or(0.0);
    let names = ["in_passage", "in_article", "unknown", "cosine"];
    let rows: Vec<Vec<f64>> = found
        .iter()
        .map(|one| names.iter().map(|name| number(one, name)).collect())
        .collect();
    let fitted = fit(&rows, &labels, &vec![1.0; rows.len()], PENALTY);
    let scores: Vec<f64> = rows.iter().map(|row| fitted.probability(row)).collect();
    println!(
        "weights: {:.3?}, offset: {:.3}; AUROC on the same questions {:.3}",
        fitted.weights,
        fitted.offset,
        auroc(&scores, &labels)
    );
    Ok(())
}
