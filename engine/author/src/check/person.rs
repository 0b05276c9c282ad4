//! Whether a customer who asks for a person gets one.

use dialog::{IntentId, RouterAction, StateKind, Then};

use super::{Checked, every_transition};
use crate::place::Place;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let bot = checked.bot;
    if bot.desks.is_empty() || !checked.flows_are_read() {
        return;
    }
    let hands_over = every_transition(bot)
        .filter(|transition| transition.id.index() < bot.transitions.len())
        .any(|transition| {
            matches!(transition.then, Then::Handoff { .. }) && !is_ours(checked, transition)
        })
        || bot
            .flows
            .iter()
            .flat_map(|flow| &flow.states)
            .any(|state| matches!(state.kind, StateKind::Handoff { .. }))
        || bot
            .router
            .iter()
            .any(|step| matches!(step.action, RouterAction::Handoff { .. }));
    let asked: Option<IntentId> = checked.cx.names.intent("talk_to_person");
    let taken = asked.is_some_and(|asked| super::intents::taken(checked).contains(&asked));
    let place = desk_place(checked, &bot.desks[0].name);
    if !hands_over {
        checked.cx.findings.add_with_help(
            &rule::NO_WAY_TO_A_PERSON,
            place,
            "there is a desk, but nothing ever hands over to it",
            HELP,
        );
    } else if !taken {
        checked.cx.findings.add_with_help(
            &rule::NO_WAY_TO_A_PERSON,
            place,
            "there is a desk, but nothing takes the intent `talk_to_person`: who asks for a person gets none",
            HELP,
        );
    }
}

const HELP: &str =
    "in bot.yaml: anywhere: { intent.talk_to_person: { handoff: …, why: asked_for_person } }";

/// The transition that is taken by default when a step cannot go on.
fn is_ours(checked: &Checked<'_>, transition: &dialog::Transition) -> bool {
    checked.bot.transitions[transition.id.index()]
        .label
        .ends_with("(built in)")
}

/// Where a desk's name stands.
pub(super) fn desk_place(checked: &Checked<'_>, name: &str) -> Place {
    let bot = checked
        .trees
        .iter()
        .find(|tree| tree.kind == crate::files::FileKind::Bot);
    let root = bot.and_then(|tree| tree.root.as_ref());
    root.and_then(|root| root.get("desks"))
        .and_then(|desks| desks.as_map())
        .and_then(|desks| desks.iter().find(|(key, _)| key.text == name))
        .map_or(Place::default(), |(key, _)| key.place)
}
