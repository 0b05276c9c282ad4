//! Days by how far away they are: tomorrow, Friday, the Friday of next week, in two weeks, three days ago.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::date::Reader;
use super::duration::duration_at;
use super::language::lookup;
use super::typo::lookup_mistyped;

const DAY_S: i64 = 86_400;
/// As the languages' tables have them.
const MONTH_S: i64 = 30 * DAY_S;
const YEAR_S: i64 = 365 * DAY_S;

impl Reader<'_> {
    /// Where the day that begins here ends, and which it is.
    pub(super) fn relative(&self, at: usize) -> Option<(usize, Date)> {
        self.named_day(at)
            .or_else(|| self.in_week(at))
            .or_else(|| self.weekday(at))
            .or_else(|| self.length_away(at))
            .or_else(|| self.unit_away(at))
    }

    /// today, tomorrow; "heute in 14 Tagen".
    fn named_day(&self, at: usize) -> Option<(usize, Date)> {
        let word = self.text.word(at);
        let (length, days) = match self.text.longest(at, self.language.days) {
            Some(found) => found,
            None => (1, lookup_mistyped(self.language.days, word)?),
        };
        let greeting = at > 0
            && self.language.no_day.iter().any(|(before, day)| {
                *day == word && *before == self.text.word(at - 1) && self.text.is_joined(at)
            });
        if greeting {
            return None;
        }
        let (further, end) = self.days_further(at + length).unwrap_or((0, at + length));
        Some((end, self.away(i64::from(days) + further)?))
    }

    /// "in 14 days", "in einer Woche" behind a day: how many days, and where it ends.
    fn days_further(&self, at: usize) -> Option<(i64, usize)> {
        let ahead = self.text.is_joined(at) && self.language.ahead.contains(&self.text.word(at));
        let (span, seconds) = duration_at(self.text, self.language, at + 1).filter(|_| ahead)?;
        (seconds % DAY_S == 0).then_some((seconds / DAY_S, span.end))
    }

    /// "Wednesday next week", "nächste Woche Mittwoch".
    fn in_week(&self, at: usize) -> Option<(usize, Date)> {
        let of = |at: usize, week: usize| {
            let weekday = self.weekday_name(at)?;
            let weeks = self.week_name(week)?;
            let monday = self
                .today
                .checked_sub(i64::from(self.today.weekday().to_monday_zero_offset()).days());
            let days = 7 * weeks + i64::from(weekday);
            monday.ok()?.checked_add(days.days()).ok()
        };
        let date = of(at, at + 1).or_else(|| of(at + 2, at))?;
        Some((at + 3, date))
    }

    /// "next week" is 1, "last week" −1.
    fn week_name(&self, at: usize) -> Option<i64> {
        let unit = lookup(self.language.units, self.text.word(at + 1))?;
        if unit != 7 * DAY_S {
            return None;
        }
        self.direction(at)
    }

    /// What "next" and "last" add.
    fn direction(&self, at: usize) -> Option<i64> {
        let word = self.text.word(at);
        if self.language.next.contains(&word) {
            return Some(1);
        }
        self.language.last.contains(&word).then_some(-1)
    }

    /// "Monday" and "on Monday" are the next one from tomorrow on, "last Friday" lies behind, "next Monday" is the next
    /// one, too: people mean the coming one more often than the one after it. "Thursday the 5th" and "Thursday, 5 March"
    /// are one day, and "Friday in a week" is a week later.
    fn weekday(&self, at: usize) -> Option<(usize, Date)> {
        let direction = self.direction(at);
        let this = self.language.this.contains(&self.text.word(at));
        let start = at + usize::from(direction.is_some() || this);
        let wanted = self.weekday_name(start)?;
        let every = at > 0 && self.language.every.contains(&self.text.word(at - 1));
        if every {
            return None;
        }
        let weekday = Weekday::from_monday_zero_offset(wanted).ok()?;
        if let Some(found) = self.numbered(start + 1, weekday) {
            return Some(found);
        }
        let nth = if direction == Some(-1) { -1 } else { 1 };
        let date = self.today.nth_weekday(nth, weekday).ok()?;
        let further = self.days_further(start + 1);
        let (days, end) = further.unwrap_or((0, start + 1));
        Some((end, date.checked_add(days.days()).ok()?))
    }

    /// The day behind a weekday, which has to be that weekday if it has no month.
    fn numbered(&self, at: usize, weekday: Weekday) -> Option<(usize, Date)> {
        let start = at + usize::from(self.language.day_articles.contains(&self.text.word(at)));
        if let Some(found) = self.in_calendar(start) {
            return Some(found);
        }
        let (day, end) = self.day_of_month(start).filter(|_| start > at)?;
        let date = self.coming_day(day, |date| date.weekday() == weekday)?;
        Some((end, date))
    }

    /// The weekday named by a word. Short names are taken where they stand as such: "on sat", "Wed", but not "sat".
    fn weekday_name(&self, at: usize) -> Option<i8> {
        let word = self.text.word(at);
        if let Some(found) = lookup(self.language.weekdays, word) {
            return Some(found);
        }
        let before = at.checked_sub(1).map_or("", |at| self.text.word(at));
        let token = self.text.tokens.get(at)?;
        let written = &self.text.raw[token.start..token.end];
        if self.language.day_after.contains(&before)
            && let Some(found) = lookup(self.language.weekdays_short, &capitalised(word))
        {
            return Some(found);
        }
        let sure = |name: &&(&str, i8)| !self.language.words.contains(&name.0);
        let short = self.language.weekdays_short.iter().filter(sure);
        let as_name = short.into_iter().find(|(name, _)| *name == written);
        as_name
            .map(|(_, weekday)| *weekday)
            .or_else(|| lookup_mistyped(self.language.weekdays, word))
    }

    /// "in 3 days", "3 days ago", "vor zwei Wochen", "a week from today".
    fn length_away(&self, at: usize) -> Option<(usize, Date)> {
        let word = self.text.word(at);
        let (ahead, before) = (
            self.language.ahead.contains(&word),
            self.language.ago_before.contains(&word),
        );
        let (span, seconds) =
            duration_at(self.text, self.language, at + usize::from(ahead || before))?;
        let behind = |phrases: &[&str]| {
            let found = phrases
                .iter()
                .filter_map(|phrase| self.text.phrase(span.end, phrase));
            found.max().filter(|_| !before && !ahead)
        };
        let (ago, from_now) = (behind(self.language.ago), behind(self.language.from_now));
        if seconds < DAY_S || !(ahead || before || ago.is_some() || from_now.is_some()) {
            return None;
        }
        let end = span.end + ago.or(from_now).unwrap_or(0);
        let sign = if before || ago.is_some() { -1 } else { 1 };
        let whole_months = span.end >= 1
            && lookup(self.language.units, self.text.word(span.end - 1)) == Some(MONTH_S)
            && seconds % MONTH_S == 0;
        let date = if whole_months {
            self.today
                .checked_add((sign * seconds / MONTH_S).months())
                .ok()?
        } else {
            self.away(sign * (seconds / DAY_S))?
        };
        Some((end, date))
    }

    /// "next week", "letzten Monat": the same day a unit further.
    fn unit_away(&self, at: usize) -> Option<(usize, Date)> {
        let sign = self.direction(at)?;
        let unit =
            lookup(self.language.units, self.text.word(at + 1)).filter(|unit| *unit >= DAY_S)?;
        let date = match unit {
            MONTH_S => self.today.checked_add(sign.months()).ok()?,
            YEAR_S => self.today.checked_add(sign.years()).ok()?,
            seconds => self.away(sign * seconds / DAY_S)?,
        };
        Some((at + 2, date))
    }

    fn away(&self, days: i64) -> Option<Date> {
        self.today
            .checked_add(jiff::Span::new().try_days(days).ok()?)
            .ok()
    }
}

