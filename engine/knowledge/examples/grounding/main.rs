//! Makes the weights of the check of answers, and looks how well they hold without touching the test split.
//!
//! ```text
//! cargo run --release -p knowledge --example grounding -- validate data/grounding/begin_wow.jsonl [ENCODERS]
//! cargo run --release -p knowledge --example grounding -- fit data/grounding/begin_wow.jsonl ENCODERS > engine/knowledge/src/check/weights.rs
//! ```
//! Only rows of the split `dev` are read. ENCODERS is the folder of local encoders (`.switchboard/encoders`). The same files give
//! the same weights, bit by bit.
//!
//! The rows are few and of one kind: one sentence of knowledge, a short answer. So each is also taken among foreign sources, two
//! are taken together as a long answer, and of grounded ones changed copies are made that are not grounded: another figure, a
//! negation, a foreign word. They count less than what people judged.

mod rows;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use encode::{Kind, Shelf};
use knowledge::check::{Check, Features, LEXICAL, Material};
use knowledge::fit::{Fit, auroc, fit};
use rows::{Case, Origin};
use understand::Encoder;

/// Chosen by `validate`, which prints others too.
const PENALTY: f64 = 10.0;
const PENALTIES: [f64; 4] = [3.0, 10.0, 30.0, 100.0];
const FOLDS: usize = 5;
const REPEATS: u64 = 5;

/// A case with what the check sees in it.
struct Read {
    origin: Origin,
    from: Vec<usize>,
    features: Vec<f64>,
    grounded: bool,
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let what = args.next().context("fit or validate")?;
    let file = args.next().context("the file of judged answers")?;
    let encoder = args.next().map(open).transpose()?;
    let cases = rows::cases(&std::fs::read_to_string(file)?)?;
    let read = read(&cases, encoder.as_deref())?;
    match what.as_str() {
        "fit" => print!("{}", table(&read)),
        _ => validate(&read, encoder.is_some()),
    }
    Ok(())
}

fn open(folder: String) -> anyhow::Result<Arc<dyn Encoder>> {
    let kind = Kind::of("minilm").context("this version knows no such encoder")?;
    Ok(Shelf::new(PathBuf::from(folder)).open(kind)?)
}

fn read(cases: &[Case], encoder: Option<&dyn Encoder>) -> anyhow::Result<Vec<Read>> {
    cases
        .iter()
        .map(|case| {
            let sources: Vec<&str> = case.sources.iter().map(String::as_str).collect();
            let material = Material {
                message: Some(&case.message),
                sources: &sources,
                ..Material::default()
            };
            let check = Check::new(&material, encoder);
            let features = check.features(&case.answer)?.0.to_vec();
            Ok(Read {
                origin: case.origin,
                from: case.from.clone(),
                features,
                grounded: case.grounded,
            })
        })
        .collect()
}

/// Fits with the first `width` features; each origin counts as much as [`Origin::weight`] says.
fn fit_weighted(read: &[&Read], width: usize, penalty: f64) -> Fit {
    let rows: Vec<Vec<f64>> = read
        .iter()
        .map(|one| one.features[..width].to_vec())
        .collect();
    let labels: Vec<bool> = read.iter().map(|one| one.grounded).collect();
    let weights: Vec<f64> = read.iter().map(|one| one.origin.weight()).collect();
    fit(&rows, &labels, &weights, penalty)
}

/// The AUROC on rows that were not fitted on, by origin; made cases go with the rows that they were made of.
fn validate(read: &[Read], with_encoder: bool) {
    let width = if with_encoder {
        Features::names().len()
    } else {
        LEXICAL
    };
    println!(
        "{:>8} {}",
        "penalty",
        Origin::ALL
            .map(|one| format!("{:>10}", one.name()))
            .join(" ")
    );
    for penalty in PENALTIES {
        let mut sums = [0.0; Origin::ALL.len()];
        for repeat in 0..REPEATS {
            let scores = held_out(read, width, penalty, repeat);
            for (sum, origin) in sums.iter_mut().zip(Origin::ALL) {
                *sum += of_origin(read, &scores, origin);
            }
        }
        println!(
            "{penalty:>8} {}",
            sums.map(|sum| format!("{:>10.4}", sum / REPEATS as f64))
                .join(" ")
        );
    }
}

/// Made copies are judged among the grounded ones that they were made of.
fn of_origin(read: &[Read], scores: &[f64], origin: Origin) -> f64 {
    let take = |one: &Read| {
        one.origin == origin || (origin.is_spoilt() && one.origin == Origin::Judged && one.grounded)
    };
    let (scores, labels): (Vec<f64>, Vec<bool>) = read
        .iter()
        .zip(scores)
        .filter(|(one, _)| take(one))
        .map(|(one, score)| (*score, one.grounded))
        .unzip();
    auroc(&scores, &labels)
}

fn held_out(read: &[Read], width: usize, penalty: f64, repeat: u64) -> Vec<f64> {
    let fold =
        |row: usize| (rows::scatter(row as u64 + 1_000_003 * (repeat + 1)) % FOLDS as u64) as usize;
    let mut scores = vec![0.0; read.len()];
    for held in 0..FOLDS {
        let train: Vec<&Read> = read
            .iter()
            .filter(|one| one.from.iter().all(|row| fold(*row) != held))
            .collect();
        let fitted = fit_weighted(&train, width, penalty);
        for (score, one) in scores
            .iter_mut()
            .zip(read)
            .filter(|(_, one)| fold(one.from[0]) == held)
        {
            *score = fitted.probability(&one.features[..width]);
        }
    }
    scores
}

/// The weights as a source file.
fn table(read: &[Read]) -> String {
    let all: Vec<&Read> = read.iter().collect();
    let lexical = fit_weighted(&all, LEXICAL, PENALTY);
    let whole = fit_weighted(&all, Features::names().len(), PENALTY);
    let mut text = String::from(
        "//! The weights of the check, made from the `dev` split of data/grounding; not to be edited.\n//!\n\
         //! `cargo run --release -p knowledge --example grounding -- fit data/grounding/begin_wow.jsonl .switchboard/encoders`\n\n\
         use super::model::Model;\n",
    );
    text.push_str(&model("LEXICAL", "Without an encoder.", &lexical));
    text.push_str(&model("WITH_ENCODER", "With one.", &whole));
    text
}

fn model(name: &str, about: &str, fit: &Fit) -> String {
    let names = Features::names();
    let rows = names.iter().enumerate().map(|(at, name)| {
        let weight = fit.weights.get(at).copied().unwrap_or(0.0);
        format!("        {weight:.6}, // {name}\n")
    });
    let rows: String = rows.collect();
    format!(
        "\n/// {about}\n#[rustfmt::skip]\npub(super) static {name}: Model = Model {{\n    weights: [\n{rows}    ],\n    offset: {:.6},\n}};\n",
        fit.offset
    )
}
