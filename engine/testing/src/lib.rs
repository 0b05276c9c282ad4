//! Conversation tests: plays `tests/conversations/**/*.yaml` against the real bot, on a virtual clock, with tools that answer
//! as each test says, through crashes; and random conversations, to find what nobody thought of.
//!
//! [`decode`] reads the tests, [`run`] plays them, [`Report`] says what came. The bot, its templates, its model, the runtime
//! and the store's rules are the real ones; only the clock, the tools and the disk are not. Reading the bot's folder is
//! `author`'s, training its model `understand`'s, the command line `server`'s.

mod compare;
mod coverage;
mod decode;
mod fuzz;
mod junit;
mod observe;
mod play;
mod report;
mod run;
mod test;
mod update;
mod world;

pub use compare::Mismatch;
pub use coverage::{Coverage, Missed, Row, Share, Summary};
pub use decode::{FOLDER, decode};
pub use fuzz::{FuzzFailure, Fuzzed, fuzz};
pub use junit::junit;
pub use report::{Failure, Outcome, Report};
pub use run::{Options, run};
pub use test::{Action, At, DeskAction, Expected, Field, Step, Stub, Test, Visit, What};
pub use update::update;
