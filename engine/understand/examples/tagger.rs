//! How well values are learned from marked examples, by their number: on SNIPS, seven intents with 39 kinds of values.
//!
//!     cargo run --release -p understand --example tagger [valid]
//!
//! `valid` trains on the first 70 examples of each intent and measures on the other training examples: for choosing settings. Without
//! it the test split is measured.

use std::path::Path;
use std::time::Instant;

use understand::{CorpusLine, CorpusSplits, EntityLine, Extractor, evaluate_entities, read_corpus};

const SHOTS: [usize; 6] = [5, 10, 20, 30, 50, 100];
/// Of so many rounds over all messages the fastest counts: what else the machine does only makes them slower.
const REPEATED: usize = 10;
/// Of the training examples, how many of each intent are for learning when settings are chosen.
const LEARNED: usize = 70;

fn main() {
    let choosing = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "valid");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/snips/snips.jsonl");
    let text = std::fs::read_to_string(path).expect("the corpus is in the repository");
    let mut lines = read_corpus(&text).expect("it is well formed");
    if choosing {
        split_training(&mut lines);
    }
    let test: Vec<EntityLine> = lines
        .iter()
        .filter(|line| line.split == "test")
        .map(|line| EntityLine {
            text: line.text.clone(),
            split: String::new(),
            locale: None,
            now: None,
            asked: None,
            entities: line.entities.clone(),
        })
        .collect();
    println!("examples  precision  recall    F1  training  a message");
    for shots in SHOTS {
        if !(choosing && shots > LEARNED) {
            measure(&lines, &test, shots);
        }
    }
}

/// The test split becomes the end of the training split.
fn split_training(lines: &mut Vec<CorpusLine>) {
    lines.retain(|line| line.split == "train");
    let mut seen: Vec<(String, usize)> = Vec::new();
    for line in lines {
        let count = match seen.iter_mut().find(|(intent, _)| *intent == line.intent) {
            Some((_, count)) => count,
            None => {
                seen.push((line.intent.clone(), 0));
                &mut seen.last_mut().expect("it was pushed").1
            }
        };
        *count += 1;
        if *count > LEARNED {
            line.split = "test".to_owned();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn measure(lines: &[CorpusLine], test: &[EntityLine], shots: usize) {
    let splits = CorpusSplits {
        train: "train".to_owned(),
        test: None,
        oos_label: None,
        shots: Some(shots),
    };
    let start = Instant::now();
    let extractor = Extractor::train(&splits.training(lines, &"en".into()));
    let training = start.elapsed();
    let report = evaluate_entities(&extractor, test, &"en".into());
    let all = (0..REPEATED).map(|_| {
        let start = Instant::now();
        evaluate_entities(&extractor, test, &"en".into());
        start.elapsed()
    });
    let fastest = all.min().expect("it is repeated");
    let each = fastest / u32::try_from(test.len()).expect("there are a few hundred");
    println!(
        "{shots:8} {:9.1} % {:5.1} % {:5.1} {:7.1} s {:7.0} µs",
        100.0 * report.all.precision(),
        100.0 * report.all.recall(),
        100.0 * report.all.f1(),
        training.as_secs_f64(),
        each.as_secs_f64() * 1e6,
    );
}
