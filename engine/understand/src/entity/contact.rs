//! Addresses and account numbers: e-mail, web, telephone, IBAN, card number.

use std::sync::LazyLock;

use regex::Regex;

/// A match: entity, bytes, value.
pub(crate) type Contact = (&'static str, (usize, usize), String);

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?i)\b[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}\b")
});
static URL: LazyLock<Regex> =
    LazyLock::new(|| compiled(r#"(?i)\b(?:https?://|www\.)[^\s<>"]{3,2000}"#));
static IBAN: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?i)\b[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b")
});
static CARD: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b[0-9](?:[ -]?[0-9]){12,18}\b"));
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:\+|\b00?)[0-9](?:[ ()/.-]{0,3}[0-9]){5,16}\b"));
static DIGITS: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\+?[0-9](?:[ ()/.-]{0,3}[0-9]){4,16}"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is ours and tested")
}

/// Everything of these kinds. `asked_for`: the entity that is asked for, which is read more generously.
pub(crate) fn contacts(raw: &str, asked_for: Option<&str>) -> Vec<Contact> {
    let mut found: Vec<Contact> = Vec::new();
    let all = |regex: &Regex| {
        regex
            .find_iter(raw)
            .map(|m| (m.start(), m.end()))
            .collect::<Vec<_>>()
    };
    for (start, end) in all(&EMAIL) {
        found.push(("email", (start, end), raw[start..end].to_lowercase()));
    }
    for (start, end) in all(&URL) {
        let end = start
            + raw[start..end]
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\''])
                .len();
        found.push(("url", (start, end), raw[start..end].to_owned()));
    }
    for (start, end) in all(&IBAN) {
        found.extend(iban(raw, start, end));
    }
    for (start, end) in all(&CARD) {
        let digits = digits(&raw[start..end]);
        if luhn(&digits) {
            found.push(("card_number", (start, end), digits));
        }
    }
    let phone: &Regex = if asked_for == Some("phone") {
        &DIGITS
    } else {
        &PHONE
    };
    for (start, end) in all(phone) {
        if !found
            .iter()
            .any(|(_, span, _)| span.0 < end && start < span.1)
            && !is_date(&raw[start..end])
        {
            found.push(("phone", (start, end), phone_number(&raw[start..end])));
        }
    }
    found
}

/// The longest prefix, by whole groups, whose check digits are right: what follows an IBAN is often a word.
fn iban(raw: &str, start: usize, end: usize) -> Option<Contact> {
    let mut end = end;
    loop {
        let plain: String = raw[start..end]
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_uppercase();
        if (15..=34).contains(&plain.len()) && mod_97(&plain) == 1 {
            return Some(("iban", (start, end), plain));
        }
        end = start + raw[start..end].rfind(' ')?;
    }
}

/// ISO 13616: the first four characters go to the end, letters count from 10.
fn mod_97(iban: &str) -> u32 {
    let (head, tail) = iban.split_at(4);
    tail.chars()
        .chain(head.chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, value| {
            let shift = if value > 9 { 100 } else { 10 };
            (rest * shift + value) % 97
        })
}

/// ISO/IEC 7812: the check digit of card numbers.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            if place % 2 == 0 {
                digit
            } else {
                digit * 2 / 10 + digit * 2 % 10
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// With its plus, without everything that only parts the digits.
fn phone_number(text: &str) -> String {
    let plain = digits(text);
    match plain.strip_prefix("00") {
        Some(rest) if !text.starts_with('+') => format!("+{rest}"),
        _ if text.starts_with('+') => format!("+{plain}"),
        _ => plain,
    }
}

/// `02.03.2026` and `2026-03-02` look like telephone numbers.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['.', '-', '/']).collect();
    parts.len() == 3
        && parts.iter().all(|part| {
            matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Vec<(&'static str, String)> {
        contacts(raw, None)
            .into_iter()
            .map(|(entity, _, value)| (entity, value))
            .collect()
    }

    #[test]
    fn each_kind() {
        assert_eq!(
            read("write to Ana.B@Example.org."),
            [("email", "ana.b@example.org".into())]
        );
        assert_eq!(
            read("see https://example.org/a?b=c."),
            [("url", "https://example.org/a?b=c".into())]
        );
        assert_eq!(
            read("call +49 (30) 1234-567 or 030 1234567"),
            [
                ("phone", "+49301234567".into()),
                ("phone", "0301234567".into())
            ]
        );
        assert_eq!(read("0049 30 1234567"), [("phone", "+49301234567".into())]);
        assert_eq!(
            read("DE89 3704 0044 0532 0130 00 is mine"),
            [("iban", "DE89370400440532013000".into())]
        );
        assert!(
            read("DE88 3704 0044 0532 0130 00")
                .iter()
                .all(|(entity, _)| *entity != "iban")
        );
        assert_eq!(
            read("4111 1111 1111 1111"),
            [("card_number", "4111111111111111".into())]
        );
    }

    #[test]
    fn what_is_none() {
        assert_eq!(
            read("4111 1111 1111 1112, on 02.03.2026, 2026-03-02, a@b, 1234"),
            []
        );
    }

    #[test]
    fn a_number_is_a_telephone_number_where_one_is_asked_for() {
        let found = contacts("1234567", Some("phone"));
        assert_eq!(found, [("phone", (0, 7), "1234567".to_owned())]);
    }
}
