//! What the tests of this crate stand on: bots written as their authors would, and a player that talks to them.
//!
//! The reader here is small on purpose and panics on a mistake: it is no second compiler. `author` cannot be used, as it stands
//! on this crate.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "inside one test program"
)]

pub mod bot;
pub mod cel;
pub mod flow;
pub mod player;
pub mod yaml;

pub use bot::bot;
pub use player::{Player, check, play};
