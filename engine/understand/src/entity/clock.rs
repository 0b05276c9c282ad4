//! Times of day: "9:30", "9 am", "half past nine", "17 Uhr", "halb zehn", noon.

use super::language::Language;
use super::number::number_at;
use super::text::{Kind, Span, Text};

const DAY_MINUTES: i32 = 1_440;

/// A time of day and the tokens that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeOfDay {
    pub(crate) span: Span,
    pub(crate) hour: i8,
    pub(crate) minute: i8,
}

/// Every time of day, in the order of the text. `bare`: a lone number from 0 to 23 is one, as a time is asked for.
pub(crate) fn times(text: &Text<'_>, language: &Language, bare: bool) -> Vec<TimeOfDay> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match time_at(text, language, at, bare) {
            Some(time) => {
                at = time.span.end;
                found.push(time);
            }
            None => at += 1,
        }
    }
    found
}

fn time_at(text: &Text<'_>, language: &Language, at: usize, bare: bool) -> Option<TimeOfDay> {
    let asked = language.at.contains(&text.word(at));
    let start = at + usize::from(asked);
    if let Some((length, (hour, minute))) = text.longest(start, language.named_times) {
        return Some(TimeOfDay {
            span: Span {
                start: at,
                end: start + length,
            },
            hour,
            minute,
        });
    }
    if let Some((minutes, end)) = around_hour(text, language, start) {
        return finish(text, language, at, end, minutes);
    }
    if let Some((hour, minute)) = text
        .tokens
        .get(start)
        .and_then(|token| colon(&token.norm, asked || is_clocked(text, language, start)))
    {
        return finish(
            text,
            language,
            at,
            start + 1,
            i32::from(hour) * 60 + i32::from(minute),
        );
    }
    full_hour(text, language, at, start, bare)
}

/// "half past nine", "halb zehn", "ten past six", "fünf vor halb vier": minutes of the day, and where it ends.
fn around_hour(text: &Text<'_>, language: &Language, at: usize) -> Option<(i32, usize)> {
    if let Some((length, minutes)) = text.longest(at, language.minutes_of) {
        let (hour, end) = hour_at(text, language, at + length)?;
        let plausible = !continues(text, language, end);
        let minutes = (i32::from(hour) * 60 + minutes).rem_euclid(DAY_MINUTES);
        return plausible.then_some((minutes, end));
    }
    let number = number_at(text, language, at).filter(|number| !number.ordinal)?;
    let sign = match text.word(number.span.end) {
        word if language.minutes_past.contains(&word) => 1,
        // "5 to 9" is from five to nine.
        word if language.minutes_to.contains(&word) => -1,
        _ => return None,
    };
    let spoken = text.tokens[at].kind == Kind::Letters;
    let fits = (1.0..=29.0).contains(&number.value) && number.value.fract() == 0.0;
    let next = number.span.end + 1;
    let (of, end) = match text.longest(next, language.minutes_of) {
        Some((length, minutes)) => {
            let (hour, end) = hour_at(text, language, next + length)?;
            (i32::from(hour) * 60 + minutes, end)
        }
        None => {
            let (hour, end) = hour_at(text, language, next)?;
            (i32::from(hour) * 60, end)
        }
    };
    let sure = sign > 0 || spoken || is_clocked(text, language, end - 1);
    let minutes = (of + sign * number.value as i32).rem_euclid(DAY_MINUTES);
    (fits && sure && !continues(text, language, end)).then_some((minutes, end))
}

/// "at nine", "9 am", "17 Uhr 30"; a lone number where a time is asked for.
fn full_hour(
    text: &Text<'_>,
    language: &Language,
    at: usize,
    start: usize,
    bare: bool,
) -> Option<TimeOfDay> {
    let (hour, end) = hour_at(text, language, start)?;
    let clocked = language.clock.contains(&text.word(end))
        || text.longest(end, language.day_halves).is_some();
    let short = text.tokens[start].norm.len() <= 2 || text.tokens[start].kind == Kind::Letters;
    let asked_for = start > at && short;
    if !(clocked || bare || asked_for) || continues(text, language, end) {
        return None;
    }
    let minute = language
        .clock
        .contains(&text.word(end))
        .then(|| minute_at(text, end + 1))
        .flatten();
    let (minute, end) = minute.map_or((0, end), |minute| (minute, end + 2));
    // "um 8h".
    let end = end + usize::from(asked_for && text.word(end) == "h");
    finish(text, language, at, end, i32::from(hour) * 60 + minute)
}

