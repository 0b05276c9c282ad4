//! Values from outside, read by their declared type.
//!
//! What is not declared is dropped, what is declared must be there. A result that cannot be read is a failed call of the kind
//! `invalid`; nothing half-read ever reaches a flow.

use std::collections::BTreeMap;

use jiff::civil;
use serde_json::Value as Json;

use crate::{Value, ValueType};

/// Where something is not as declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} must be {expected}", if path.is_empty() { "the value" } else { path.as_str() })]
pub struct CoerceError {
    /// The way to it: `cards[2].status`; empty = the whole.
    pub path: String,
    /// What should be there, for people.
    pub expected: String,
}

impl CoerceError {
    fn new(expected: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            expected: expected.into(),
        }
    }

    fn inside(mut self, step: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

/// JSON from outside, read by a declared type.
///
/// # Errors
/// When something declared is missing or of another type, a text is none of an enum's, or a list is too long.
pub fn coerce(json: &Json, value_type: &ValueType) -> Result<Value, CoerceError> {
    match (value_type, json) {
        (ValueType::Bool, Json::Bool(b)) => Ok(Value::Bool(*b)),
        (ValueType::Int, Json::Number(number)) => number
            .as_i64()
            .or_else(|| number.as_f64().and_then(whole))
            .map(Value::Int)
            .ok_or_else(|| wrong(value_type)),
        (ValueType::Number, Json::Number(number)) => number
            .as_f64()
            .map(Value::Number)
            .ok_or_else(|| wrong(value_type)),
        (ValueType::List { of, max }, Json::Array(items)) => coerce_list(items, of, *max),
        (ValueType::Map(fields), Json::Object(map)) => coerce_map(map, fields),
        (ValueType::Money, Json::Object(map)) => coerce_map(map, &money_fields()),
        (ValueType::File { .. }, Json::Object(map)) => coerce_map(map, &file_fields())
            .and_then(|file| fit(file, value_type).ok_or_else(|| wrong(value_type))),
        (_, Json::String(text)) if is_textual(value_type) => {
            from_text(text, value_type).ok_or_else(|| wrong(value_type))
        }
        _ => Err(wrong(value_type)),
    }
}

fn coerce_list(items: &[Json], of: &ValueType, max: usize) -> Result<Value, CoerceError> {
    let max = max.min(Value::LIST_MAX);
    if items.len() > max {
        return Err(CoerceError::new(format!("a list of at most {max}")));
    }
    items
        .iter()
        .enumerate()
        .map(|(index, item)| coerce(item, of).map_err(|error| error.inside(&format!("[{index}]"))))
        .collect::<Result<_, _>>()
        .map(Value::List)
}

fn coerce_map(
    map: &serde_json::Map<String, Json>,
    fields: &BTreeMap<String, ValueType>,
) -> Result<Value, CoerceError> {
    fields
        .iter()
        .map(|(name, value_type)| {
            let json = map.get(name).unwrap_or(&Json::Null);
            let value = coerce(json, value_type).map_err(|error| error.inside(name))?;
            Ok((name.clone(), value))
        })
        .collect::<Result<_, _>>()
        .map(Value::Map)
}

fn money_fields() -> BTreeMap<String, ValueType> {
    BTreeMap::from([
        ("amount".to_owned(), ValueType::Number),
        ("currency".to_owned(), ValueType::Text),
    ])
}

fn file_fields() -> BTreeMap<String, ValueType> {
    BTreeMap::from([
        ("name".to_owned(), ValueType::Text),
        ("mime".to_owned(), ValueType::Text),
        ("size".to_owned(), ValueType::Int),
        ("ref".to_owned(), ValueType::Text),
    ])
}

/// Types whose JSON form is a text.
fn is_textual(value_type: &ValueType) -> bool {
    !matches!(
        value_type,
        ValueType::Bool
            | ValueType::Int
            | ValueType::Number
            | ValueType::Money
            | ValueType::File { .. }
            | ValueType::List { .. }
            | ValueType::Map(_)
    )
}

/// A value that is already one, as the declared type holds it: a whole number for a `number`, one item for a list.
pub fn fit(value: Value, value_type: &ValueType) -> Option<Value> {
    match (value_type, value) {
        (ValueType::Bool, value @ Value::Bool(_))
        | (ValueType::Int, value @ Value::Int(_))
        | (ValueType::Number, value @ Value::Number(_))
        | (ValueType::Datetime, value @ Value::Time(_))
        | (ValueType::Duration, value @ Value::Duration(_)) => Some(value),
        (ValueType::Int, Value::Number(n)) => whole(n).map(Value::Int),
        (ValueType::Number, Value::Int(i)) => Some(Value::Number(i as f64)),
        (ValueType::Text, Value::Int(i)) => Some(Value::Text(i.to_string())),
        (ValueType::List { of, max }, Value::List(items)) if items.len() <= *max => items
            .into_iter()
            .map(|item| fit(item, of))
            .collect::<Option<_>>()
            .map(Value::List),
        (ValueType::List { of, max }, value) if *max > 0 && !matches!(value, Value::List(_)) => {
            fit(value, of).map(|item| Value::List(vec![item]))
        }
        (ValueType::Map(fields), Value::Map(map)) => fit_fields(map, fields),
        (ValueType::Money, Value::Map(map)) => fit_fields(map, &money_fields()),
        (ValueType::File { accept, size_max }, Value::Map(map)) => {
            let file = fit_fields(map, &file_fields())?;
            is_accepted(&file, accept, *size_max).then_some(file)
        }
        (_, Value::Text(text)) => from_text(&text, value_type),
        _ => None,
    }
}

fn fit_fields(
    mut map: BTreeMap<String, Value>,
    fields: &BTreeMap<String, ValueType>,
) -> Option<Value> {
    fields
        .iter()
        .map(|(name, value_type)| Some((name.clone(), fit(map.remove(name)?, value_type)?)))
        .collect::<Option<_>>()
        .map(Value::Map)
}

fn is_accepted(file: &Value, accept: &[String], size_max: Option<u64>) -> bool {
    let mime = file
        .field("mime")
        .and_then(Value::as_text)
        .unwrap_or_default();
    let by_type = accept.is_empty()
        || accept.iter().any(|one| match one.strip_suffix('*') {
            Some(family) => mime.starts_with(family),
            None => mime == one,
        });
    let size = match file.field("size") {
        Some(Value::Int(size)) => u64::try_from(*size).ok(),
        _ => None,
    };
    by_type && size_max.is_none_or(|max| size.is_some_and(|size| size <= max))
}

/// The value that a text spells out, of a type whose values can be spelt; none if it does not.
pub fn from_text(text: &str, value_type: &ValueType) -> Option<Value> {
    let text = text.trim();
    let same = || Some(Value::Text(text.to_owned()));
    match value_type {
        ValueType::Bool => text.parse().ok().map(Value::Bool),
        ValueType::Int => text.parse().ok().map(Value::Int),
        ValueType::Number => text
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
            .map(Value::Number),
        ValueType::Text => same(),
        ValueType::Date => text.parse::<civil::Date>().ok().and_then(|_| same()),
        ValueType::Time => text.parse::<civil::Time>().ok().and_then(|_| same()),
        ValueType::Datetime => text.parse().ok().map(Value::Time),
        ValueType::Duration => crate::parse_duration(text)
            .or_else(|| text.parse().ok())
            .map(Value::Duration),
        ValueType::Email => is_email(text).then(same).flatten(),
        ValueType::Url => is_url(text).then(same).flatten(),
        ValueType::Phone => is_phone(text).then(same).flatten(),
        ValueType::Iban => is_iban(text).then(same).flatten(),
        ValueType::Enum(values) => values
            .iter()
            .find(|value| *value == text)
            .or_else(|| {
                values
                    .iter()
                    .find(|value| value.to_lowercase() == text.to_lowercase())
            })
            .map(|value| Value::Text(value.clone())),
        ValueType::List { of, max } if *max > 0 => {
            from_text(text, of).map(|item| Value::List(vec![item]))
        }
        ValueType::Money | ValueType::File { .. } | ValueType::List { .. } | ValueType::Map(_) => {
            None
        }
    }
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.chars().all(|c| c.is_ascii_alphanumeric()) && !scheme.is_empty() && !rest.is_empty()
    }) && !text.contains(char::is_whitespace)
}

