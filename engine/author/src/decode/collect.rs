//! Questions: the items of a `collect`, and choices.

use dialog::{ChoiceDeclaration, CollectItem, FlowId, StateId, ValueType};

use super::actions::{self, typed};
use super::keys::{self, Keys};
use super::record::{ChoicePlace, Decoder, Point, Spot};
use super::say::{SaidAt, say_under, template_under};
use crate::expression::{Fact, Scope, Ty, slot_type};
use crate::schema;
use crate::yaml::{Node, NodeKind};

/// Reads the questions of a state.
pub(super) fn collect(
    decoder: &Decoder<'_>,
    node: &Node,
    flow: FlowId,
    state: StateId,
    label: &str,
) -> Vec<CollectItem> {
    let items = keys::list(decoder.cx.findings, node, "`collect`").unwrap_or_default();
    items
        .iter()
        .enumerate()
        .filter_map(|(number, item)| {
            let keys = Keys::read(decoder.cx.findings, item, &schema::COLLECT)?;
            question(decoder, keys, flow, state, number, label)
        })
        .collect()
}

fn question(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    flow: FlowId,
    state: StateId,
    number: usize,
    label: &str,
) -> Option<CollectItem> {
    let findings = decoder.cx.findings;
    let node = keys.required(findings, "slot")?;
    let name = keys::name(findings, node, "a slot")?;
    let slot = actions::slot(decoder, name, node.place, Some(flow));
    let scope = Scope::of_flow(flow);
    let of = slot.map(|slot| slot_type(decoder.cx.names.declaration(Some(flow), slot)));
    let spot = |point| Spot::Question(flow, state, number, point);
    let said = |scope, point| SaidAt {
        spot: spot(point),
        scope,
        label,
    };
    let answered = Scope {
        value: of.clone(),
        ..scope.clone()
    };
    let given = Scope {
        facts: [Fact::Set(format!("slots.{name}"))].into(),
        ..answered.clone()
    };
    keys.required(findings, "ask");
    let flag = |key| {
        keys.get(key)
            .and_then(|node| keys::bool(findings, node, key))
            .unwrap_or(false)
    };
    let read = CollectItem {
        slot: slot.unwrap_or(dialog::SlotRef::Shared(0)),
        ask: say_under(decoder, keys, "ask", said(&scope, Point::Ask)),
        when: keys
            .get("when")
            .and_then(|node| typed(decoder, node, &scope, spot(Point::Guard), &ValueType::Bool))
            .map(|lowered| {
                let at = (flow, state, number);
                decoder
                    .records
                    .borrow_mut()
                    .questions
                    .insert(at, lowered.yes);
                lowered.expression
            }),
        optional: flag("optional"),
        again: flag("again"),
        accept: keys
            .get("accept")
            .and_then(|node| {
                typed(
                    decoder,
                    node,
                    &answered,
                    spot(Point::Guard),
                    &ValueType::Bool,
                )
            })
            .map(|lowered| lowered.expression),
        reject: say_under(decoder, keys, "reject", said(&answered, Point::Ask)),
        confirm: say_under(decoder, keys, "confirm", said(&given, Point::Ask)),
        verbatim: flag("verbatim"),
        choices: keys
            .get("choices")
            .map(|node| choices(decoder, node, flow, state))
            .unwrap_or_default(),
        label: label_template(decoder, keys, of.as_ref(), spot(Point::Ask), label),
    };
    slot.map(|_| read)
}

/// The label's template: it reads `item`.
fn label_template(
    decoder: &Decoder<'_>,
    keys: Keys<'_>,
    of: Option<&ValueType>,
    spot: Spot,
    label: &str,
) -> Option<dialog::TemplateId> {
    let id = template_under(decoder, keys, "label")?;
    let Spot::Question(flow, ..) = spot else {
        return Some(id);
    };
    let item = match of {
        Some(ValueType::List { of, .. }) => Ty::Of((**of).clone()),
        Some(other) => Ty::Of(other.clone()),
        None => Ty::Any,
    };
    decoder.records.borrow_mut().said.push(super::record::Said {
        template: id,
        spot,
        scope: Scope {
            item: Some(item),
            ..Scope::of_flow(flow)
        },
        with: Vec::new(),
        label: label.to_owned(),
    });
    Some(id)
}

/// Reads choices: names, or maps with a label.
pub(super) fn choices(
    decoder: &Decoder<'_>,
    node: &Node,
    flow: FlowId,
    state: StateId,
) -> Vec<ChoiceDeclaration> {
    let items = keys::list(decoder.cx.findings, node, "`choices`").unwrap_or_default();
    items
        .iter()
        .filter_map(|item| choice(decoder, item, flow, state))
        .collect()
}

fn choice(
    decoder: &Decoder<'_>,
    node: &Node,
    flow: FlowId,
    state: StateId,
) -> Option<ChoiceDeclaration> {
    let (name, label) = match &node.kind {
        NodeKind::Map(_) => {
            let keys = Keys::read(decoder.cx.findings, node, &schema::CHOICE)?;
            let label = template_under(decoder, keys, "label");
            (keys.required(decoder.cx.findings, "id")?, label)
        }
        _ => (node, None),
    };
    let key = keys::name(decoder.cx.findings, name, "a choice")?.to_owned();
    decoder.records.borrow_mut().choices.push(ChoicePlace {
        state: (flow, state),
        key: key.clone(),
        place: name.place,
    });
    Some(ChoiceDeclaration {
        intent: decoder.cx.names.intent(&key),
        key,
        label,
    })
}
