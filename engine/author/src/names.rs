//! Everything that a bot declares, by name: collected from all files first, so that what is written anywhere can refer to
//! what is declared anywhere.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{
    EntityDeclaration, EntityId, EventDeclaration, FlowId, IntentId, Locale, SlotDeclaration,
    SlotRef, StateId, ToolDeclaration, ValueType,
};

use crate::files::FileKind;
use crate::place::Place;

/// What is declared.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Whether anything is kept of a person beyond a session.
    pub(crate) keeps_memory: bool,
    /// The languages, in the author's order.
    pub(crate) locales: Vec<Locale>,
    /// Shared slots, in the author's order.
    pub(crate) slots: Vec<SlotDeclaration>,
    /// Where each shared slot is declared.
    pub(crate) slot_places: Vec<Place>,
    /// Intents by name, each with its first place; the built-in ones without.
    pub(crate) intents: BTreeMap<String, Option<Place>>,
    /// Entities by name; the built-in kinds without a place.
    pub(crate) entities: Vec<(EntityDeclaration, Option<Place>)>,
    /// Events by name.
    pub(crate) events: Vec<EventDeclaration>,
    /// Templates by name; the built-in ones without a place.
    pub(crate) templates: BTreeMap<String, Option<Place>>,
    /// Tools by name.
    pub(crate) tools: Vec<ToolDeclaration>,
    /// Where each tool is declared.
    pub(crate) tool_places: BTreeMap<String, Place>,
    /// Tools that are declared but cannot be called by this build, by their first name: `files` for `files.search`.
    pub(crate) unconnected: BTreeSet<String>,
    /// Models by name.
    pub(crate) models: BTreeMap<String, Place>,
    /// Desks, in the author's order.
    pub(crate) desks: Vec<String>,
    /// Logins by name.
    pub(crate) logins: BTreeSet<String>,
    /// Flows by name.
    pub(crate) flows: Vec<FlowNames>,
    /// Answers: the intents that have one.
    pub(crate) answers: BTreeSet<String>,
    /// Kinds of files of which one could not be read: what is missing may stand there, so nothing is reported as unknown.
    pub(crate) broken: BTreeSet<FileKind>,
}

/// What a flow declares.
#[derive(Debug, Default)]
pub(crate) struct FlowNames {
    /// Its name.
    pub(crate) name: String,
    /// Where its name stands.
    pub(crate) place: Place,
    /// Its slots.
    pub(crate) slots: Vec<SlotDeclaration>,
    /// Where each slot is declared.
    pub(crate) slot_places: Vec<Place>,
    /// What its final states return.
    pub(crate) returns: Option<ValueType>,
    /// Its states, parents before children.
    pub(crate) states: Vec<StateName>,
    /// The state that it begins in, as written.
    pub(crate) initial: String,
    /// The event that starts it, as written.
    pub(crate) start_event: Option<String>,
}

/// A state's name and place in the tree.
#[derive(Debug)]
pub(crate) struct StateName {
    /// `booking`.
    pub(crate) name: String,
    /// `details.booking`.
    pub(crate) path: String,
    /// The compound state around it.
    pub(crate) parent: Option<StateId>,
    /// Where its name stands.
    pub(crate) place: Place,
}

/// Events that the core raises by itself; they need no declaration.
pub(crate) const CORE_EVENTS: &[&str] = &["too_late", "delivery_failed"];

/// Intents that every bot knows.
pub(crate) const BUILT_IN_INTENTS: &[&str] = &[
    "affirm",
    "back",
    "cancel",
    "correct",
    "deny",
    "done",
    "help",
    "maybe",
    "repeat",
    "skip",
    "talk_to_person",
];

/// Intents that every bot knows which remembers people.
pub(crate) const MEMORY_INTENTS: &[&str] = &["about_me", "forget_me"];

