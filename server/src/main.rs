//! The `switchboard` binary: the command line, the HTTP API, the place's configuration and the demo's bank.
//!
//! Everything that decides lives in the engine's crates; this one reads files, listens, prints, and puts the parts together.

mod assembly;
mod auth;
mod bank;
mod command;
mod config;
mod costs;
mod folder;
mod journal;
mod listen;
mod open_files;
mod patience;
mod problem;
mod providers;
mod reader;
mod refusal;
mod remote;
mod route;
mod serving;
mod watch;

fn main() -> std::process::ExitCode {
    command::run()
}
