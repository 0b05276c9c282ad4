//! YAML with places: a file's text becomes a tree of [`Node`]s, and every mistake in it a finding.
//!
//! The events are saphyr-parser's. Serde is deliberately not used: it stops at the first mistake and loses quoting styles.

mod node;
mod parse;
mod read;
mod traps;
mod within;

pub use node::*;
pub(crate) use parse::parse;
pub use read::{Tree, read};
pub(crate) use within::place_within;
