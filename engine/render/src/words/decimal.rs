//! Numbers with the language's digits and separators.

use fixed_decimal::{Decimal, SignedRoundingMode, UnsignedRoundingMode};

use super::Words;

/// Digits after the separator where the author doesn't say: as CLDR's `#,##0.###`.
const FRACTION_MAX: i16 = 3;

/// As people round, and as money is rounded.
const HALF_UP: SignedRoundingMode = SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand);

/// The longest text that is read as a number: no amount is longer.
const NUMBER_BYTES_MAX: usize = 64;

impl Words {
    /// A number; with exactly `digits` after the separator, or else as many as it has, up to three. None if it isn't one.
    pub(crate) fn number(&self, number: &str, digits: Option<u8>) -> Option<String> {
        let mut decimal = parse(number)?;
        decimal.round_with_mode(-digits.map_or(FRACTION_MAX, i16::from), HALF_UP);
        match digits {
            Some(digits) => decimal.absolute.pad_end(-i16::from(digits)),
            None => decimal.absolute.trim_end(),
        }
        Some(self.decimal.format_to_string(&decimal))
    }
}

/// A number written with a point, as JSON writes it.
pub(super) fn parse(number: &str) -> Option<Decimal> {
    if number.len() > NUMBER_BYTES_MAX {
        return None;
    }
    number.trim().parse().ok()
}
