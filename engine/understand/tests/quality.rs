//! Accuracy and calibration do not fall: ten examples an intent, measured on the test splits. The whole is in the example
//! `quality`.

use std::path::Path;
use std::time::Duration;

use understand::{CorpusSplits, Model, Report, evaluate, read_corpus};

fn report(shots: &str, corpus: &str) -> Report {
    let read = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../data")
            .join(file);
        read_corpus(&std::fs::read_to_string(path).expect("the corpus is in the repository"))
            .expect("it is well formed")
    };
    let splits = CorpusSplits {
        train: "train_10".to_owned(),
        test: Some("test".to_owned()),
        oos_label: Some("oos".to_owned()),
        shots: None,
    };
    let model = Model::train(&splits.training(&read(shots), &"en".into()), &mut |_| ());
    evaluate(&model, &splits.test(&read(corpus)), &mut || Duration::ZERO)
}

#[test]
fn banking_questions_are_told_apart_after_ten_examples_each() {
    let report = report(
        "nlu/banking77_fewshot_splits.jsonl",
        "banking77/banking77.jsonl",
    );
    assert_eq!(report.messages, 3_080);
    assert!(report.accuracy >= 0.77, "accuracy {}", report.accuracy);
    assert!(
        report.calibration.ece <= 0.025,
        "calibration error {}",
        report.calibration.ece
    );
}

#[test]
fn a_hundred_and_fifty_intents_are_told_apart_after_ten_examples_each() {
    let report = report("nlu/clinc150_fewshot_splits.jsonl", "nlu/clinc150.jsonl");
    assert!(report.accuracy >= 0.815, "accuracy {}", report.accuracy);
    assert!(
        report.calibration.ece <= 0.025,
        "calibration error {}",
        report.calibration.ece
    );
    let foreign = report
        .out_of_scope
        .expect("a thousand messages are foreign");
    assert!(foreign.auroc >= 0.92, "AUROC {}", foreign.auroc);
    assert!(foreign.accepted >= 0.93, "accepted {}", foreign.accepted);
}