fn is_phone(text: &str) -> bool {
    // The shortest number of E.164's national plans in use, and E.164's longest.
    const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;
    text.chars()
        .all(|c| c.is_ascii_digit() || " +-/().".contains(c))
        && DIGITS.contains(&text.chars().filter(char::is_ascii_digit).count())
}

/// ISO 13616: the first four characters moved to the end, letters as numbers from 10, the whole modulo 97 is 1.
fn is_iban(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    if !(15..=34).contains(&plain.len()) || !plain.iter().all(char::is_ascii_alphanumeric) {
        return false;
    }
    let turned = plain[4..].iter().chain(&plain[..4]);
    let rest = turned.fold(0_u32, |rest, c| {
        let digit = c.to_digit(36).unwrap_or(0);
        (rest * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    rest == 1
}

fn whole(number: f64) -> Option<i64> {
    // 2^53: beyond it an f64 skips whole numbers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn wrong(value_type: &ValueType) -> CoerceError {
    CoerceError::new(expected(value_type))
}

fn expected(value_type: &ValueType) -> String {
    match value_type {
        ValueType::Bool => "true or false".into(),
        ValueType::Int => "a whole number".into(),
        ValueType::Number => "a number".into(),
        ValueType::Text => "a text".into(),
        ValueType::Date => "a day like 2026-03-02".into(),
        ValueType::Time => "a time of day like 09:00".into(),
        ValueType::Datetime => "a moment like 2026-03-02T09:00:00Z".into(),
        ValueType::Duration => "a length of time like PT5M".into(),
        ValueType::Money => "an amount with its currency".into(),
        ValueType::Email => "an e-mail address".into(),
        ValueType::Phone => "a telephone number".into(),
        ValueType::Url => "a web address".into(),
        ValueType::Iban => "an IBAN".into(),
        ValueType::File { .. } => "a file".into(),
        ValueType::Enum(values) => format!("one of {}", values.join(", ")),
        ValueType::List { .. } => "a list".into(),
        ValueType::Map(_) => "a map of fields".into(),
    }
}
