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
        return Some((at + 2, unit));
    }
    let number =
        number_at(text, language, at).filter(|number| !number.ordinal && number.value > 0.0)?;
    let unit = lookup(language.units, text.word(number.span.end))?;
    let seconds = number.value * unit as f64;
    (seconds <= SECONDS_MAX).then(|| (number.span.end + 1, seconds.round() as i64))
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
            read("en", "9999999999999 years, the second one"),
            Vec::<i64>::new()
        );
    }
}
