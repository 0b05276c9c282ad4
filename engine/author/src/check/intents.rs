//! Intents that nothing takes.

use std::collections::BTreeSet;

use dialog::{Handlers, IntentId, Trigger};

use super::Checked;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let taken = taken(checked);
    for (number, (name, place)) in checked.cx.names.intents.iter().enumerate() {
        let built_in = checked.cx.names.is_built_in(name);
        if let (Some(place), false, false) =
            (place, built_in, taken.contains(&IntentId::from(number)))
        {
            checked.cx.findings.add_with_help(
                &rule::INTENT_WITHOUT_TAKER,
                *place,
                format!("nothing takes the intent `{name}`: whoever means it gets no answer"),
                "answer it in flows/answers.yaml, or let a flow start with it",
            );
        }
    }
}

/// All intents that something takes.
pub(super) fn taken(checked: &Checked<'_>) -> BTreeSet<IntentId> {
    let bot = checked.bot;
    let mut taken: BTreeSet<IntentId> = bot.answers.keys().copied().collect();
    taken.extend(bot.flows.iter().flat_map(|flow| &flow.start.intents));
    let mut handlers = |handlers: &Handlers| {
        for (trigger, _) in &handlers.0 {
            if let Trigger::Intent(intents) = trigger {
                taken.extend(intents);
            }
        }
    };
    handlers(&bot.anywhere);
    for flow in &bot.flows {
        handlers(&flow.on);
        flow.states.iter().for_each(|state| handlers(&state.on));
    }
    taken
}
