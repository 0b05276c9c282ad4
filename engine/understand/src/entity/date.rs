//! Days: ISO, written out, by weekday, and relative to the event's day.

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan as _, Zoned};

use super::duration::duration_at;
use super::language::{Language, lookup};
use super::number::number_at;
use super::text::{Kind, Span, Text};

const DAY_S: i64 = 86_400;

/// Every day, in the order of the text.
pub(crate) fn dates(text: &Text<'_>, language: &Language, now: &Zoned) -> Vec<(Span, Date)> {
    let reader = Reader {
        text,
        language,
        today: now.date(),
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match reader.date_at(at) {
            Some((end, date)) => {
                found.push((Span { start: at, end }, date));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

struct Reader<'a> {
    text: &'a Text<'a>,
    language: &'a Language,
    today: Date,
}

impl Reader<'_> {
    /// Where the day that begins here ends, and which it is.
    fn date_at(&self, at: usize) -> Option<(usize, Date)> {
        self.in_digits(at)
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_and_day(at))
            .or_else(|| self.named_day(at))
            .or_else(|| self.weekday(at))
            .or_else(|| self.length_away(at))
            .or_else(|| self.unit_away(at))
    }

    /// `2026-03-02`, `2.3.2026`, `2.3.`, `3/2`, `3/2/26`.
    fn in_digits(&self, at: usize) -> Option<(usize, Date)> {
        let token = self
            .text
            .tokens
            .get(at)
            .filter(|token| token.kind == Kind::Digits)?;
        let separator = token.norm.chars().find(|c| !c.is_ascii_digit())?;
        let parts: Vec<i16> = token
            .norm
            .split(separator)
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        let date = match (separator, parts.as_slice()) {
            ('-', &[year, month, day]) if year > 31 => self.day(year, month, day),
            ('-' | '/' | '.', &[a, b, year]) => self.ordered(separator, a, b, full_year(year)),
            // "2.3" is a number, "2.3." is a day.
            ('.', &[a, b]) if self.text.behind(at) == Some('.') && self.language.decimal_comma => {
                self.coming(b, a)
            }
            ('/', &[a, b]) => {
                let (day, month) = if self.language.day_first || a > 12 {
                    (a, b)
                } else {
                    (b, a)
                };
                self.coming(month, day)
            }
            _ => None,
        }?;
        Some((at + 1, date))
    }

    fn ordered(&self, separator: char, a: i16, b: i16, year: i16) -> Option<Date> {
        let day_first = separator == '.' || self.language.day_first || a > 12;
        if day_first {
            self.day(year, b, a)
        } else {
            self.day(year, a, b)
        }
    }

    /// "2 March 2026", "2nd of March", "2. März".
    fn day_and_month(&self, at: usize) -> Option<(usize, Date)> {
        let (day, mut end) = self.day_of_month(at)?;
        if matches!(self.text.word(end), "of") {
            end += 1;
        }
        let month = lookup(self.language.months, self.text.word(end))?;
        self.with_year(end + 1, i16::from(month), day)
    }

    /// "March 2nd, 2026".
    fn month_and_day(&self, at: usize) -> Option<(usize, Date)> {
        let month = lookup(self.language.months, self.text.word(at))?;
        let start = at + 1 + usize::from(self.text.word(at + 1) == "the");
        let (day, end) = self.day_of_month(start)?;
        self.with_year(end, i16::from(month), day)
    }

    fn day_of_month(&self, at: usize) -> Option<(i16, usize)> {
        let number = number_at(self.text, self.language, at)?;
        let fits = number.value.fract() == 0.0 && (1.0..=31.0).contains(&number.value);
        fits.then_some((number.value as i16, number.span.end))
    }

    fn with_year(&self, at: usize, month: i16, day: i16) -> Option<(usize, Date)> {
        let year = self
            .text
            .tokens
            .get(at)
            .filter(|token| token.kind == Kind::Digits && token.norm.len() == 4);
        match year.and_then(|token| token.norm.parse().ok()) {
            Some(year) => Some((at + 1, self.day(year, month, day)?)),
            None => Some((at, self.coming(month, day)?)),
        }
    }

    /// today, tomorrow.
    fn named_day(&self, at: usize) -> Option<(usize, Date)> {
        let (length, days) = self.text.longest(at, self.language.days)?;
        Some((at + length, self.away(i64::from(days))?))
    }

    /// "Monday" and "on Monday" are the next one from tomorrow on, "last Friday" lies behind, "next Monday" is the next
    /// one, too: people mean the coming one more often than the one after it.
    fn weekday(&self, at: usize) -> Option<(usize, Date)> {
        let word = self.text.word(at);
        let (back, start) = (
            self.language.last.contains(&word),
            at + usize::from(
                self.language.last.contains(&word) || self.language.next.contains(&word),
            ),
        );
        let wanted = lookup(self.language.weekdays, self.text.word(start))?;
        // "mon", "sat", "sun" alone are too short to be sure of.
        if self.text.word(start).len() <= 3
            && start == at
            && !matches!(self.text.word(at.wrapping_sub(1)), "on" | "am")
        {
            return None;
        }
        let weekday = Weekday::from_monday_zero_offset(wanted).ok()?;
        let date = self
            .today
            .nth_weekday(if back { -1 } else { 1 }, weekday)
            .ok()?;
        Some((start + 1, date))
    }

    /// "in 3 days", "3 days ago", "vor zwei Wochen".
    fn length_away(&self, at: usize) -> Option<(usize, Date)> {
        let word = self.text.word(at);
        let (ahead, before) = (
            self.language.ahead.contains(&word),
            self.language.ago_before.contains(&word),
        );
        let (span, seconds) =
            duration_at(self.text, self.language, at + usize::from(ahead || before))?;
        let ago = !before
            && self
                .language
                .ago
                .iter()
                .find_map(|phrase| self.text.phrase(span.end, phrase))
                .is_some();
        if seconds < DAY_S || !(ahead || before || ago) {
            return None;
        }
        let days = seconds / DAY_S;
        let end = span.end + usize::from(ago);
        Some((end, self.away(if before || ago { -days } else { days })?))
    }

    /// "next week", "letzten Monat": the same day a unit further.
    fn unit_away(&self, at: usize) -> Option<(usize, Date)> {
        let word = self.text.word(at);
        let sign = if self.language.next.contains(&word) {
            1
        } else if self.language.last.contains(&word) {
            -1
        } else {
            return None;
        };
        let unit =
            lookup(self.language.units, self.text.word(at + 1)).filter(|unit| *unit >= DAY_S)?;
        let date = match unit {
            2_592_000 => self.today.checked_add(sign.months()).ok()?,
            31_536_000 => self.today.checked_add(sign.years()).ok()?,
            seconds => self.away(sign * seconds / DAY_S)?,
        };
        Some((at + 2, date))
    }

    fn away(&self, days: i64) -> Option<Date> {
        self.today
            .checked_add(jiff::Span::new().try_days(days).ok()?)
            .ok()
    }

    fn day(&self, year: i16, month: i16, day: i16) -> Option<Date> {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// A day without a year is the next of its kind, today included.
    fn coming(&self, month: i16, day: i16) -> Option<Date> {
        let this_year = self.day(self.today.year(), month, day);
        match this_year {
            Some(date) if date >= self.today => Some(date),
            // 29 February: the next year that has one.
            _ => (1..=8).find_map(|years| self.day(self.today.year() + years, month, day)),
        }
    }
}

fn full_year(year: i16) -> i16 {
    if year < 100 { 2_000 + year } else { year }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::Locale;

    fn read(locale: &str, raw: &str) -> Vec<String> {
        // A Wednesday.
        let now: Zoned = "2026-03-04T10:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let found = dates(&Text::new(raw), Language::of(&Locale::from(locale)), &now);
        found.iter().map(|(_, date)| date.to_string()).collect()
    }

    #[test]
    fn written_days() {
        assert_eq!(
            read("en", "2026-03-02 or 3/2/2026 or 25/12/26"),
            ["2026-03-02", "2026-03-02", "2026-12-25"]
        );
        assert_eq!(read("en-GB", "3/2/2026"), ["2026-02-03"]);
        assert_eq!(
            read("en", "2 March 2027, March 2nd, the 5th of April"),
            ["2027-03-02", "2027-03-02", "2026-04-05"]
        );
        assert_eq!(
            read("de", "am 2.3.2026, am 5.3., am 7. Mai"),
            ["2026-03-02", "2026-03-05", "2026-05-07"]
        );
        assert_eq!(read("de", "2.3 Prozent, 31.2.2026"), Vec::<String>::new());
    }

    #[test]
    fn relative_days() {
        assert_eq!(
            read("en", "today, tomorrow, the day after tomorrow, yesterday"),
            ["2026-03-04", "2026-03-05", "2026-03-06", "2026-03-03"]
        );
        assert_eq!(
            read("en", "on Monday, next Wednesday, last Friday"),
            ["2026-03-09", "2026-03-11", "2026-02-27"]
        );
        assert_eq!(
            read("en", "in 3 days, two weeks ago, next week, next month"),
            ["2026-03-07", "2026-02-18", "2026-03-11", "2026-04-04"]
        );
        assert_eq!(
            read(
                "de",
                "heute, übermorgen, nächsten Montag, in zwei Wochen, vor drei Tagen"
            ),
            [
                "2026-03-04",
                "2026-03-06",
                "2026-03-09",
                "2026-03-18",
                "2026-03-01"
            ]
        );
        assert_eq!(
            read("en", "for 3 days, in 5 minutes, 1999999999 days ago"),
            Vec::<String>::new()
        );
    }
}
