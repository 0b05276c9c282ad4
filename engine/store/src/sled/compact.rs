//! Compacting: everything is copied into a new database, which takes the old one's place by one rename.
//!
//! sled never gives space back by itself, and what was erased stays in its files until this.

use std::path::Path;

use sled::Tree;

use super::counters::Counters;
use super::folder::Folder;
use super::group::{Group, broken};
use super::{Options, Sled, open_database};
use crate::StoreError;

/// What a compaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// What the files took before, in bytes.
    pub bytes_before: u64,
    /// What they take now.
    pub bytes_after: u64,
}

impl Sled {
    /// Compacts the store in a folder that nobody has open. A crash meanwhile leaves the old store as it was. Needs about
    /// twice the free space that the live rows take; blocks.
    pub fn compact(path: impl AsRef<Path>, options: Options) -> Result<Compacted, StoreError> {
        let mut folder = Folder::take(path.as_ref())?;
        let bytes_before = folder.disk_bytes();
        let old = open_database(&folder.database(), options)?;
        let new = open_database(&folder.next_database(), options)?;
        copy(&old, &new)?;
        new.flush().map_err(broken)?;
        drop((old, new));
        folder.swap()?;
        Ok(Compacted {
            bytes_before,
            bytes_after: folder.disk_bytes(),
        })
    }
}

/// Copies all that bundles hold, and the term.
fn copy(old: &Tree, new: &Tree) -> Result<(), StoreError> {
    let source = Group::new(old, Counters::default());
    let mut counters = Counters::default();
    let mut after = None;
    loop {
        let page = source.bundles(after.as_ref())?;
        let mut group = Group::new(new, counters);
        page.rows
            .into_iter()
            .try_for_each(|bundle| group.attempt(|group| group.restore(bundle)))?;
        after = page.next;
        if after.is_none() {
            group.attempt(|group| group.set_term(source.term()?))?;
        }
        if let Some((batch, counted)) = group.batch() {
            new.apply_batch(batch).map_err(broken)?;
            counters = counted;
        }
        if after.is_none() {
            return Ok(());
        }
    }
}
