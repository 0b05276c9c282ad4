//! A message as the rules read it: what it wants, what it holds, and whether it can be an answer to the open question.

use super::cx::Cx;
use crate::{
    BuiltInIntent, Entity, EntityId, IncomingMessage, IntentId, Part, RankedIntent, SlotKind,
    SlotRef, SlotSource, Understanding, Value, Words, secret_marker,
};

/// A message, or what stands for one.
pub(crate) struct Reading {
    /// What it wants: the best intent of each part, in the order of the text; of an undivided message, one.
    pub(crate) wants: Vec<Want>,
    /// What was found in it, in the order of the text.
    pub(crate) found: Vec<Found>,
    /// The entities as they came, to be kept with an offer.
    pub(crate) entities: Vec<Entity>,
    pub(crate) text: Option<String>,
    pub(crate) words: u16,
    pub(crate) negation: bool,
    pub(crate) correction: bool,
    /// Keys of choices that the whole text names.
    pub(crate) choices: Vec<String>,
    pub(crate) attachments: Vec<Value>,
    /// Whether the open question was first asked after it was written: then it cannot answer it.
    pub(crate) late: bool,
}

/// An intent that a message, or a part of it, seems to have.
#[derive(Clone, Copy)]
pub(crate) struct Want {
    pub(crate) intent: IntentId,
    pub(crate) confidence: f32,
    /// Whether it is about anything that the bot knows.
    pub(crate) in_scope: bool,
    /// The part that it is the intent of; none = the whole.
    pub(crate) words: Option<Words>,
}

/// A value found in a message.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) entity: String,
    /// The secret slot whose marker stands there.
    pub(crate) secret: Option<String>,
    pub(crate) value: Value,
    pub(crate) text: String,
    pub(crate) words: Words,
    pub(crate) negated: bool,
}

impl Reading {
    /// What stands for a message that was this intent and nothing else.
    pub(crate) fn of_intent(intent: IntentId, entities: Vec<Entity>) -> Self {
        let found = entities.iter().map(Found::from_entity).collect();
        let want = Want {
            intent,
            confidence: 1.0,
            in_scope: true,
            words: None,
        };
        Self {
            wants: vec![want],
            found,
            entities,
            text: None,
            words: u16::MAX,
            negation: false,
            correction: false,
            choices: Vec::new(),
            attachments: Vec::new(),
            late: false,
        }
    }

    pub(crate) fn is_split(&self) -> bool {
        self.wants.iter().any(|want| want.words.is_some())
    }

    /// Values that are meant, not those that are negated.
    pub(crate) fn meant(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|found| !found.negated)
    }

    /// Whether these cover all words of the message.
    pub(crate) fn is_all(&self, found: &[&Found]) -> bool {
        !found.is_empty() && words_in(found) >= u32::from(self.words)
    }
}

/// How many words these cover.
pub(crate) fn words_in(found: &[&Found]) -> u32 {
    found.iter().map(|one| u32::from(one.words.count())).sum()
}

impl Found {
    pub(crate) fn from_entity(entity: &Entity) -> Self {
        Self {
            entity: entity.entity.clone(),
            secret: None,
            value: entity.value.clone(),
            text: entity.text.clone(),
            words: entity.words,
            negated: entity.negated,
        }
    }
}

impl<'b> Cx<'b> {
    pub(crate) fn read_message(&mut self, message: &'b IncomingMessage) -> Reading {
        let understanding = &message.understanding;
        let mut found: Vec<Found> = understanding
            .entities
            .iter()
            .map(Found::from_entity)
            .collect();
        found.extend(self.secrets_in(&message.text));
        self.see_entities(&found);
        let late = self.is_late(message);
        let mut wants = self.wants(understanding);
        if late {
            wants.retain(|want| !self.is(want.intent, BuiltInIntent::Affirm));
            wants.retain(|want| !self.is(want.intent, BuiltInIntent::Deny));
        }
        Reading {
            wants,
            found,
            entities: understanding.entities.clone(),
            text: Some(message.text.clone()).filter(|text| !text.trim().is_empty()),
            words: understanding.words,
            negation: understanding.negation,
            correction: understanding.correction,
            choices: understanding.choices.clone(),
            attachments: message.attachments.clone(),
            late,
        }
    }

    fn is_late(&self, message: &IncomingMessage) -> bool {
        let inside = self.inside();
        let asked = match &inside.interlude {
            Some(interlude) => Some(interlude.first_asked),
            None => self
                .top()
                .and_then(|frame| frame.question.as_ref())
                .map(|q| q.first_asked),
        };
        asked
            .zip(message.seen)
            .is_some_and(|(asked, seen)| asked > seen)
    }

