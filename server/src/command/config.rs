//! `switchboard config`: what is in force, and who says so.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::{Config, Origin};

/// Print every setting of the place, its value and where it comes from.
///
/// Settings come from switchboard.yaml beside the bot, from SWITCHBOARD_… variables and from flags; later ones win.
///
/// Example: SWITCHBOARD_LOG_LEVEL=debug switchboard config mybot
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.dir, &[])?;
    for (setting, value, origin) in config.rows() {
        println!(
            "{:<28} {:<20} {:<28} # {}",
            setting.name,
            value,
            from(origin),
            setting.about
        );
    }
    for key in &config.keys {
        println!(
            "{:<28} {:<20} {:<28} # role {:?}",
            "auth.keys", key.name, "switchboard.yaml", key.role
        );
    }
    for (name, settings) in &config.providers {
        let kind = settings.get("kind").map_or(name.as_str(), String::as_str);
        println!(
            "{:<28} {:<20} {:<28} # {}",
            format!("providers.{name}"),
            kind,
            "switchboard.yaml",
            settings.get("base_url").map_or("", String::as_str)
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn from(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File(path) => path.display().to_string(),
        Origin::Variable(name) => name.clone(),
        Origin::Flag => "flag".to_owned(),
    }
}
