//! How a bare value is said: `{{slots.amount}}` without a helper.

use dialog::Value;
use jiff::tz::TimeZone;

use crate::words::{ListKind, Style, Words};

/// A value in words; none for a map that isn't money.
pub(crate) fn value(value: &Value, words: &Words, tz: &TimeZone) -> Option<String> {
    Some(match value {
        Value::Text(text) => text.clone(),
        Value::Bool(_) | Value::Int(_) | Value::Number(_) => key(value),
        Value::Time(moment) => {
            words.datetime(moment.to_zoned(tz.clone()).datetime(), Style::Medium)
        }
        Value::Duration(duration) => words.duration(*duration),
        Value::List(items) => {
            let items: Option<Vec<String>> = items
                .iter()
                .map(|item| self::value(item, words, tz))
                .collect();
            words.list(ListKind::And, &items?)
        }
        Value::Map(_) => money(words, value)?,
    })
}

/// A value as a name: what labels and fields are looked up by.
pub(crate) fn key(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(int) => int.to_string(),
        Value::Number(number) => number.to_string(),
        other => match other.to_json() {
            serde_json::Value::String(text) => text,
            json => json.to_string(),
        },
    }
}

/// A number as JSON writes it; a text counts if it is one, because many services write amounts so.
pub(crate) fn number(value: &Value) -> Option<String> {
    match value {
        Value::Int(int) => Some(int.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Text(text) if text.parse::<f64>().is_ok_and(f64::is_finite) => Some(text.clone()),
        _ => None,
    }
}

/// Money, if a map is that.
pub(crate) fn money(words: &Words, value: &Value) -> Option<String> {
    let amount = number(value.field("amount")?)?;
    words.money(&amount, value.field("currency")?.as_text()?)
}
