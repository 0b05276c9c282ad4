//! What a conversation does next: the dialog core.
//!
//! One function, [`step`], takes a compiled [`Bot`], a [`Conversation`] and an [`Event`] and returns the next conversation,
//! the [`Effect`]s to carry out and a [`Trace`] of what was considered. It is pure: no clock, no randomness, no I/O, no async,
//! no hash order. Same input, same bytes.
//!
//! The crate also owns the plain data that travels between the other crates: what understanding made of a message, what a
//! response is before and after rendering, a tool's schema. It does not read files (that is `author`), does not render
//! (`render`) and does not know of any channel or store.

mod bot;
mod coerce;
mod conversation;
mod duration;
mod effect;
mod evaluate;
mod event;
mod expression;
mod flow;
mod generated;
mod hours;
mod id;
mod mask;
mod memory;
mod message;
mod step;
mod tool;
mod trace;
mod understanding;
mod value;
mod value_type;

pub use bot::*;
pub use coerce::{CoerceError, coerce, fit, from_text};
pub use conversation::*;
pub use duration::parse_duration;
pub use effect::*;
pub use evaluate::{Bindings, EvaluationError};
pub use event::*;
pub use expression::*;
pub use flow::*;
pub use generated::*;
pub use id::*;
pub use mask::{drop_marked, mask, secret_marker};
pub use memory::*;
pub use message::*;
pub use step::*;
pub use tool::*;
pub use trace::*;
pub use understanding::*;
pub use value::*;
pub use value_type::*;
