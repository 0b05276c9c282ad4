//! `switchboard costs`: what the models cost.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::{self, Config};
use crate::costs::{Costs, Sum, Which};
use crate::remote::{Place, Remote};

/// Print what the models' calls cost, summed up.
///
/// The calls are those that a server noted in its data folder; days are those of UTC. A price that nobody knows is shown as `?`: name it
/// in the file of `models.prices`.
///
/// Example: switchboard costs --by model --from 2026-03-01
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    which: Which,
    /// A data folder, or a server's address such as https://chat.example (with its key in SWITCHBOARD_KEY)
    #[arg(long)]
    data: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let costs = costs(args)?;
    if args.json {
        super::show(serde_json::to_string_pretty(&costs)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let head = format!(
        "{:<32} {:>7} {:>12} {:>12} {:>12} {:>12}",
        "", "calls", "input", "cached", "output", "US dollars"
    );
    super::show(head)?;
    for (name, sum) in &costs.rows {
        super::show(row(name, sum))?;
    }
    super::show(row("total", &costs.total))?;
    Ok(ExitCode::SUCCESS)
}

/// What a server far away says; of a folder on this machine what lies there, whether a server holds it or not.
fn costs(args: &Args) -> anyhow::Result<Costs> {
    if let Some(Place::Http(base)) = args.data.as_deref().map(Place::of) {
        let key = config::environment().get("SWITCHBOARD_KEY").cloned();
        let remote = Remote::http(&base, key)?;
        let path = format!("/v1/costs?{}", args.which.query());
        let answer = super::block_on(async { remote.get(&path).await })?;
        return Ok(serde_json::from_value(answer)?);
    }
    let data = ("data", super::serve::absolute(args.data.as_deref())?);
    let config = Config::load(&args.dir, &[data])?;
    Costs::read(&config.data(&args.dir), &args.which)
}

fn row(name: &str, sum: &Sum) -> String {
    let dollars = format!("{:.6}", sum.micro_usd as f64 / 1e6);
    let dollars = match (sum.unpriced, sum.calls) {
        (0, _) => dollars,
        (unpriced, calls) if unpriced == calls => "?".to_owned(),
        (unpriced, _) => format!("{dollars} + {unpriced} ?"),
    };
    format!(
        "{name:<32} {:>7} {:>12} {:>12} {:>12} {dollars:>12}",
        sum.calls, sum.input_tokens, sum.cached_tokens, sum.output_tokens
    )
}
