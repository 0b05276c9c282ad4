//! In what two requests differ, for people.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// How much of a text is shown, from where it begins to differ.
const SHOWN_CHARS: usize = 60;

/// A place where two values differ, as a JSON pointer, and what stands there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    place: String,
    recorded: String,
    asked: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            recorded,
            asked,
        } = self;
        write!(f, "{place}: recorded {recorded}, asked {asked}")
    }
}

/// All places where two values differ, in order.
pub(super) fn differences(recorded: &Value, asked: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(recorded), Some(asked), &mut found);
    found
}

fn compare(place: &str, one: Option<&Value>, two: Option<&Value>, found: &mut Vec<Difference>) {
    match (one, two) {
        _ if one == two => {}
        (Some(Value::Object(one)), Some(Value::Object(two))) => {
            let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            for name in names {
                compare(
                    &format!("{place}/{name}"),
                    one.get(name),
                    two.get(name),
                    found,
                );
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(two))) => {
            for at in 0..one.len().max(two.len()) {
                compare(&format!("{place}/{at}"), one.get(at), two.get(at), found);
            }
        }
        (Some(Value::String(one)), Some(Value::String(two))) => {
            let same = one.chars().zip(two.chars()).take_while(|(a, b)| a == b);
            let same = same.count();
            found.push(Difference {
                place: place.to_owned(),
                recorded: from(one, same),
                asked: from(two, same),
            });
        }
        (one, two) => found.push(Difference {
            place: place.to_owned(),
            recorded: whole(one),
            asked: whole(two),
        }),
    }
}

fn from(text: &str, begin: usize) -> String {
    let before = if begin > 0 { "…" } else { "" };
    let rest: String = text.chars().skip(begin).take(SHOWN_CHARS).collect();
    format!("“{before}{rest}”")
}

fn whole(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) => value.to_string().chars().take(SHOWN_CHARS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_place_and_the_words_are_named() {
        let one = json!({ "system": "Be brief.", "messages": [{ "text": "a" }] });
        let two = json!({ "system": "Be kind.", "messages": [{ "text": "a" }, { "text": "b" }] });
        let sentences: Vec<String> = differences(&one, &two)
            .iter()
            .map(Difference::to_string)
            .collect();
        assert_eq!(
            sentences,
            [
                "/messages/1: recorded nothing, asked {\"text\":\"b\"}",
                "/system: recorded “…brief.”, asked “…kind.”",
            ]
        );
        assert!(differences(&one, &one).is_empty());
    }
}
