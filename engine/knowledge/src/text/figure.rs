//! Figures: numbers with what they count, dates, times of day.

use std::sync::LazyLock;

use regex::Regex;

use crate::language::Language;

/// A number of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// What it can mean: `1.000` is a thousand or one.
    pub(crate) values: Vec<f64>,
    pub(crate) unit: Option<Unit>,
    /// Written as a word; such as `one` may be no number at all.
    pub(crate) in_words: bool,
    pub(crate) at: (usize, usize),
}

/// What a number counts, where that is told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A currency, by its code.
    Money(&'static str),
    Percent,
    /// By its length in the order of the table: a day is no week.
    Time(&'static str),
    /// A measure: kilometres, megabytes.
    Measure(&'static str),
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: Option<u32>,
    pub(crate) month: u32,
    pub(crate) day: u32,
}

/// A time of day, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) u32);

/// All that counts something in a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) numbers: Vec<Figure>,
    pub(crate) dates: Vec<(Date, (usize, usize))>,
    pub(crate) times: Vec<(Time, (usize, usize))>,
}

const MONEY: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("eur", "EUR"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("$", "USD"),
    ("usd", "USD"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("pound", "GBP"),
    ("pounds", "GBP"),
    ("pfund", "GBP"),
    ("chf", "CHF"),
    ("franken", "CHF"),
    ("francs", "CHF"),
    ("¥", "JPY"),
    ("yen", "JPY"),
    ("jpy", "JPY"),
    ("cent", "CENT"),
    ("cents", "CENT"),
];
const TIME: &[(&str, &str)] = &[
    ("second", "second"),
    ("seconds", "second"),
    ("sekunde", "second"),
    ("sekunden", "second"),
    ("minute", "minute"),
    ("minutes", "minute"),
    ("minuten", "minute"),
    ("hour", "hour"),
    ("hours", "hour"),
    ("stunde", "hour"),
    ("stunden", "hour"),
    ("day", "day"),
    ("days", "day"),
    ("tag", "day"),
    ("tage", "day"),
    ("tagen", "day"),
    ("werktag", "day"),
    ("werktage", "day"),
    ("werktagen", "day"),
    ("bankarbeitstage", "day"),
    ("arbeitstag", "day"),
    ("arbeitstage", "day"),
    ("arbeitstagen", "day"),
    ("week", "week"),
    ("weeks", "week"),
    ("woche", "week"),
    ("wochen", "week"),
    ("month", "month"),
    ("months", "month"),
    ("monat", "month"),
    ("monate", "month"),
    ("monaten", "month"),
    ("year", "year"),
    ("years", "year"),
    ("jahr", "year"),
    ("jahre", "year"),
    ("jahren", "year"),
];
const MEASURE: &[(&str, &str)] = &[
    ("km", "km"),
    ("kilometer", "km"),
    ("kilometers", "km"),
    ("kilometres", "km"),
    ("kilometern", "km"),
    ("mile", "mile"),
    ("miles", "mile"),
    ("meilen", "mile"),
    ("kg", "kg"),
    ("kilo", "kg"),
    ("kilogramm", "kg"),
    ("kilograms", "kg"),
    ("lbs", "lb"),
    ("mb", "mb"),
    ("megabyte", "mb"),
    ("megabytes", "mb"),
    ("gb", "gb"),
    ("gigabyte", "gb"),
    ("gigabytes", "gb"),
    ("cm", "cm"),
    ("mm", "mm"),
    ("kwh", "kwh"),
    ("°c", "celsius"),
    ("°f", "fahrenheit"),
];
/// Words that may stand between a number and its unit.
const BETWEEN: &[&str] = &[
    "working",
    "business",
    "calendar",
    "full",
    "more",
    "volle",
    "weitere",
    "ganze",
    "consecutive",
];

static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+(?:[.,]\d+)*"));
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\p{L}\p{N}]+"));
static ISO: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{4})-(\d{2})-(\d{2})\b"));
static DOTTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})?(?:\b|\s|$)"));
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(\p{L}{3,9})\.?,?(?:\s+(\d{4}))?\b")
});
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(\p{L}{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4})\b)?")
});
static CLOCK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(\d{1,2})[:.](\d{2})\s*(a\.?m\b|p\.?m\b|uhr\b)?"));
static HOUR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(\d{1,2})\s*(a\.?m\b|p\.?m\b|uhr\b|o'clock\b)"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is ours")
}

