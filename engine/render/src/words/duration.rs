//! Lengths of time in words: "1 hour, 30 minutes".

use icu::experimental::duration::options::{BaseStyle, DurationFormatterOptions, FieldDisplay};
use icu::experimental::duration::{
    Duration, DurationFormatter, DurationSign, ValidatedDurationFormatterOptions,
};
use jiff::SignedDuration;

use super::{ROOT, Words};

impl Words {
    /// Days, hours, minutes and seconds; finer parts are not said.
    pub(crate) fn duration(&self, duration: SignedDuration) -> String {
        let parts = parts(duration);
        if duration.as_secs() == 0 {
            return formatter(self, FieldDisplay::Always)
                .format(&parts)
                .to_string();
        }
        let formatter = self
            .durations
            .get_or_init(|| formatter(self, FieldDisplay::Auto));
        formatter.format(&parts).to_string()
    }
}

fn formatter(words: &Words, seconds: FieldDisplay) -> DurationFormatter {
    let mut options = DurationFormatterOptions::default();
    options.base = BaseStyle::Long;
    options.second_visibility = Some(seconds);
    let options =
        ValidatedDurationFormatterOptions::validate(options).expect("a base style alone is valid");
    DurationFormatter::try_new((&words.tag).into(), options).expect(ROOT)
}

fn parts(duration: SignedDuration) -> Duration {
    let seconds = duration.as_secs().unsigned_abs();
    Duration {
        sign: if duration.is_negative() {
            DurationSign::Negative
        } else {
            DurationSign::Positive
        },
        days: seconds / 86_400,
        hours: seconds / 3_600 % 24,
        minutes: seconds / 60 % 60,
        seconds: seconds % 60,
        ..Duration::default()
    }
}
