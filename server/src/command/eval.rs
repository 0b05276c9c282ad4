//! `switchboard eval`: how well a bot understands, or how well this way of understanding does on a corpus.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use dialog::Locale;
use encode::Shelf;
use understand::{
    CorpusSplits, Report, TestMessage, Trainer, TrainingData, cross_validate, evaluate, read_corpus,
};

use crate::config::Config;
use crate::{folder, reader};

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
    /// With what texts are read: auto, sparse or an encoder's name; without it a bot's own setting, and auto for a file
    #[arg(long)]
    encoder: Option<String>,
    /// The language of a file
    #[arg(long, default_value = "en")]
    locale: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let measured = if args.what.is_dir() {
        of_bot(args)?
    } else {
        of_file(args)?
    };
    if args.json {
        super::show(serde_json::to_string_pretty(&measured)?)?;
    } else {
        println!("read with           {}", measured.encoder);
        print(&measured.report);
    }
    Ok(ExitCode::SUCCESS)
}

/// A report, with what it was measured on.
#[derive(serde::Serialize)]
struct Measured {
    /// With what texts were read.
    encoder: String,
    /// How long training took, in seconds, with the encoding of texts that were not encoded before; none by cross-validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    training_s: Option<f64>,
    /// How long the kept model is.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_bytes: Option<usize>,
    #[serde(flatten)]
    report: Report,
}

fn of_bot(args: &Args) -> anyhow::Result<Measured> {
    let dir = &args.what;
    let compiled = folder::compile(dir, &folder::catalogue(None))?;
    if !folder::report(&compiled) {
        bail!("the bot has mistakes; mend them first");
    }
    let training = compiled
        .training
        .context("a bot without mistakes has training data")?;
    Measuring::of(args, dir, compiled.encoder, &training)?.by_cross_validation(&training)
}

fn of_file(args: &Args) -> anyhow::Result<Measured> {
    let text = std::fs::read_to_string(&args.what)
        .with_context(|| format!("cannot read {}", args.what.display()))?;
    let lines = read_corpus(&text).with_context(|| format!("in {}", args.what.display()))?;
    let splits = CorpusSplits {
        train: args.train_split.clone(),
        test: args.test_split.clone(),
        oos_label: args.oos_label.clone(),
        shots: args.shots,
    };
    let training = splits.training(&lines, &Locale::from(args.locale.as_str()));
    if training.intents.is_empty() {
        bail!(
            "no line of {} has the split `{}`",
            args.what.display(),
            args.train_split
        );
    }
    let measuring = Measuring::of(args, Path::new("."), "auto", &training)?;
    if args.test_split.is_none() {
        return measuring.by_cross_validation(&training);
    }
    let test = splits.test(&lines);
    if test.is_empty() {
        bail!(
            "no line of {} has the split to measure on",
            args.what.display()
        );
    }
    measuring.on(&training, &test)
}

/// What measures: a trainer, and the folder where the vectors of its texts are kept, since measuring again should not encode
/// again.
struct Measuring {
    trainer: Trainer,
    vectors: PathBuf,
}

impl Measuring {
    /// With the encoder that is asked for, else the one that the bot says.
    fn of(args: &Args, dir: &Path, of_bot: &str, training: &TrainingData) -> anyhow::Result<Self> {
        let config = Config::load(dir, &[])?;
        let name = args.encoder.as_deref().unwrap_or(of_bot);
        let encoder = reader::open(name, &Shelf::new(config.encoders(dir)))?;
        let vectors = config
            .data(dir)
            .join("eval")
            .join(&training.content_hash()[..16]);
        Ok(Self {
            trainer: reader::trainer(encoder, &vectors),
            vectors,
        })
    }

    fn by_cross_validation(mut self, training: &TrainingData) -> anyhow::Result<Measured> {
        let bar = reader::bar();
        let mut progress = |progress| reader::show(&bar, progress);
        let report = cross_validate(&mut self.trainer, training, &mut progress, &mut clock())?;
        bar.finish_and_clear();
        self.measured(None, None, report)
    }

    fn on(mut self, training: &TrainingData, test: &[TestMessage]) -> anyhow::Result<Measured> {
        let bar = reader::bar();
        let mut clock = clock();
        let mut progress = |progress| reader::show(&bar, progress);
        let model = self.trainer.train(training, &mut progress)?;
        let took = clock().as_secs_f64();
        bar.finish_and_clear();
        let report = evaluate(&model, test, &mut clock);
        self.measured(Some(took), Some(model.to_bytes().len()), report)
    }

    fn measured(
        self,
        training_s: Option<f64>,
        model_bytes: Option<usize>,
        report: Report,
    ) -> anyhow::Result<Measured> {
        reader::keep(&self.trainer, &self.vectors)?;
        let encoder = self
            .trainer
            .encoder()
            .map_or("sparse", |encoder| encoder.fingerprint());
        Ok(Measured {
            encoder: encoder.to_owned(),
            training_s,
            model_bytes,
            report,
        })
    }
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