/// Entity kinds that every bot knows, with their types.
pub(crate) const BUILT_IN_ENTITIES: &[(&str, ValueType)] = &[
    ("card_number", ValueType::Text),
    ("date", ValueType::Date),
    ("duration", ValueType::Duration),
    ("email", ValueType::Email),
    ("iban", ValueType::Iban),
    ("money", ValueType::Money),
    ("number", ValueType::Number),
    ("phone", ValueType::Phone),
    ("time", ValueType::Time),
    ("url", ValueType::Url),
];

/// Templates that the engine says itself.
pub(crate) const BUILT_IN_TEMPLATES: &[&str] = &[
    "about_me",
    "busy",
    "call_failed",
    "call_unclear",
    "cancelled",
    "choice_gone",
    "clarify",
    "did_that_help",
    "failed",
    "forgotten",
    "glad_to_help",
    "handing_over",
    "interrupted",
    "may_i",
    "not_done",
    "offer",
    "refused",
    "too_late",
];

impl Names {
    /// Whether the engine brings examples of an intent along.
    pub(crate) fn is_built_in(&self, intent: &str) -> bool {
        BUILT_IN_INTENTS.contains(&intent)
            || (self.keeps_memory && MEMORY_INTENTS.contains(&intent))
    }

    /// The slot of that name as a flow sees it: its own, then the shared ones.
    pub(crate) fn slot(&self, flow: Option<FlowId>, name: &str) -> Option<SlotRef> {
        let own = flow.and_then(|flow| position(&self.flows[flow.index()].slots, name));
        own.map(SlotRef::Flow)
            .or_else(|| position(&self.slots, name).map(SlotRef::Shared))
    }

    /// A slot's declaration.
    pub(crate) fn declaration(&self, flow: Option<FlowId>, slot: SlotRef) -> &SlotDeclaration {
        match (slot, flow) {
            (SlotRef::Shared(at), _) => &self.slots[usize::from(at)],
            (SlotRef::Flow(at), Some(flow)) => &self.flows[flow.index()].slots[usize::from(at)],
            (SlotRef::Flow(_), None) => unreachable!("a flow's slot is only found with its flow"),
        }
    }

    /// The names of the slots that a flow sees.
    pub(crate) fn slot_names(&self, flow: Option<FlowId>) -> Vec<&str> {
        flow.map(|flow| self.flows[flow.index()].slots.as_slice())
            .unwrap_or_default()
            .iter()
            .chain(&self.slots)
            .map(|slot| slot.name.as_str())
            .collect()
    }

    /// The intent of that name.
    pub(crate) fn intent(&self, name: &str) -> Option<IntentId> {
        self.intents
            .keys()
            .position(|one| one == name)
            .map(IntentId::from)
    }

    /// The entity of that name.
    pub(crate) fn entity(&self, name: &str) -> Option<EntityId> {
        self.entities
            .binary_search_by(|(one, _)| one.name.as_str().cmp(name))
            .ok()
            .map(EntityId::from)
    }

    /// The flow of that name.
    pub(crate) fn flow(&self, name: &str) -> Option<FlowId> {
        self.flows
            .binary_search_by(|one| one.name.as_str().cmp(name))
            .ok()
            .map(FlowId::from)
    }
}

fn position(slots: &[SlotDeclaration], name: &str) -> Option<u16> {
    slots
        .iter()
        .position(|slot| slot.name == name)
        .and_then(|at| u16::try_from(at).ok())
}

/// The name that was probably meant, if one is near enough.
pub(crate) fn nearest<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (wrong.chars().count() / 3).clamp(1, 3);
    names
        .into_iter()
        .filter(|name| *name != wrong)
        .map(|name| (distance(wrong, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// How many letters differ; upper and lower case, `-` and `_` are the same.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 12 {
        return usize::MAX;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    strsim::osa_distance(&plain(a), &plain(b))
}

/// `; did you mean …?`, or nothing.
pub(crate) fn did_you_mean<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wrong, names).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
