//! The router: what is tried when nothing else takes a message.

use dialog::{RouterAction, RouterStep, RouterWhen, ValueType};

use super::actions::{self, typed};
use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use super::say::{SaidAt, say_under};
use super::transition::why;
use crate::expression::Scope;
use crate::rule;
use crate::schema;
use crate::yaml::Node;

/// How many options a clarification offers when the author does not say.
const OPTIONS: u32 = 3;

/// Reads the router.
pub(super) fn router(decoder: &Decoder<'_>, node: &Node) -> Vec<RouterStep> {
    let items = keys::list(decoder.cx.findings, node, "`router`").unwrap_or_default();
    items
        .iter()
        .enumerate()
        .filter_map(|(number, item)| step(decoder, item, number + 1))
        .collect()
}

fn step(decoder: &Decoder<'_>, node: &Node, number: usize) -> Option<RouterStep> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node, &schema::ROUTER)?;
    let scope = Scope {
        knowledge: true,
        ..Scope::bot()
    };
    let words = [("unsure", RouterWhen::Unsure), ("none", RouterWhen::None)];
    let when = keys.get("when").map_or(Some(RouterWhen::Always), |node| {
        keys::word(findings, node, "when", &words)
    });
    let guard = keys
        .get("guard")
        .and_then(|node| typed(decoder, node, &scope, Spot::Bot, &ValueType::Bool));
    let times = keys
        .get("times")
        .and_then(|node| keys::whole(findings, node, "times", 1));
    let action = action(decoder, keys, &scope, number);
    Some(RouterStep {
        when: when?,
        guard: guard.map(|guard| guard.expression),
        action: action?,
        times,
    })
}

/// Which keys go with which action.
const COMPANIONS: &[(&str, &str)] = &[
    ("options_max", "clarify"),
    ("model", "generate"),
    ("say", "say"),
    ("to", "handoff"),
    ("why", "handoff"),
];

fn action(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    scope: &Scope,
    number: usize,
) -> Option<RouterAction> {
    let findings = decoder.cx.findings;
    let words = ["clarify", "generate", "say", "handoff"].map(|word| (word, word));
    let word = keys::word(findings, keys.required(findings, "do")?, "do", &words)?;
    for (companion, action) in COMPANIONS {
        if let Some((key, _)) = keys.entry(companion)
            && *action != word
        {
            findings.add(
                &rule::CONFLICTING_KEYS,
                key.place,
                format!("`{companion}` only goes with `do: {action}`"),
            );
        }
    }
    let label = format!("router #{number}");
    let at = SaidAt {
        spot: Spot::Bot,
        scope,
        label: &label,
    };
    Some(match word {
        "clarify" => RouterAction::Clarify {
            options_max: keys
                .get("options_max")
                .and_then(|node| keys::whole(findings, node, "options_max", 1))
                .unwrap_or(OPTIONS) as usize,
        },
        "generate" => {
            RouterAction::Generate(actions::model(decoder, keys.required(findings, "model")?)?)
        }
        "say" => {
            keys.required(findings, "say")?;
            RouterAction::Say(say_under(decoder, keys, "say", at))
        }
        _ => {
            let desk = keys.required(findings, "to");
            let why = why(decoder, keys);
            RouterAction::Handoff {
                desk: actions::desk(decoder, desk?)?,
                why: why?,
            }
        }
    })
}
