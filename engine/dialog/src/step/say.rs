//! What is said: responses with the values of exactly the variables that their template reads.

use std::collections::BTreeMap;

use super::cx::Cx;
use crate::{
    Bindings, EffectKind, Outgoing, Response, Say, Scope, SlotDeclaration, TemplateId, Value,
    Variable,
};

/// Further top-level values for a template.
pub(crate) type Extra = Vec<(String, Value)>;

/// How many characters of a secret are shown; of a shorter one than twice this, none.
const SECRET_SHOWN: usize = 2;

impl<'b> Cx<'b> {
    /// Says these, in order; the place of the last send among the effects.
    pub(crate) fn say(&mut self, says: &'b [Say]) -> Option<usize> {
        let extras: Vec<Extra> = says.iter().map(|say| self.extra_or_noted(say)).collect();
        self.say_with(says, extras)
    }

    /// Says these with values that were evaluated before.
    pub(crate) fn say_with(&mut self, says: &'b [Say], extras: Vec<Extra>) -> Option<usize> {
        let mut pause = None;
        let mut last = None;
        for (say, extra) in says.iter().zip(extras) {
            match say {
                Say::Pause(length) => pause = Some(*length),
                Say::Template { template, .. } => last = self.send(*template, extra, pause.take()),
            }
        }
        last
    }

    /// What `migrate` says to a customer whose conversation was taken to this version of the bot.
    pub(crate) fn say_what_moved(&mut self) {
        for (flow, old) in std::mem::take(&mut self.inside_mut().moved_from) {
            let migration = self.bot.flows[flow.index()].migration.as_ref();
            if let Some(moved) = migration.and_then(|migration| migration.states.get(&old)) {
                self.note(format!(
                    "`{old}` of the older version was left by `migrate`"
                ));
                self.say(&moved.say);
            }
        }
    }

    pub(crate) fn say_template(&mut self, template: TemplateId, extra: Extra) -> Option<usize> {
        self.send(template, extra, None)
    }

    /// `with` of a `say`.
    ///
    /// # Errors
    /// When one of its expressions has no value.
    pub(crate) fn extra(&self, say: &'b Say) -> Result<Extra, crate::EvaluationError> {
        match say {
            Say::Pause(_) => Ok(Extra::new()),
            Say::Template { with, .. } => with
                .iter()
                .map(|(name, expression)| Ok((name.clone(), expression.evaluate(self)?)))
                .collect(),
        }
    }

    fn extra_or_noted(&mut self, say: &'b Say) -> Extra {
        self.extra(say).unwrap_or_else(|error| {
            self.note(format!("a template's `with` has no value: {error}"));
            Extra::new()
        })
    }

    fn send(
        &mut self,
        template: TemplateId,
        extra: Extra,
        pause: Option<jiff::SignedDuration>,
    ) -> Option<usize> {
        // The one line that keeps the bot silent while a person has the conversation.
        if !self.may_speak() {
            self.note("a person has the conversation: the bot says nothing");
            return None;
        }
        let declaration = &self.bot.templates[template.index()];
        self.trace.says.push(declaration.name.clone());
        let response = Response {
            template: declaration.name.clone(),
            locale: self.c.locale.clone(),
            variant: self.variant(),
            values: self.values(template, &extra),
            choices: Vec::new(),
            pause,
        };
        self.emit(EffectKind::Send(Outgoing::Response(response)));
        self.c.inside.active_at = Some(self.now);
        Some(self.effects.len() - 1)
    }

    /// A model's instructions, with the values that they read.
    pub(crate) fn prompt(&self, template: TemplateId) -> Response {
        Response {
            template: self.bot.templates[template.index()].name.clone(),
            locale: self.c.locale.clone(),
            variant: self.variant(),
            values: self.values(template, &Extra::new()),
            choices: Vec::new(),
            pause: None,
        }
    }

    pub(crate) fn may_speak(&self) -> bool {
        !matches!(
            self.c.owner,
            crate::Owner::Person { .. } | crate::Owner::Ended
        )
    }

