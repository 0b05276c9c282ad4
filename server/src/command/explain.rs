//! `switchboard explain`: what a diagnostic means.

use std::process::ExitCode;

use anyhow::bail;

/// Say more about a diagnostic: what it finds, why that is bad, an example, and what to write instead.
///
/// Example: switchboard explain SB012
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Its code or its name; without it all are listed
    code: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(code) = &args.code else {
        for rule in author::rule::RULES {
            super::show(format!(
                "{}  {:<8} {}",
                rule.code,
                rule.severity.name(),
                rule.name
            ))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(rule) = author::rule::find(code) else {
        bail!("there is no diagnostic `{code}`; `switchboard explain` lists them");
    };
    super::show(author::explain(rule))?;
    Ok(ExitCode::SUCCESS)
}