/// Reads all figures of a text. `skip` are places that are read as something else.
pub(crate) fn figures(text: &str, language: Language, skip: &[(usize, usize)]) -> Figures {
    let mut found = Figures {
        dates: dates(text, language),
        ..Figures::default()
    };
    found.dates.retain(|(_, at)| !overlaps(skip, *at));
    found.times = times(text, &found.dates, skip);
    let mut taken: Vec<(usize, usize)> = skip.to_vec();
    taken.extend(found.dates.iter().map(|(_, at)| *at));
    taken.extend(found.times.iter().map(|(_, at)| *at));
    found.numbers = in_digits(text, &taken);
    found.numbers.extend(in_words(text, language, &taken));
    found.numbers.sort_by_key(|one| one.at);
    found
}

fn overlaps(places: &[(usize, usize)], at: (usize, usize)) -> bool {
    places.iter().any(|(from, to)| *from < at.1 && at.0 < *to)
}

fn in_digits(text: &str, taken: &[(usize, usize)]) -> Vec<Figure> {
    let found = NUMBER
        .find_iter(text)
        .filter(|one| !overlaps(taken, (one.start(), one.end())));
    let figure = |one: regex::Match<'_>| {
        let at = (one.start(), one.end());
        let (unit, factor) = unit(text, at);
        let values = values(one.as_str())
            .into_iter()
            .map(|value| value * factor)
            .collect();
        Figure {
            values,
            unit,
            in_words: false,
            at,
        }
    };
    found.map(figure).collect()
}

fn in_words(text: &str, language: Language, taken: &[(usize, usize)]) -> Vec<Figure> {
    let mut found = Vec::new();
    for (from, word) in split(text) {
        let at = (from, from + word.len());
        if let Some(number) = language.class(&word.to_lowercase()).number
            && !overlaps(taken, at)
        {
            let (unit, _) = unit(text, at);
            found.push(Figure {
                values: vec![f64::from(number)],
                unit,
                in_words: true,
                at,
            });
        }
    }
    found
}

/// What digits with separators can mean, the likelier first.
pub(crate) fn values(text: &str) -> Vec<f64> {
    let plain = || {
        text.replace([',', '.'], "")
            .parse::<f64>()
            .unwrap_or(f64::MAX)
    };
    let Some(last) = text.rfind(['.', ',']) else {
        return vec![plain()];
    };
    let decimal = || {
        let whole = text[..last].replace([',', '.'], "");
        format!("{whole}.{}", &text[last + 1..])
            .parse::<f64>()
            .unwrap_or(f64::MAX)
    };
    let grouped = text.split(['.', ',']).skip(1).all(|part| part.len() == 3);
    let separators = text.matches(['.', ',']).count();
    match (grouped, separators) {
        (true, 1) => vec![plain(), decimal()],
        (true, _) => vec![plain()],
        (false, _) => vec![decimal()],
    }
}

