//! `switchboard graph`: flows as pictures.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use dialog::FlowId;

use crate::folder;

/// Draw a flow as a state machine.
///
/// Example: switchboard graph mybot return_item --format svg > return_item.svg
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The flow; without it every flow, in Mermaid or DOT
    flow: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A picture
    Svg,
    /// Text that GitHub and others draw
    Mermaid,
    /// Graphviz
    Dot,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let compiled = folder::compile(&args.dir, &folder::catalogue(None))?;
    let Some(bot) = compiled
        .bot
        .as_deref()
        .filter(|_| folder::report(&compiled))
    else {
        bail!("the bot has mistakes; mend them first");
    };
    let flows: Vec<FlowId> = match &args.flow {
        Some(name) => vec![bot.flow(name).with_context(|| unknown(name, bot))?],
        None => (0..bot.flows.len()).map(FlowId::from).collect(),
    };
    if matches!(args.format, Format::Svg) && flows.len() != 1 {
        bail!("name one flow: an SVG shows one");
    }
    for flow in flows {
        let diagram = author::graph::diagram(bot, flow);
        match args.format {
            Format::Mermaid => super::show(author::graph::mermaid(&diagram))?,
            Format::Dot => super::show(author::graph::dot(&diagram))?,
            Format::Svg => println!(
                "{}",
                author::graph::svg(&diagram)
                    .map_err(|error| anyhow!("the picture can't be drawn: {error}"))?
            ),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(name: &str, bot: &dialog::Bot) -> String {
    let flows: Vec<&str> = bot.flows.iter().map(|flow| flow.name.as_str()).collect();
    format!("there is no flow `{name}`; there are: {}", flows.join(", "))
}
