//! How well a question finds the note of the past conversation that it goes back to, among a person's twelve.
//!
//! ```text
//! cargo run --release -p knowledge --example recall -- tests/knowledge/recall.jsonl [ENCODERS]
//! ```
//! Each note has a question in its own words and one in others; `foreign` questions go back to none. The bounds were set on the
//! split `tuning`, whose other bounds are printed too; `test` is for measuring.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use encode::{Kind, Shelf};
use knowledge::Language;
use knowledge::talk::{Relation, recall, relations};
use serde_json::Value;
use understand::Encoder;

struct Asked {
    question: String,
    note: Option<usize>,
    is_own_words: bool,
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let rows = std::fs::read_to_string(args.next().context("a file of notes and questions")?)?;
    let rows: Vec<Value> = rows
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let encoder = args.next().map(open).transpose()?;
    let encoder = encoder.as_deref();
    for split in ["tuning", "test"] {
        let rows: Vec<&Value> = rows.iter().filter(|row| row["split"] == split).collect();
        let notes: Vec<String> = rows
            .iter()
            .filter_map(|row| Some(row["note"].as_str()?.to_owned()))
            .collect();
        let asked = asked(&rows);
        let found: Vec<Vec<usize>> = asked
            .iter()
            .map(|one| recall(&one.question, &notes, Language::En, encoder))
            .collect::<Result<_, _>>()?;
        show(split, &asked, |at| found[at].clone());
        if split == "tuning" {
            let known: Vec<Vec<Relation>> = asked
                .iter()
                .map(|one| relations(&one.question, &notes, Language::En, encoder))
                .collect::<Result<_, _>>()?;
            sweep(&asked, &known, encoder.is_some());
        }
    }
    Ok(())
}

fn open(folder: String) -> anyhow::Result<Arc<dyn Encoder>> {
    let kind = Kind::of("minilm").context("this version knows no such encoder")?;
    Ok(Shelf::new(PathBuf::from(folder)).open(kind)?)
}

fn asked(rows: &[&Value]) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (note, row) in rows.iter().enumerate() {
        for (key, is_own_words) in [
            ("own_words", true),
            ("other_words", false),
            ("foreign", false),
        ] {
            if let Some(question) = row[key].as_str() {
                asked.push(Asked {
                    question: question.to_owned(),
                    note: (key != "foreign").then_some(note),
                    is_own_words,
                });
            }
        }
    }
    asked
}

/// Other bounds, one at a time.
fn sweep(asked: &[Asked], known: &[Vec<Relation>], has_encoder: bool) {
    let above = |at: usize, share: f64, near: f64| {
        let notes = known[at].iter().enumerate();
        notes
            .filter(|(_, one)| one.share >= share || one.near >= near)
            .map(|(note, _)| note)
            .collect()
    };
    for share in [0.3, 0.4, 0.5, 0.6, 0.7] {
        show(&format!("  share {share}"), asked, |at| {
            above(at, share, 2.0)
        });
    }
    for near in [0.35, 0.4, 0.45, 0.5, 0.55].iter().filter(|_| has_encoder) {
        show(&format!("  near {near}"), asked, |at| above(at, 2.0, *near));
    }
}

fn show(what: &str, asked: &[Asked], found: impl Fn(usize) -> Vec<usize>) {
    let (mut own, mut other, mut alone, mut beside) = ((0, 0), (0, 0), (0, 0), 0);
    for (at, one) in asked.iter().enumerate() {
        let found = found(at);
        let (count, hit) = match (one.note, one.is_own_words) {
            (Some(note), true) => (&mut own, found.contains(&note)),
            (Some(note), false) => (&mut other, found.contains(&note)),
            (None, _) => (&mut alone, found.is_empty()),
        };
        count.0 += usize::from(hit);
        count.1 += 1;
        beside += found.iter().filter(|note| Some(**note) != one.note).count();
    }
    println!(
        "{what:<14} same words {} of {}, other words {} of {}, foreign without a note {} of {}; wrong notes {beside}",
        own.0, own.1, other.0, other.1, alone.0, alone.1
    );
}
