//! How much there is, kept beside the rows: counting a million conversations at the start would take too long.

use super::keys;
use crate::codec::{Reader, Record, Writer};
use crate::{Status, StoreError};

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) conversations: u64,
    pub(super) outbox: u64,
    pub(super) dead_letters: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Counters {
    /// Takes a row's change into account.
    pub(super) fn change(&mut self, key: &[u8], before: Option<&[u8]>, after: Option<&[u8]>) {
        let size = |value: Option<&[u8]>| value.map_or(0, |value| (key.len() + value.len()) as u64);
        self.bytes = (self.bytes + size(after)).saturating_sub(size(before));
        let count = |number: &mut u64| {
            *number =
                (*number + u64::from(after.is_some())).saturating_sub(u64::from(before.is_some()))
        };
        count(&mut self.rows);
        match key.first() {
            Some(b'o') => count(&mut self.outbox),
            Some(b'x') => count(&mut self.dead_letters),
            Some(b'c') if keys::is_head(key) => count(&mut self.conversations),
            _ => {}
        }
    }

    /// As everybody is told.
    pub(super) fn status(&self, disk_bytes: u64) -> Status {
        Status {
            conversations: self.conversations,
            outbox: self.outbox,
            dead_letters: self.dead_letters,
            rows: self.rows,
            live_bytes: self.bytes,
            disk_bytes,
        }
    }

    /// A number that is a row's whole value.
    pub(super) fn number(bytes: &[u8]) -> Result<u64, StoreError> {
        Number::decode(bytes).map(|number| number.0)
    }

    /// A number as a row's whole value.
    pub(super) fn number_bytes(number: u64) -> Vec<u8> {
        Number(number).encode()
    }
}

impl Record for Counters {
    const NAME: &'static str = "the counters";

    fn write(&self, to: &mut Writer) {
        let numbers = [
            self.conversations,
            self.outbox,
            self.dead_letters,
            self.rows,
            self.bytes,
        ];
        numbers.into_iter().for_each(|number| to.u64(number));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            conversations: from.u64()?,
            outbox: from.u64()?,
            dead_letters: from.u64()?,
            rows: from.u64()?,
            bytes: from.u64()?,
        })
    }
}

struct Number(u64);

impl Record for Number {
    const NAME: &'static str = "a number";

    fn write(&self, to: &mut Writer) {
        to.u64(self.0);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.u64().map(Self)
    }
}
