//! `switchboard test`: the bot's conversation tests, and random conversations.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use author::Compiled;
use knowledge::Library;
use runtime::Deployment;
use testing::{Options, Report, Test};
use understand::TrainingData;

use crate::config::Config;
use crate::{assembly, folder, serving};

/// Lines of what was never covered that are printed; `--json` has them all.
const MISSED_SHOWN: usize = 40;

/// Play the conversations under tests/conversations against the bot, on a virtual clock, with tools that answer as each test says.
///
/// Example: switchboard test mybot --filter refund
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Only tests whose file or name contains this
    #[arg(long)]
    filter: Option<String>,
    /// Rewrite expectations that differ
    #[arg(long)]
    update: bool,
    /// Write a JUnit report to this file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print the coverage as JSON
    #[arg(long)]
    json: bool,
    /// Don't print the coverage
    #[arg(long)]
    no_coverage: bool,
    /// Play this many random conversations instead
    #[arg(long, value_name = "N")]
    random: Option<usize>,
    /// The seed of the random conversations
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The data folder, where the trained model is kept
    #[arg(long)]
    data: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let data = ("data", super::serve::absolute(args.data.as_deref())?);
    let config = Config::load(&args.dir, &[data, ("log.level", Some("error".to_owned()))])?;
    serving::log(&config);
    let mut compiled = folder::compile(&args.dir, &folder::catalogue(None))?;
    if !folder::report(&compiled) {
        return Ok(ExitCode::FAILURE);
    }
    let models = folder::Models::of(&config, &args.dir);
    let mut library = Library::default();
    folder::read_articles(&mut library, &compiled.files);
    let deployment = assembly::without_tools(&mut compiled, &models, &mut library)?;
    let training = compiled
        .training
        .take()
        .context("a bot without mistakes has training data")?;
    match args.random {
        Some(conversations) => Ok(random(args, &deployment, &training, conversations)),
        None => conversations(args, &compiled, &deployment),
    }
}

fn random(
    args: &Args,
    deployment: &Deployment,
    training: &TrainingData,
    conversations: usize,
) -> ExitCode {
    let fuzzed = testing::fuzz(deployment, training, args.seed, conversations);
    println!("{fuzzed}");
    code(fuzzed.failed == 0)
}

fn conversations(
    args: &Args,
    compiled: &Compiled,
    deployment: &Deployment,
) -> anyhow::Result<ExitCode> {
    let (tests, wrong) = testing::decode(&compiled.files, &deployment.bot);
    if !wrong.is_empty() {
        eprint!("{}", author::print::human(&wrong, &compiled.files));
        bail!("{} mistakes in the tests", wrong.len());
    }
    let tests: Vec<Test> = tests
        .into_iter()
        .filter(|test| is_wanted(args, test))
        .collect();
    let options = Options {
        keep_going: args.update,
        ..Options::default()
    };
    let report = testing::run(deployment, &tests, &options, &|_| {});
    print_coverage(args, compiled, deployment, &report)?;
    print!("{}", report.print());
    if let Some(file) = &args.junit {
        std::fs::write(file, testing::junit(&report))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if args.update {
        update(&args.dir, compiled, &report)?;
    }
    Ok(code(report.failed() == 0))
}

fn is_wanted(args: &Args, test: &Test) -> bool {
    let wanted = args.filter.as_deref().unwrap_or_default();
    test.file.contains(wanted) || test.name.contains(wanted)
}

fn print_coverage(
    args: &Args,
    compiled: &Compiled,
    deployment: &Deployment,
    report: &Report,
) -> anyhow::Result<()> {
    let summary = report.coverage.summary(&deployment.bot, &compiled.files);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else if !args.no_coverage && args.filter.is_none() {
        println!("{}", summary.print(MISSED_SHOWN));
    }
    Ok(())
}

fn update(dir: &Path, compiled: &Compiled, report: &Report) -> anyhow::Result<()> {
    for (file, bytes) in testing::update(report, &compiled.files) {
        let path = dir.join(&file);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        println!("rewrote {file}");
    }
    Ok(())
}

fn code(is_good: bool) -> ExitCode {
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
