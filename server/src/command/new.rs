//! `switchboard new`: a bot that works, to begin with.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

/// The starter bot's files; `NAME` in them becomes the folder's name.
const FILES: &[(&str, &str)] = &[
    ("bot.yaml", include_str!("../../starter/bot.yaml")),
    (
        "flows/answers.yaml",
        include_str!("../../starter/flows/answers.yaml"),
    ),
    (
        "flows/return_item.yaml",
        include_str!("../../starter/flows/return_item.yaml"),
    ),
    (
        "flows/call_back.yaml",
        include_str!("../../starter/flows/call_back.yaml"),
    ),
    (
        "intents/en/shop.yaml",
        include_str!("../../starter/intents/en/shop.yaml"),
    ),
    (
        "templates/en/shop.yaml",
        include_str!("../../starter/templates/en/shop.yaml"),
    ),
    (
        "tests/conversations/return_item.yaml",
        include_str!("../../starter/tests/conversations/return_item.yaml"),
    ),
    ("README.md", include_str!("../../starter/README.md")),
];

/// Make a bot that works: two flows, answers, a test and a README.
///
/// Example: switchboard new shop && switchboard chat shop
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The folder to make; its name becomes the bot's
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let dir = &args.dir;
    if dir.exists()
        && dir
            .read_dir()
            .with_context(|| format!("{} is no folder", dir.display()))?
            .next()
            .is_some()
    {
        bail!(
            "{} is not empty; name a folder that does not exist yet",
            dir.display()
        );
    }
    let name = bot_name(dir)?;
    for (path, text) in FILES {
        let file = dir.join(path);
        let folder = file
            .parent()
            .expect("every file of the starter bot lies in the folder");
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        std::fs::write(&file, text.replace("NAME", &name))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let dir = dir.display();
    println!("Made the bot `{name}` in {dir}. Now:\n");
    println!("    switchboard chat {dir}     talk to it");
    println!("    switchboard check {dir}    look for mistakes");
    println!("    switchboard test {dir}     run its conversations");
    println!("    switchboard serve {dir}    put it on http://127.0.0.1:8080\n");
    println!("{dir}/README.md says what is where.");
    Ok(ExitCode::SUCCESS)
}

/// The folder's name as a bot's name: lower case, with hyphens.
fn bot_name(dir: &Path) -> anyhow::Result<String> {
    let name = dir
        .file_name()
        .and_then(|name| name.to_str())
        .with_context(|| format!("{} is no name for a folder", dir.display()))?;
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_matches('-').to_owned();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        bail!("a bot's name begins with a letter: `{name}` does not");
    }
    Ok(name)
}
