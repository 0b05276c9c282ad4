//! The variables of a template, for one place that says it: whether each is there and set.

use dialog::{FlowId, ValueType};
use render::{ReadPlace, ReadVariable};

use super::Checked;
use crate::decode::{Field, Said};
use crate::expression::{Fact, Facts, Ty, slot_type, ty};
use crate::handover::place_in_field;
use crate::names::did_you_mean;
use crate::place::Place;
use crate::rule;

/// What is wrong with reading a variable.
enum Wrong {
    /// It is not there at all: a sentence.
    Unknown(String),
    /// It may be unset.
    Unset(String),
}

/// Checks one saying of a template.
pub(super) fn check(checked: &Checked<'_>, said: &Said, facts: &Facts) {
    let Some(templates) = checked.templates else {
        return;
    };
    let name = &checked.bot.templates[said.template.index()].name;
    for read in templates.reads(name) {
        variable(checked, said, facts, name, &read);
    }
}

fn variable(
    checked: &Checked<'_>,
    said: &Said,
    facts: &Facts,
    template: &str,
    read: &ReadVariable,
) {
    let mut first = None;
    for path in std::iter::once(&read.path).chain(&read.otherwise) {
        match wrong(checked, said, facts, path) {
            None => return,
            Some(Wrong::Unset(_)) if read.guarded => return,
            Some(wrong) => first = first.or(Some(wrong)),
        }
    }
    let (sentence, help) = match first {
        Some(Wrong::Unknown(sentence)) => (sentence, None),
        Some(Wrong::Unset(path)) => (
            format!("`{path}` may be unset where {} says this", said.label),
            Some(format!("write {{{{#if {path}}}}}…{{{{/if}}}} around it")),
        ),
        None => return,
    };
    checked.cx.findings.note(
        &rule::TEMPLATE_VARIABLE,
        place(checked, template, &read.place),
        sentence,
        help,
    );
}

/// The place of a reading in a template's file.
pub(super) fn place(checked: &Checked<'_>, template: &str, at: &ReadPlace) -> Place {
    let field = Field {
        template: template.to_owned(),
        locale: at.locale.clone(),
        channel: at.channel.clone(),
        variant: at.variant,
        name: at.field.clone(),
    };
    place_in_field(
        checked.cx,
        &checked.declared.templates,
        &field,
        at.line,
        at.column,
    )
}

fn wrong(checked: &Checked<'_>, said: &Said, facts: &Facts, path: &[String]) -> Option<Wrong> {
    let (root, rest) = path.split_first()?;
    if said.with.contains(root) {
        return None;
    }
    let absent = |there: bool| {
        (!there).then(|| {
            Wrong::Unknown(format!(
                "there is no `{root}` where {} says this",
                said.label
            ))
        })
    };
    match root.as_str() {
        "slots" => slot(checked, said, facts, rest),
        "entity" => entity(checked, said, facts, rest),
        "result" => match &said.scope.result {
            Some(result) => field(said, result, rest, "result"),
            None => absent(false),
        },
        "item" => match &said.scope.item {
            Some(item) => field(said, item, rest, "item"),
            None => absent(false),
        },
        "event" => match &said.scope.event {
            Some(fields) => field(said, &Ty::Of(ValueType::Map(fields.clone())), rest, "event"),
            None => absent(false),
        },
        "error" => absent(said.scope.error),
        "index" => absent(said.scope.item.is_some()),
        "user" => user(said, facts, rest),
        "locale" | "now" | "desk" => None,
        _ => Some(Wrong::Unknown(unknown(said, root))),
    }
}

fn unknown(said: &Said, name: &str) -> String {
    const ROOTS: [&str; 10] = [
        "slots", "result", "error", "event", "item", "index", "entity", "user", "desk", "locale",
    ];
    let known = ROOTS
        .into_iter()
        .chain(said.with.iter().map(String::as_str));
    format!(
        "there is no `{name}` where {} says this{}",
        said.label,
        did_you_mean(name, known)
    )
}

fn slot(checked: &Checked<'_>, said: &Said, facts: &Facts, rest: &[String]) -> Option<Wrong> {
    let (name, fields) = rest.split_first()?;
    let names = checked.cx.names;
    let flow: Option<FlowId> = said.scope.flow;
    let Some(slot) = names.slot(flow, name) else {
        let near = did_you_mean(name, names.slot_names(flow));
        return Some(Wrong::Unknown(format!(
            "there is no slot `{name}` where {} says this{near}",
            said.label
        )));
    };
    let declared = names.declaration(flow, slot);
    let path = format!("slots.{name}");
    if let Some(wrong) = field(said, &Ty::Of(slot_type(declared)), fields, &path) {
        return Some(wrong);
    }
    let fact = Fact::Set(path.clone());
    let set =
        declared.default.is_some() || facts.contains(&fact) || said.scope.facts.contains(&fact);
    (!set).then_some(Wrong::Unset(path))
}

fn entity(checked: &Checked<'_>, said: &Said, facts: &Facts, rest: &[String]) -> Option<Wrong> {
    let (name, _) = rest.split_first()?;
    if checked.cx.names.entity(name).is_none() {
        let known = checked
            .cx
            .names
            .entities
            .iter()
            .map(|(one, _)| one.name.as_str());
        return Some(Wrong::Unknown(format!(
            "there is no entity `{name}`{}",
            did_you_mean(name, known)
        )));
    }
    let path = format!("entity.{name}");
    let fact = Fact::Set(path.clone());
    let set = facts.contains(&fact) || said.scope.facts.contains(&fact);
    (!set).then_some(Wrong::Unset(path))
}

fn user(said: &Said, facts: &Facts, rest: &[String]) -> Option<Wrong> {
    let (name, fields) = rest.split_first()?;
    if let Some((_, of)) = ty::user_lists().into_iter().find(|(list, _)| list == name) {
        return field(said, &Ty::Of(of), fields, &format!("user.{name}"));
    }
    let path = format!("user.{name}");
    let set = matches!(name.as_str(), "id" | "first") || facts.contains(&Fact::Set(path.clone()));
    (!set).then_some(Wrong::Unset(path))
}

/// A field of a declared type: `[]` is any item of a list.
fn field(said: &Said, base: &Ty, rest: &[String], path: &str) -> Option<Wrong> {
    let Ty::Of(value_type) = base else {
        return None;
    };
    let (name, fields) = rest.split_first()?;
    let next = match (value_type, name.as_str()) {
        (ValueType::List { of, .. }, "[]") => Some((**of).clone()),
        (ValueType::List { of, .. }, index) if index.parse::<usize>().is_ok() => {
            Some((**of).clone())
        }
        _ => ty::field(value_type, name),
    };
    match next {
        Some(next) => field(said, &Ty::Of(next), fields, &format!("{path}.{name}")),
        None => {
            let known = ty::field_names(value_type);
            Some(Wrong::Unknown(format!(
                "`{path}` has no `{name}` where {} says this{}",
                said.label,
                did_you_mean(name, known.iter().copied())
            )))
        }
    }
}
