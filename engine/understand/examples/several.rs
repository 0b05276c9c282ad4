//! Joins messages of CLINC150 in pairs, and prints how many are read as two wishes, how many single ones are torn apart, and
//! how long reading takes.
//!
//! `cargo run --release -p understand --example several [SPLIT]`, SPLIT `test` unless told.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use dialog::{Bands, Expected, Several, Understanding};
use jiff::Zoned;
use understand::{CorpusLine, CorpusSplits, Model, Reading, read_corpus};

/// How the pairs are joined.
const JOINTS: [&str; 4] = [" and ", ", and also ", ". ", "? "];

fn main() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/nlu/clinc150.jsonl");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let lines = read_corpus(&text)?;
    let split = std::env::args().nth(1).unwrap_or_else(|| "test".to_owned());
    let splits = CorpusSplits {
        train: "train".to_owned(),
        test: None,
        oos_label: Some("oos".to_owned()),
        shots: None,
    };
    let model = Model::train(
        &splits.training(&lines, &"en".into()).with_built_in(),
        &mut |_| (),
    );
    let wanted = |line: &&CorpusLine| line.split == split && line.intent != "oos";
    let messages: Vec<&CorpusLine> = lines.iter().filter(wanted).collect();
    let started = now();
    let torn = messages
        .iter()
        .filter(|line| !understand(&model, &line.text).parts.is_empty())
        .count();
    let us = started.elapsed().as_secs_f64() * 1e6 / messages.len() as f64;
    let part = |count: usize, of: usize| count as f64 / of as f64 * 100.0;
    println!(
        "{} single messages: {:.2} % torn apart, {us:.1} µs each",
        messages.len(),
        part(torn, messages.len())
    );
    for joint in JOINTS {
        pairs(&model, &messages, joint);
    }
    Ok(())
}

/// Every message with one half the corpus away, which is of another intent.
fn pairs(model: &Model, messages: &[&CorpusLine], joint: &str) {
    let (mut right, mut wrong) = (0, 0);
    for (index, first) in messages.iter().enumerate() {
        let second = messages[(index + messages.len() / 2) % messages.len()];
        let understanding = understand(model, &format!("{}{joint}{}", first.text, second.text));
        let found: Vec<&str> = understanding
            .parts
            .iter()
            .map(|part| part.intents[0].intent.as_str())
            .collect();
        right += usize::from(found == [first.intent.as_str(), second.intent.as_str()]);
        wrong += usize::from(
            !found.is_empty() && found != [first.intent.as_str(), second.intent.as_str()],
        );
    }
    let part = |count: usize| count as f64 / messages.len() as f64 * 100.0;
    println!(
        "joined by {joint:?}: {:.1} % read as their two wishes, {:.1} % as others",
        part(right),
        part(wrong)
    );
}

fn understand(model: &Model, text: &str) -> Understanding {
    let reading = Reading {
        locale: &"en".into(),
        now: Zoned::default(),
        expected: &Expected::default(),
        bands: Bands {
            accept: 0.75,
            confirm: 0.4,
            several: Several::InTurn,
        },
    };
    model.understand(text, &reading)
}

#[expect(
    clippy::disallowed_methods,
    reason = "measuring is what this program is for"
)]
fn now() -> Instant {
    Instant::now()
}
