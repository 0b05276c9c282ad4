//! What is known to hold at a place: which slots are set, which lists have how many items, which numbers are not zero.

use std::collections::BTreeSet;

use crate::place::Place;

/// Something that holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// The value at this path is set: `slots.card`.
    Set(String),
    /// The list at this path has at least so many items.
    SizeAtLeast(String, i64),
    /// The number at this path is not zero.
    NotZero(String),
}

/// Facts that hold together.
pub(crate) type Facts = BTreeSet<Fact>;

/// A reading that fails unless something holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    /// What must hold.
    pub(crate) fact: Fact,
    /// Where it is read.
    pub(crate) place: Place,
}

/// Whether the facts are enough.
pub(crate) fn covers(facts: &Facts, need: &Fact) -> bool {
    match need {
        Fact::SizeAtLeast(path, wanted) => facts.iter().any(
            |fact| matches!(fact, Fact::SizeAtLeast(known, size) if known == path && size >= wanted),
        ),
        _ => facts.contains(need),
    }
}

/// What both sides know.
pub(crate) fn common(a: &Facts, b: &Facts) -> Facts {
    a.iter()
        .filter(|fact| covers(b, fact))
        .chain(b.iter().filter(|fact| covers(a, fact)))
        .cloned()
        .collect()
}
