//! Numbers: in digits with the language's separators, in words, and ordinals.

use super::language::{Language, lookup};
use super::text::{Kind, Span, Text};

/// The longest number in one word ("siebenhundertsiebenundsiebzigtausend…"): each part is read by itself, and a word of
/// nothing but "hundert" must not go deep.
const COMPOUND_BYTES_MAX: usize = 100;

/// A number and the tokens that name it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) span: Span,
    pub(crate) value: f64,
    pub(crate) ordinal: bool,
}

/// Every number, in the order of the text, none overlapping. `asked`: a number is asked for, so that "one" is one.
pub(crate) fn numbers(text: &Text<'_>, language: &Language, asked: bool) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match number_at(text, language, at) {
            Some(number) => {
                let span = number.span.clone();
                at = span.end;
                let counts = asked || span.end - span.start == text.tokens.len();
                if !is_in_code(text, &span) && (counts || !is_pronoun(text, language, &span)) {
                    found.push(number);
                }
            }
            None => at += 1,
        }
    }
    found
}

/// "TX-123456", "E404", "3D": digits that are glued to letters are a name.
fn is_in_code(text: &Text<'_>, span: &Span) -> bool {
    let (start, end) = text.bytes(span);
    let before = text.raw[..start].chars().next_back();
    let dashed = before.is_some_and(|c| matches!(c, '-' | '/'))
        && text.raw[..start - 1].ends_with(char::is_alphanumeric);
    let behind = text.raw[end..].chars().next();
    let glued = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.tokens[span.start].kind == Kind::Digits && (glued(before) || dashed || glued(behind))
}

/// "the other one", "one of my cards", "ein Problem": the word for 1 that counts nothing.
fn is_pronoun(text: &Text<'_>, language: &Language, span: &Span) -> bool {
    let word = text.word(span.start);
    if span.end - span.start != 1 || !language.ones.contains(&word) {
        return false;
    }
    let next = text.word(span.end);
    let counts = language.counting_ones
        && text.is_joined(span.end)
        && !language.one_before.contains(&next)
        && !(span.start > 0 && is_pronoun_after(text, language, span.start));
    !counts
}

fn is_pronoun_after(text: &Text<'_>, language: &Language, at: usize) -> bool {
    let before = text.word(at - 1);
    language.one_after.contains(&before)
        || lookup(language.ordinals, before).is_some()
        || number_at(text, language, at - 1).is_some_and(|number| number.ordinal)
}

/// The number that begins at a token.
pub(crate) fn number_at(text: &Text<'_>, language: &Language, at: usize) -> Option<Number> {
    let token = text.tokens.get(at)?;
    match token.kind {
        Kind::Letters if language.minus.contains(&token.norm.as_str()) => {
            let next = text.tokens.get(at + 1)?;
            let number =
                (next.kind == Kind::Digits).then(|| in_digits(text, language, at + 1))??;
            let span = Span {
                start: at,
                ..number.span
            };
            Some(Number {
                span,
                value: -number.value,
                ..number
            })
        }
        Kind::Digits => in_digits(text, language, at),
        Kind::Letters => in_words(text, language, at),
        Kind::Sign => None,
    }
}

fn in_digits(text: &Text<'_>, language: &Language, at: usize) -> Option<Number> {
    let value = parse(&text.tokens[at].norm, language)?;
    let negative = text.before(at) == Some('-')
        && !text.raw[..text.tokens[at].start - 1].ends_with(char::is_alphanumeric);
    let ending = text.word(at + 1);
    let glued = text
        .tokens
        .get(at + 1)
        .is_some_and(|next| next.start == text.tokens[at].end);
    let ordinal = glued && language.ordinal_endings.contains(&ending);
    let mut end = at + 1 + usize::from(ordinal);
    let mut value = if negative { -value } else { value };
    if let Some(scale) = lookup(language.scales, text.word(end)) {
        value *= scale as f64;
        end += 1;
    } else if glued && ending == "k" {
        value *= 1_000.0;
        end += 1;
    }
    Some(Number {
        span: Span { start: at, end },
        value,
        ordinal,
    })
}

/// Digits with separators: `1,234.5` or `1.234,5`; a lone separator before exactly three digits groups where the language
/// groups with it.
pub(crate) fn parse(digits: &str, language: &Language) -> Option<f64> {
    if digits.contains([':', '/', '-']) {
        return None;
    }
    let (decimal, group) = if language.decimal_comma {
        (',', '.')
    } else {
        ('.', ',')
    };
    let (whole, fraction) = match digits.rsplit_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    if fraction.is_some_and(|fraction| fraction.contains(group)) {
        return None;
    }
    let mut groups = whole.split([group, '\'']);
    let mut plain = groups.next()?.to_owned();
    let mut odd = plain.len() > 3 && whole.contains(group);
    for part in groups {
        odd |= part.len() != 3;
        plain.push_str(part);
    }
    // "5.50" where the dot groups is no group: people write the other way, too.
    if odd {
        return (whole.matches(group).count() == 1 && fraction.is_none())
            .then(|| whole.replace(group, ".").parse().ok())?;
    }
    if whole.contains(decimal) {
        return None;
    }
    format!("{plain}.{}", fraction.unwrap_or("0")).parse().ok()
}

