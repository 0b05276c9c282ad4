//! `switchboard check`: every mistake in a bot, at once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use author::{Compiled, Severity};
use dialog::{Bot, BotVersion};

use super::DataArgs;
use crate::folder::{self, count, counted};

/// Find every mistake in a bot's files, each with its place.
///
/// Exits with 0 when there is none, with 1 when there are errors.
///
/// With `--against`, also what would become of the conversations that are in the middle of a flow of another version: those
/// that would begin anew are errors.
///
/// Example: switchboard check mybot --format sarif > check.sarif
/// Example: switchboard check mybot --against /var/lib/mybot
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// A data folder, or a server's address such as https://chat.example (with its key in SWITCHBOARD_KEY)
    #[arg(long, value_name = "DATA")]
    against: Option<String>,
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

impl Format {
    /// What is no diagnostic stands beside the output that programs read.
    fn tell(self, line: &str) -> anyhow::Result<()> {
        match self {
            Self::Human => super::show(line),
            Self::Json | Self::Sarif => {
                eprintln!("{line}");
                Ok(())
            }
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let compiled = folder::compile(&args.dir, &folder::catalogue(None))?;
    match args.format {
        Format::Human => human(&compiled)?,
        Format::Json => super::show(author::print::json(&compiled.diagnostics))?,
        Format::Sarif => super::show(author::print::sarif(&compiled.diagnostics))?,
    }
    let errors = count(&compiled, Severity::Error);
    let stranded = match (&args.against, &compiled.bot) {
        (Some(data), Some(bot)) if errors == 0 => against(args, data, bot)?,
        _ => 0,
    };
    Ok(match errors as u64 + stranded {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Prints what becomes of conversations of other versions; how many would begin anew.
fn against(args: &Args, data: &str, bot: &Bot) -> anyhow::Result<u64> {
    let found = super::block_on(async {
        let remote = DataArgs::of(&args.dir, data).connect().await?;
        let found = remote.get("/v1/bots?resting=true").await;
        remote.close().await;
        found
    })?;
    let found: Found = serde_json::from_value(found["bots"][0].clone())?;
    let mut stranded = 0;
    for (version, states) in &found.resting {
        for (state, count) in states {
            let fate = Fate::of(bot, &found.kept, version, state);
            if fate == Fate::Stranded {
                stranded += count;
            }
            args.format.tell(&format!(
                "{count} in `{state}` of version {version}: {}",
                fate.sentence()
            ))?;
        }
    }
    args.format.tell(&format!(
        "{stranded} conversations would begin anew with this version, {}",
        bot.version
    ))?;
    Ok(stranded)
}

/// What a server says of its versions.
#[derive(serde::Deserialize)]
struct Found {
    kept: Vec<BotVersion>,
    resting: BTreeMap<BotVersion, BTreeMap<String, u64>>,
}

/// What becomes of a conversation in the middle of a flow.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Same,
    Migrated,
    Kept,
    Stranded,
}

impl Fate {
    fn of(bot: &Bot, kept: &[BotVersion], version: &BotVersion, state: &str) -> Self {
        let flow = state.split('.').next().unwrap_or_default();
        let flow = bot.flow(flow).map(|flow| &bot.flows[flow.index()]);
        let migration = flow.and_then(|flow| flow.migration.as_ref());
        if *version == bot.version {
            Self::Same
        } else if migration.is_some_and(|migration| migration.from == *version) {
            Self::Migrated
        } else if kept.contains(version) {
            Self::Kept
        } else {
            Self::Stranded
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Same => "the same as this one",
            Self::Migrated => "taken along by `migrate`",
            Self::Kept => "they go on there, as its sources are kept",
            Self::Stranded => {
                "they would begin anew; its sources are gone and its flow has no `migrate` from there"
            }
        }
    }
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
                "{}: no mistakes. {flows} flows, {intents} intents, {templates} templates; version {}.",
                bot.name, bot.version
            ))
        }
        _ => super::show(format!(
            "{}, {}. `switchboard explain CODE` says more about one.",
            counted(errors, "error"),
            counted(warnings, "warning"),
        )),
    }
}
