//! Lengths of time as authors write them: `5m`, `1h30m`, `24h`, `365d`.

use jiff::SignedDuration;

/// The length of time that the text says, or none. Units are `d h m s ms us ns`; a number may have a fraction; a leading `-`
/// makes it negative. A day has 24 hours.
///
/// ```
/// assert_eq!(dialog::parse_duration("1h30m"), Some(jiff::SignedDuration::from_mins(90)));
/// assert_eq!(dialog::parse_duration("soon"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    if let Some(rest) = text.strip_prefix('-') {
        return parse_duration(rest)
            .filter(|d| !d.is_negative())
            .and_then(SignedDuration::checked_neg);
    }
    if text.is_empty() {
        return None;
    }
    let mut sum = SignedDuration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let (one, after) = part(rest)?;
        sum = sum.checked_add(one)?;
        rest = after;
    }
    Some(sum)
}

/// A number, its unit, and what follows.
fn part(text: &str) -> Option<(SignedDuration, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = text.split_at(digits);
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    let nanos_per_unit: i64 = match unit {
        "d" => 86_400_000_000_000,
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: i64 = whole.parse().ok()?;
    let whole = whole
        .checked_mul(nanos_per_unit)
        .map(SignedDuration::from_nanos)?;
    Some((
        whole.checked_add(part_of_unit(fraction, nanos_per_unit)?)?,
        rest,
    ))
}

/// `.25` of a unit; digits beyond the ninth say nothing.
fn part_of_unit(fraction: &str, nanos_per_unit: i64) -> Option<SignedDuration> {
    let mut nanos = 0_i128;
    let mut scale = 1_i128;
    for digit in fraction.chars().take(9) {
        scale *= 10;
        nanos = nanos * 10 + i128::from(digit.to_digit(10)?);
    }
    i64::try_from(nanos * i128::from(nanos_per_unit) / scale)
        .ok()
        .map(SignedDuration::from_nanos)
}
