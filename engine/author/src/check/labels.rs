//! Values and choices that are offered but have no words in some language.

use std::collections::BTreeSet;

use dialog::{
    Flow, IntentId, Locale, RouterAction, RouterStep, Several, SlotDeclaration, SlotKind, SlotRef,
    StateKind, ValueType,
};
use render::Labels;

use super::Checked;
use crate::place::Place;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for locale in &checked.bot.locales {
        for choice in &checked.records.choices {
            let flow = &checked.bot.flows[choice.state.0.index()];
            let has_template = flow.states[choice.state.1.index()]
                .choices
                .iter()
                .any(|one| one.key == choice.key && one.label.is_some());
            let intent = has_value(checked, locale, "intents", &choice.key);
            if !has_template && !intent && !has_choice(checked, locale, &choice.key) {
                report(checked, locale, choice.place, &choice.key, "");
            }
        }
        for (id, flow) in checked.flows() {
            for (slot, place) in offered(checked, flow, id) {
                values(checked, locale, slot, place);
            }
        }
        for (intent, place) in clarified(checked) {
            if !has_value(checked, locale, "intents", intent)
                && !has_choice(checked, locale, intent)
            {
                report(checked, locale, place, intent, "intents");
            }
        }
    }
}

/// The author's intents that the bot offers when it asks which of several was meant.
fn clarified<'a>(checked: &'a Checked<'_>) -> Vec<(&'a str, Place)> {
    let bot = checked.bot;
    let asks = |step: &RouterStep| matches!(step.action, RouterAction::Clarify { .. });
    if !bot.router.iter().any(asks) && bot.bands.several != Several::Clarify {
        return Vec::new();
    }
    let starts = bot.flows.iter().flat_map(|flow| &flow.start.intents);
    let offered: BTreeSet<IntentId> = bot.answers.keys().chain(starts).copied().collect();
    let named = checked.cx.names.intents.iter().enumerate();
    named
        .filter(|(number, _)| offered.contains(&IntentId::from(*number)))
        .filter_map(|(_, (name, place))| Some((name.as_str(), (*place)?)))
        .collect()
}

/// Slots whose values are offered by a question without a label of its own.
fn offered<'a>(
    checked: &'a Checked<'_>,
    flow: &'a Flow,
    id: dialog::FlowId,
) -> Vec<(&'a SlotDeclaration, Place)> {
    let names = &checked.cx.names.flows[id.index()];
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for state in &flow.states {
        let StateKind::Collect { items, .. } = &state.kind else {
            continue;
        };
        for item in items.iter().filter(|item| item.label.is_none()) {
            let (slot, place) = match item.slot {
                SlotRef::Flow(at) => (
                    &flow.slots[usize::from(at)],
                    names.slot_places[usize::from(at)],
                ),
                SlotRef::Shared(at) => (
                    &checked.bot.slots[usize::from(at)],
                    checked.cx.names.slot_places[usize::from(at)],
                ),
            };
            if seen.insert(&slot.name) {
                found.push((slot, place));
            }
        }
    }
    found
}

fn values(checked: &Checked<'_>, locale: &Locale, slot: &SlotDeclaration, place: Place) {
    let SlotKind::Typed(ValueType::Enum(values)) = &slot.kind else {
        return;
    };
    let entity = match slot.from {
        Some(dialog::SlotSource::Entity(id)) => {
            Some(checked.cx.names.entities[id.index()].0.name.as_str())
        }
        _ => None,
    };
    for value in values {
        let known = has_value(checked, locale, &slot.name, value)
            || entity.is_some_and(|entity| has_value(checked, locale, entity, value));
        if !known {
            report(checked, locale, place, value, &slot.name);
        }
    }
}

fn report(checked: &Checked<'_>, locale: &Locale, place: Place, value: &str, group: &str) {
    let help = if group.is_empty() {
        format!("add it in templates/{locale}/: labels: {{ {value}: … }}")
    } else {
        format!("add it in templates/{locale}/: labels: {{ {group}: {{ {value}: … }} }}")
    };
    checked.cx.findings.add_with_help(
        &rule::LABEL_MISSING,
        place,
        format!("customers see the bare word `{value}` here: it has no label in `{locale}`"),
        help,
    );
}

fn has_choice(checked: &Checked<'_>, locale: &Locale, key: &str) -> bool {
    let own = labels(checked, locale).any(|labels| labels.choices.contains_key(key));
    let built_in = render::built_in_labels();
    own || built_in
        .get(locale)
        .or_else(|| built_in.get(&language(locale)))
        .is_some_and(|labels| labels.choices.contains_key(key))
}

fn has_value(checked: &Checked<'_>, locale: &Locale, group: &str, value: &str) -> bool {
    labels(checked, locale).any(|labels| {
        labels
            .groups
            .get(group)
            .is_some_and(|group| group.contains_key(value))
    })
}

/// The labels of a language, and of the one that it is a variety of.
fn labels<'a>(checked: &'a Checked<'_>, locale: &'a Locale) -> impl Iterator<Item = &'a Labels> {
    let all = &checked.declared.templates.labels;
    all.get(locale)
        .into_iter()
        .chain(all.get(&language(locale)))
}

fn language(locale: &Locale) -> Locale {
    locale.0.split('-').next().unwrap_or_default().into()
}
