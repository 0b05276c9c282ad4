//! Compacting: every row is copied into a new database, which takes the old one's place by one rename.
//!
//! sled never gives space back by itself, and what was erased stays in its files until this.

use std::path::Path;

use sled::{Batch, Tree};

use super::folder::Folder;
use super::group::broken;
use super::{Options, Sled, open_database};
use crate::StoreError;

/// Rows that are copied at once.
const ROWS_AT_ONCE: usize = 1024;

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
        // sled splits a full leaf in the middle: rows that come in order leave every leaf half full. Every second row first
        // and the others after them fills the leaves, and halves what sled keeps in memory for each.
        copy(&old, &new, 0)?;
        copy(&old, &new, 1)?;
        new.flush().map_err(broken)?;
        drop((old, new));
        folder.swap()?;
        Ok(Compacted {
            bytes_before,
            bytes_after: folder.disk_bytes(),
        })
    }
}

/// Copies every second row, from this one on.
fn copy(old: &Tree, new: &Tree, first: usize) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for (number, row) in old.iter().skip(first).step_by(2).enumerate() {
        let (key, value) = row.map_err(broken)?;
        batch.insert(key, value);
        if (number + 1) % ROWS_AT_ONCE == 0 {
            new.apply_batch(std::mem::take(&mut batch))
                .map_err(broken)?;
        }
    }
    new.apply_batch(batch).map_err(broken)
}
