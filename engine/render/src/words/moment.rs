//! Dates and times as the language writes them, in the Gregorian calendar: what a bank or an airline means by a date.

use std::sync::OnceLock;

use icu::calendar::{Date, Gregorian};
use icu::datetime::FixedCalendarDateTimeFormatter;
use icu::datetime::fieldsets::zone::LocalizedOffsetShort;
use icu::datetime::fieldsets::{Combo, T, YMD, YMDE, YMDET, YMDT};
use icu::datetime::options::Length;
use icu::time::zone::UtcOffset;
use icu::time::{DateTime, Time, ZonedDateTime};
use jiff::civil;
use jiff::tz::Offset;

use super::{ROOT, Words};

/// Which part of a moment is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Date,
    Time,
    DateTime,
}

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `3/2/26`, `9:00 AM`
    Short,
    /// `Mar 2, 2026`, `9:00:00 AM`
    Medium,
    /// `March 2, 2026`, `9:00:00 AM GMT+1`
    Long,
    /// `Monday, March 2, 2026`
    Full,
}

impl Moment {
    /// The helper's name.
    pub(crate) fn helper(self) -> &'static str {
        match self {
            Moment::Date => "date",
            Moment::Time => "time",
            Moment::DateTime => "datetime",
        }
    }

    /// What is said where the author doesn't choose: the shortest that nobody misreads.
    pub(crate) fn default_style(self) -> Style {
        match self {
            Moment::Date | Moment::DateTime => Style::Medium,
            Moment::Time => Style::Short,
        }
    }
}

impl Style {
    /// As authors write them.
    pub(crate) const NAMES: [(&str, Style); 4] = [
        ("short", Style::Short),
        ("medium", Style::Medium),
        ("long", Style::Long),
        ("full", Style::Full),
    ];

    fn length(self) -> Length {
        match self {
            Style::Short => Length::Short,
            Style::Medium => Length::Medium,
            Style::Long | Style::Full => Length::Long,
        }
    }
}

type Formatter<Fields> = OnceLock<FixedCalendarDateTimeFormatter<Gregorian, Fields>>;

/// A formatter for each style that was ever asked for.
#[derive(Debug, Default)]
pub(super) struct Moments {
    date: [Formatter<YMD>; 3],
    full_date: Formatter<YMDE>,
    datetime: [Formatter<YMDT>; 3],
    full_datetime: Formatter<YMDET>,
    minutes: Formatter<T>,
    seconds: Formatter<T>,
    zoned: Formatter<Combo<T, LocalizedOffsetShort>>,
}

/// Gets or makes one of [`Moments`]' formatters, and formats.
macro_rules! format {
    ($words:ident, $cell:expr, $fields:expr, $value:expr) => {
        $cell
            .get_or_init(|| {
                FixedCalendarDateTimeFormatter::try_new((&$words.tag).into(), $fields).expect(ROOT)
            })
            .format($value)
            .to_string()
    };
}

impl Words {
    /// A day.
    pub(crate) fn date(&self, day: civil::Date, style: Style) -> String {
        let day = gregorian(day);
        let length = style.length();
        match style {
            Style::Full => format!(self, self.moments.full_date, YMDE::for_length(length), &day),
            _ => format!(
                self,
                self.moments.date[style as usize],
                YMD::for_length(length),
                &day
            ),
        }
    }

    /// A time of day; the longer styles name the zone's offset, if it is known.
    pub(crate) fn time(&self, time: civil::Time, offset: Option<Offset>, style: Style) -> String {
        let day = gregorian(civil::date(2000, 1, 1));
        let time = clock(time);
        match (style, offset) {
            (Style::Short, _) => format!(self, self.moments.minutes, T::hm(), &time),
            (Style::Medium, _) | (_, None) => format!(self, self.moments.seconds, T::hms(), &time),
            (Style::Long | Style::Full, Some(offset)) => {
                let zone =
                    UtcOffset::try_from_seconds(offset.seconds()).unwrap_or(UtcOffset::zero());
                let zoned = ZonedDateTime {
                    date: day,
                    time,
                    zone,
                };
                format!(
                    self,
                    self.moments.zoned,
                    T::hms().with_zone(LocalizedOffsetShort),
                    &zoned
                )
            }
        }
    }

    /// A day and a time of day to the minute; the style is the day's.
    pub(crate) fn datetime(&self, moment: civil::DateTime, style: Style) -> String {
        let length = style.length();
        let moment = DateTime {
            date: gregorian(moment.date()),
            time: clock(moment.time()),
        };
        match style {
            Style::Full => {
                format!(
                    self,
                    self.moments.full_datetime,
                    YMDE::for_length(length).with_time_hm(),
                    &moment
                )
            }
            _ => {
                let cell = &self.moments.datetime[style as usize];
                format!(self, cell, YMD::for_length(length).with_time_hm(), &moment)
            }
        }
    }
}

fn gregorian(day: civil::Date) -> Date<Gregorian> {
    Date::try_new_gregorian(
        day.year().into(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )
    .expect("both calendars are the same")
}

fn clock(time: civil::Time) -> Time {
    let unsigned = i8::unsigned_abs;
    Time::try_new(
        unsigned(time.hour()),
        unsigned(time.minute()),
        unsigned(time.second()),
        0,
    )
    .expect("both clocks have the same bounds")
}
