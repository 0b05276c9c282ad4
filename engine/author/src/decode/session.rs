//! Sessions: when one ends, and how one begins.

use dialog::{SessionPolicy, Transitions};
use jiff::SignedDuration;

use super::keys::{self, Keys};
use super::record::Decoder;
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
