//! The parts of a transition that do something: `set`, `with`, `clear`, `forget`, `schedule`, `raise`; and the references
//! to desks, tools, flows, events that they share with states.

use std::collections::BTreeMap;

use dialog::{
    DeskId, EventId, Expression, FlowId, Forget, ModelId, ScheduleDeclaration, SlotRef,
    ToolDeclaration, ToolId, Value, ValueType,
};

use super::keys::{self, Keys};
use super::record::{Decoder, Spot};
use crate::expression::{Lowered, Scope, Ty, lower, slot_type, ty};
use crate::files::FileKind;
use crate::names::did_you_mean;
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// Named expressions without declared types.
pub(super) fn expressions(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    spot: Spot,
) -> Vec<(String, Expression)> {
    let entries = keys::map(decoder.cx.findings, node, "`with`").unwrap_or_default();
    entries
        .iter()
        .filter_map(|(key, value)| {
            let lowered = expression(decoder, value, scope, spot)?;
            refuse_secret(
                decoder,
                scope.flow,
                &lowered,
                "what is said or given to a model",
            );
            Some((key.text.clone(), lowered.expression))
        })
        .collect()
}

/// Reports a secret on its way to where it would be seen. What is only compared or counted tells nothing.
pub(super) fn refuse_secret(
    decoder: &Decoder<'_>,
    flow: Option<FlowId>,
    lowered: &Lowered,
    place: &str,
) {
    let names = decoder.cx.names;
    let shows = !matches!(
        lowered.ty.family(),
        ty::Family::Bool | ty::Family::Number | ty::Family::Duration
    );
    for variable in lowered.expression.reads() {
        if let dialog::Variable::Slot(slot) = variable
            && shows
            && names.declaration(flow, slot).secret
        {
            decoder.cx.findings.add(
                &rule::SECRET_EXPOSED,
                lowered.place,
                format!(
                    "the secret slot `{}` would reach {place}",
                    names.declaration(flow, slot).name
                ),
            );
        }
    }
}

/// One expression, noted.
pub(super) fn expression(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    spot: Spot,
) -> Option<Lowered> {
    let lowered = lower(decoder.cx, node, scope)?;
    decoder.note(spot, &lowered);
    Some(lowered)
}

/// An expression that must be of a type.
pub(super) fn typed(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    spot: Spot,
    wanted: &ValueType,
) -> Option<Lowered> {
    let lowered = expression(decoder, node, scope, spot)?;
    check_fits(decoder, &lowered, wanted);
    Some(lowered)
}

/// Reports a value that is not of the wanted type.
fn check_fits(decoder: &Decoder<'_>, lowered: &Lowered, wanted: &ValueType) {
    if let (Expression::Literal(Value::Text(text)), ValueType::Enum(values)) =
        (&lowered.expression, wanted)
    {
        if !values.contains(text) {
            let near = did_you_mean(text, values.iter().map(String::as_str));
            decoder.cx.findings.add(
                &rule::UNKNOWN_VALUE,
                lowered.place,
                format!("`{text}` is not one of {}{near}", values.join(", ")),
            );
        }
        return;
    }
    if let (Expression::Literal(Value::Text(text)), false) =
        (&lowered.expression, *wanted == ValueType::Text)
        && Ty::Of(wanted.clone()).family() == ty::Family::Text
    {
        if dialog::from_text(text, wanted).is_none() {
            decoder.cx.findings.add(
                &rule::WRONG_VALUE,
                lowered.place,
                format!("`{text}` is not {}", ty::describe(wanted)),
            );
        }
        return;
    }
    if !ty::fits(&lowered.ty, wanted) && !choices_fit(&lowered.ty, wanted) {
        decoder.cx.findings.add(
            &rule::TYPE_ERROR,
            lowered.place,
            format!(
                "{} is wanted here, not {}",
                ty::describe(wanted),
                lowered.ty.describe()
            ),
        );
    }
}

/// A joined text of enum literals (`c ? "a" : "b"`) is typed as text: the core checks it when it is set.
fn choices_fit(given: &Ty, wanted: &ValueType) -> bool {
    matches!(
        (given, wanted),
        (Ty::Of(ValueType::Text), ValueType::Enum(_)) | (Ty::Of(ValueType::Number), ValueType::Int)
    )
}

