//! Entities that nobody reads.

use std::collections::BTreeSet;

use dialog::SlotSource;
use understand::EntityKind;

use super::Checked;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let names = checked.cx.names;
    let mut used: BTreeSet<&str> = checked
        .records
        .entities
        .iter()
        .map(|id| names.entities[id.index()].0.name.as_str())
        .collect();
    let slots = names
        .slots
        .iter()
        .chain(names.flows.iter().flat_map(|flow| &flow.slots));
    for slot in slots {
        if let Some(SlotSource::Entity(id)) = slot.from {
            used.insert(&names.entities[id.index()].0.name);
        }
    }
    for definition in &checked.declared.entities {
        if let EntityKind::Role { of, .. } = &definition.kind {
            used.insert(of);
        }
    }
    let read_by_templates = checked
        .bot
        .templates
        .iter()
        .flat_map(|template| &template.reads)
        .filter(|path| path.first().is_some_and(|root| root == "entity"))
        .filter_map(|path| path.get(1));
    used.extend(read_by_templates.map(String::as_str));
    for (entity, place) in &names.entities {
        if let (Some(place), false) = (place, used.contains(entity.name.as_str())) {
            checked.cx.findings.add_with_help(
                &rule::ENTITY_UNUSED,
                *place,
                format!("nothing reads the entity `{}`", entity.name),
                format!(
                    "fill a slot with it: from: entity.{}; or delete it",
                    entity.name
                ),
            );
        }
    }
}
