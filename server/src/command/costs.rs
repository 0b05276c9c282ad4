//! `switchboard costs`: what the models cost.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use serde::Serialize;

use crate::config::Config;
use crate::journal::{self, Line};

/// Print what the models' calls cost, summed up.
///
/// The calls are those that a server noted in its data folder; days are those of UTC. A price that nobody knows is shown as `?`: name it
/// in the file of `models.prices`.
///
/// Example: switchboard costs --by model
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// By what the calls are summed up
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    /// The data folder
    #[arg(long)]
    data: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// The day, in UTC
    Day,
    /// The bot
    Bot,
    /// The provider's model
    Model,
}

/// A sum.
#[derive(Default, Serialize)]
struct Sum {
    calls: u64,
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    micro_usd: u64,
    /// Calls whose price nobody knows.
    unpriced: u64,
}

impl Sum {
    fn add(&mut self, line: &Line) {
        self.calls += 1;
        self.input_tokens += line.usage.input;
        self.cached_tokens += line.usage.cached;
        self.output_tokens += line.usage.output;
        self.micro_usd += line.micro_usd.unwrap_or_default();
        self.unpriced += u64::from(line.micro_usd.is_none());
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let data = ("data", super::serve::absolute(args.data.as_deref())?);
    let config = Config::load(&args.dir, &[data])?;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut all = Sum::default();
    for line in journal::read(&config.data(&args.dir))? {
        let name = match args.by {
            By::Day => journal::day(line.at),
            By::Bot => line.bot.clone(),
            By::Model => line.target.clone(),
        };
        sums.entry(name).or_default().add(&line);
        all.add(&line);
    }
    if args.json {
        let rows = serde_json::json!({ "rows": sums, "total": all });
        super::show(serde_json::to_string_pretty(&rows)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let head = format!(
        "{:<32} {:>7} {:>12} {:>12} {:>12} {:>12}",
        "", "calls", "input", "cached", "output", "US dollars"
    );
    super::show(head)?;
    for (name, sum) in &sums {
        super::show(row(name, sum))?;
    }
    super::show(row("total", &all))?;
    Ok(ExitCode::SUCCESS)
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
