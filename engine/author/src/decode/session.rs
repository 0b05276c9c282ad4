//! Sessions: when one ends, how one begins, and what is noted of those that are over.

use dialog::{EpisodePolicy, SessionPolicy, Transitions, ValueType};
use jiff::SignedDuration;

use super::actions::typed;
use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use super::transition::{Site, transitions_under};
use crate::expression::Scope;
use crate::schema;
use crate::yaml::Node;

/// How long a session lasts without a word when the author does not say.
const IDLE: SignedDuration = SignedDuration::from_hours(24);

/// Reads `session`.
pub(super) fn session(decoder: &Decoder<'_>, node: Option<&Node>) -> SessionPolicy {
    let findings = decoder.cx.findings;
    let mut session = SessionPolicy {
        idle: IDLE,
        greet_first: Transitions::new(),
        greet_returning: Transitions::new(),
    };
    let Some(keys) = node.and_then(|node| Keys::read(findings, node, &schema::SESSION)) else {
        return session;
    };
    if let Some(node) = keys.get("idle") {
        session.idle = keys::duration(findings, node, "idle").unwrap_or(IDLE);
    }
    let Some(greet) = keys
        .get("greet")
        .and_then(|node| Keys::read(findings, node, &schema::GREET))
    else {
        return session;
    };
    let scope = Scope::bot();
    let read = |key: &str| {
        let site = Site {
            scope: &scope,
            state: None,
            label: format!("session greet {key}"),
        };
        transitions_under(decoder, greet, key, &site)
    };
    session.greet_first = read("first");
    session.greet_returning = read("returning");
    session
}

/// Reads `episodes`.
pub(super) fn episodes(decoder: &Decoder<'_>, node: Option<&Node>) -> Option<EpisodePolicy> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node?, &schema::EPISODES)?;
    let keep = keys.required(findings, "keep")?;
    let guard = keys.get("guard");
    let guard =
        guard.and_then(|node| typed(decoder, node, &Scope::bot(), Spot::Bot, &ValueType::Bool));
    Some(EpisodePolicy {
        keep: keys::duration(findings, keep, "keep")?,
        guard: guard.map(|guard| guard.expression),
    })
}
