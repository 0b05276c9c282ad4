//! The documentation is true: its YAML compiles, its commands parse, its links lead somewhere, and the lists that it gives are complete.
//!
//! How the pages are written so that this can be tested is in CONTRIBUTING.md.

mod commands;
mod http;
mod links;
mod lists;
mod overlay;
mod page;
#[path = "../support/mod.rs"]
mod support;
mod yaml;
