//! Amounts of money: a number with a sign, a code or a name of a currency before or behind it.

use std::collections::BTreeMap;

use dialog::Value;

use super::language::Language;
use super::number::{Number, number_at};
use super::text::{Kind, Span, Text};

/// The ISO 4217 codes that are read as such; other three-letter words are words.
const CODES: &[&str] = &[
    "aed", "ars", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "egp",
    "eur", "gbp", "hkd", "huf", "idr", "ils", "inr", "isk", "jpy", "krw", "mad", "mxn", "myr",
    "nok", "nzd", "php", "pln", "ron", "rsd", "rub", "sar", "sek", "sgd", "thb", "try", "twd",
    "uah", "usd", "vnd", "zar",
];

/// Every amount: its tokens and its value, a map of `amount` and `currency`.
pub(crate) fn amounts(text: &Text<'_>, language: &Language) -> Vec<(Span, Value)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match amount_at(text, language, at) {
            Some((span, value)) => {
                at = span.end;
                found.push((span, value));
            }
            None => at += 1,
        }
    }
    found
}

fn amount_at(text: &Text<'_>, language: &Language, at: usize) -> Option<(Span, Value)> {
    if let Some((length, currency)) = currency_at(text, language, at)
        && let Some(number) = amount_of(text, language, at + length)
    {
        let (value, end) = in_millions(text, &number);
        return Some((Span { start: at, end }, money(value, currency)));
    }
    let number = amount_of(text, language, at)?;
    let (length, currency) = currency_at(text, language, number.span.end)?;
    let end = number.span.end + length;
    let (cents, end) = cents_behind(text, language, end).unwrap_or((0.0, end));
    Some((
        Span { start: at, end },
        money(number.value + cents, currency),
    ))
}

/// A number, also one with its thousands set apart: "1 200".
fn amount_of(text: &Text<'_>, language: &Language, at: usize) -> Option<Number> {
    let number = number_at(text, language, at).filter(|number| !number.ordinal)?;
    let first = &text.tokens[at];
    let plain = |norm: &str| norm.bytes().all(|byte| byte.is_ascii_digit());
    if first.kind != Kind::Digits || first.norm.len() > 3 || !plain(&first.norm) {
        return Some(number);
    }
    let (mut value, mut end) = (number.value, at + 1);
    while let Some(group) = text.tokens.get(end)
        && group.norm.len() == 3
        && plain(&group.norm)
        && group.start == text.tokens[end - 1].end + 1
    {
        value = value * 1_000.0 + group.norm.parse::<f64>().ok()?;
        end += 1;
    }
    if end == at + 1 {
        return Some(number);
    }
    let span = Span { start: at, end };
    Some(Number {
        span,
        value,
        ordinal: false,
    })
}

/// "€2.5m": behind a currency's sign an m is a million.
fn in_millions(text: &Text<'_>, number: &Number) -> (f64, usize) {
    let end = number.span.end;
    let glued = text
        .tokens
        .get(end)
        .is_some_and(|token| token.norm == "m" && token.start == text.tokens[end - 1].end);
    if glued {
        (number.value * 1e6, end + 1)
    } else {
        (number.value, end)
    }
}

/// "5 Euro 50", "3 dollars and 20 cents".
fn cents_behind(text: &Text<'_>, language: &Language, at: usize) -> Option<(f64, usize)> {
    let at = if language.and.contains(&text.word(at)) {
        at + 1
    } else {
        at
    };
    let Number {
        span,
        value,
        ordinal,
    } = number_at(text, language, at)?;
    let named = language.cents.contains(&text.word(span.end));
    let plain = text.tokens[at].kind == Kind::Digits && text.tokens[at].norm.len() == 2;
    let followed = currency_at(text, language, span.end).is_some();
    let fits = !ordinal && value < 100.0 && value.fract() == 0.0 && (named || plain) && !followed;
    fits.then(|| (value / 100.0, span.end + usize::from(named)))
}

fn currency_at(text: &Text<'_>, language: &Language, at: usize) -> Option<(usize, String)> {
    let token = text.tokens.get(at)?;
    if let Some(code) = sign(&token.norm) {
        return Some((1, code.to_owned()));
    }
    if CODES.contains(&token.norm.as_str()) {
        return Some((1, token.norm.to_uppercase()));
    }
    text.longest(at, language.currencies)
        .map(|(length, code)| (length, code.to_owned()))
}

fn sign(norm: &str) -> Option<&'static str> {
    Some(match norm {
        "€" => "EUR",
        "$" => "USD",
        "£" => "GBP",
        "¥" => "JPY",
        "₹" => "INR",
        "₽" => "RUB",
        "₺" => "TRY",
        "₩" => "KRW",
        _ => return None,
    })
}

/// Amounts are kept to the ten-thousandth, so that 0.1 + 0.2 is what people mean.
fn money(amount: f64, currency: String) -> Value {
    let amount = (amount * 10_000.0).round() / 10_000.0;
    Value::Map(BTreeMap::from([
        ("amount".to_owned(), Value::Number(amount)),
        ("currency".to_owned(), Value::Text(currency)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::Locale;

    fn read(locale: &str, raw: &str) -> Vec<String> {
        let found = amounts(&Text::new(raw), Language::of(&Locale::from(locale)));
        let show = |value: &Value| {
            let number = value.field("amount").and_then(Value::as_number).unwrap();
            format!(
                "{number} {}",
                value.field("currency").and_then(Value::as_text).unwrap()
            )
        };
        found.iter().map(|(_, value)| show(value)).collect()
    }

    #[test]
    fn signs_codes_and_names() {
        assert_eq!(
            read("en", "€5.50, 20 USD, EUR 7 and five pounds"),
            ["5.5 EUR", "20 USD", "7 EUR", "5 GBP"]
        );
        assert_eq!(read("en", "two hundred bucks"), ["200 USD"]);
        assert_eq!(read("en", "$1,200"), ["1200 USD"]);
        assert_eq!(
            read("de", "1.200,50 € oder 5 Euro 50"),
            ["1200.5 EUR", "5.5 EUR"]
        );
        assert_eq!(read("en", "3 dollars and 20 cents"), ["3.2 USD"]);
        assert_eq!(
            read("en", "1 200 EUR, €2.5m, £5k, a hundred bucks"),
            ["1200 EUR", "2500000 EUR", "5000 GBP", "100 USD"]
        );
        assert_eq!(read("de", "3 Tsd. Euro"), ["3000 EUR"]);
        assert_eq!(read("en", "I have 3 cards"), Vec::<String>::new());
    }
}
