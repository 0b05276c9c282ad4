//! `switchboard schema`: every key of the language.

use std::process::ExitCode;

/// Print the JSON Schema of a bot's files: every key there is, for editors and for people.
///
/// Example: switchboard schema > switchboard.schema.json
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    super::show(serde_json::to_string_pretty(&author::json_schema())?)?;
    Ok(ExitCode::SUCCESS)
}
