//! `switchboard check`: every mistake in a bot, at once.

use std::path::PathBuf;
use std::process::ExitCode;

use author::Severity;

use crate::folder;

/// Find every mistake in a bot's files, each with its place.
///
/// Exits with 0 when there is none, with 1 when there are errors.
///
/// Example: switchboard check mybot
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
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let compiled = folder::compile(&args.dir, &folder::catalogue(None))?;
    match args.format {
        Format::Human => print!(
            "{}",
            author::print::human(&compiled.diagnostics, &compiled.files)
        ),
    }
    let count = |severity| {
        compiled
            .diagnostics
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if args.format == Format::Human {
        match (&compiled.bot, errors, warnings) {
            (Some(bot), 0, 0) => println!(
                "{}: no mistakes. {} flows, {} intents, {} templates.",
                bot.name,
                bot.flows.len(),
                bot.intents.len(),
                bot.templates.len()
            ),
            _ => println!(
                "{errors} errors, {warnings} warnings. `switchboard explain CODE` says more about one."
            ),
        }
    }
    Ok(if errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
