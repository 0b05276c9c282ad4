//! Whether customers can ask what is kept of them, and have it forgotten.

use super::Checked;
use crate::files::FileKind;
use crate::names::MEMORY_INTENTS;
use crate::place::Place;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let names = checked.cx.names;
    if !names.keeps_memory || !checked.flows_are_read() {
        return;
    }
    let taken = super::intents::taken(checked);
    let is_open = |name: &&&str| names.intent(name).is_some_and(|id| !taken.contains(&id));
    let open: Vec<String> = MEMORY_INTENTS
        .iter()
        .filter(is_open)
        .map(|name| format!("`{name}`"))
        .collect();
    if !open.is_empty() {
        checked.cx.findings.add_with_help(
            &rule::MEMORY_OUT_OF_REACH,
            place(checked),
            format!(
                "this bot remembers people, but nothing takes {}: they can't see or end that in the chat",
                open.join(" and ")
            ),
            "in bot.yaml: anywhere: { intent.about_me: { say: about_me }, intent.forget_me: { forget: user, say: forgotten } }",
        );
    }
}

/// Where something is said to be kept: the first slot of long-term memory, else the notes of sessions.
fn place(checked: &Checked<'_>) -> Place {
    let names = checked.cx.names;
    let mut slots = names.slots.iter().zip(&names.slot_places);
    let slot = slots.find(|(slot, _)| slot.scope == dialog::Scope::User);
    let bot = checked
        .trees
        .iter()
        .find(|tree| tree.kind == FileKind::Bot)
        .and_then(|tree| tree.root.as_ref());
    slot.map(|(_, place)| *place)
        .or_else(|| Some(bot?.get("episodes")?.place))
        .unwrap_or_default()
}