    fn wants(&self, understanding: &Understanding) -> Vec<Want> {
        let threshold = self.bot.bands.confirm;
        let want = |intents: &[RankedIntent], in_scope: f32, words| {
            let best = intents.first()?;
            Some(Want {
                intent: self.bot.intent(&best.intent)?,
                confidence: best.confidence.0,
                in_scope: in_scope >= threshold,
                words,
            })
        };
        match understanding.parts.as_slice() {
            [] | [_] => want(&understanding.intents, understanding.in_scope.0, None)
                .into_iter()
                .collect(),
            parts => {
                let part = |part: &Part| want(&part.intents, part.in_scope.0, Some(part.words));
                parts.iter().filter_map(part).collect()
            }
        }
    }

    /// Makes the values readable as `entity.x`; the first of each entity.
    pub(crate) fn see_entities(&mut self, found: &[Found]) {
        for one in found.iter().filter(|one| !one.negated) {
            let Some(id) = self.bot.entity(&one.entity) else {
                continue;
            };
            if self.reads.entities.iter().all(|(known, _)| *known != id) {
                self.reads.entities.push((id, one.value.clone()));
            }
        }
    }

    /// Markers of secrets, with the values that came beside the event. On replay the marker is the value.
    pub(crate) fn secrets_in(&self, text: &str) -> Vec<Found> {
        if !text.contains('‹') {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (position, word) in text.split_whitespace().enumerate() {
            let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
            let Some(name) = word
                .strip_prefix('‹')
                .and_then(|rest| rest.strip_suffix('›'))
            else {
                continue;
            };
            let start = u16::try_from(position).unwrap_or(u16::MAX);
            let value = self.event.secrets.get(name).map_or(word, String::as_str);
            found.push(Found {
                entity: String::new(),
                secret: Some(name.to_owned()),
                value: Value::from(value),
                text: word.to_owned(),
                words: Words {
                    start,
                    end: start.saturating_add(1),
                },
                negated: false,
            });
        }
        found
    }

    pub(crate) fn is(&self, intent: IntentId, built_in: BuiltInIntent) -> bool {
        self.bot.intents[intent.index()].built_in == Some(built_in)
    }

    /// Whether the intent is accepted.
    pub(crate) fn is_accepted(&self, want: &Want) -> bool {
        want.in_scope && want.confidence >= self.bot.bands.accept
    }

    /// Whether it is at least worth asking back.
    pub(crate) fn is_likely(&self, want: &Want) -> bool {
        want.in_scope && want.confidence >= self.bot.bands.confirm
    }

    /// The first want, where it is this built-in intent and accepted.
    pub(crate) fn wants_first(&self, reading: &Reading, built_in: BuiltInIntent) -> bool {
        let first = reading.wants.first();
        first.is_some_and(|want| self.is(want.intent, built_in) && self.is_accepted(want))
    }

    /// As [`Cx::wants_first`], from `confirm` on.
    pub(crate) fn likely_first(&self, reading: &Reading, built_in: BuiltInIntent) -> bool {
        let first = reading.wants.first();
        first.is_some_and(|want| self.is(want.intent, built_in) && self.is_likely(want))
    }

    /// What was found, as the slot's value; none if it is not for this slot.
    pub(crate) fn fits(&self, slot: SlotRef, found: &Found) -> Option<Value> {
        let declaration = self.declaration(slot);
        if let Some(secret) = &found.secret {
            // A replayed secret is its marker: a fitting value, whatever the pattern.
            let is_marker = found.value.as_text() == Some(secret_marker(secret).as_str());
            let for_slot = declaration.secret && *secret == declaration.name;
            return match (for_slot, is_marker) {
                (false, _) => None,
                (true, true) => Some(found.value.clone()),
                (true, false) => self.fitting(slot, found.value.clone()),
            };
        }
        let by_source = declaration
            .from
            .as_ref()
            .is_some_and(|source| match source {
                SlotSource::Entity(id) => self.bot.entities[id.index()].name == found.entity,
                SlotSource::BuiltIn(kind) => *kind == found.entity,
            });
        match &declaration.kind {
            SlotKind::Typed(_) if by_source => self.fitting(slot, found.value.clone()),
            SlotKind::Typed(_) => None,
            SlotKind::ItemOf { list, .. } => {
                let named = self.item_named(*list, &found.text);
                let named = named.or_else(|| self.item_named(*list, found.value.as_text()?));
                named.and_then(|item| self.fitting(slot, item))
            }
        }
    }

    /// The item of a list that a text names; none if none or several do.
    pub(crate) fn item_named(&self, list: SlotRef, text: &str) -> Option<Value> {
        let Some(Value::List(items)) = self.slot(list) else {
            return None;
        };
        let mut named = items
            .iter()
            .filter(|item| super::option::names_item(item, text));
        named.next().filter(|_| named.next().is_none()).cloned()
    }

    pub(crate) fn entity_is(&self, id: EntityId, found: &Found) -> bool {
        self.bot.entities[id.index()].name == found.entity
    }
}