/// `set`: slots and the locale.
pub(super) fn set(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    spot: Spot,
) -> (Vec<(SlotRef, Expression)>, Option<Expression>) {
    let mut slots = Vec::new();
    let mut locale = None;
    let entries = keys::map(decoder.cx.findings, node, "`set`").unwrap_or_default();
    for (key, value) in entries {
        if key.text == "locale" && decoder.cx.names.slot(scope.flow, "locale").is_none() {
            let locales = decoder.cx.names.locales.iter().map(|one| one.0.clone());
            let wanted = ValueType::Enum(locales.collect());
            locale = typed(decoder, value, scope, spot, &wanted).map(|one| one.expression);
            continue;
        }
        let slot = slot(decoder, &key.text, key.place, scope.flow);
        let wanted = slot.map(|slot| slot_type(decoder.cx.names.declaration(scope.flow, slot)));
        let lowered = match &wanted {
            Some(wanted) => typed(decoder, value, scope, spot, wanted),
            None => expression(decoder, value, scope, spot),
        };
        if let (Some(slot), Some(lowered)) = (slot, lowered) {
            if !decoder.cx.names.declaration(scope.flow, slot).secret {
                refuse_secret(decoder, scope.flow, &lowered, "a slot that is not secret");
            }
            slots.push((slot, lowered.expression));
        }
    }
    (slots, locale)
}

/// The slot of that name; an unknown one is reported.
pub(super) fn slot(
    decoder: &Decoder<'_>,
    name: &str,
    place: Place,
    flow: Option<FlowId>,
) -> Option<SlotRef> {
    let names = decoder.cx.names;
    let name = name.strip_prefix("slots.").unwrap_or(name);
    let found = names.slot(flow, name);
    if found.is_none() && !names.broken.contains(&FileKind::Bot) {
        let near = did_you_mean(name, names.slot_names(flow));
        decoder.cx.findings.add(
            &rule::UNKNOWN_SLOT,
            place,
            format!("no slot `{name}` here{near}"),
        );
    }
    found
}

/// One slot or a list of them.
pub(super) fn slots(decoder: &Decoder<'_>, node: &Node, flow: Option<FlowId>) -> Vec<SlotRef> {
    keys::one_or_many(node)
        .iter()
        .filter_map(|one| {
            let name = keys::name(decoder.cx.findings, one, "a slot")?;
            slot(decoder, name, one.place, flow)
        })
        .collect()
}

/// `forget: user`, or slots.
pub(super) fn forget(decoder: &Decoder<'_>, node: &Node, flow: Option<FlowId>) -> Forget {
    if node.as_text() == Some("user") {
        return Forget::User;
    }
    Forget::Slots(slots(decoder, node, flow))
}

/// `schedule`.
pub(super) fn schedule(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    spot: Spot,
) -> Option<ScheduleDeclaration> {
    let keys = Keys::read(decoder.cx.findings, node, &schema::SCHEDULE)?;
    let event = event(decoder, keys.required(decoder.cx.findings, "event")?);
    let at = keys.required(decoder.cx.findings, "at")?;
    let lowered = expression(decoder, at, scope, spot);
    if let Some(lowered) = &lowered
        && !matches!(
            lowered.ty.family(),
            ty::Family::Moment | ty::Family::Duration | ty::Family::Any
        )
    {
        decoder.cx.findings.add_with_help(
            &rule::TYPE_ERROR,
            at.place,
            format!(
                "a moment or a duration is wanted here, not {}",
                lowered.ty.describe()
            ),
            "write duration('24h') or next('09:00')",
        );
    }
    let event = event?;
    let with = event_data(decoder, event, keys.get("with"), keys.place, scope, spot);
    Some(ScheduleDeclaration {
        event,
        at: lowered?.expression,
        with,
    })
}

/// `raise`: an event's name, or one with its data.
pub(super) fn raise(
    decoder: &Decoder<'_>,
    node: &Node,
    scope: &Scope,
    spot: Spot,
) -> Option<(EventId, Vec<(String, Expression)>)> {
    if node.as_text().is_some() {
        let event = event(decoder, node)?;
        let with = event_data(decoder, event, None, node.place, scope, spot);
        return Some((event, with));
    }
    let keys = Keys::read(decoder.cx.findings, node, &schema::RAISE)?;
    let event = event(decoder, keys.required(decoder.cx.findings, "event")?)?;
    let with = event_data(decoder, event, keys.get("with"), keys.place, scope, spot);
    Some((event, with))
}

