//! What a conversation waits for, as understanding and masking must know it.

use super::{Conversation, Expected, ExpectedSlot, Frame, Question, Shown, Stage};
use crate::{
    Bot, Choice, ChoiceId, CollectItem, Entry, Flow, Pattern, SlotDeclaration, SlotKind, SlotRef,
    SlotSource, StateKind, ValueType,
};

impl Conversation {
    /// What the conversation waits for.
    pub fn expected(&self, bot: &Bot) -> Expected {
        let inside = &self.inside;
        let choices = match (&inside.interlude, inside.frames.last()) {
            (Some(interlude), _) => choices(interlude.entry, &interlude.choices),
            (
                None,
                Some(Frame {
                    question: Some(question),
                    ..
                }),
            ) => choices(question.entry, &question.choices),
            _ => Vec::new(),
        };
        let asked = inside
            .frames
            .last()
            .and_then(|frame| asked_slot(bot, frame));
        let asked = asked.filter(|_| inside.interlude.is_none());
        Expected {
            choices,
            slot: asked,
            secrets: self.secrets(bot),
        }
    }

    /// Secrets that the customer may give or correct now.
    fn secrets(&self, bot: &Bot) -> Vec<(String, Option<Pattern>)> {
        let mut secrets: Vec<(String, Option<Pattern>)> = Vec::new();
        let lowest = self.inside.top_chain();
        for frame in self.inside.frames[lowest.min(self.inside.frames.len())..]
            .iter()
            .rev()
        {
            let Some(flow) = frame.flow().map(|flow| &bot.flows[flow.index()]) else {
                continue;
            };
            let asked = asked_item(flow, frame).map(|item| item.slot);
            let items = items(flow, frame).iter().map(|item| item.slot);
            for slot in asked
                .into_iter()
                .chain(items)
                .chain(frame.collected.keys().copied())
            {
                let declared = declaration(bot, flow, slot);
                let known = secrets.iter().any(|(name, _)| *name == declared.name);
                // Without a pattern it is the whole text, and only where it is asked for.
                let may_come = declared.pattern.is_some() || Some(slot) == asked;
                if declared.secret && may_come && !known {
                    secrets.push((declared.name.clone(), declared.pattern.clone()));
                }
            }
        }
        secrets
    }
}

fn choices(entry: Entry, shown: &[Shown]) -> Vec<Choice> {
    shown
        .iter()
        .map(|one| Choice {
            id: ChoiceId {
                entry,
                key: one.key.clone(),
            },
            label: one.label.clone(),
        })
        .collect()
}

fn items<'b>(flow: &'b Flow, frame: &Frame) -> &'b [CollectItem] {
    let leaf = frame
        .leaf()
        .map(|leaf| &flow.states[leaf.state.index()].kind);
    match leaf {
        Some(StateKind::Collect { items, .. }) => items,
        _ => &[],
    }
}

fn asked_item<'b>(flow: &'b Flow, frame: &Frame) -> Option<&'b CollectItem> {
    let Question {
        item: Some((index, Stage::Value)),
        ..
    } = frame.question.as_ref()?
    else {
        return None;
    };
    items(flow, frame).get(usize::from(*index))
}

fn declaration<'b>(bot: &'b Bot, flow: &'b Flow, slot: SlotRef) -> &'b SlotDeclaration {
    match slot {
        SlotRef::Flow(index) => &flow.slots[usize::from(index)],
        SlotRef::Shared(index) => &bot.slots[usize::from(index)],
    }
}

fn asked_slot(bot: &Bot, frame: &Frame) -> Option<ExpectedSlot> {
    let flow = &bot.flows[frame.flow()?.index()];
    let item = asked_item(flow, frame)?;
    let declared = declaration(bot, flow, item.slot);
    let (value_type, several) = match &declared.kind {
        SlotKind::Typed(list @ ValueType::List { .. }) => (list.clone(), true),
        SlotKind::Typed(value_type) => (value_type.clone(), false),
        SlotKind::ItemOf { of, max, .. } => (of.clone(), max.is_some()),
    };
    Some(ExpectedSlot {
        name: declared.name.clone(),
        value_type,
        entity: declared.from.as_ref().map(|source| match source {
            SlotSource::Entity(id) => bot.entities[id.index()].name.clone(),
            SlotSource::BuiltIn(kind) => kind.clone(),
        }),
        verbatim: item.verbatim,
        several,
    })
}