fn in_words(text: &Text<'_>, language: &Language, at: usize) -> Option<Number> {
    if let Some(value) = lookup(language.ordinals, text.word(at)) {
        return Some(Number {
            span: Span {
                start: at,
                end: at + 1,
            },
            value: value as f64,
            ordinal: true,
        });
    }
    let (mut total, mut part, mut end, mut any) = (0_i64, 0_i64, at, false);
    // "a hundred": the scale counts as one of itself.
    let article = text.word(at) == "a" && lookup(language.scales, text.word(at + 1)).is_some();
    end += usize::from(article);
    loop {
        if any && !text.is_joined(end) {
            break;
        }
        let word = text.word(end);
        if let Some(value) = word_value(language, word) {
            // "five six" are two numbers; "twenty six" and "two hundred six" are one.
            let fits = !any
                || part == 0
                || (part % 100 == 0)
                || (part % 10 == 0 && part % 100 >= 20 && value < 10);
            if !fits {
                break;
            }
            part = part.checked_add(value)?;
        } else if let (true, Some(scale)) = (any || article, lookup(language.scales, word)) {
            part = part.max(1).checked_mul(scale)?;
            if scale >= 1_000 {
                total = total.checked_add(part)?;
                part = 0;
            }
        } else if any
            && language.and.contains(&word)
            && part % 100 == 0
            && word_value(language, text.word(end + 1)).is_some()
            && part > 0
        {
            end += 1;
            continue;
        } else {
            break;
        }
        any = true;
        end += 1;
    }
    any.then(|| Number {
        span: Span { start: at, end },
        value: (total + part) as f64,
        ordinal: false,
    })
}

/// A word as a number below a million, German's one-word numbers included.
fn word_value(language: &Language, word: &str) -> Option<i64> {
    lookup(language.numbers, word).or_else(|| compound(language, word))
}

fn compound(language: &Language, word: &str) -> Option<i64> {
    if word.len() > COMPOUND_BYTES_MAX {
        return None;
    }
    let joint = language.units_before_tens?;
    for &(scale, times) in &[("tausend", 1_000), ("hundert", 100)] {
        if let Some((before, after)) = word.split_once(scale) {
            let before = if before.is_empty() {
                1
            } else {
                word_value(language, before)?
            };
            let after = after.strip_prefix(joint).unwrap_or(after);
            let after = if after.is_empty() {
                0
            } else {
                word_value(language, after)?
            };
            return (before < times).then_some(before * times + after);
        }
    }
    let tens = language
        .numbers
        .iter()
        .filter(|(_, value)| *value >= 20 && value % 10 == 0);
    for (name, value) in tens {
        let unit = word
            .strip_suffix(name)
            .and_then(|rest| rest.strip_suffix(joint));
        if let Some(unit) = unit
            .and_then(|unit| lookup(language.numbers, unit))
            .filter(|unit| *unit < 10)
        {
            return Some(value + unit);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::Locale;

    fn read(locale: &str, raw: &str) -> Vec<f64> {
        numbers(&Text::new(raw), Language::of(&Locale::from(locale)), false)
            .into_iter()
            .map(|one| one.value)
            .collect()
    }

    #[test]
    fn digits_follow_the_language() {
        assert_eq!(read("en", "1,234.56 and 7 and 5.50"), [1234.56, 7.0, 5.5]);
        assert_eq!(
            read("de", "1.234,56 und 7 und 5,50 und 2.000"),
            [1234.56, 7.0, 5.5, 2000.0]
        );
        assert_eq!(read("de", "5.50"), [5.5]);
        assert_eq!(
            read("en", "about 5k, -3 degrees, minus 5, 2-3 days"),
            [5000.0, -3.0, -5.0]
        );
        assert_eq!(read("fr", "12.5"), [12.5]);
    }

    #[test]
    fn words_are_numbers_too() {
        assert_eq!(read("en", "twenty-one"), [21.0]);
        assert_eq!(
            read("en", "two hundred and five thousand three"),
            [205_003.0]
        );
        assert_eq!(read("en", "a hundred"), [100.0]);
        assert_eq!(read("en", "five six"), [5.0, 6.0]);
        assert_eq!(
            read(
                "de",
                "einundzwanzig, zweihundertfünf, tausend, dreitausendvierhundert"
            ),
            [21.0, 205.0, 1000.0, 3400.0]
        );
    }

    #[test]
    fn what_names_something_else_is_no_number() {
        for text in [
            "room B-7",
            "ticket TX-123456",
            "3D",
            "error E404",
            "the second of one of my cards, the other one",
        ] {
            let found = read("en", text);
            assert!(found.iter().all(|value| *value == 2.0), "{text}: {found:?}");
        }
        assert_eq!(read("de", "ein Problem mit einer Karte"), Vec::<f64>::new());
        assert_eq!(read("en", "close one account"), [1.0]);
        assert_eq!(read("en", "one"), [1.0]);
        assert_eq!(read("de", "eine"), [1.0]);
    }

    #[test]
    fn ordinals_are_numbers() {
        assert_eq!(read("en", "the 2nd and the third"), [2.0, 3.0]);
        assert_eq!(read("de", "die zweite"), [2.0]);
    }
}