    /// FNV-1a over the conversation and the turn: the same on every machine, and never chance.
    fn variant(&self) -> u32 {
        let turn = self.c.turn.0.to_be_bytes();
        self.c
            .id
            .0
            .bytes()
            .chain(turn)
            .fold(0x811c_9dc5, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            })
    }

    /// The values that the template reads, by its top-level names. What is unset is left out.
    pub(crate) fn values(&self, template: TemplateId, extra: &Extra) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for path in &self.bot.templates[template.index()].reads {
            let Some((root, rest)) = path.split_first() else {
                continue;
            };
            match extra.iter().find(|(name, _)| name == root) {
                Some((_, value)) => put(&mut values, root, rest, value),
                None if root == "slots" => self.put_slots(&mut values, rest),
                None => {
                    if let Some(value) = self.named(root) {
                        put(&mut values, root, rest, &value);
                    }
                }
            }
        }
        values
    }

    fn named(&self, root: &str) -> Option<Value> {
        let variable = match root {
            "result" => Variable::Result,
            "error" => Variable::Error,
            "event" => Variable::Event,
            "user" => Variable::User,
            "desk" => Variable::Desk,
            "locale" => Variable::Locale,
            "now" => Variable::Now,
            "value" => Variable::Value,
            "entity" => return Some(self.entities()),
            "attempts" => Variable::Attempts,
            "knowledge" => Variable::Knowledge,
            _ => return None,
        };
        self.read(&variable).map(std::borrow::Cow::into_owned)
    }

    fn entities(&self) -> Value {
        let named = |(id, value): &(crate::EntityId, Value)| {
            (self.bot.entities[id.index()].name.clone(), value.clone())
        };
        Value::Map(self.reads.entities.iter().map(named).collect())
    }

    fn put_slots(&self, values: &mut BTreeMap<String, Value>, rest: &[String]) {
        let slots = self.visible_slots();
        for (declaration, value) in slots {
            let wanted = rest.first().is_none_or(|name| *name == declaration.name);
            if let (true, Some(value)) = (wanted, value) {
                let inner = rest.get(1..).unwrap_or_default();
                let path: Vec<String> = std::iter::once(&declaration.name)
                    .chain(inner)
                    .cloned()
                    .collect();
                let shown = nest(&declaration.name, self.shown(declaration, value));
                put(values, "slots", &path, &shown);
            }
        }
    }

    /// Every slot that the top flow sees, with its value.
    pub(crate) fn visible_slots(
        &self,
    ) -> impl Iterator<Item = (&'b SlotDeclaration, Option<&Value>)> {
        let bot = self.bot;
        let own = self.slots_frame().and_then(|frame| {
            let flow = &bot.flows[frame.flow()?.index()];
            Some(flow.slots.iter().zip(&frame.slots))
        });
        let shared = bot.slots.iter().zip(&self.c.inside.slots);
        own.into_iter()
            .flatten()
            .chain(shared)
            .map(|(one, value)| (one, value.as_ref()))
    }

    /// A slot's value as it may be seen: a secret is masked.
    pub(crate) fn shown(&self, declaration: &SlotDeclaration, value: &Value) -> Value {
        shown(declaration, value)
    }
}

/// A slot's value as it may be seen: a secret is masked but for its last two characters.
pub(crate) fn shown(declaration: &SlotDeclaration, value: &Value) -> Value {
    if !declaration.secret {
        return value.clone();
    }
    let text = match value {
        Value::Text(text) => text.clone(),
        other => other.to_json().to_string(),
    };
    let length = text.chars().count();
    let hidden = if length < SECRET_SHOWN * 2 {
        length
    } else {
        length - SECRET_SHOWN
    };
    Value::Text("••".chars().chain(text.chars().skip(hidden)).collect())
}

/// Whether the slot outlives its flow.
pub(crate) fn is_long_term(declaration: &SlotDeclaration) -> bool {
    declaration.scope == Scope::User
}

fn nest(name: &str, value: Value) -> Value {
    Value::Map(BTreeMap::from([(name.to_owned(), value)]))
}

/// Copies what stands at the path in `value` to the same path in `values`. Lists are copied whole: a template goes through all
/// their items.
fn put(values: &mut BTreeMap<String, Value>, name: &str, path: &[String], value: &Value) {
    match (path.split_first(), value) {
        (Some((next, rest)), Value::Map(map)) => {
            let Some(inner) = map.get(next) else { return };
            let place = values
                .entry(name.to_owned())
                .or_insert_with(|| Value::Map(BTreeMap::new()));
            if let Value::Map(place) = place {
                put(place, next, rest, inner);
            }
        }
        _ => {
            values.insert(name.to_owned(), value.clone());
        }
    }
}
