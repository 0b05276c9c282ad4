//! A record of an older version of the bot → the conversation, in the states that `migrate` names.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Flow, FlowId, Migration, SlotKind, SlotRef, StateId, StateKind, StateMove};

/// A state in which a conversation was, whose `migrate` may have something to say.
type MovedFrom = (FlowId, String);

pub(super) fn conversation(bot: &Bot, mut record: Record) -> Option<Conversation> {
    if !is_at_rest(&record) {
        return None;
    }
    let mut moved_from = Vec::new();
    let frames = std::mem::take(&mut record.frames);
    for chain in chains(frames) {
        let chain = move_chain(bot, &mut record, chain, &mut moved_from)?;
        record.frames.extend(chain);
    }
    record.bot = bot.version.0.clone();
    let mut conversation = super::read::conversation(bot, record).ok()?;
    conversation.inside.moved_from = moved_from;
    conversation.check(bot).ok()?;
    Some(conversation)
}

/// Whether nothing is outstanding that only the old version could take.
fn is_at_rest(record: &Record) -> bool {
    let waits = |frame: &FrameRecord| frame.operation.is_some() || frame.held.is_some();
    record.owner == Owner::Bot
        && record.handoff.is_none()
        && record.asides.is_empty()
        && !matches!(&record.interlude, Some(one) if matches!(one.kind, InterludeKindRecord::Permit(_)))
        && !record.frames.iter().any(waits)
}

/// Each flow with those that it called.
fn chains(frames: Vec<FrameRecord>) -> Vec<Vec<FrameRecord>> {
    let mut chains: Vec<Vec<FrameRecord>> = Vec::new();
    for frame in frames {
        match chains.last_mut() {
            Some(chain) if frame.called => chain.push(frame),
            _ => chains.push(vec![frame]),
        }
    }
    chains
}

/// A chain in its new states; nothing is left of one with a state that ends it.
fn move_chain(
    bot: &Bot,
    record: &mut Record,
    chain: Vec<FrameRecord>,
    moved_from: &mut Vec<MovedFrom>,
) -> Option<Vec<FrameRecord>> {
    let mut frames = Vec::new();
    let mut ends = false;
    for mut frame in chain {
        let id = bot.flow(frame.flow.as_ref()?)?;
        let flow = &bot.flows[id.index()];
        let migration = flow.migration.as_ref();
        let migration = migration.filter(|migration| migration.from.0 == record.bot)?;
        rename_slots(bot, flow, migration, &mut frame, record);
        if let Some((old, moved)) = moved_state(migration, &frame) {
            clear(bot, flow, moved, &mut frame, record);
            moved_from.push((id, old));
            match moved.to {
                Some(to) => enter(flow, to, &mut frame, record),
                None => ends = true,
            }
        }
        frames.push(frame);
    }
    Some(if ends { Vec::new() } else { frames })
}

/// The innermost active state that `migrate` names.
fn moved_state<'m>(
    migration: &'m Migration,
    frame: &FrameRecord,
) -> Option<(String, &'m StateMove)> {
    let mut inward = frame.active.iter().rev();
    inward.find_map(|active| {
        let moved = migration.states.get(&active.state)?;
        Some((active.state.clone(), moved))
    })
}

/// Puts the frame into a state as if it had just been entered, with all that is around it and its first states within.
fn enter(flow: &Flow, to: StateId, frame: &mut FrameRecord, record: &mut Record) {
    let mut states = vec![to];
    while let Some(parent) = flow.states[states[0].index()].parent {
        states.insert(0, parent);
    }
    while let Some(StateKind::Compound { initial, .. }) =
        states.last().map(|state| &flow.states[state.index()].kind)
    {
        states.push(*initial);
    }
    let since = record.at.unwrap_or_default();
    frame.active = states
        .into_iter()
        .map(|state| {
            record.entries += 1;
            ActiveRecord {
                state: flow.states[state.index()].path.clone(),
                entry: Entry(record.entries),
                since,
                begun: false,
                after_fired: BTreeSet::new(),
                no_input_fired: BTreeSet::new(),
            }
        })
        .collect();
    frame.question = None;
    frame.skipped.clear();
    frame.answered.clear();
    let exists = |path: &String| flow.states.iter().any(|state| state.path == *path);
    frame.misses.retain(|path, _| exists(path));
    frame
        .history
        .retain(|path, child| exists(path) && exists(child));
    for collected in frame.collected.values_mut() {
        collected.state = collected.state.take().filter(exists);
    }
}

/// Gives the slots their new names. Those that are no more, or of another type, are unset.
fn rename_slots(
    bot: &Bot,
    flow: &Flow,
    migration: &Migration,
    frame: &mut FrameRecord,
    record: &mut Record,
) {
    let shared_before: BTreeSet<String> = bot.slots.iter().map(|slot| slot.name.clone()).collect();
    let rename = |name: &String| match migration.slots.get(name) {
        Some(slot) => Some(slot_name(bot, flow, *slot)),
        None if flow.slots.iter().any(|slot| slot.name == *name) => Some(name.clone()),
        None => shared_before.contains(name).then(|| name.clone()),
    };
    let values = std::mem::take(&mut frame.slots);
    for (old, value) in values {
        let Some(name) = rename(&old) else { continue };
        if let Some(slot) = flow.slots.iter().find(|slot| slot.name == name) {
            if let Some(value) = fitted(&slot.kind, value) {
                frame.slots.insert(name, value);
            }
        } else if let Some(slot) = bot.slots.iter().find(|slot| slot.name == name)
            && let Some(value) = fitted(&slot.kind, value)
        {
            record.slots.insert(name, value);
        }
    }
    frame.collected = renamed(std::mem::take(&mut frame.collected), &rename);
    frame.computed = renamed(std::mem::take(&mut frame.computed), &rename);
    for reads in frame.computed.values_mut() {
        *reads = reads.iter().filter_map(&rename).collect();
    }
    frame.unconfirmed = frame.unconfirmed.iter().filter_map(&rename).collect();
    for begun in &mut frame.begun {
        begun.reads = begun.reads.iter().filter_map(&rename).collect();
    }
    // They name a caller's slots by their place, which is another now; a correction in the caller clears less for it.
    frame.given.clear();
}

fn renamed<T>(
    from: BTreeMap<String, T>,
    rename: &impl Fn(&String) -> Option<String>,
) -> BTreeMap<String, T> {
    from.into_iter()
        .filter_map(|(old, value)| Some((rename(&old)?, value)))
        .collect()
}

/// The value, if the slot can still hold it.
fn fitted(kind: &SlotKind, value: Value) -> Option<Value> {
    match kind {
        SlotKind::Typed(value_type) => crate::coerce::fit(value, value_type),
        // Whether the list still has the item is looked at with the next change of the list.
        SlotKind::ItemOf { .. } => Some(value),
    }
}

fn clear(bot: &Bot, flow: &Flow, moved: &StateMove, frame: &mut FrameRecord, record: &mut Record) {
    for slot in &moved.clear {
        let name = slot_name(bot, flow, *slot);
        match slot {
            SlotRef::Flow(_) => frame.slots.remove(&name),
            SlotRef::Shared(_) => record.slots.remove(&name),
        };
        frame.collected.remove(&name);
        frame.computed.remove(&name);
        frame.unconfirmed.remove(&name);
    }
}

fn slot_name(bot: &Bot, flow: &Flow, slot: SlotRef) -> String {
    match slot {
        SlotRef::Flow(index) => flow.slots[usize::from(index)].name.clone(),
        SlotRef::Shared(index) => bot.slots[usize::from(index)].name.clone(),
    }
}
