//! The command line: one file a command.

mod completions;
mod config;
mod new;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// A conversational chatbot engine: a bot is a folder of flows, intents and templates.
#[derive(Parser)]
#[command(name = "switchboard", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::Args),
    Config(config::Args),
    Completions(completions::Args),
}

/// Runs what the command line says. 0 = fine, 1 = the command found or met something wrong, 2 = the command line itself is.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match cli.command {
        Command::New(args) => new::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
