//! The words of a language that name numbers, days, months, units and currencies.
//!
//! A language is a table; the readers beside this folder know none by name. A locale without a table still has digits,
//! ISO dates, addresses and everything else that needs no words.

mod de;
mod en;

use dialog::Locale;

/// The words of one language. All are lower case; several forms of a word are several rows.
#[derive(Debug)]
pub(crate) struct Language {
    /// 0 to 19 and the tens, in every form that stands alone.
    pub(crate) numbers: &'static [(&'static str, i64)],
    /// hundred, thousand, million: what the number before it is multiplied with.
    pub(crate) scales: &'static [(&'static str, i64)],
    /// What may stand between the parts of a number ("two hundred *and* five").
    pub(crate) and: &'static [&'static str],
    /// first, second, …
    pub(crate) ordinals: &'static [(&'static str, i64)],
    /// Endings of ordinals in digits ("2nd", "2.").
    pub(crate) ordinal_endings: &'static [&'static str],
    /// Whether units stand before tens in one word (einundzwanzig), joined by this.
    pub(crate) units_before_tens: Option<&'static str>,
    /// Whether a comma separates the fraction.
    pub(crate) decimal_comma: bool,
    /// Whether 3/4 is the third of April; else the fourth of March.
    pub(crate) day_first: bool,
    /// Months from 1.
    pub(crate) months: &'static [(&'static str, i8)],
    /// Weekdays, Monday = 0.
    pub(crate) weekdays: &'static [(&'static str, i8)],
    /// today, tomorrow …: days from today. Longest first.
    pub(crate) days: &'static [(&'static str, i32)],
    /// "next week": what moves a weekday or a unit forward by one.
    pub(crate) next: &'static [&'static str],
    /// "last Friday".
    pub(crate) last: &'static [&'static str],
    /// Units of time in seconds.
    pub(crate) units: &'static [(&'static str, i64)],
    /// Fixed lengths of time that are one phrase ("half an hour"), in seconds.
    pub(crate) lengths: &'static [(&'static str, i64)],
    /// "in 3 days": stands before the length.
    pub(crate) ahead: &'static [&'static str],
    /// "3 days ago": stands behind the length.
    pub(crate) ago: &'static [&'static str],
    /// "vor 3 Tagen": stands before it.
    pub(crate) ago_before: &'static [&'static str],
    /// Stands before a time of day and is part of it ("at", "um").
    pub(crate) at: &'static [&'static str],
    /// Stands behind a number and makes it a full hour ("o'clock", "Uhr").
    pub(crate) clock: &'static [&'static str],
    /// "am", "in the morning": adds nothing; `true` adds twelve hours to 1–11.
    pub(crate) day_halves: &'static [(&'static str, bool)],
    /// "half past", "quarter to", "halb": minutes relative to the hour that follows.
    pub(crate) minutes_of: &'static [(&'static str, i32)],
    /// noon, midnight.
    pub(crate) named_times: &'static [(&'static str, (i8, i8))],
    /// What currencies are called.
    pub(crate) currencies: &'static [(&'static str, &'static str)],
    /// A hundredth of a currency.
    pub(crate) cents: &'static [&'static str],
    /// Before a number, makes it negative.
    pub(crate) minus: &'static [&'static str],
    /// Words for 1 that more often count nothing ("the other *one*", "*ein* Problem").
    pub(crate) ones: &'static [&'static str],
    /// Whether such a word counts what stands behind it ("one account"); else it does only alone.
    pub(crate) counting_ones: bool,
    /// Before such a word: it counts nothing.
    pub(crate) one_after: &'static [&'static str],
    /// Behind such a word: it counts nothing.
    pub(crate) one_before: &'static [&'static str],
    /// Short names of weekdays as they are written, Monday = 0.
    pub(crate) weekdays_short: &'static [(&'static str, i8)],
    /// Short names of weekdays that are words, too: taken only behind "on".
    pub(crate) words: &'static [&'static str],
    /// "this Friday": the coming one.
    pub(crate) this: &'static [&'static str],
    /// "every Monday" is no day.
    pub(crate) every: &'static [&'static str],
    /// What a word stands behind when it names no day ("guten Morgen"), and the word.
    pub(crate) no_day: &'static [(&'static str, &'static str)],
    /// "two days from now": stands behind the length.
    pub(crate) from_now: &'static [&'static str],
    /// Before the number of a day ("on *the* 19th").
    pub(crate) day_articles: &'static [&'static str],
    /// Before a day ("*on* the 19th").
    pub(crate) day_after: &'static [&'static str],
    /// Directly before the number of a day ("*am* 12.").
    pub(crate) day_direct: &'static [&'static str],
    /// What may go on behind the number of a day without being what it counts ("the 19th *please*").
    pub(crate) day_before: &'static [&'static str],
    /// Behind a number or a unit ("two *and a half* hours").
    pub(crate) and_a_half: Option<&'static str>,
    /// The same as an ending ("zwei*einhalb*").
    pub(crate) half_ending: Option<&'static str>,
    /// "ten *past* six".
    pub(crate) minutes_past: &'static [&'static str],
    /// "ten *to* six".
    pub(crate) minutes_to: &'static [&'static str],
    /// Stands before what is denied.
    pub(crate) negations: &'static [&'static str],
    /// May stand between a cue and the value that it belongs to ("from *the*").
    pub(crate) fillers: &'static [&'static str],
}

static NONE: Language = Language {
    numbers: &[],
    scales: &[],
    and: &[],
    ordinals: &[],
    ordinal_endings: &[],
    units_before_tens: None,
    decimal_comma: false,
    day_first: true,
    months: &[],
    weekdays: &[],
    days: &[],
    next: &[],
    last: &[],
    units: &[],
    lengths: &[],
    ahead: &[],
    ago: &[],
    ago_before: &[],
    at: &[],
    clock: &[],
    day_halves: &[],
    minutes_of: &[],
    named_times: &[],
    currencies: &[],
    cents: &[],
    minus: &[],
    ones: &[],
    counting_ones: false,
    one_after: &[],
    one_before: &[],
    weekdays_short: &[],
    words: &[],
    this: &[],
    every: &[],
    no_day: &[],
    from_now: &[],
    day_articles: &[],
    day_after: &[],
    day_direct: &[],
    day_before: &[],
    and_a_half: None,
    half_ending: None,
    minutes_past: &[],
    minutes_to: &[],
    negations: &[],
    fillers: &[],
};

impl Language {
    /// The table of a locale's language.
    pub(crate) fn of(locale: &Locale) -> &'static Language {
        match tag(locale).as_str() {
            "en" => en::of_region(locale),
            "de" => &de::GERMAN,
            _ => &NONE,
        }
    }
}

/// The language of a locale, in lower case: `de` of `de-CH`.
pub(crate) fn tag(locale: &Locale) -> String {
    locale
        .as_str()
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// The value of a word in a table.
pub(crate) fn lookup<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, value)| *value)
}
