//! When a desk is open.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Hours;

impl Hours {
    /// Whether the moment, in this zone, is within the hours and on no holiday.
    pub fn is_open(&self, at: Timestamp, tz: &TimeZone) -> bool {
        let local = at.to_zoned(tz.clone());
        let weekday = u8::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        let holiday = self.holidays.contains(&local.date().to_string());
        !holiday
            && self.open.iter().any(|one| {
                one.weekday == weekday && (one.from_minute..one.until_minute).contains(&minute)
            })
    }
}
