//! Random values of the language's types: what tools return and customers write.

use std::collections::BTreeMap;

use dialog::{
    Choice, ErrorKind, Expected, ToolDeclaration, ToolError, ToolOutcome, Value, ValueType,
};
use jiff::{SignedDuration, Timestamp};

use super::random::Random;

/// Texts that fit the patterns and types that bots usually have.
const WRITTEN: &[&str] = &[
    "4711",
    "0815",
    "123456",
    "654321",
    "10000001",
    "10000002",
    "12",
    "5",
    "three",
    "50 euros",
    "12.40 EUR",
    "tomorrow",
    "next Friday",
    "2026-03-20",
    "at nine",
    "14:30",
    "040 1234567",
    "ana@example.org",
    "Ana",
    "Hauptstr. 5",
    "20095",
    "Hamburg",
    "the second one",
    "both",
    "I was charged twice",
    "20 minutes",
    "https://example.org",
    "DE89370400440532013000",
];

/// Texts that answer questions, change their mind, or mean nothing.
const SAID: &[&str] = &[
    "yes",
    "no",
    "no, I meant the other one",
    "cancel",
    "skip",
    "repeat",
    "help",
    "maybe",
    "ja",
    "nein",
    "never mind",
    "no, the debit one",
    "I want to talk to a human",
    "purple elephants on a bicycle",
    "",
    "????",
    "not the credit card",
];

const ERRORS: &[(ErrorKind, Option<u16>)] = &[
    (ErrorKind::Timeout, None),
    (ErrorKind::Unreachable, None),
    (ErrorKind::Refused, Some(404)),
    (ErrorKind::Refused, Some(409)),
    (ErrorKind::Refused, Some(422)),
    (ErrorKind::Failed, Some(500)),
    (ErrorKind::Invalid, None),
    (ErrorKind::Unknown, None),
];

/// How many of a hundred calls fail.
const FAIL_PERCENT: usize = 20;
/// Items of a random list; lists of none, one and several are what flows tell apart.
const ITEMS_MAX: usize = 4;

/// A random outcome of a call.
pub(super) fn outcome(random: &mut Random, tool: &ToolDeclaration, now: Timestamp) -> ToolOutcome {
    if random.percent(FAIL_PERCENT) {
        let (kind, status) = *random.pick(ERRORS).unwrap_or(&ERRORS[0]);
        return ToolOutcome::Failed(ToolError {
            kind,
            status,
            code: None,
        });
    }
    let result = match &tool.returns {
        Some(returns) => value(random, returns, now),
        None => Value::Map(BTreeMap::new()),
    };
    ToolOutcome::Returned { result }
}

/// A random value of a type.
pub(super) fn value(random: &mut Random, of: &ValueType, now: Timestamp) -> Value {
    let number = random.below(1_000);
    match of {
        ValueType::Bool => Value::Bool(random.percent(70)),
        ValueType::Int => Value::Int(number as i64),
        ValueType::Number => Value::Number(number as f64 / 10.0),
        ValueType::Text => Value::Text(format!("T-{number}")),
        ValueType::Date => Value::Text(format!(
            "2026-{:02}-{:02}",
            1 + number % 12,
            1 + number % 28
        )),
        ValueType::Time => Value::Text(format!("{:02}:{:02}", number % 24, number % 60)),
        ValueType::Datetime => {
            let later = SignedDuration::from_mins(number as i64);
            Value::Time(now.checked_add(later).unwrap_or(now))
        }
        ValueType::Duration => Value::Duration(SignedDuration::from_mins(number as i64)),
        ValueType::Money => Value::Map(BTreeMap::from([
            ("amount".to_owned(), Value::Number(number as f64 / 10.0)),
            ("currency".to_owned(), "EUR".into()),
        ])),
        ValueType::Email => "ana@example.org".into(),
        ValueType::Phone => "+49401234567".into(),
        ValueType::Url => "https://example.org/".into(),
        ValueType::Iban => "DE89370400440532013000".into(),
        ValueType::File { .. } => Value::Map(BTreeMap::from([
            ("name".to_owned(), "file.pdf".into()),
            ("mime".to_owned(), "application/pdf".into()),
            ("size".to_owned(), Value::Int(1_024)),
            ("ref".to_owned(), "f1".into()),
        ])),
        ValueType::Enum(values) => Value::Text(random.pick(values).cloned().unwrap_or_default()),
        ValueType::List { of, max } => {
            let items = random.below(ITEMS_MAX.min(*max) + 1);
            Value::List((0..items).map(|_| value(random, of, now)).collect())
        }
        ValueType::Map(fields) => {
            let fields = fields.iter();
            Value::Map(
                fields
                    .map(|(name, of)| (name.clone(), value(random, of, now)))
                    .collect(),
            )
        }
    }
}

/// What a customer could write who is asked this: mostly something that fits.
pub(super) fn reply(random: &mut Random, expected: &Expected, examples: &[String]) -> String {
    let named = random
        .pick(&expected.choices)
        .map(|Choice { label, .. }| label.clone());
    if let Some(label) = named.filter(|_| random.percent(40)) {
        return label;
    }
    let secret = random
        .pick(&expected.secrets)
        .and_then(|(_, pattern)| pattern.as_ref());
    if let Some(pattern) = secret.filter(|_| random.percent(60)) {
        let fits: Vec<&&str> = WRITTEN
            .iter()
            .filter(|text| pattern.matches_whole(text))
            .collect();
        if let Some(text) = random.pick(&fits) {
            return (**text).to_owned();
        }
    }
    let pool: &[&str] = match random.below(100) {
        0..45 => WRITTEN,
        45..75 => SAID,
        _ => &[],
    };
    match random.pick(pool) {
        Some(text) => (*text).to_owned(),
        None => random.pick(examples).cloned().unwrap_or_default(),
    }
}