/// The event that a node names.
pub(super) fn event(decoder: &Decoder<'_>, node: &Node) -> Option<EventId> {
    let name = keys::name(decoder.cx.findings, node, "an event")?;
    event_id(decoder, name, node.place)
}

/// The event of that name; an unknown one is reported.
pub(super) fn event_id(decoder: &Decoder<'_>, name: &str, place: Place) -> Option<EventId> {
    let names = decoder.cx.names;
    let name = name.strip_prefix("event.").unwrap_or(name);
    let found = names
        .events
        .binary_search_by(|event| event.name.as_str().cmp(name))
        .ok()
        .map(EventId::from);
    if found.is_none() && !names.broken.contains(&FileKind::Bot) {
        let near = did_you_mean(name, names.events.iter().map(|event| event.name.as_str()));
        let help = near
            .is_empty()
            .then(|| format!("declare it in bot.yaml: events: {{ {name}: {{}} }}"));
        decoder.cx.findings.note(
            &rule::UNKNOWN_EVENT,
            place,
            format!("no event `{name}`{near}"),
            help,
        );
    }
    found
}

fn event_data(
    decoder: &Decoder<'_>,
    event: EventId,
    node: Option<&Node>,
    place: Place,
    scope: &Scope,
    spot: Spot,
) -> Vec<(String, Expression)> {
    let wanted = Arguments {
        fields: decoder.cx.names.events[event.index()].fields.clone(),
        may_miss: &|_| false,
        may_be_secret: &|_| false,
        what: "an event, and events are kept",
    };
    arguments(decoder, &wanted, node, place, scope, spot)
}

/// What can be given.
struct Arguments<'a> {
    fields: BTreeMap<String, ValueType>,
    may_miss: &'a dyn Fn(&str) -> bool,
    may_be_secret: &'a dyn Fn(&str) -> bool,
    what: &'static str,
}

/// Arguments by their declared types: unknown and missing ones are reported.
fn arguments(
    decoder: &Decoder<'_>,
    wanted: &Arguments<'_>,
    node: Option<&Node>,
    place: Place,
    scope: &Scope,
    spot: Spot,
) -> Vec<(String, Expression)> {
    let findings = decoder.cx.findings;
    let entries = node
        .and_then(|node| keys::map(findings, node, "`with`"))
        .unwrap_or_default();
    for name in wanted.fields.keys().filter(|name| !(wanted.may_miss)(name)) {
        if !entries.iter().any(|(key, _)| key.text == *name) {
            findings.add(
                &rule::MISSING_KEY,
                node.map_or(place, |node| node.place),
                format!("`with` needs a value for `{name}`"),
            );
        }
    }
    entries
        .iter()
        .filter_map(|(key, value)| {
            argument(decoder, wanted, key, value, scope, spot).map(|one| (key.text.clone(), one))
        })
        .collect()
}

fn argument(
    decoder: &Decoder<'_>,
    wanted: &Arguments<'_>,
    key: &Key,
    value: &Node,
    scope: &Scope,
    spot: Spot,
) -> Option<Expression> {
    let Some(wanted_type) = wanted.fields.get(&key.text) else {
        let near = did_you_mean(&key.text, wanted.fields.keys().map(String::as_str));
        decoder.cx.findings.add(
            &rule::UNKNOWN_ARGUMENT,
            key.place,
            format!(
                "there is nothing called `{}` to give a value to{near}",
                key.text
            ),
        );
        expression(decoder, value, scope, spot);
        return None;
    };
    let lowered = typed(decoder, value, scope, spot, wanted_type)?;
    if !(wanted.may_be_secret)(&key.text) {
        refuse_secret(decoder, scope.flow, &lowered, wanted.what);
    }
    Some(lowered.expression)
}

/// A tool's arguments.
pub(super) fn tool_arguments(
    decoder: &Decoder<'_>,
    tool: &ToolDeclaration,
    node: Option<&Node>,
    place: Place,
    scope: &Scope,
    spot: Spot,
) -> Vec<(String, Expression)> {
    let of = |name: &str| tool.args.iter().find(|arg| arg.name == name);
    let wanted = Arguments {
        fields: tool
            .args
            .iter()
            .map(|arg| (arg.name.clone(), arg.value_type.clone()))
            .collect(),
        may_miss: &|name| of(name).is_some_and(|arg| arg.optional),
        may_be_secret: &|name| of(name).is_some_and(|arg| arg.secret),
        what: "an argument that is not secret, and so a log",
    };
    arguments(decoder, &wanted, node, place, scope, spot)
}

