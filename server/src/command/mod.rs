//! The command line: one file a command.

mod ask;
mod chat;
mod check;
mod completions;
mod config;
mod costs;
mod data;
mod dead_letters;
mod demo;
pub(crate) mod encoders;
mod erase;
mod eval;
mod explain;
mod graph;
mod new;
mod schema;
mod serve;
mod store;
mod test;
mod train;
mod why;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory as _, Parser, Subcommand};

use data::DataArgs;

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
    Check(check::Args),
    Explain(explain::Args),
    Chat(chat::Args),
    Serve(serve::Args),
    Demo(demo::Args),
    Test(test::Args),
    Train(train::Args),
    Eval(Box<eval::Args>),
    Ask(ask::Args),
    Encoders(encoders::Args),
    Graph(graph::Args),
    Why(why::Args),
    Costs(costs::Args),
    Store(store::Args),
    Erase(erase::Args),
    DeadLetters(dead_letters::Args),
    Schema(schema::Args),
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
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Chat(args) => chat::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Ask(args) => ask::run(&args),
        Command::Encoders(args) => encoders::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Why(args) => why::run(&args),
        Command::Costs(args) => costs::run(&args),
        Command::Store(args) => store::run(&args),
        Command::Erase(args) => erase::run(&args),
        Command::DeadLetters(args) => dead_letters::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
    };
    done.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Prints what a command was asked for. A reader that has seen enough (`| head`) ends the command quietly.
fn show(text: impl Display) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Runs what waits.
fn block_on<T>(what: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads can be started")?;
    runtime.block_on(what)
}
