//! `on` and `anywhere`: what takes which event.

use std::collections::BTreeMap;

use dialog::{EntityId, Handlers, IntentId, Trigger, ValueType};

use super::actions::event_id;
use super::keys::{self, report_unknown_name};
use super::record::Decoder;
use super::transition::{Site, transitions};
use crate::expression::Scope;
use crate::files::FileKind;
use crate::names::{CORE_EVENTS, did_you_mean};
use crate::place::Place;
use crate::rule;
use crate::yaml::{Key, Node};

/// What a desk tells.
const DESK_EVENTS: &[&str] = &[
    "closed", "failed", "gave_up", "joined", "queued", "returned",
];

/// Reads handlers.
pub(super) fn handlers(decoder: &Decoder<'_>, node: &Node, site: &Site<'_>) -> Handlers {
    let entries = keys::map(decoder.cx.findings, node, "`on`").unwrap_or_default();
    let mut read = Vec::new();
    for (key, value) in entries {
        let trigger = trigger(decoder, key);
        let scope = trigger.as_ref().map_or_else(
            || site.scope.clone(),
            |trigger| scope_of(decoder, trigger, site.scope),
        );
        let inner = Site {
            scope: &scope,
            state: site.state,
            label: format!("{} on {}", site.label, key.text),
        };
        let taken = transitions(decoder, value, &inner);
        for transition in &taken {
            decoder
                .records
                .borrow_mut()
                .handler_keys
                .insert(transition.id, key.place);
        }
        if let Some(trigger) = trigger {
            read.push((trigger, taken));
        }
    }
    Handlers(read)
}

fn trigger(decoder: &Decoder<'_>, key: &Key) -> Option<Trigger> {
    match key.text.split_once('.') {
        Some(("intent", names)) => intents(decoder, names, key.place).map(Trigger::Intent),
        Some(("choice", name)) => Some(Trigger::Choice(name.to_owned())),
        Some(("event", name)) if CORE_EVENTS.contains(&name) && !is_declared(decoder, name) => {
            Some(Trigger::CoreEvent(name.to_owned()))
        }
        Some(("event", name)) => event_id(decoder, name, key.place).map(Trigger::Event),
        Some(("entity", name)) => entity(decoder, name, key.place).map(Trigger::Entity),
        Some(("desk", name)) => desk_event(decoder, name, key.place),
        None if key.text == "attachment" => Some(Trigger::Attachment),
        None if key.text == "cancel" => Some(Trigger::Cancel),
        None if key.text == "no_match" => Some(Trigger::NoMatch),
        _ => {
            report_trigger(decoder, key);
            None
        }
    }
}

fn report_trigger(decoder: &Decoder<'_>, key: &Key) {
    let help = if decoder.cx.names.intents.contains_key(&key.text) {
        format!("for the intent write `intent.{}`", key.text)
    } else {
        "it can be intent.x, intent.[x, y], choice.x, event.x, entity.x, desk.x, attachment, cancel, no_match".to_owned()
    };
    let near = did_you_mean(&key.text, ["attachment", "cancel", "no_match"]);
    decoder.cx.findings.add_with_help(
        &rule::UNKNOWN_KEY,
        key.place,
        format!("`{}` is nothing that can happen here{near}", key.text),
        help,
    );
}

fn is_declared(decoder: &Decoder<'_>, name: &str) -> bool {
    decoder
        .cx
        .names
        .events
        .iter()
        .any(|event| event.name == name)
}

fn intents(decoder: &Decoder<'_>, names: &str, place: Place) -> Option<Vec<IntentId>> {
    let list = names
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let names: Vec<&str> = match list {
        Some(list) => list.split(',').map(str::trim).collect(),
        None => vec![names],
    };
    let found: Vec<IntentId> = names
        .into_iter()
        .filter_map(|name| intent(decoder, name, place))
        .collect();
    (!found.is_empty()).then_some(found)
}

/// The intent of that name; an unknown one is reported.
pub(super) fn intent(decoder: &Decoder<'_>, name: &str, place: Place) -> Option<IntentId> {
    let names = decoder.cx.names;
    let name = name.strip_prefix("intent.").unwrap_or(name);
    let found = names.intent(name);
    if found.is_none() && !names.broken.contains(&FileKind::Intents) {
        report_unknown_name(
            decoder.cx,
            &rule::UNKNOWN_INTENT,
            place,
            format!("no intent `{name}` in intents/"),
            name,
            names.intents.keys().map(String::as_str),
        );
    }
    found
}

fn entity(decoder: &Decoder<'_>, name: &str, place: Place) -> Option<EntityId> {
    let names = decoder.cx.names;
    let found = names.entity(name);
    match found {
        Some(entity) => {
            decoder.records.borrow_mut().entities.insert(entity);
        }
        None if !names.broken.contains(&FileKind::Intents) => report_unknown_name(
            decoder.cx,
            &rule::UNKNOWN_ENTITY,
            place,
            format!("no entity `{name}`"),
            name,
            names.entities.iter().map(|(one, _)| one.name.as_str()),
        ),
        None => {}
    }
    found
}

fn desk_event(decoder: &Decoder<'_>, name: &str, place: Place) -> Option<Trigger> {
    if DESK_EVENTS.contains(&name) {
        return Some(Trigger::Desk(name.to_owned()));
    }
    let near = did_you_mean(name, DESK_EVENTS.iter().copied());
    decoder.cx.findings.add(
        &rule::UNKNOWN_EVENT,
        place,
        format!(
            "a desk tells one of {}, not `{name}`{near}",
            DESK_EVENTS.join(", ")
        ),
    );
    None
}

/// What is known under a trigger besides what is known around it.
fn scope_of(decoder: &Decoder<'_>, trigger: &Trigger, around: &Scope) -> Scope {
    let fields = |fields: &[(&str, ValueType)]| -> BTreeMap<String, ValueType> {
        fields
            .iter()
            .map(|(name, value_type)| ((*name).to_owned(), value_type.clone()))
            .collect()
    };
    match trigger {
        Trigger::Event(event) => {
            around.with_event(decoder.cx.names.events[event.index()].fields.clone())
        }
        Trigger::CoreEvent(name) if name == "delivery_failed" => {
            around.with_event(fields(&[("why", ValueType::Text)]))
        }
        Trigger::Desk(name) => around.with_event(match name.as_str() {
            "queued" => fields(&[("position", ValueType::Int)]),
            "joined" => fields(&[("name", ValueType::Text)]),
            "failed" => fields(&[("why", ValueType::Text)]),
            _ => BTreeMap::new(),
        }),
        Trigger::Entity(entity) => {
            around.with_entity(&decoder.cx.names.entities[entity.index()].0.name)
        }
        Trigger::Attachment => around.with_event(fields(&[(
            "file",
            ValueType::File {
                accept: Vec::new(),
                size_max: None,
            },
        )])),
        Trigger::Intent(_)
        | Trigger::Choice(_)
        | Trigger::CoreEvent(_)
        | Trigger::Cancel
        | Trigger::NoMatch => around.clone(),
    }
}
