//! `switchboard eval`: how well a bot understands, what it misunderstands, and what its author can do about it.

mod answers;
mod comparison;
mod entities;
mod inbox;
mod languages;
mod measure;
mod message;
mod page;
mod report;
mod subject;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use measure::Measuring;
use subject::Subject;

/// Measure understanding: accuracy, calibration, out of scope, latency, and what is mixed up because of which examples.
///
/// A bot is measured by cross-validation on its own examples, or on other messages with `--on`. A file has one JSON object a line
/// with text, intent and split: the model is trained on one split and measured on another.
///
/// With `--entities`, values instead of intents: how many of them are found, by kind.
///
/// Example: switchboard eval mybot
/// Example: switchboard eval mybot --compare ../mybot-before
/// Example: switchboard eval mybot --message "my card was swallowed"
/// Example: switchboard eval mybot --inbox /var/lib/mybot --write mybot/intents/en/inbox.yaml
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
    /// Measure on the messages of this file: JSON lines with text and intent. With `--test-split` on those of that split only
    #[arg(long, value_name = "FILE")]
    on: Option<PathBuf>,
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
    /// Say which messages flip from this other version, a bot's folder or a file, to this one
    #[arg(long, value_name = "OTHER")]
    compare: Option<PathBuf>,
    /// Say what this one message would do: how a bot understands it, which rule takes it, and which examples are near it
    #[arg(long, value_name = "TEXT", conflicts_with = "compare")]
    message: Option<String>,
    /// Group the messages that customers wrote and the bot did not understand, as a file of intents: a data folder, or a server's
    /// address such as https://chat.example (with its key in SWITCHBOARD_KEY)
    #[arg(long, value_name = "DATA", conflicts_with_all = ["compare", "message"])]
    inbox: Option<String>,
    /// Write that file of intents here instead of printing it
    #[arg(long, value_name = "FILE", requires = "inbox")]
    write: Option<PathBuf>,
    /// Measure how values are found: a file of JSON lines with text and entities, each with entity, text and value
    #[arg(long, value_name = "FILE", conflicts_with_all = ["compare", "message", "inbox"])]
    entities: Option<PathBuf>,
    /// Measure the check of answers: a file of JSON lines with question, sources, answer and label; with `--test-split` only the
    /// lines of that split
    #[arg(long, value_name = "FILE", conflicts_with_all = ["compare", "message", "inbox", "entities"])]
    answers: Option<PathBuf>,
    /// Measure how the bot's languages are told apart: on a file of JSON lines with text and locale, or without one on its own
    /// examples by cross-validation
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["compare", "message", "inbox", "entities", "answers"])]
    languages: Option<Option<PathBuf>>,
    /// Also write the report as a page with pictures, which needs nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["compare", "message", "inbox", "entities", "answers", "languages"])]
    html: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.answers {
        let split = args.test_split.as_deref();
        let judged = answers::measure_file(file, split, args.encoder.as_deref())?;
        super::show(shown(args, &judged, || answers::text(&judged))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let subject = Subject::load(&args.what, args)?;
    let text = if let Some(text) = &args.message {
        message(args, &subject, text)?
    } else if let Some(data) = &args.inbox {
        inbox(args, &subject, data)?
    } else if let Some(file) = &args.entities {
        let found = entities::measure(args, &subject, file)?;
        shown(args, &found, || entities::text(&found))?
    } else if let Some(file) = &args.languages {
        let told = languages::measure(args, &subject, file.as_deref())?;
        shown(args, &told, || languages::text(&told))?
    } else if let Some(other) = &args.compare {
        comparison(args, &subject, other)?
    } else {
        measured(args, &subject)?
    };
    super::show(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn measured(args: &Args, subject: &Subject) -> anyhow::Result<String> {
    let measured = Measuring::of(args, subject)?.measure(subject)?;
    if let Some(file) = &args.html {
        let title = subject
            .bot
            .as_deref()
            .map_or_else(|| args.what.display().to_string(), |bot| bot.name.clone());
        write(file, &page::html(&measured, &title))?;
    }
    shown(args, &measured, || report::text(&measured))
}

fn comparison(args: &Args, subject: &Subject, other: &Path) -> anyhow::Result<String> {
    let before = Subject::load(other, args)?;
    let compared = Measuring::of(args, subject)?.compare(&before, subject)?;
    shown(args, &compared, || {
        comparison::text(&compared, &args.what, other)
    })
}

fn message(args: &Args, subject: &Subject, text: &str) -> anyhow::Result<String> {
    let foreseen = message::foresee(args, subject, text)?;
    let bot = subject.bot.as_deref();
    shown(args, &foreseen, || {
        bot.map_or_else(String::new, |bot| message::text(&foreseen, bot))
    })
}

fn inbox(args: &Args, subject: &Subject, data: &str) -> anyhow::Result<String> {
    let inbox = inbox::of(args, subject, data)?;
    let Some(file) = &args.write else {
        return shown(args, &inbox, || inbox::yaml(&inbox));
    };
    std::fs::write(file, inbox::yaml(&inbox))
        .with_context(|| format!("cannot write {}", file.display()))?;
    shown(args, &inbox, || format!("Wrote {}.", file.display()))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// As JSON, if that is asked for, else as text.
fn shown(
    args: &Args,
    what: &impl Serialize,
    text: impl FnOnce() -> String,
) -> anyhow::Result<String> {
    Ok(match args.json {
        true => serde_json::to_string_pretty(what)?,
        false => text(),
    })
}
