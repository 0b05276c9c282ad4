//! `switchboard eval`: how well a bot understands, or how well this way of understanding does on a corpus.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use dialog::Locale;
use understand::{
    CorpusSplits, Model, Report, TrainingData, cross_validate, evaluate, read_corpus,
};

use crate::folder;

/// Confusions that are listed, the most frequent first.
const CONFUSIONS_SHOWN: usize = 15;
/// Intents that are listed, the least understood first.
const INTENTS_SHOWN: usize = 10;

/// Measure understanding: accuracy, confusions, calibration, out of scope, latency.
///
/// A bot is measured by cross-validation on its own examples. A file has one JSON object a line with text, intent and split: the
/// model is trained on one split and measured on another.
///
/// Example: switchboard eval data/banking77/banking77.jsonl --train-split train --test-split test
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// A bot's folder, or a file of JSON lines
    #[arg(default_value = ".")]
    what: PathBuf,
    /// The split to train on
    #[arg(long, default_value = "train")]
    train_split: String,
    /// The split to measure on; without it the training split is cross-validated
    #[arg(long)]
    test_split: Option<String>,
    /// The intent that marks messages out of scope
    #[arg(long)]
    oos_label: Option<String>,
    /// Train on this many examples of each intent, the first ones
    #[arg(long)]
    shots: Option<usize>,
    /// The language of a file
    #[arg(long, default_value = "en")]
    locale: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let report = if args.what.is_dir() {
        of_bot(&args.what)?
    } else {
        of_file(args)?
    };
    if args.json {
        super::show(serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn of_bot(dir: &Path) -> anyhow::Result<Report> {
    let compiled = folder::compile(dir, &folder::catalogue(None))?;
    if !folder::report(&compiled) {
        bail!("the bot has mistakes; mend them first");
    }
    let training = compiled
        .training
        .context("a bot without mistakes has training data")?;
    Ok(cross_validate(&training, &mut |_| {}, &mut clock()))
}

fn of_file(args: &Args) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(&args.what)
        .with_context(|| format!("cannot read {}", args.what.display()))?;
    let lines = read_corpus(&text).with_context(|| format!("in {}", args.what.display()))?;
    let splits = CorpusSplits {
        train: args.train_split.clone(),
        test: args.test_split.clone(),
        oos_label: args.oos_label.clone(),
        shots: args.shots,
    };
    let training: TrainingData = splits.training(&lines, &Locale::from(args.locale.as_str()));
    if training.intents.is_empty() {
        bail!(
            "no line of {} has the split `{}`",
            args.what.display(),
            args.train_split
        );
    }
    let test = splits.test(&lines);
    if args.test_split.is_none() {
        return Ok(cross_validate(&training, &mut |_| {}, &mut clock()));
    }
    if test.is_empty() {
        bail!(
            "no line of {} has the split to measure on",
            args.what.display()
        );
    }
    let model = Model::train(&training, &mut |_| {});
    Ok(evaluate(&model, &test, &mut clock()))
}

/// The time since the start, for latencies.
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn clock() -> impl FnMut() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}

fn print(report: &Report) {
    println!(
        "accuracy            {:.2} %  of {} messages",
        100.0 * report.accuracy,
        report.messages
    );
    println!(
        "calibration error   {:.2} %  (15 bins)",
        100.0 * report.calibration.ece
    );
    println!(
        "latency             {:.0} µs median, {:.0} µs p99",
        report.latency.median_us, report.latency.p99_us
    );
    if let Some(out) = &report.out_of_scope {
        println!(
            "out of scope        AUROC {:.2} %, FPR95 {:.2} %, {:.1} % found where 95 % are accepted ({} messages)",
            100.0 * out.auroc,
            100.0 * out.fpr95,
            100.0 * out.recall95,
            out.messages
        );
    }
    println!("\nreliability: of the messages with about this confidence, so many were right");
    for bin in report
        .calibration
        .bins
        .iter()
        .filter(|bin| bin.messages > 0)
    {
        let bar = "█".repeat((bin.accuracy * 40.0).round() as usize);
        println!(
            "  {:.2}–{:.2}  {:>6}  said {:>5.1} %  was {:>5.1} %  {bar}",
            bin.from,
            bin.to,
            bin.messages,
            100.0 * bin.confidence,
            100.0 * bin.accuracy
        );
    }
    println!("\nmost often confused");
    for one in report.confusions.iter().take(CONFUSIONS_SHOWN) {
        println!(
            "  {:>4}  {} taken for {}",
            one.messages, one.intent, one.taken_for
        );
    }
    let mut intents: Vec<_> = report
        .intents
        .iter()
        .filter(|one| one.messages > 0)
        .collect();
    intents.sort_by(|a, b| a.recall.total_cmp(&b.recall).then(a.intent.cmp(&b.intent)));
    println!("\nleast understood");
    for one in intents.iter().take(INTENTS_SHOWN) {
        println!(
            "  recall {:>5.1} %  precision {:>5.1} %  {} ({} messages)",
            100.0 * one.recall,
            100.0 * one.precision,
            one.intent,
            one.messages
        );
    }
}
