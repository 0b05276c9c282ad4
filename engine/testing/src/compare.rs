//! What was expected, against what came.

use std::collections::BTreeMap;

use dialog::Owner;
use serde_json::Value as Json;

use crate::observe::Observed;
use crate::test::{At, Expected, Field, What};

/// An expectation that did not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// Where it is written.
    pub at: At,
    /// Its key: `says`; of a map, with the name: `slots.amount`.
    pub key: String,
    /// What was expected, as YAML.
    pub expected: String,
    /// What came, as YAML.
    pub got: String,
    /// Whether `got` can stand in the file in place of what does.
    pub(crate) is_replaceable: bool,
}

/// All expectations that do not hold. `state` is the state entered last, in this step or before.
pub(crate) fn compare(
    expected: &[Expected],
    observed: &Observed,
    state: Option<&str>,
) -> Vec<Mismatch> {
    expected
        .iter()
        .flat_map(|one| against(one, observed, state))
        .collect()
}

fn against(expected: &Expected, observed: &Observed, state: Option<&str>) -> Vec<Mismatch> {
    let at = expected.at;
    let key = expected.what.key();
    let one = |holds: bool, wanted: String, got: String, is_replaceable: bool| match holds {
        true => Vec::new(),
        false => vec![Mismatch {
            at,
            key: key.to_owned(),
            expected: wanted,
            got,
            is_replaceable,
        }],
    };
    match &expected.what {
        What::Intent(intent) => {
            let got = observed
                .intents()
                .first()
                .map_or("none", |first| first.intent.as_str());
            one(got == intent, intent.clone(), got.to_owned(), got != "none")
        }
        What::Slots(fields) => fields_against("slots", fields, |name| {
            Some(observed.slots.get(name)?.to_json())
        }),
        What::Memory(fields) => {
            fields_against("memory", fields, |name| observed.memory.get(name).cloned())
        }
        What::Episodes(texts) => {
            let got = &observed.episodes;
            let holds = got.len() == texts.len()
                && got
                    .iter()
                    .zip(texts)
                    .all(|(note, text)| note.contains(text));
            one(holds, list(texts), list(got), false)
        }
        What::Says(says) => {
            let got = observed.says();
            one(got == *says, list(says), list(&got), true)
        }
        What::Entered(states) => {
            let got = observed.entered();
            one(is_selection(states, &got), list(states), list(&got), true)
        }
        What::State(wanted) => {
            let got = state.unwrap_or("none");
            one(
                is_state(wanted, got),
                wanted.clone(),
                got.to_owned(),
                state.is_some(),
            )
        }
        What::Answered(answers) => {
            let got = observed.answered();
            let holds = answers.iter().all(|answer| got.contains(answer));
            one(holds, list(answers), list(&got), !got.is_empty())
        }
        What::Calls(fields) => calls_against(at, fields, &observed.calls),
        What::Text(texts) => {
            let got: Vec<&str> = observed.messages().map(|said| said.text.as_str()).collect();
            let said = got.join("\n");
            let missing: Vec<String> = texts
                .iter()
                .filter(|text| !said.contains(*text))
                .cloned()
                .collect();
            one(
                missing.is_empty(),
                list(&missing),
                format!("{said:?}"),
                false,
            )
        }
        What::NotSays(templates) => {
            let said = observed.says();
            let holds = templates.iter().all(|template| !said.contains(template));
            one(
                holds,
                format!("none of {}", list(templates)),
                list(&said),
                false,
            )
        }
        What::Owner(owner) => {
            let got = owner_name(&observed.owner);
            one(got == owner, owner.clone(), got.to_owned(), true)
        }
        What::Route(route) => {
            let got = observed.routes();
            let first = got.first().cloned().unwrap_or_else(|| "none".to_owned());
            one(got.contains(route), route.clone(), first, true)
        }
        What::Choices(keys) => {
            let got = observed.choices();
            one(got == *keys, list(keys), list(&got), true)
        }
    }
}

fn fields_against(
    key: &str,
    fields: &[Field],
    value: impl Fn(&str) -> Option<Json>,
) -> Vec<Mismatch> {
    let differ = fields.iter().filter_map(|field| {
        let got = value(&field.name);
        let same = match (&field.value, &got) {
            (Some(wanted), Some(got)) => is_same(wanted, got),
            (None, None) => true,
            _ => false,
        };
        (!same).then(|| Mismatch {
            at: field.at,
            key: format!("{key}.{}", field.name),
            expected: shown(field.value.as_ref()),
            got: shown(got.as_ref()),
            is_replaceable: true,
        })
    });
    differ.collect()
}

fn calls_against(at: At, fields: &[Field], calls: &BTreeMap<String, usize>) -> Vec<Mismatch> {
    if fields.is_empty() && !calls.is_empty() {
        let counted: Vec<String> = calls
            .iter()
            .map(|(tool, count)| format!("{tool}: {count}"))
            .collect();
        return vec![Mismatch {
            at,
            key: "calls".to_owned(),
            expected: "{}".to_owned(),
            got: format!("{{ {} }}", counted.join(", ")),
            is_replaceable: false,
        }];
    }
    fields_against("calls", fields, |tool| {
        Some(Json::from(*calls.get(tool).unwrap_or(&0)))
    })
}

/// Whether the states were entered in this order, perhaps among others.
fn is_selection(wanted: &[String], entered: &[String]) -> bool {
    let mut rest = entered.iter();
    wanted
        .iter()
        .all(|one| rest.any(|state| is_state(one, state)))
}

/// `confirm` and `replace_card.confirm` both name `replace_card.confirm`.
fn is_state(wanted: &str, entered: &str) -> bool {
    entered == wanted
        || entered
            .strip_suffix(wanted)
            .is_some_and(|before| before.ends_with('.'))
}

/// Whether a value is the expected one: whole numbers and fractions alike, and of a map only the expected fields.
fn is_same(wanted: &Json, got: &Json) -> bool {
    match (wanted, got) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Object(a), Json::Object(b)) => a
            .iter()
            .all(|(key, wanted)| b.get(key).is_some_and(|got| is_same(wanted, got))),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        // A slot of texts holds digits as a text, whether or not the test quotes them.
        (Json::Number(number), Json::String(text)) => number.to_string() == *text,
        (a, b) => a == b,
    }
}

pub(crate) fn owner_name(owner: &Owner) -> &'static str {
    match owner {
        Owner::Bot => "bot",
        Owner::Queued { .. } => "queued",
        Owner::Person { .. } => "person",
        Owner::Ended => "ended",
    }
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

fn shown(value: Option<&Json>) -> String {
    value.map_or_else(|| "unset".to_owned(), yaml)
}

/// A value as a test writes it.
fn yaml(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", yaml(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Json::Array(items) => format!(
            "[{}]",
            items.iter().map(yaml).collect::<Vec<_>>().join(", ")
        ),
        Json::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether YAML reads the bare text as this text.
fn is_plain(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphabetic)
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
        && !text.ends_with(' ')
        && !matches!(text, "true" | "false" | "null" | "unset")
}