/// Values for a flow's slots.
pub(super) fn flow_arguments(
    decoder: &Decoder<'_>,
    flow: FlowId,
    node: Option<&Node>,
    scope: &Scope,
    spot: Spot,
) -> Vec<(u16, Expression)> {
    let slots = &decoder.cx.names.flows[flow.index()].slots;
    let wanted = Arguments {
        fields: slots
            .iter()
            .map(|slot| (slot.name.clone(), slot_type(slot)))
            .collect(),
        may_miss: &|_| true,
        may_be_secret: &|name| slots.iter().any(|slot| slot.name == name && slot.secret),
        what: "a slot that is not secret",
    };
    let Some(node) = node else {
        return Vec::new();
    };
    arguments(decoder, &wanted, Some(node), node.place, scope, spot)
        .into_iter()
        .filter_map(|(name, expression)| {
            let at = slots.iter().position(|slot| slot.name == name)?;
            Some((u16::try_from(at).ok()?, expression))
        })
        .collect()
}

/// The tool that a node names.
pub(super) fn tool(decoder: &Decoder<'_>, node: &Node) -> Option<ToolId> {
    let names = decoder.cx.names;
    let name = keys::name(decoder.cx.findings, node, "a tool")?;
    let found = names
        .tools
        .binary_search_by(|tool| tool.name.as_str().cmp(name))
        .ok();
    if found.is_none() && !names.broken.contains(&FileKind::Tools) {
        report_tool(decoder, node, name);
    }
    found.map(ToolId::from)
}

fn report_tool(decoder: &Decoder<'_>, node: &Node, name: &str) {
    let names = decoder.cx.names;
    let first = name.split('.').next().unwrap_or(name);
    if names.unconnected.contains(first) {
        let declared = names.tool_places.contains_key(first);
        if declared {
            decoder.cx.findings.add_with_help(
                &rule::NOT_CONNECTED,
                node.place,
                format!("the tool `{name}` is declared, but its operations are not known here"),
                "look at what is said about its declaration in tools.yaml",
            );
        }
        return;
    }
    let near = did_you_mean(name, names.tools.iter().map(|tool| tool.name.as_str()));
    decoder.cx.findings.add(
        &rule::UNKNOWN_TOOL,
        node.place,
        format!("no tool `{name}` in tools.yaml{near}"),
    );
}

/// The flow that a node names.
pub(super) fn flow(decoder: &Decoder<'_>, node: &Node) -> Option<FlowId> {
    let names = decoder.cx.names;
    let name = keys::name(decoder.cx.findings, node, "a flow")?;
    let found = names.flow(name);
    if found.is_none() && !names.broken.contains(&FileKind::Flow) {
        let near = did_you_mean(name, names.flows.iter().map(|flow| flow.name.as_str()));
        decoder.cx.findings.add(
            &rule::UNKNOWN_FLOW,
            node.place,
            format!("no flow `{name}`{near}"),
        );
    }
    found
}

/// The desk that a node names.
pub(super) fn desk(decoder: &Decoder<'_>, node: &Node) -> Option<DeskId> {
    let names = decoder.cx.names;
    let name = keys::name(decoder.cx.findings, node, "a desk")?;
    let found = names.desks.iter().position(|desk| desk == name);
    if found.is_none() && !names.broken.contains(&FileKind::Bot) {
        let near = did_you_mean(name, names.desks.iter().map(String::as_str));
        decoder.cx.findings.add(
            &rule::UNKNOWN_DESK,
            node.place,
            format!("no desk `{name}` in bot.yaml{near}"),
        );
    }
    found.map(DeskId::from)
}

/// The model that a node names.
pub(super) fn model(decoder: &Decoder<'_>, node: &Node) -> Option<ModelId> {
    let names = decoder.cx.names;
    let name = keys::name(decoder.cx.findings, node, "a model")?;
    let found = names.models.keys().position(|model| model == name);
    if found.is_none() && !names.broken.contains(&FileKind::Bot) {
        let near = did_you_mean(name, names.models.keys().map(String::as_str));
        decoder.cx.findings.add(
            &rule::UNKNOWN_MODEL,
            node.place,
            format!("no model `{name}` in bot.yaml{near}"),
        );
    }
    found.map(ModelId::from)
}
