//! Expressions: CEL as text → a checked [`dialog::Expression`].

#[cfg(test)]
mod differential;
mod extent;
pub(crate) mod facts;
mod functions;
mod lower;
mod operators;
mod scan;
mod scope;
pub(crate) mod ty;

pub(crate) use facts::{Fact, Facts, Need};
pub(crate) use functions::pattern_problem;
pub(crate) use lower::{Lowered, lower, slot_type};
pub(crate) use scope::Scope;
pub(crate) use ty::Ty;
