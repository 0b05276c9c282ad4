//! `expect:` of a step: what must come of it. Names are resolved here, so that a typing error is not a failed test.

use author::yaml::Node;
use dialog::Bot;

use super::read::{Reader, at};
use crate::test::{Expected, Field, What};

const KEYS: &[&str] = &[
    "intent", "slots", "says", "entered", "state", "answered", "calls", "text", "not_says",
    "owner", "memory", "episodes", "route", "choices",
];
const OWNERS: &[&str] = &["bot", "queued", "person", "ended"];

/// What stands for a slot without a value.
const UNSET: &str = "unset";

pub(super) fn expect(reader: &mut Reader<'_>, node: &Node) -> Vec<Expected> {
    if reader.keys(node, "`expect`", KEYS).is_none() {
        return Vec::new();
    }
    let entries = node.as_map().unwrap_or_default();
    entries
        .iter()
        .filter_map(|(key, value)| {
            let what = what(reader, &key.text, value)?;
            Some(Expected {
                at: at(value),
                what,
            })
        })
        .collect()
}

fn what(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<What> {
    Some(match key {
        "intent" => What::Intent(known(
            reader,
            node,
            "unknown-intent",
            "intent",
            |bot, name| bot.intent(name).is_some(),
        )?),
        "slots" => What::Slots(fields(reader, node, "unknown-slot", "slot", is_slot)),
        "says" => What::Says(templates(reader, node)),
        "entered" => What::Entered(states(reader, node)),
        "state" => What::State(states(reader, node).pop()?),
        "answered" => What::Answered(reader.texts(node)),
        "calls" => What::Calls(fields(reader, node, "unknown-tool", "tool", |bot, name| {
            bot.tool(name).is_some()
        })),
        "text" => What::Text(reader.texts(node)),
        "not_says" => What::NotSays(templates(reader, node)),
        "owner" => What::Owner(known(reader, node, "unknown-value", "owner", |_, name| {
            OWNERS.contains(&name)
        })?),
        "memory" => What::Memory(fields(reader, node, "unknown-slot", "slot", is_slot)),
        "episodes" => What::Episodes(reader.texts(node)),
        "route" => What::Route(reader.text(node)?),
        "choices" => What::Choices(reader.texts(node)),
        _ => return None,
    })
}

fn known(
    reader: &mut Reader<'_>,
    node: &Node,
    rule: &str,
    what: &str,
    is_known: impl Fn(&Bot, &str) -> bool,
) -> Option<String> {
    let name = reader.text(node)?;
    if is_known(reader.bot(), &name) {
        return Some(name);
    }
    reader.wrong(node, rule, &format!("there is no {what} `{name}`"));
    None
}

fn templates(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let known_template = |bot: &Bot, name: &str| bot.template(name).is_some();
    each(reader, node)
        .into_iter()
        .filter_map(|item| known(reader, item, "unknown-template", "template", known_template))
        .collect()
}

fn states(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    each(reader, node)
        .into_iter()
        .filter_map(|item| known(reader, item, "unknown-state", "state", is_state))
        .collect()
}

fn each<'n>(_reader: &mut Reader<'_>, node: &'n Node) -> Vec<&'n Node> {
    match node.as_list() {
        Some(items) => items.iter().collect(),
        None => vec![node],
    }
}

/// A state's own name, its path from the flow, or `flow.path`.
fn is_state(bot: &Bot, name: &str) -> bool {
    bot.flows.iter().any(|flow| {
        let own = name
            .strip_prefix(&flow.name)
            .and_then(|rest| rest.strip_prefix('.'));
        flow.states
            .iter()
            .any(|state| state.path == name || state.name == name || own == Some(&state.path))
    })
}

fn is_slot(bot: &Bot, name: &str) -> bool {
    let own = bot.flows.iter().flat_map(|flow| &flow.slots);
    bot.slots.iter().chain(own).any(|slot| slot.name == name)
}

fn fields(
    reader: &mut Reader<'_>,
    node: &Node,
    rule: &str,
    what: &str,
    is_known: impl Fn(&Bot, &str) -> bool,
) -> Vec<Field> {
    let Some(entries) = node.as_map() else {
        let why = format!("a map is wanted here: {what}: value");
        reader.wrong(node, "wrong-shape", &why);
        return Vec::new();
    };
    let mut fields = Vec::new();
    for (key, value) in entries {
        if !is_known(reader.bot(), &key.text) {
            reader.wrong_at(
                key.place,
                rule,
                &format!("there is no {what} `{}`", key.text),
            );
        }
        let json = reader.json(value);
        fields.push(Field {
            name: key.text.clone(),
            value: (json != UNSET).then_some(json),
            at: at(value),
        });
    }
    fields
}
