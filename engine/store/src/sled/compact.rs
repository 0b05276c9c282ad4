//! Compacting: every row is copied into a new database, which takes the old one's place by one rename.
//!
//! sled never gives space back by itself, and what was erased stays in its files until this.

use std::path::Path;

use sled::{IVec, Tree};

use super::folder::Folder;
use super::group::broken;
use super::{Options, Sled, open_database};
use crate::StoreError;

/// Rows that are copied at once: few enough that the leaves that they fill stay in the smallest cache.
const ROWS_AT_ONCE: usize = 4096;

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
        // sled notes where its pages are only when it opens: done here, the next start need not read all of it.
        drop(open_database(&folder.next_database(), options)?);
        folder.swap()?;
        Ok(Compacted {
            bytes_before,
            bytes_after: folder.disk_bytes(),
        })
    }
}

/// Copies every row.
fn copy(old: &Tree, new: &Tree) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    for row in old {
        rows.push(row.map_err(broken)?);
        if rows.len() == ROWS_AT_ONCE {
            write(&mut rows, new)?;
        }
    }
    write(&mut rows, new)
}

/// Writes rows so that they fill their leaves.
///
/// What sled keeps in memory goes by the number of leaves. A leaf holds 16 rows; with one more it becomes two, of 9 and 8. Rows
/// that come in order leave 9 in each. So three of five come first, which makes leaves of 9 that span 15, and then the others
/// fall into them.
fn write(rows: &mut Vec<(IVec, IVec)>, new: &Tree) -> Result<(), StoreError> {
    // One by one, as a batch of sled's has an order of its own; nobody reads the new database before it is whole.
    for first in [true, false] {
        let numbered = rows.iter().enumerate();
        for (_, (key, value)) in numbered.filter(|(number, _)| (number % 5 < 3) == first) {
            new.insert(key, value).map_err(broken)?;
        }
    }
    rows.clear();
    Ok(())
}
