//! Days: ISO, written out, by their day of the month. Those that are named by how far away they are stand in `day`.

use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};

use super::language::{Language, lookup};
use super::number::number_at;
use super::text::{Kind, Span, Text};

/// A day without a year is the last one if that is not longer ago, else the next: customers speak of what was charged, and
/// of what is to come.
const BACK_DAYS_MAX: i32 = 90;

/// How many months are looked through for a day: within a year every day of the month has been every weekday.
const MONTHS_AHEAD: i32 = 12;

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

pub(super) struct Reader<'a> {
    pub(super) text: &'a Text<'a>,
    pub(super) language: &'a Language,
    pub(super) today: Date,
}

impl Reader<'_> {
    /// Where the day that begins here ends, and which it is.
    fn date_at(&self, at: usize) -> Option<(usize, Date)> {
        self.in_calendar(at)
            .or_else(|| self.day_alone(at))
            .or_else(|| self.relative(at))
    }

    /// A day that is named by its month.
    pub(super) fn in_calendar(&self, at: usize) -> Option<(usize, Date)> {
        self.in_digits(at)
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_and_day(at))
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
                self.nearest(b, a)
            }
            ('/', &[a, b]) => {
                let (day, month) = if self.language.day_first || a > 12 {
                    (a, b)
                } else {
                    (b, a)
                };
                self.nearest(month, day).filter(|_| !self.is_share(at))
            }
            _ => None,
        }?;
        Some((at + 1, date))
    }

    /// "1/2 of it", and "24/7" for always.
    fn is_share(&self, at: usize) -> bool {
        self.text.word(at) == "24/7" || matches!(self.text.word(at + 1), "of" | "von" | "der")
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

    /// "on the 19th", "am 12.": the next such day.
    fn day_alone(&self, at: usize) -> Option<(usize, Date)> {
        let before = |back: usize| at.checked_sub(back).map_or("", |at| self.text.word(at));
        let announced = self.language.day_direct.contains(&before(1))
            || (self.language.day_articles.contains(&before(1))
                && self.language.day_after.contains(&before(2)));
        let token = self.text.tokens.get(at).filter(|_| announced)?;
        if token.kind != Kind::Digits || token.norm.len() > 2 {
            return None;
        }
        let (day, end) = self.day_of_month(at)?;
        let dotted = self.text.behind(at) == Some('.');
        if !(dotted || end > at + 1) || self.belongs_to_next(end, dotted) {
            return None;
        }
        Some((end, self.coming_day(day, |_| true)?))
    }

    /// "the 2nd try", "am 12. Tag": what the number counts stands behind it.
    fn belongs_to_next(&self, next: usize, dotted: bool) -> bool {
        let Some(token) = self.text.tokens.get(next) else {
            return false;
        };
        if dotted {
            let noun = self.text.raw[token.start..].starts_with(char::is_uppercase);
            return noun || lookup(self.language.units, &token.norm).is_some();
        }
        self.text.is_joined(next) && !self.language.day_before.contains(&token.norm.as_str())
    }

    /// The next day with this number in its month, today included, that fits.
    pub(super) fn coming_day(&self, day: i16, fits: impl Fn(Date) -> bool) -> Option<Date> {
        let mut days = (0..MONTHS_AHEAD).filter_map(|months| {
            let first = self.today.first_of_month();
            let month = first.checked_add(months.months()).ok()?;
            self.day(month.year(), i16::from(month.month()), day)
        });
        days.find(|date| *date >= self.today && fits(*date))
    }

    pub(super) fn day_of_month(&self, at: usize) -> Option<(i16, usize)> {
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
            None => Some((at, self.nearest(month, day)?)),
        }
    }

    fn day(&self, year: i16, month: i16, day: i16) -> Option<Date> {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// The day that is meant without a year: see [`BACK_DAYS_MAX`].
    fn nearest(&self, month: i16, day: i16) -> Option<Date> {
        let from = self.today.checked_sub(BACK_DAYS_MAX.days()).ok()?;
        // 29 February: the next year that has one.
        let mut days = (-1..=8).filter_map(|years| self.day(self.today.year() + years, month, day));
        days.find(|date| *date >= from)
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
            ["2027-03-02", "2026-03-02", "2026-04-05"]
        );
        assert_eq!(
            read("de", "am 2.3.2026, am 5.3., am 7. Mai"),
            ["2026-03-02", "2026-03-05", "2026-05-07"]
        );
        assert_eq!(read("de", "2.3 Prozent, 31.2.2026"), Vec::<String>::new());
    }

    #[test]
    fn a_day_without_a_year_is_the_last_or_the_next() {
        assert_eq!(
            read("en", "2 March, Dec 31, 4 March, 1 October, 29 Feb"),
            [
                "2026-03-02",
                "2025-12-31",
                "2026-03-04",
                "2026-10-01",
                "2028-02-29"
            ]
        );
        assert_eq!(
            read("en", "on the 19th, by the 3rd please, on the 2nd try"),
            ["2026-03-19", "2026-04-03"]
        );
        assert_eq!(
            read("de", "am 12. komme ich, am 2.3. auch, am 12. Tag"),
            ["2026-03-12", "2026-03-02"]
        );
    }

    #[test]
    fn what_only_looks_like_a_day() {
        assert_eq!(read("en-GB", "24/7, 1/2 of it"), Vec::<String>::new());
    }
}