/// What stands before or behind a number, and by how much it multiplies it.
fn unit(text: &str, at: (usize, usize)) -> (Option<Unit>, f64) {
    let before = text[..at.0].trim_end();
    let head = before
        .rsplit(|one: char| one.is_whitespace() || one == '(')
        .next()
        .unwrap_or_default();
    let symbol = before.chars().last().map(String::from).unwrap_or_default();
    let mut rest = text[at.1..].trim_start_matches(['-', '–', '\u{a0}', ' ']);
    let mut factor = 1.0;
    for _ in 0..UNIT_WORDS_MAX {
        let word = rest
            .split(|one: char| one.is_whitespace() || ".,;:!?)|".contains(one))
            .next()
            .unwrap_or_default()
            .to_lowercase();
        match word.as_str() {
            "" => break,
            "thousand" | "tausend" | "k" => factor *= 1e3,
            "million" | "millions" | "millionen" | "mio" | "m" => factor *= 1e6,
            "billion" | "milliarden" | "milliarde" | "mrd" | "bn" => factor *= 1e9,
            word if BETWEEN.contains(&word) => {}
            word => {
                let found = known(word).or_else(|| percent(rest));
                return (
                    found.or_else(|| money(&symbol).or_else(|| money(&head.to_lowercase()))),
                    factor,
                );
            }
        }
        rest = rest[word.len().min(rest.len())..].trim_start_matches([' ', '.', '-', '\u{a0}']);
    }
    (
        money(&symbol).or_else(|| money(&head.to_lowercase())),
        factor,
    )
}

/// A factor, a word between, the unit.
const UNIT_WORDS_MAX: usize = 3;

fn percent(rest: &str) -> Option<Unit> {
    rest.starts_with('%').then_some(Unit::Percent)
}

fn known(word: &str) -> Option<Unit> {
    if matches!(word, "%" | "percent" | "prozent" | "pct") || word.starts_with('%') {
        return Some(Unit::Percent);
    }
    let time = || {
        TIME.iter()
            .find(|(name, _)| *name == word)
            .map(|(_, unit)| Unit::Time(unit))
    };
    let measure = || {
        MEASURE
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, unit)| Unit::Measure(unit))
    };
    money(word).or_else(time).or_else(measure)
}

fn money(word: &str) -> Option<Unit> {
    let symbol = word.chars().next().map(String::from).unwrap_or_default();
    let found = MONEY
        .iter()
        .find(|(name, _)| *name == word || (!name.is_ascii() && *name == symbol));
    found.map(|(_, code)| Unit::Money(code))
}

fn dates(text: &str, language: Language) -> Vec<(Date, (usize, usize))> {
    let mut found: Vec<(Date, (usize, usize))> = Vec::new();
    let mut add = |date: Option<Date>, at: regex::Match<'_>| {
        let at = (at.start(), at.start() + at.as_str().trim_end().len());
        if let Some(date) = date
            && !found
                .iter()
                .any(|(_, other)| other.0 < at.1 && at.0 < other.1)
        {
            found.push((date, at));
        }
    };
    let number =
        |one: Option<regex::Match<'_>>| one.and_then(|one| one.as_str().parse::<u32>().ok());
    for one in ISO.captures_iter(text) {
        add(
            date(number(one.get(1)), number(one.get(2)), number(one.get(3))),
            one.get(0).expect("it matched"),
        );
    }
    for one in DOTTED.captures_iter(text) {
        add(
            date(number(one.get(3)), number(one.get(2)), number(one.get(1))),
            one.get(0).expect("it matched"),
        );
    }
    let month = |one: Option<regex::Match<'_>>| {
        one.and_then(|one| language.class(&one.as_str().to_lowercase()).month)
    };
    for one in DAY_MONTH.captures_iter(text) {
        add(
            date(number(one.get(3)), month(one.get(2)), number(one.get(1))),
            one.get(0).expect("it matched"),
        );
    }
    for one in MONTH_DAY.captures_iter(text) {
        add(
            date(number(one.get(3)), month(one.get(1)), number(one.get(2))),
            one.get(0).expect("it matched"),
        );
    }
    found
}

