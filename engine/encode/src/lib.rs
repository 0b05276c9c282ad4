//! Encoders: from a text to a vector that is near those of texts which mean the same, on this machine.
//!
//! A crate of its own because the libraries that run them are large: the compiler of bots and the core are built without. It
//! reads files and never the network; fetching them is `server`'s.

mod bert;
mod graph;
mod kind;
#[cfg(feature = "rust-bert")]
mod libtorch;
mod minilm;
mod shelf;
mod source;
mod weights;
mod wordpiece;

pub use kind::{File, KINDS, Kind, Package};
pub use shelf::{Shelf, ShelfError};
