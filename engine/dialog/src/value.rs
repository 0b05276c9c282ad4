//! The values that slots, results, events and expressions hold.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value. "Not set" is not a value: where something may be unset, it is an `Option<Value>`.
///
/// How the types of the language are held: `date` and `time` are texts (`2026-03-02`, `09:00`), which order as they should;
/// `datetime` is [`Value::Time`]; `money` is a map of `amount` (number) and `currency` (text); a file is a map of `name`,
/// `mime`, `size` and `ref`; email, phone, url, iban and an enum's value are texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that may have a fraction; always finite.
    Number(f64),
    /// A text.
    Text(String),
    /// A moment.
    Time(Timestamp),
    /// A length of time.
    Duration(SignedDuration),
    /// Several values, in order; at most [`Value::LIST_MAX`].
    List(Vec<Value>),
    /// Named values, ordered by name.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The longest list that an expression handles: longer ones make evaluation time unpredictable.
    pub const LIST_MAX: usize = 1_000;

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a number, if it is an int or a number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Int(int) => Some(*int as f64),
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The field of a map.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(map) => map.get(name),
            _ => None,
        }
    }

    /// The value as the outside sees it: plain JSON, times in RFC 3339, durations in seconds as ISO 8601 (`PT300S`).
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(i) => Json::from(*i),
            Value::Number(n) => Json::from(*n),
            Value::Text(t) => Json::from(t.as_str()),
            Value::Time(t) => Json::from(t.to_string()),
            Value::Duration(d) => Json::from(d.to_string()),
            Value::List(list) => list.iter().map(Value::to_json).collect(),
            Value::Map(map) => {
                Json::Object(map.iter().map(|(k, v)| (k.clone(), v.to_json())).collect())
            }
        }
    }

    /// JSON from outside without a declared type: times stay texts; null fields and items are left out, as unset.
    pub fn from_json(json: &serde_json::Value) -> Option<Value> {
        use serde_json::Value as Json;
        Some(match json {
            Json::Null => return None,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => n
                .as_i64()
                .map(Value::Int)
                .or_else(|| n.as_f64().map(Value::Number))?,
            Json::String(t) => Value::Text(t.clone()),
            Json::Array(list) => Value::List(list.iter().filter_map(Value::from_json).collect()),
            Json::Object(map) => Value::Map(
                map.iter()
                    .filter_map(|(k, v)| Some((k.clone(), Value::from_json(v)?)))
                    .collect(),
            ),
        })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(i: i64) -> Self {
        Value::Int(i)
    }
}

/// The lossless form for records: as JSON, but a time is `{"$time": …}` and a duration `{"$duration": …}`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
    Time {
        #[serde(rename = "$time")]
        time: Timestamp,
    },
    Duration {
        #[serde(rename = "$duration")]
        duration: SignedDuration,
    },
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(i) => serializer.serialize_i64(*i),
            Value::Number(n) => serializer.serialize_f64(*n),
            Value::Text(t) => serializer.serialize_str(t),
            Value::Time(time) => Stored::Time { time: *time }.serialize(serializer),
            Value::Duration(duration) => Stored::Duration {
                duration: *duration,
            }
            .serialize(serializer),
            Value::List(list) => list.serialize(serializer),
            Value::Map(map) => map.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Bool(b) => Value::Bool(b),
            Stored::Int(i) => Value::Int(i),
            Stored::Number(n) => Value::Number(n),
            Stored::Text(t) => Value::Text(t),
            Stored::Time { time } => Value::Time(time),
            Stored::Duration { duration } => Value::Duration(duration),
            Stored::List(list) => Value::List(list),
            Stored::Map(map) => Value::Map(map),
        })
    }
}
