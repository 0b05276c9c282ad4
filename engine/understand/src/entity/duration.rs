//! Lengths of time: "two hours", "1h 30min", "eine halbe Stunde". A month counts as 30 days and a year as 365.

use jiff::SignedDuration;

use super::language::{Language, lookup};
use super::number::number_at;
use super::text::{Span, Text};

/// A longer one is no length of time that a customer means, and would overflow.
const SECONDS_MAX: f64 = 100.0 * 365.0 * 86_400.0;

/// Every length of time, in the order of the text.
pub(crate) fn durations(text: &Text<'_>, language: &Language) -> Vec<(Span, SignedDuration)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match duration_at(text, language, at) {
            Some((span, seconds)) => {
                at = span.end;
                found.push((span, SignedDuration::from_secs(seconds)));
            }
            None => at += 1,
        }
    }
    found
}

/// The length that begins at a token, in seconds; several units in a row add up.
pub(crate) fn duration_at(text: &Text<'_>, language: &Language, at: usize) -> Option<(Span, i64)> {
    let (mut end, mut total) = part_at(text, language, at)?;
    while text.is_joined(end) {
        let next = if language.and.contains(&text.word(end)) {
            end + 1
        } else {
            end
        };
        match part_at(text, language, next) {
            Some((after, seconds)) if seconds < total => (end, total) = (after, total + seconds),
            _ => break,
        }
    }
    Some((Span { start: at, end }, total))
}

fn part_at(text: &Text<'_>, language: &Language, at: usize) -> Option<(usize, i64)> {
    if let Some((length, seconds)) = text.longest(at, language.lengths) {
        return Some((at + length, seconds));
    }
    if matches!(text.word(at), "a" | "an")
        && let Some(unit) =
            lookup(language.units, text.word(at + 1)).filter(|_| text.word(at + 1).len() > 1)
    {
        return Some(with_half(text, language, at + 2, unit, unit));
    }
    let (count, end) = count_at(text, language, at)?;
    let unit = lookup(language.units, text.word(end)).filter(|_| stands_behind(text, end))?;
    let seconds = count * unit as f64;
    (seconds <= SECONDS_MAX)
        .then(|| with_half(text, language, end + 1, seconds.round() as i64, unit))
}

/// "two and a half", "zweieinhalb", 2.5.
fn count_at(text: &Text<'_>, language: &Language, at: usize) -> Option<(f64, usize)> {
    if let Some(ending) = language.half_ending
        && let Some(whole) = text.word(at).strip_suffix(ending)
        && let Some(whole) = lookup(language.numbers, whole)
    {
        return Some((whole as f64 + 0.5, at + 1));
    }
    let number =
        number_at(text, language, at).filter(|number| !number.ordinal && number.value > 0.0)?;
    let half = language
        .and_a_half
        .and_then(|phrase| text.phrase(number.span.end, phrase));
    Some(match half {
        Some(length) => (number.value + 0.5, number.span.end + length),
        None => (number.value, number.span.end),
    })
}

/// "a year and a half": half a unit more.
fn with_half(
    text: &Text<'_>,
    language: &Language,
    end: usize,
    seconds: i64,
    unit: i64,
) -> (usize, i64) {
    let half = language
        .and_a_half
        .and_then(|phrase| text.phrase(end, phrase));
    half.map_or((end, seconds), |length| (end + length, seconds + unit / 2))
}

/// Only white space or a dash parts a unit from its number: "$5/month" is no length of time.
fn stands_behind(text: &Text<'_>, unit: usize) -> bool {
    let gap = &text.raw[text.tokens[unit - 1].end..text.tokens[unit].start];
    gap.chars().all(|c| c.is_whitespace() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::Locale;

    fn read(locale: &str, raw: &str) -> Vec<i64> {
        let found = durations(&Text::new(raw), Language::of(&Locale::from(locale)));
        found
            .into_iter()
            .map(|(_, duration)| duration.as_secs())
            .collect()
    }

    #[test]
    fn units_in_words_and_digits() {
        assert_eq!(read("en", "5 minutes or two hours"), [300, 7_200]);
        assert_eq!(read("en", "1h 30min"), [5_400]);
        assert_eq!(
            read("en", "half an hour, a week, 2 days and 3 hours"),
            [1_800, 604_800, 183_600]
        );
        assert_eq!(
            read(
                "de",
                "drei Tage, eine halbe Stunde, anderthalb Stunden, eine Woche"
            ),
            [259_200, 1_800, 5_400, 604_800]
        );
        assert_eq!(
            read("en", "a year and a half, two and a half hours, 3-day"),
            [47_304_000, 9_000, 259_200]
        );
        assert_eq!(read("de", "zweieinhalb Stunden"), [9_000]);
        assert_eq!(read("en", "$5/month"), Vec::<i64>::new());
        assert_eq!(
            read("en", "9999999999999 years, the second one"),
            Vec::<i64>::new()
        );
    }
}
