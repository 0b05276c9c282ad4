//! Cursors: a key as text.

use super::keys::Key;
use crate::{Cursor, StoreError};

/// A key as a cursor.
pub(super) fn cursor(key: &[u8]) -> Cursor {
    Cursor(key.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The key of a cursor.
pub(super) fn place(cursor: &Cursor) -> Result<Key, StoreError> {
    let digits = cursor.0.as_bytes().chunks(2);
    let bytes: Option<Key> = digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    bytes.ok_or_else(|| StoreError::not_a_cursor(cursor))
}
