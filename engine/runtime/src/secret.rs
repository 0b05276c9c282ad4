//! Secrets leave the text before anything sees it, and stand in no row but their own slot's.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{Bot, Event, EventKind, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A call's arguments as its row keeps them.
pub(crate) type StoredArgs = BTreeMap<String, StoredArg>;

/// An argument as a row keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredArg {
    /// As it is.
    Value(Value),
    /// A secret that stands in the conversation's state, at this JSON pointer.
    State(String),
    /// A secret that stands nowhere: it was computed. The call can't be repeated after a crash.
    Gone,
}

/// Arguments for a row.
pub(crate) fn store(
    bot: &Bot,
    tool: &str,
    args: &BTreeMap<String, Value>,
    record: &Json,
) -> StoredArgs {
    let declared = bot
        .tool(tool)
        .map(|id| bot.tools[id.index()].args.as_slice())
        .unwrap_or_default();
    let is_secret = |name: &str| declared.iter().any(|arg| arg.name == name && arg.secret);
    args.iter()
        .map(|(name, value)| {
            let stored = if is_secret(name) {
                hidden(value, record)
            } else {
                StoredArg::Value(value.clone())
            };
            (name.clone(), stored)
        })
        .collect()
}

/// The arguments of a row; none if a secret is not where it was any more.
pub(crate) fn restore(args: StoredArgs, record: &Json) -> Option<BTreeMap<String, Value>> {
    args.into_iter()
        .map(|(name, stored)| {
            let value = match stored {
                StoredArg::Value(value) => value,
                StoredArg::State(pointer) => {
                    serde_json::from_value(record.pointer(&pointer)?.clone()).ok()?
                }
                StoredArg::Gone => return None,
            };
            Some((name, value))
        })
        .collect()
}

/// A conversation's record with the marker of its slot in place of each secret, wherever it stands: as a replay knows it.
pub(crate) fn marked(bot: &Bot, mut record: Json) -> Json {
    let flows = bot.flows.iter().flat_map(|flow| &flow.slots);
    let secret = bot.slots.iter().chain(flows).filter(|slot| slot.secret);
    let names: BTreeSet<&str> = secret.map(|slot| slot.name.as_str()).collect();
    let mut secrets = Vec::new();
    if !names.is_empty() {
        collect(&record, &names, &mut secrets);
        secrets
            .iter()
            .for_each(|(value, marker)| replace(&mut record, value, marker));
    }
    record
}

/// The values of these slots, each with its slot's marker.
fn collect(place: &Json, names: &BTreeSet<&str>, found: &mut Vec<(Json, String)>) {
    match place {
        Json::Array(items) => items.iter().for_each(|inner| collect(inner, names, found)),
        Json::Object(fields) => {
            for (name, inner) in fields {
                let slots = inner.as_object().filter(|_| name == "slots");
                let own = slots.into_iter().flatten();
                let own = own.filter(|(slot, _)| names.contains(slot.as_str()));
                found.extend(own.map(|(slot, value)| (value.clone(), dialog::secret_marker(slot))));
                collect(inner, names, found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn replace(place: &mut Json, value: &Json, marker: &str) {
    if place == value {
        *place = Json::from(marker);
        return;
    }
    match place {
        Json::Array(items) => items
            .iter_mut()
            .for_each(|inner| replace(inner, value, marker)),
        Json::Object(fields) => fields
            .values_mut()
            .for_each(|inner| replace(inner, value, marker)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Takes the secrets out of what begins a session: of the slots that a client gave, and of those that are remembered. Markers
/// stand in the event, which is stored; the values go beside it.
pub(crate) fn hide(bot: &Bot, event: &mut Event) {
    let given = match &mut event.kind {
        EventKind::SessionStart { slots } => Some(slots),
        _ => None,
    };
    let remembered = event.user.as_mut().map(|user| &mut user.slots);
    // What is given now comes last: it replaces what is remembered.
    for slots in remembered.into_iter().chain(given) {
        for slot in bot.slots.iter().filter(|slot| slot.secret) {
            let Some(Value::Text(text)) = slots.get_mut(&slot.name) else {
                continue;
            };
            let secret = std::mem::replace(text, dialog::secret_marker(&slot.name));
            event.secrets.insert(slot.name.clone(), secret);
        }
    }
}

fn hidden(value: &Value, record: &Json) -> StoredArg {
    let wanted = serde_json::to_value(value).expect("plain data with text keys always serialises");
    let mut path = String::new();
    if find(record, &wanted, &mut path) {
        StoredArg::State(path)
    } else {
        StoredArg::Gone
    }
}

/// Writes the pointer to the first place that holds the value.
fn find(place: &Json, wanted: &Json, path: &mut String) -> bool {
    if place == wanted {
        return true;
    }
    let length = path.len();
    let mut below = |name: &str, inner: &Json| {
        path.truncate(length);
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        find(inner, wanted, path)
    };
    let found = match place {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .any(|(i, inner)| below(&i.to_string(), inner)),
        Json::Object(fields) => fields.iter().any(|(name, inner)| below(name, inner)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    };
    if !found {
        path.truncate(length);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_marked_record_holds_no_secret_wherever_it_stood() {
        let names = BTreeSet::from(["pin"]);
        let mut record = json!({
            "slots": { "pin": "123456", "who": "ana" },
            "waiting": [{ "with": { "code": "123456" } }],
        });
        let mut secrets = Vec::new();
        collect(&record, &names, &mut secrets);
        for (value, marker) in &secrets {
            replace(&mut record, value, marker);
        }
        let marked = json!({
            "slots": { "pin": "‹pin›", "who": "ana" },
            "waiting": [{ "with": { "code": "‹pin›" } }],
        });
        assert_eq!(record, marked);
    }

    #[test]
    fn a_secret_is_kept_as_the_place_where_it_stands() {
        let record =
            json!({ "frames": [{ "slots": { "a/b": "x" } }, { "slots": { "pin": "123456" } }] });
        let stored = hidden(&"123456".into(), &record);
        assert_eq!(stored, StoredArg::State("/frames/1/slots/pin".to_owned()));
        let args = BTreeMap::from([("pin".to_owned(), stored.clone())]);
        assert_eq!(
            restore(args.clone(), &record),
            Some(BTreeMap::from([("pin".to_owned(), "123456".into())]))
        );
        assert_eq!(restore(args, &json!({ "frames": [] })), None);
        assert_eq!(
            hidden(&"x".into(), &record),
            StoredArg::State("/frames/0/slots/a~1b".to_owned())
        );
        assert_eq!(hidden(&"nowhere".into(), &record), StoredArg::Gone);
    }
}
