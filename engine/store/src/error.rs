//! What can go wrong with a store, by what a caller would do about it.

use std::path::PathBuf;

/// Why a store did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too much waits: answer 503 and let the sender repeat.
    #[error(
        "The store has {waiting} writes waiting and takes no more at the moment. Try again in a second."
    )]
    Full {
        /// How many wait.
        waiting: usize,
    },
    /// An older term wrote: another replica holds the store.
    #[error("Another process took the store over; this one must not write any more.")]
    Fenced,
    /// Something could not be made durable. Nothing is taken any more: end the process.
    #[error(
        "The store could not use its files and takes nothing any more: {0}. Nothing that was not written has been acknowledged. Look at the disk, then start again."
    )]
    Broken(String),
    /// Another process has the folder open.
    #[error("Store is used by another process: {}. Stop that process, or ask it instead (a running server answers the commands that read or change data).", .0.display())]
    Used(PathBuf),
    /// A record can't be read.
    #[error(
        "A record of the store can't be read ({what}). Restore the folder from a copy, or export what is left."
    )]
    Corrupt {
        /// Which.
        what: String,
    },
    /// A record was written by a newer version of the program.
    #[error(
        "The store was written by a newer version of this program (record version {found}, this program knows up to {known}). Use that version."
    )]
    Newer {
        /// The record's.
        found: u8,
        /// This program's.
        known: u8,
    },
    /// The caller asked for something that can't be: a mistake in the program, or a cursor that isn't one.
    #[error("The store can't do that: {0}.")]
    Invalid(String),
    /// A file could not be read or written.
    #[error("{what}: {why}.")]
    File {
        /// What was tried, with the path.
        what: String,
        /// What the system said.
        why: String,
    },
}

impl StoreError {
    /// A cursor that no list gave.
    pub(crate) fn not_a_cursor(cursor: &crate::Cursor) -> Self {
        Self::Invalid(format!("`{}` is no place in a list", cursor.0))
    }
}
