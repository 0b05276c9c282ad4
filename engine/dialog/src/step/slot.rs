//! Giving slots their values, and taking them away.

use super::cx::Cx;
use super::say::is_long_term;
use crate::conversation::Frame;
use crate::{
    Confidence, EffectKind, EventKind, Fact, MessageSource, SlotDeclaration, SlotKind, SlotRef,
    Value, ValueType, fit,
};

impl<'b> Cx<'b> {
    /// A slot of the top flow, or a shared one, as declared.
    pub(crate) fn declaration(&self, slot: SlotRef) -> &'b SlotDeclaration {
        match slot {
            SlotRef::Shared(index) => &self.bot.slots[usize::from(index)],
            SlotRef::Flow(index) => {
                let flow = self.slots_frame().and_then(Frame::flow);
                let flow = flow.expect("only a flow's own expressions name its slots");
                &self.bot.flows[flow.index()].slots[usize::from(index)]
            }
        }
    }

    /// The value as the slot holds it, or none if it does not fit.
    pub(crate) fn fitting(&self, slot: SlotRef, value: Value) -> Option<Value> {
        let declaration = self.declaration(slot);
        match &declaration.kind {
            SlotKind::Typed(value_type) => {
                let value = fit(value, value_type)?;
                let matches = declaration.pattern.as_ref().zip(value.as_text());
                matches
                    .is_none_or(|(pattern, text)| pattern.matches_whole(text))
                    .then_some(value)
            }
            SlotKind::ItemOf { of, max: None, .. } => fit(value, of),
            SlotKind::ItemOf {
                of, max: Some(max), ..
            } => fit(
                value,
                &ValueType::List {
                    of: Box::new(of.clone()),
                    max: *max,
                },
            ),
        }
    }

    /// Gives a slot a value that fits it.
    pub(crate) fn assign(&mut self, slot: SlotRef, value: Value) {
        if self.slot(slot) != Some(&value) {
            self.remember(slot, &value);
        }
        self.write(slot, Some(value));
    }

    /// Takes a slot's value away; it holds its default again.
    pub(crate) fn unset(&mut self, slot: SlotRef) {
        let default = self.declaration(slot).default.clone();
        self.write(slot, default);
        if let Some(frame) = self.slots_frame_mut() {
            frame.collected.remove(&slot);
            frame.computed.remove(&slot);
            frame.unconfirmed.remove(&slot);
        }
    }

    fn write(&mut self, slot: SlotRef, value: Option<Value>) {
        let place = match slot {
            SlotRef::Shared(index) => self.c.inside.slots.get_mut(usize::from(index)),
            SlotRef::Flow(index) => self
                .slots_frame_mut()
                .and_then(|frame| frame.slots.get_mut(usize::from(index))),
        };
        if let Some(place) = place {
            *place = value;
        }
    }

    pub(crate) fn slots_frame_mut(&mut self) -> Option<&mut Frame> {
        self.c
            .inside
            .frames
            .iter_mut()
            .rev()
            .find(|frame| frame.flow().is_some())
    }

    /// An item that is no longer in its list was chosen from another list: nothing may be done with it.
    pub(crate) fn drop_items_without_list(&mut self) {
        let own = self.slots_frame().and_then(Frame::flow);
        let own = own.map_or(0, |flow| self.bot.flows[flow.index()].slots.len());
        let own = (0..own).map(|index| SlotRef::Flow(index as u16));
        let shared = (0..self.bot.slots.len()).map(|index| SlotRef::Shared(index as u16));
        for slot in own.chain(shared) {
            if let SlotKind::ItemOf { list, .. } = &self.declaration(slot).kind
                && self
                    .slot(slot)
                    .is_some_and(|value| !is_from(value, self.slot(*list)))
            {
                self.unset(slot);
            }
        }
    }

    /// A long-term slot goes to the user's memory, if the customer agrees.
    fn remember(&mut self, slot: SlotRef, value: &Value) {
        let SlotRef::Shared(index) = slot else { return };
        let declaration = &self.bot.slots[usize::from(index)];
        if !is_long_term(declaration) {
            return;
        }
        let fact = self.fact(declaration, value);
        let known = &mut self.c.inside.known;
        let consent = known.consents.get(&declaration.name).copied();
        match (declaration.consent, consent) {
            (None, _) | (Some(_), Some(true)) => self.keep(declaration, value.clone(), fact),
            (Some(_), Some(false)) => {}
            (Some(_), None) => {
                known.pending.insert(declaration.name.clone(), fact);
                let open = &mut self.c.inside.consents_open;
                if !open.contains(&index) {
                    open.push(index);
                }
            }
        }
    }

    pub(crate) fn keep(&mut self, declaration: &SlotDeclaration, value: Value, fact: Fact) {
        let facts = &mut self.c.inside.known.facts;
        facts.insert(declaration.name.clone(), fact.clone());
        self.emit(EffectKind::Remember {
            slot: declaration.name.clone(),
            value,
            fact,
        });
    }

    /// Where a value comes from that a long-term slot is given now.
    pub(crate) fn fact(&self, declaration: &SlotDeclaration, value: &Value) -> Fact {
        let told = matches!(
            self.event.kind,
            EventKind::Message(_) | EventKind::Choice { .. }
        );
        Fact {
            at: self.now,
            source: told.then(|| MessageSource {
                conversation: self.c.id.clone(),
                turn: self.c.turn,
            }),
            confidence: self.confidence(value),
            until: declaration
                .ttl
                .and_then(|ttl| self.now.checked_add(ttl).ok()),
        }
    }

    /// How surely this event says a value; none where it says another, from which this one was computed.
    fn confidence(&self, value: &Value) -> Option<Confidence> {
        match &self.event.kind {
            EventKind::Choice { .. } => Some(Confidence(1.0)),
            EventKind::Message(message) => {
                let found = &message.understanding.entities;
                let found = found.iter().filter(|entity| entity.value == *value);
                let sure = found.map(|entity| entity.confidence.0).reduce(f32::max);
                let verbatim = value.as_text() == Some(message.text.trim());
                sure.or(verbatim.then_some(1.0)).map(Confidence)
            }
            _ => None,
        }
    }
}

fn is_from(value: &Value, list: Option<&Value>) -> bool {
    match (value, list) {
        (Value::List(chosen), Some(Value::List(items))) => {
            chosen.iter().all(|one| items.contains(one))
        }
        (one, Some(Value::List(items))) => items.contains(one),
        _ => false,
    }
}
