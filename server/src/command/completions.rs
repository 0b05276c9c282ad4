//! `switchboard completions`: what a shell needs to complete commands and flags.

use std::process::ExitCode;

/// Print the completion script of a shell.
///
/// Example: switchboard completions bash > /etc/bash_completion.d/switchboard
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// For this shell
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &Args, command: &mut clap::Command) -> anyhow::Result<ExitCode> {
    clap_complete::generate(args.shell, command, "switchboard", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
