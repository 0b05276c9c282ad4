//! The `switchboard` binary: the command line, the HTTP API, the place's configuration and the demo's bank.
//!
//! Everything that decides lives in the engine's crates; this one reads files, listens, prints, and puts the parts together.

mod auth;
#[cfg_attr(not(test), expect(dead_code, reason = "the demo will start it"))]
mod bank;
mod command;
mod config;
mod problem;

fn main() -> std::process::ExitCode {
    command::run()
}
