//! `switchboard check`: every mistake in a bot, at once.

use std::path::PathBuf;
use std::process::ExitCode;

use author::{Compiled, Severity};

use crate::folder;

/// Find every mistake in a bot's files, each with its place.
///
/// Exits with 0 when there is none, with 1 when there are errors.
///
/// Example: switchboard check mybot --format sarif > check.sarif
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Format {
    /// For people, with the line and the place in it
    Human,
    /// One JSON array
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let compiled = folder::compile(&args.dir, &folder::catalogue(None))?;
    match args.format {
        Format::Human => human(&compiled)?,
        Format::Json => super::show(author::print::json(&compiled.diagnostics))?,
        Format::Sarif => super::show(author::print::sarif(&compiled.diagnostics))?,
    }
    Ok(match count(&compiled, Severity::Error) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn human(compiled: &Compiled) -> anyhow::Result<()> {
    super::show(author::print::human(&compiled.diagnostics, &compiled.files).trim_end())?;
    let (errors, warnings) = (
        count(compiled, Severity::Error),
        count(compiled, Severity::Warning),
    );
    match &compiled.bot {
        Some(bot) if errors + warnings == 0 => {
            let (flows, intents, templates) =
                (bot.flows.len(), bot.intents.len(), bot.templates.len());
            super::show(format!(
                "{}: no mistakes. {flows} flows, {intents} intents, {templates} templates.",
                bot.name
            ))
        }
        _ => super::show(format!(
            "{errors} errors, {warnings} warnings. `switchboard explain CODE` says more about one."
        )),
    }
}

fn count(compiled: &Compiled, severity: Severity) -> usize {
    compiled
        .diagnostics
        .iter()
        .filter(|one| one.severity == severity)
        .count()
}
