//! What is said: a template, a list of them, one with values, a pause.

use dialog::{Expression, Say, TemplateId};

use super::actions::expressions;
use super::keys::{self, Keys};
use super::record::{Decoder, Said, Spot};
use crate::diagnostic::Findings;
use crate::expression::Scope;
use crate::files::FileKind;
use crate::names::{Names, did_you_mean};
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Node, NodeKind};

/// Where something is said.
#[derive(Clone, Copy)]
pub(super) struct SaidAt<'a> {
    /// For the checks.
    pub(super) spot: Spot,
    /// What is known there.
    pub(super) scope: &'a Scope,
    /// As people name it.
    pub(super) label: &'a str,
}

/// Reads what is said.
pub(super) fn say(decoder: &Decoder<'_>, node: &Node, at: SaidAt<'_>) -> Vec<Say> {
    keys::one_or_many(node)
        .iter()
        .filter_map(|one| one_say(decoder, one, at))
        .collect()
}

/// Reads what is said under a key, or nothing.
pub(super) fn say_under(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    key: &str,
    at: SaidAt<'_>,
) -> Vec<Say> {
    keys.get(key)
        .map(|node| say(decoder, node, at))
        .unwrap_or_default()
}

fn one_say(decoder: &Decoder<'_>, node: &Node, at: SaidAt<'_>) -> Option<Say> {
    let findings = decoder.cx.findings;
    if let NodeKind::Map(_) = &node.kind {
        let keys = Keys::read(findings, node, &schema::SAY)?;
        keys.at_most_one(findings, &["template", "pause"]);
        if let Some(pause) = keys.get("pause") {
            return keys::duration(findings, pause, "pause").map(Say::Pause);
        }
        let template = keys.required(findings, "template")?;
        let with = keys
            .get("with")
            .map(|with| expressions(decoder, with, at.scope, at.spot))
            .unwrap_or_default();
        return said(decoder, template, with, at);
    }
    said(decoder, node, Vec::new(), at)
}

fn said(
    decoder: &Decoder<'_>,
    node: &Node,
    with: Vec<(String, Expression)>,
    at: SaidAt<'_>,
) -> Option<Say> {
    let name = keys::name(decoder.cx.findings, node, "a template")?;
    let template = template_id(decoder.cx.findings, decoder.cx.names, node.place, name)?;
    decoder.records.borrow_mut().said.push(Said {
        template,
        spot: at.spot,
        scope: at.scope.clone(),
        with: with.iter().map(|(name, _)| name.clone()).collect(),
        label: at.label.to_owned(),
    });
    Some(Say::Template { template, with })
}

/// The template of that name; an unknown one is reported.
pub(super) fn template_id(
    findings: &Findings,
    names: &Names,
    place: Place,
    name: &str,
) -> Option<TemplateId> {
    let found = names
        .templates
        .keys()
        .position(|one| one == name)
        .map(TemplateId::from);
    if found.is_none() && !names.broken.contains(&FileKind::Templates) {
        let near = did_you_mean(name, names.templates.keys().map(String::as_str));
        let help = near
            .is_empty()
            .then(|| format!("write it in templates/<language>/: `{name}: \"…\"`"));
        findings.note(
            &rule::UNKNOWN_TEMPLATE,
            place,
            format!("no template `{name}`{near}"),
            help,
        );
    }
    found
}

/// A reference to a template that is not said at once: a label, a prompt.
pub(super) fn template_under(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    key: &str,
) -> Option<TemplateId> {
    let node = keys.get(key)?;
    let name = keys::name(decoder.cx.findings, node, "a template")?;
    let id = template_id(decoder.cx.findings, decoder.cx.names, node.place, name)?;
    decoder.records.borrow_mut().templates.insert(id);
    Some(id)
}