/// "at 5 euros", "in about 5 minutes", "at 5 percent" are no times.
fn continues(text: &Text<'_>, language: &Language, at: usize) -> bool {
    let word = text.word(at);
    let unit = language.units.iter().any(|(name, _)| *name == word);
    let money = text.longest(at, language.currencies).is_some()
        || text
            .tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Sign);
    let code = word.len() == 3 && matches!(word, "eur" | "usd" | "gbp" | "chf");
    let month = language.months.iter().any(|(name, _)| *name == word);
    unit && word != "h" || money || code || month || text.behind(at.saturating_sub(1)) == Some('%')
}

fn is_clocked(text: &Text<'_>, language: &Language, at: usize) -> bool {
    language.clock.contains(&text.word(at + 1))
        || text.longest(at + 1, language.day_halves).is_some()
}

fn minute_at(text: &Text<'_>, at: usize) -> Option<i32> {
    let token = text
        .tokens
        .get(at)
        .filter(|token| token.kind == Kind::Digits && token.norm.len() == 2)?;
    token.norm.parse().ok().filter(|minute| *minute < 60)
}

fn hour_at(text: &Text<'_>, language: &Language, at: usize) -> Option<(i8, usize)> {
    let number = number_at(text, language, at).filter(|number| !number.ordinal)?;
    let fits = number.value.fract() == 0.0
        && (0.0..=24.0).contains(&number.value)
        && !text.tokens[at].norm.contains(['.', ',']);
    fits.then_some(((number.value as i8) % 24, number.span.end))
}

/// `9:30`, and `9.30` where something else says that it is a time.
fn colon(norm: &str, dot: bool) -> Option<(i8, i8)> {
    let (hour, minute) = norm
        .split_once(':')
        .or_else(|| if dot { norm.split_once('.') } else { None })?;
    let minute = minute
        .split(':')
        .next()
        .filter(|minute| minute.len() == 2)?;
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((hour, minute))
}

/// Takes in "o'clock" and "pm" behind the time.
fn finish(
    text: &Text<'_>,
    language: &Language,
    start: usize,
    mut end: usize,
    minutes: i32,
) -> Option<TimeOfDay> {
    let mut minutes = minutes;
    if language.clock.contains(&text.word(end)) {
        end += 1;
    }
    if let Some((length, afternoon)) = text.longest(end, language.day_halves) {
        end += length;
        let hour = minutes / 60;
        if afternoon && (1..12).contains(&hour) {
            minutes += 720;
        } else if !afternoon && hour == 12 {
            minutes -= 720;
        }
    }
    let (hour, minute) = (
        i8::try_from(minutes / 60).ok()?,
        i8::try_from(minutes % 60).ok()?,
    );
    Some(TimeOfDay {
        span: Span { start, end },
        hour,
        minute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::Locale;

    fn read(locale: &str, raw: &str, bare: bool) -> Vec<String> {
        let found = times(&Text::new(raw), Language::of(&Locale::from(locale)), bare);
        found
            .iter()
            .map(|time| format!("{:02}:{:02}", time.hour, time.minute))
            .collect()
    }

    #[test]
    fn english_times() {
        assert_eq!(
            read(
                "en",
                "9:30, 9 am, 9pm, half past nine, quarter to ten, noon",
                false
            ),
            ["09:30", "09:00", "21:00", "09:30", "09:45", "12:00"]
        );
        assert_eq!(
            read("en", "at nine o'clock in the evening", false),
            ["21:00"]
        );
        assert_eq!(read("en", "12 am and 12 pm", false), ["00:00", "12:00"]);
        assert_eq!(read("en", "at 5", false), ["05:00"]);
        assert_eq!(
            read(
                "en",
                "10 past six in the evening, five to nine, half 8, at twenty past seven",
                false
            ),
            ["18:10", "08:55", "08:30", "07:20"]
        );
        assert_eq!(read("en", "open 5 to 9", false), Vec::<String>::new());
        assert_eq!(
            read("en", "I have 3 cards, at 5 euros each, by 2026", false),
            Vec::<String>::new()
        );
        assert_eq!(read("en", "9", true), ["09:00"]);
    }

    #[test]
    fn german_times() {
        assert_eq!(
            read(
                "de",
                "um neun, 17 Uhr 30, halb zehn, viertel nach acht, 8.15 Uhr",
                false
            ),
            ["09:00", "17:30", "09:30", "08:15", "08:15"]
        );
        assert_eq!(read("de", "um 3 Uhr nachmittags", false), ["15:00"]);
        assert_eq!(
            read(
                "de",
                "zehn nach sechs, fünf vor halb vier, zwanzig vor sieben, um 8h",
                false
            ),
            ["06:10", "03:25", "06:40", "08:00"]
        );
    }
}
