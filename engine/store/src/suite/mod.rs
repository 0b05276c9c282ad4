//! The contract that every store keeps, as tests: one line for a new store.
//!
//! ```
//! store::suite::run(store::Memory::new);
//! ```

mod copies;
mod effects;
mod lists;
mod people;
mod times;
mod trial;
mod turns;

use crate::Store;

pub use trial::{Trial, turn};

/// A rule, and what checks it with an empty store (the function gives another empty one).
type Rule = (&'static str, fn(&Trial, &dyn Fn() -> Trial));

/// Checks every rule, each with a store of its own. Panics at the first that isn't kept and names it.
pub fn run<S: Store>(make: impl Fn() -> S) {
    let empty = || Trial::new(make());
    let chapters = [
        turns::RULES,
        lists::RULES,
        effects::RULES,
        times::RULES,
        people::RULES,
        copies::RULES,
    ];
    for (rule, check) in chapters.into_iter().flatten() {
        let told = Told(rule);
        check(&empty(), &empty);
        std::mem::forget(told);
    }
}

/// Names the rule when its check panics.
struct Told(&'static str);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("The store does not keep this rule: {}", self.0);
    }
}