fn date(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> Option<Date> {
    let (month, day) = (month?, day?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Date { year, month, day })
}

fn times(
    text: &str,
    dates: &[(Date, (usize, usize))],
    skip: &[(usize, usize)],
) -> Vec<(Time, (usize, usize))> {
    let mut found: Vec<(Time, (usize, usize))> = Vec::new();
    let captures = CLOCK.captures_iter(text).chain(HOUR.captures_iter(text));
    for one in captures {
        let at = one.get(0).map_or((0, 0), |all| {
            (all.start(), all.start() + all.as_str().trim_end().len())
        });
        let colon = one.get(0).is_some_and(|all| all.as_str().contains(':'));
        let (minutes, mark) = match one.len() {
            4 => (one.get(2), one.get(3)),
            _ => (None, one.get(2)),
        };
        let taken = found
            .iter()
            .map(|(_, at)| *at)
            .chain(dates.iter().map(|(_, at)| *at));
        let free = !taken
            .chain(skip.iter().copied())
            .any(|other| other.0 < at.1 && at.0 < other.1);
        let number =
            |one: Option<regex::Match<'_>>| one.and_then(|one| one.as_str().parse::<u32>().ok());
        if let Some(time) = time(
            number(one.get(1)),
            number(minutes),
            mark.map(|one| one.as_str()),
        ) && free
            && (colon || mark.is_some())
        {
            found.push((time, at));
        }
    }
    found.sort_by_key(|(_, at)| *at);
    found
}

fn time(hour: Option<u32>, minute: Option<u32>, mark: Option<&str>) -> Option<Time> {
    let (hour, minute) = (hour?, minute.unwrap_or(0));
    let mark = mark.unwrap_or_default().to_lowercase();
    let hour = match (mark.chars().next(), hour) {
        (Some('p'), 1..=11) => hour + 12,
        (Some('a'), 12) => 0,
        _ => hour,
    };
    (hour <= 24 && minute < 60).then_some(Time(hour * 60 + minute))
}

fn split(text: &str) -> impl Iterator<Item = (usize, &str)> {
    WORD.find_iter(text).map(|one| (one.start(), one.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(language: Language, text: &str) -> Figures {
        figures(text, language, &[])
    }

    fn numbers(language: Language, text: &str) -> Vec<(f64, Option<Unit>)> {
        read(language, text)
            .numbers
            .into_iter()
            .map(|one| (one.values[0], one.unit))
            .collect()
    }

    #[test]
    fn numbers_have_their_units() {
        assert_eq!(
            numbers(
                Language::En,
                "€1,000 a day, 0.5% (at least £8.00), five working days, 20 cards, 1.5 million dollars"
            ),
            [
                (1000.0, Some(Unit::Money("EUR"))),
                (0.5, Some(Unit::Percent)),
                (8.0, Some(Unit::Money("GBP"))),
                (5.0, Some(Unit::Time("day"))),
                (20.0, None),
                (1_500_000.0, Some(Unit::Money("USD"))),
                (1_000_000.0, Some(Unit::Money("USD"))),
            ]
        );
        assert_eq!(
            numbers(
                Language::De,
                "4,90 € im Monat, 10.000 Euro, 1,5 % nach zwei Wochen"
            ),
            [
                (4.9, Some(Unit::Money("EUR"))),
                (10000.0, Some(Unit::Money("EUR"))),
                (1.5, Some(Unit::Percent)),
                (2.0, Some(Unit::Time("week"))),
            ]
        );
    }

    #[test]
    fn dates_are_equal_in_every_spelling() {
        let day = Date {
            year: Some(2026),
            month: 11,
            day: 21,
        };
        for text in [
            "2026-11-21",
            "21.11.2026",
            "21 November 2026",
            "November 21st, 2026",
            "on the 21st of Nov 2026.",
        ] {
            let dates: Vec<Date> = read(Language::En, text)
                .dates
                .into_iter()
                .map(|(date, _)| date)
                .collect();
            assert_eq!(dates, [day], "{text}");
            assert!(read(Language::En, text).numbers.is_empty(), "{text}");
        }
        assert_eq!(
            read(Language::De, "am 3. Mai").dates[0].0,
            Date {
                year: None,
                month: 5,
                day: 3
            }
        );
    }

    #[test]
    fn times_of_day_are_no_numbers() {
        let times = |text| {
            read(Language::De, text)
                .times
                .into_iter()
                .map(|(time, _)| time.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(times("von 08:00 bis 20.00 Uhr, 8 Uhr"), [480, 1200, 480]);
        assert_eq!(times("8 pm or 12:30"), [1200, 750]);
        assert_eq!(times("4.50 euros"), Vec::<u32>::new());
    }
}
