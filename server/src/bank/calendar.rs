//! Working days, Monday to Friday. Public holidays are left to the post.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Where the bank is.
const ZONE: &str = "Europe/Berlin";

/// The hour at which it is sensible to ask whether the post has come.
const POST_HAS_COME: i8 = 18;

/// The day that is so many working days after another.
pub(super) fn working_days_after(day: Date, count: u32) -> Date {
    let mut found = day;
    let mut left = count;
    while left > 0 {
        found = found.saturating_add(1.day());
        left -= u32::from(is_working_day(found));
    }
    found
}

/// Whether people work on that day.
fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The moment of that day when the post has come.
pub(super) fn post_has_come(day: Date) -> Timestamp {
    day.at(POST_HAS_COME, 0, 0, 0)
        .to_zoned(zone())
        .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// The same time of day at the bank, on that day if people work then, else on the next day when they do.
pub(super) fn while_people_work(moment: Timestamp) -> Timestamp {
    let wanted = moment.to_zoned(zone());
    if is_working_day(wanted.date()) {
        return moment;
    }
    working_days_after(wanted.date(), 1)
        .to_datetime(wanted.time())
        .to_zoned(zone())
        .map_or(moment, |zoned| zoned.timestamp())
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}
