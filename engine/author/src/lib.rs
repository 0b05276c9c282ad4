//! A folder of YAML, templates and examples → a checked [`dialog::Bot`], or everything that is wrong with it at once.
//!
//! [`read`] takes exactly a bot's files from a folder, [`compile`] makes the bot. A mistake in a file is a [`Diagnostic`] with
//! a code and a place, never an error and never a panic. Not here: what a bot does (`dialog`), conversation tests (`testing`).

mod built_in;
mod catalogue;
mod check;
mod compile;
mod context;
mod decode;
mod diagnostic;
pub mod explain;
mod expression;
pub mod files;
pub mod graph;
mod handover;
mod names;
pub mod place;
pub mod print;
pub mod rule;
mod schema;
mod version;
pub mod yaml;

pub use catalogue::{Catalogue, ChannelLimits};
pub use compile::{Compiled, compile};
pub use decode::{Channel, Login};
pub use diagnostic::{Diagnostic, Severity};
pub use explain::explain;
pub use files::{Files, read};
pub use schema::json_schema;