/// As short names of weekdays stand in their table.
fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::super::date::dates;
    use super::super::language::Language;
    use super::super::text::Text;
    use dialog::Locale;

    fn read(locale: &str, raw: &str) -> Vec<String> {
        // A Wednesday.
        let now: Zoned = "2026-03-04T10:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let found = dates(&Text::new(raw), Language::of(&Locale::from(locale)), &now);
        found.iter().map(|(_, date)| date.to_string()).collect()
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

    #[test]
    fn days_counted_from_another_day() {
        assert_eq!(
            read(
                "en",
                "a week from today, two days from now, Friday in a week, in 6 months"
            ),
            ["2026-03-11", "2026-03-06", "2026-03-13", "2026-09-04"]
        );
        assert_eq!(
            read(
                "de",
                "heute in 14 Tagen, Freitag in einer Woche, vorgestern, vor einem Monat"
            ),
            ["2026-03-18", "2026-03-13", "2026-03-02", "2026-02-04"]
        );
    }

    #[test]
    fn weekdays_with_their_week_or_their_number() {
        assert_eq!(
            read(
                "en",
                "Wednesday next week; next week Monday; Thursday the 5th; Friday, 13 March"
            ),
            ["2026-03-11", "2026-03-09", "2026-03-05", "2026-03-13"]
        );
        assert_eq!(
            read(
                "de",
                "nächste Woche Mittwoch, Freitag der 13., am Donnerstag, den 5. März"
            ),
            ["2026-03-11", "2026-03-13", "2026-03-05"]
        );
        assert_eq!(
            read("en", "this Friday, on sat, Wed or Thurs"),
            ["2026-03-06", "2026-03-07", "2026-03-11", "2026-03-05"]
        );
        assert_eq!(
            read("de", "Mo oder Di, diesen Freitag"),
            ["2026-03-09", "2026-03-10", "2026-03-06"]
        );
    }

    #[test]
    fn mistyped_days_are_days() {
        assert_eq!(
            read("en", "tommorow, yesteday, wendesday, mondey"),
            ["2026-03-05", "2026-03-03", "2026-03-11", "2026-03-09"]
        );
        assert_eq!(
            read("de", "übermogen, Donnertag"),
            ["2026-03-06", "2026-03-05"]
        );
    }

    #[test]
    fn what_names_no_day() {
        for text in [
            "every monday",
            "on mondays",
            "I sat there",
            "So what",
            "the sun is out",
        ] {
            assert_eq!(read("en", text), Vec::<String>::new(), "{text}");
        }
        for text in [
            "guten Morgen",
            "jeden Montag",
            "montags",
            "am Morgen",
            "so ist das",
        ] {
            assert_eq!(read("de", text), Vec::<String>::new(), "{text}");
        }
    }
}
