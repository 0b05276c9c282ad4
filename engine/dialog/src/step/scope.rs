//! What an expression sees in a step.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cx::Cx;
use crate::conversation::Frame;
use crate::{Bindings, EventKind, Scope, SlotRef, Value, Variable};

impl Bindings for Cx<'_> {
    fn read(&self, variable: &Variable) -> Option<Cow<'_, Value>> {
        match variable {
            Variable::Slot(slot) => self.slot(*slot).map(Cow::Borrowed),
            Variable::Entity(id) => {
                let found = self.reads.entities.iter().find(|(one, _)| one == id);
                found.map(|(_, value)| Cow::Borrowed(value))
            }
            Variable::Result => self.reads.result.as_ref().map(Cow::Borrowed),
            Variable::Error => self.reads.error.as_ref().map(Cow::Borrowed),
            Variable::Event => self.reads.event.as_ref().map(Cow::Borrowed),
            Variable::Value => self.reads.value.as_ref().map(Cow::Borrowed),
            Variable::User => Some(Cow::Owned(self.user())),
            Variable::Locale => Some(Cow::Owned(Value::Text(self.c.locale.0.clone()))),
            Variable::Attempts => Some(Cow::Owned(Value::Int(self.attempts().into()))),
            Variable::Knowledge => self.knowledge().map(Cow::Owned),
            Variable::Desk => Some(Cow::Owned(self.desks())),
            Variable::Now => Some(Cow::Owned(Value::Time(self.now))),
            Variable::Today => None,
        }
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn tz(&self) -> &TimeZone {
        self.c.inside.known.tz.as_ref().unwrap_or(&self.bot.tz)
    }
}

impl Cx<'_> {
    pub(crate) fn slot(&self, slot: SlotRef) -> Option<&Value> {
        match slot {
            SlotRef::Flow(index) => self.slots_frame()?.slots.get(usize::from(index))?.as_ref(),
            SlotRef::Shared(index) => self.c.inside.slots.get(usize::from(index))?.as_ref(),
        }
    }

    /// The frame whose slots are seen: the highest flow. A handoff that a transition began has none of its own.
    pub(crate) fn slots_frame(&self) -> Option<&Frame> {
        self.c
            .inside
            .frames
            .iter()
            .rev()
            .find(|frame| frame.flow().is_some())
    }

    fn user(&self) -> Value {
        let known = &self.c.inside.known;
        let mut user = BTreeMap::from([
            ("id".to_owned(), Value::from(self.c.user.as_str())),
            ("first".to_owned(), Value::Bool(known.first)),
        ]);
        if let Some(name) = known.tz.as_ref().and_then(TimeZone::iana_name) {
            user.insert("tz".to_owned(), name.into());
        }
        for (declaration, value) in self.bot.slots.iter().zip(&self.c.inside.slots) {
            if let (Scope::User, Some(value)) = (declaration.scope, value) {
                user.insert(declaration.name.clone(), self.shown(declaration, value));
            }
        }
        Value::Map(user)
    }

    fn knowledge(&self) -> Option<Value> {
        let EventKind::Message(message) = &self.event.kind else {
            return None;
        };
        let support = f64::from(message.knowledge.as_ref()?.support);
        Some(Value::Map(BTreeMap::from([(
            "support".to_owned(),
            Value::Number(support),
        )])))
    }

    fn desks(&self) -> Value {
        let status = |desk: &crate::DeskStatus| {
            Value::Map(BTreeMap::from([
                ("open".to_owned(), Value::Bool(desk.open)),
                ("waiting".to_owned(), Value::Int(desk.waiting.into())),
            ]))
        };
        let desks = &self.event.desks;
        Value::Map(
            desks
                .iter()
                .map(|(name, desk)| (name.clone(), status(desk)))
                .collect(),
        )
    }
}
