//! How a record becomes bytes: a version, then its fields one after another, numbers big-endian, texts and bytes behind
//! their length.
//!
//! A record of an older version is lifted step by step to the present one before it is read ([`UPGRADES`]); one of a newer
//! version is refused. What the bytes look like is held by the golden files in `tests/golden`.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use crate::StoreError;

/// The version that is written.
pub(crate) const RECORD_VERSION: u8 = 1;

/// Lifts a record's body by one version.
type Upgrade = fn(&[u8]) -> Vec<u8>;

/// `UPGRADES[n]` lifts from version `n + 1` to `n + 2`. Empty as long as there is one version.
const UPGRADES: &[Upgrade] = &[];

/// Something that is stored.
pub(crate) trait Record: Sized {
    /// Its name in errors.
    const NAME: &'static str;

    /// Writes its fields.
    fn write(&self, to: &mut Writer);

    /// Reads its fields; none = they aren't there.
    fn read(from: &mut Reader<'_>) -> Option<Self>;

    /// Its bytes.
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer(vec![RECORD_VERSION]);
        self.write(&mut writer);
        writer.0
    }

    /// The record that these bytes are.
    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt {
            what: Self::NAME.to_owned(),
        };
        let (version, body) = bytes.split_first().ok_or_else(corrupt)?;
        let body = lift(*version, body, UPGRADES)?.ok_or_else(corrupt)?;
        let mut reader = Reader(&body);
        let record = Self::read(&mut reader).ok_or_else(corrupt)?;
        if reader.0.is_empty() {
            Ok(record)
        } else {
            Err(corrupt())
        }
    }
}

/// A body in the present version; none if there never was such a version.
fn lift<'a>(
    version: u8,
    body: &'a [u8],
    upgrades: &[Upgrade],
) -> Result<Option<Cow<'a, [u8]>>, StoreError> {
    let known = u8::try_from(upgrades.len() + 1).expect("there are few versions");
    if version > known {
        return Err(StoreError::Newer {
            found: version,
            known,
        });
    }
    let Some(from) = version.checked_sub(1) else {
        return Ok(None);
    };
    let steps = upgrades[usize::from(from)..].iter();
    Ok(Some(steps.fold(Cow::Borrowed(body), |body, upgrade| {
        Cow::Owned(upgrade(&body))
    })))
}

/// Collects fields.
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        self.u32(
            u32::try_from(value.len())
                .expect("a field is below 4 GB: bodies are capped long before"),
        );
        self.0.extend_from_slice(value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    pub(crate) fn time(&mut self, value: Timestamp) {
        self.0.extend_from_slice(&time_bytes(value));
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.u32(u32::try_from(items.len()).expect("a record's lists are short"));
        items.iter().for_each(|item| write(self, item));
    }
}

/// Gives fields back. Each method is none when the bytes end too early or mean nothing.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(crate) fn bytes(&mut self) -> Option<Vec<u8>> {
        let count = self.u32()?;
        self.take(count as usize).map(<[u8]>::to_vec)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?).ok()
    }

    pub(crate) fn time(&mut self) -> Option<Timestamp> {
        time_of(self.take(TIME_BYTES)?)
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    pub(crate) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.flag()? {
            read(self).map(Some)
        } else {
            Some(None)
        }
    }

    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.u32()?;
        (0..count).map(|_| read(self)).collect()
    }
}

/// How many bytes a time takes.
pub(crate) const TIME_BYTES: usize = 12;

/// A time as bytes that sort as times do: seconds with the sign bit turned, then nanoseconds.
pub(crate) fn time_bytes(time: Timestamp) -> [u8; TIME_BYTES] {
    let nanoseconds = time.as_nanosecond();
    let second = i64::try_from(nanoseconds.div_euclid(NANOSECONDS))
        .expect("jiff's times lie within 10,000 years");
    let rest = u32::try_from(nanoseconds.rem_euclid(NANOSECONDS)).expect("it is below a second");
    let mut bytes = [0; TIME_BYTES];
    bytes[..8].copy_from_slice(&(second ^ i64::MIN).to_be_bytes());
    bytes[8..].copy_from_slice(&rest.to_be_bytes());
    bytes
}

/// The time that these bytes are.
pub(crate) fn time_of(bytes: &[u8]) -> Option<Timestamp> {
    let (second, rest) = bytes.split_at_checked(8)?;
    let second = i64::from_be_bytes(second.try_into().ok()?) ^ i64::MIN;
    let rest = u32::from_be_bytes(rest.try_into().ok()?);
    let since =
        SignedDuration::from_secs(second).checked_add(SignedDuration::from_nanos(rest.into()))?;
    Timestamp::from_duration(since).ok()
}

const NANOSECONDS: i128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_their_bytes_do() {
        let texts = [
            "-009999-01-02T01:59:59Z",
            "1969-12-31T23:59:59.5Z",
            "1970-01-01T00:00:00Z",
            "2026-03-01T12:00:00.000000001Z",
            "9999-12-30T22:00:00.999999999Z",
        ];
        let times = texts.map(|text| text.parse::<Timestamp>().unwrap());
        let bytes = times.map(time_bytes);
        assert!(bytes.is_sorted());
        assert_eq!(bytes.map(|bytes| time_of(&bytes).unwrap()), times);
    }

    #[test]
    fn an_old_body_is_lifted_step_by_step() {
        let steps: [Upgrade; 2] = [|body| [body, b"2"].concat(), |body| [body, b"3"].concat()];
        assert_eq!(lift(1, b"1", &steps), Ok(Some(Cow::Owned(b"123".to_vec()))));
        assert_eq!(lift(2, b"1", &steps), Ok(Some(Cow::Owned(b"13".to_vec()))));
        assert_eq!(lift(3, b"1", &steps), Ok(Some(Cow::Borrowed(&b"1"[..]))));
        assert_eq!(
            lift(4, b"1", &steps),
            Err(StoreError::Newer { found: 4, known: 3 })
        );
        assert_eq!(lift(0, b"1", &steps), Ok(None));
    }
}
