//! Every key of the language, once: what unknown keys are measured against and what `switchboard schema` prints.

mod bot;
mod flow;
mod json;
mod rest;

pub(crate) use bot::*;
pub(crate) use flow::*;
pub use json::json_schema;
pub(crate) use rest::*;

/// A map with known keys.
#[derive(Debug)]
pub(crate) struct Shape {
    /// As a sentence names it: "a transition".
    pub(crate) name: &'static str,
    /// Its keys.
    pub(crate) keys: &'static [KeyShape],
}

/// One key.
#[derive(Debug)]
pub(crate) struct KeyShape {
    /// The key.
    pub(crate) name: &'static str,
    /// What stands under it.
    pub(crate) value: Wanted,
    /// What it is for.
    pub(crate) doc: &'static str,
}

/// What a value must be.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// Any text.
    Text,
    /// A name, of what the text says.
    Name(&'static str),
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// `30s`, `5m`, `24h`.
    Duration,
    /// CEL.
    Expression,
    /// A type.
    Type,
    /// What is said.
    Say,
    /// A transition or a list of them.
    Transitions,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A list.
    List(&'static Wanted),
    /// A map of names.
    Map(&'static Wanted),
    /// A map with known keys.
    Shape(&'static Shape),
    /// One of several forms.
    OneOf(&'static [Wanted]),
    /// Anything.
    Any,
}

impl Shape {
    /// The names of its keys.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

/// A key with its value and what it is for.
const fn key(name: &'static str, value: Wanted, doc: &'static str) -> KeyShape {
    KeyShape { name, value, doc }
}
