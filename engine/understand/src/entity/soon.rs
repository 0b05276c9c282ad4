//! Moments within hours: "in two hours", "20 minutes ago", "vor einer halben Stunde". From a day on it is a day, see `day`.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::duration::duration_at;
use super::language::Language;
use super::text::{Span, Text};

const DAY_S: i64 = 86_400;

/// Every such moment, to the second, in the order of the text.
pub(crate) fn moments_away(
    text: &Text<'_>,
    language: &Language,
    now: &Zoned,
) -> Vec<(Span, Timestamp)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match moment_at(text, language, at, now.timestamp()) {
            Some((span, moment)) => {
                at = span.end;
                found.push((span, moment));
            }
            None => at += 1,
        }
    }
    found
}

fn moment_at(
    text: &Text<'_>,
    language: &Language,
    at: usize,
    now: Timestamp,
) -> Option<(Span, Timestamp)> {
    let word = text.word(at);
    let (ahead, before) = (
        language.ahead.contains(&word),
        language.ago_before.contains(&word),
    );
    let (length, seconds) = duration_at(text, language, at + usize::from(ahead || before))?;
    let behind = |phrases: &[&str]| {
        let found = phrases
            .iter()
            .filter_map(|phrase| text.phrase(length.end, phrase));
        found.max().filter(|_| !ahead && !before)
    };
    let (ago, from_now) = (behind(language.ago), behind(language.from_now));
    if seconds >= DAY_S || !(ahead || before || ago.is_some() || from_now.is_some()) {
        return None;
    }
    let back = before || ago.is_some();
    let away = SignedDuration::from_secs(if back { -seconds } else { seconds });
    let now = Timestamp::from_second(now.as_second()).ok()?;
    let span = Span {
        start: at,
        end: length.end + ago.or(from_now).unwrap_or(0),
    };
    Some((span, now.checked_add(away).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::Locale;

    fn read(locale: &str, raw: &str) -> Vec<String> {
        let now: Zoned = "2026-03-04T10:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let found = moments_away(&Text::new(raw), Language::of(&Locale::from(locale)), &now);
        let local = |moment: &Timestamp| moment.to_zoned(now.time_zone().clone());
        found
            .iter()
            .map(|(_, moment)| local(moment).strftime("%d %H:%M").to_string())
            .collect()
    }

    #[test]
    fn hours_and_minutes_away() {
        assert_eq!(
            read("en", "in two hours, 20 minutes ago, an hour from now"),
            ["04 12:00", "04 09:40", "04 11:00"]
        );
        assert_eq!(
            read("de", "in einer halben Stunde, vor zwei Stunden"),
            ["04 10:30", "04 08:00"]
        );
        assert_eq!(read("en", "two hours, in 3 days"), Vec::<String>::new());
    }
}
