//! Writes that become durable together: what each changes is collected over the tree and applied as one batch.
//!
//! Only the writer's thread changes the tree, so what a write reads here stays true until the batch is applied.

use std::collections::{BTreeMap, BTreeSet};

use sled::{Batch, IVec, Tree};

use super::counters::Counters;
use super::keys::{self, Key};
use crate::codec::Record;
use crate::{StoreError, Term};

/// The tree with what the group's writes changed; and over that what the present write changed so far.
pub(super) struct Group<'a> {
    tree: &'a Tree,
    done: BTreeMap<Key, Option<IVec>>,
    present: BTreeMap<Key, Option<IVec>>,
    counters: Counters,
    counters_before: Counters,
}

/// A row: key and value.
pub(super) type Row = (Key, IVec);

impl<'a> Group<'a> {
    pub(super) fn new(tree: &'a Tree, counters: Counters) -> Self {
        Self {
            tree,
            done: BTreeMap::new(),
            present: BTreeMap::new(),
            counters,
            counters_before: counters,
        }
    }

    /// Carries out one write: whole, or not at all if it fails.
    pub(super) fn attempt<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.counters_before = self.counters;
        let result = write(self);
        let changes = std::mem::take(&mut self.present);
        match result {
            Ok(_) => self.done.extend(changes),
            Err(_) => self.counters = self.counters_before,
        }
        result
    }

    /// A value.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        match self.present.get(key).or_else(|| self.done.get(key)) {
            Some(changed) => Ok(changed.clone()),
            None => self.tree.get(key).map_err(broken),
        }
    }

    /// A record.
    pub(super) fn record<R: Record>(&self, key: &[u8]) -> Result<Option<R>, StoreError> {
        self.get(key)?.map(|bytes| R::decode(&bytes)).transpose()
    }

    /// The term that is in force.
    pub(super) fn term(&self) -> Result<Term, StoreError> {
        self.get(keys::TERM)?
            .map_or(Ok(Term(0)), |bytes| Counters::number(&bytes).map(Term))
    }

    /// Sets a row.
    pub(super) fn put(&mut self, key: Key, value: impl Into<IVec>) -> Result<(), StoreError> {
        let value = value.into();
        let before = self.get(&key)?;
        self.counters.change(&key, before.as_deref(), Some(&value));
        self.present.insert(key, Some(value));
        Ok(())
    }

    /// Removes a row, if it is there.
    pub(super) fn remove(&mut self, key: Key) -> Result<(), StoreError> {
        if let Some(before) = self.get(&key)? {
            self.counters.change(&key, Some(&before), None);
            self.present.insert(key, None);
        }
        Ok(())
    }

    /// Removes every row that begins like this.
    pub(super) fn remove_all(&mut self, prefix: &[u8]) -> Result<(), StoreError> {
        let rows = self.rows(prefix)?;
        rows.into_iter().try_for_each(|(key, _)| self.remove(key))
    }

    /// Every row that begins like this, in order.
    pub(super) fn rows(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.rows_between(prefix, &keys::behind(prefix), usize::MAX)
    }

    /// The first rows from one key up to another, in order.
    pub(super) fn rows_between(
        &self,
        from: &[u8],
        until: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        if from >= until {
            return Ok(Vec::new());
        }
        let changed = |changes: &BTreeMap<Key, Option<IVec>>| -> BTreeMap<Key, Option<IVec>> {
            let range = changes.range(from.to_vec()..until.to_vec());
            range
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        let mut changes = changed(&self.done);
        changes.extend(changed(&self.present));
        let mut rows = BTreeMap::new();
        for row in self.tree.range(from..until) {
            let (key, value) = row.map_err(broken)?;
            if !changes.contains_key(&*key) {
                rows.insert(key.to_vec(), value);
            }
            if rows.len() >= limit {
                break;
            }
        }
        rows.extend(
            changes
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        Ok(rows.into_iter().take(limit).collect())
    }

    /// The conversations and users that the group changes, as the beginnings of their keys.
    pub(super) fn concerns(&self) -> BTreeSet<Key> {
        self.done
            .keys()
            .filter_map(|key| keys::concern(key))
            .map(<[u8]>::to_vec)
            .collect()
    }

    /// Everything as one batch, with the counters; none if nothing changed.
    pub(super) fn batch(self) -> Option<(Batch, Counters)> {
        if self.done.is_empty() {
            return None;
        }
        let mut batch = Batch::default();
        for (key, value) in self.done {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch.insert(keys::COUNTERS, self.counters.encode());
        Some((batch, self.counters))
    }
}

/// What sled could not do: its files are damaged, or the disk does not do what it should.
pub(super) fn broken(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Corruption { .. } => StoreError::Corrupt {
            what: error.to_string(),
        },
        _ => StoreError::Broken(error.to_string()),
    }
}
