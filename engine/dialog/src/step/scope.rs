//! What an expression sees in a step.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cx::Cx;
use crate::conversation::Frame;
use crate::{Bindings, Confidence, Episode, EventKind, Scope, SlotRef, Value, Variable};

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
        user.insert("facts".to_owned(), self.facts());
        let episodes = known.episodes.iter().map(episode).collect();
        user.insert("episodes".to_owned(), Value::List(episodes));
        for (declaration, value) in self.bot.slots.iter().zip(&self.c.inside.slots) {
            if let (Scope::User, Some(value)) = (declaration.scope, value) {
                user.insert(declaration.name.clone(), self.shown(declaration, value));
            }
        }
        Value::Map(user)
    }

    /// What is kept of the user beyond this session, but for notes of past ones: a map for each value.
    fn facts(&self) -> Value {
        let slots = self.bot.slots.iter().zip(&self.c.inside.slots);
        let kept = slots.filter_map(|(declaration, value)| {
            let fact = self.c.inside.known.facts.get(&declaration.name)?;
            let value = value.as_ref()?;
            let mut fields = BTreeMap::from([
                ("name".to_owned(), Value::from(declaration.name.as_str())),
                ("value".to_owned(), plain(self.shown(declaration, value))),
                ("at".to_owned(), Value::Time(fact.at)),
            ]);
            if let Some(until) = fact.until {
                fields.insert("until".to_owned(), Value::Time(until));
            }
            if let Some(Confidence(sure)) = fact.confidence {
                fields.insert("confidence".to_owned(), Value::Number(sure.into()));
            }
            Some(Value::Map(fields))
        });
        Value::List(kept.collect())
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

fn episode(episode: &Episode) -> Value {
    Value::Map(BTreeMap::from([
        ("at".to_owned(), Value::Time(episode.at)),
        ("text".to_owned(), Value::from(episode.text.as_str())),
    ]))
}

/// A value as a text that reads without a format.
fn plain(value: Value) -> Value {
    fn words(value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::List(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
            Value::Map(fields) => {
                // `amount` before `currency`, `name` before `size`: the fields' own order reads well enough.
                let fields: Vec<String> = fields.values().map(words).collect();
                fields.join(" ")
            }
            other => other.to_json().to_string(),
        }
    }
    Value::from(words(&value).as_str())
}
