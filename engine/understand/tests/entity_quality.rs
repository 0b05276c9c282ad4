//! Values are found as well as they were: our own messages with values, in both languages.

use std::path::Path;

use understand::{EntityReport, Extractor, TrainingData, evaluate_entities, read_entities};

/// The report of one file's split; every mistake is printed, so that a failing test says what broke.
fn report(locale: &str, split: &str) -> EntityReport {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/entities")
        .join(format!("{locale}.jsonl"));
    let text = std::fs::read_to_string(path).expect("the messages are in the repository");
    let mut lines = read_entities(&text).expect("they are well formed");
    lines.retain(|line| line.split == split);
    let extractor = Extractor::new(&TrainingData::default());
    let report = evaluate_entities(&extractor, &lines, &locale.into());
    for one in report.entities.iter().chain([&report.all]) {
        println!(
            "{locale} {split} {:12} precision {:.3} recall {:.3} of {}",
            one.entity,
            one.precision(),
            one.recall(),
            one.expected
        );
    }
    for one in &report.mistakes {
        println!(
            "{}\n  missed {:?}\n  extra  {:?}",
            one.text, one.missed, one.extra
        );
    }
    report
}

#[track_caller]
fn check(locale: &str, split: &str, precision: f64, recall: f64) {
    let all = report(locale, split).all;
    assert!(
        all.precision() >= precision,
        "precision {}",
        all.precision()
    );
    assert!(all.recall() >= recall, "recall {}", all.recall());
}

#[test]
fn english_values_are_found() {
    check("en", "dev", 0.97, 0.99);
    check("en", "test", 0.94, 0.95);
}

#[test]
fn german_values_are_found() {
    check("de", "dev", 0.97, 0.99);
    check("de", "test", 0.97, 0.99);
}
