//! Rule 2: a value that was given is another one after all. What was computed from it goes, and the flow goes on from there.

use std::collections::BTreeSet;

use super::cx::{Cx, Reask};
use super::reading::{Found, Reading};
use crate::conversation::{Collected, Frame};
use crate::{
    BuiltInIntent, CollectItem, Flow, FlowId, SlotRef, StateId, StateKind, Trigger, Value,
};

/// Which slots of which frame get which values.
pub(crate) struct Correction {
    frame: usize,
    values: Vec<(SlotRef, Value)>,
}

impl<'b> Cx<'b> {
    pub(crate) fn correction(&mut self, reading: &Reading) -> Option<Correction> {
        let top = self.inside().frames.len().checked_sub(1)?;
        self.top_flow()?;
        let denies = self.likely_first(reading, BuiltInIntent::Deny);
        let corrects = self.wants_first(reading, BuiltInIntent::Correct);
        let strong = reading.negation || denies || corrects;
        let affirms = self.likely_first(reading, BuiltInIntent::Affirm) && !self.asks_for_slot();
        let values = self.differing(top, reading);
        if !values.is_empty() && (strong || reading.correction || affirms || self.is_bare(reading))
        {
            return Some(Correction { frame: top, values });
        }
        if !strong {
            return None;
        }
        let lowest = self.inside().top_chain();
        (lowest..top).rev().find_map(|frame| {
            let values = self.differing(frame, reading);
            (!values.is_empty()).then_some(Correction { frame, values })
        })
    }

    /// The message is nothing but values that the awaited slot cannot take, and the state does not name their entities.
    fn is_bare(&self, reading: &Reading) -> bool {
        let meant: Vec<&Found> = reading.meant().collect();
        if !reading.is_all(&meant) {
            return false;
        }
        let awaited = self.asked_value().map(|(_, item)| item.slot);
        let is_awaited = meant
            .iter()
            .any(|one| awaited.is_some_and(|slot| self.fits(slot, one).is_some()));
        let is_named = self.leaf_state().is_some_and(|state| {
            state.on.0.iter().any(|(trigger, _)| {
                matches!(trigger, Trigger::Entity(id) if meant.iter().any(|one| self.entity_is(*id, one)))
            })
        });
        !is_awaited && !is_named
    }

    /// Values of the message that fit slots which the frame collected, and differ from what they hold.
    fn differing(&mut self, frame: usize, reading: &Reading) -> Vec<(SlotRef, Value)> {
        self.seen_from(frame, |cx| {
            let mut values: Vec<(SlotRef, Value)> = Vec::new();
            for found in reading.meant() {
                let slot = cx.corrected_slot(found, reading, &values);
                values.extend(slot);
            }
            values.retain(|(slot, value)| cx.slot(*slot) != Some(value));
            values
        })
    }

    /// The slot that a value is for: the one whose old value the message negates, else the one collected last.
    fn corrected_slot(
        &self,
        found: &Found,
        reading: &Reading,
        taken: &[(SlotRef, Value)],
    ) -> Option<(SlotRef, Value)> {
        let frame = self.top()?;
        let mut fitting: Vec<(SlotRef, Value, Collected)> = frame
            .collected
            .iter()
            .filter(|(slot, _)| taken.iter().all(|(other, _)| other != *slot))
            .filter_map(|(slot, collected)| Some((*slot, self.fits(*slot, found)?, *collected)))
            .collect();
        fitting.sort_by_key(|(_, _, collected)| collected.entry);
        let negates = |slot: SlotRef| {
            let mut negated = reading.found.iter().filter(|one| one.negated);
            negated.any(|one| self.fits(slot, one).as_ref() == self.slot(slot))
        };
        let place = fitting.iter().position(|(slot, ..)| negates(*slot));
        let place = place.or(fitting.len().checked_sub(1))?;
        let (slot, value, _) = fitting.swap_remove(place);
        Some((slot, value))
    }

    /// Looks from a lower frame, as if it were on top.
    fn seen_from<T>(&mut self, frame: usize, look: impl FnOnce(&Self) -> T) -> T {
        let above = self.inside_mut().frames.split_off(frame + 1);
        let seen = look(self);
        self.inside_mut().frames.extend(above);
        seen
    }

    /// A `deny` with a value of a collected slot that is no correction is no deny.
    pub(crate) fn void_deny(&self, reading: &mut Reading) {
        let Some(frame) = self.top().filter(|frame| frame.flow().is_some()) else {
            return;
        };
        let names_a_value = reading.meant().any(|found| {
            frame
                .collected
                .keys()
                .any(|slot| self.fits(*slot, found).is_some())
        });
        if names_a_value {
            reading
                .wants
                .retain(|want| !self.is(want.intent, BuiltInIntent::Deny));
        }
    }

    pub(crate) fn correct(&mut self, correction: Correction) {
        if self.is_too_late(&correction) {
            return self.refuse_correction();
        }
        let Correction { frame, values } = correction;
        let above = self.inside_mut().frames.split_off(frame + 1);
        let items: Vec<Option<&'b CollectItem>> = values
            .iter()
            .map(|(slot, _)| self.item_for(*slot))
            .collect();
        let refused = items
            .iter()
            .zip(&values)
            .find_map(|(item, (_, value))| item.filter(|item| !self.accepts(item, value)));
        self.inside_mut().frames.extend(above);
        if let Some(item) = refused {
            return self.refuse_corrected(item);
        }
        if self.is_ahead(frame, &values) {
            return self.correct_ahead(frame, values);
        }
        self.end_frames_above(frame);
        let Some(from) = self.origin(&values) else {
            return;
        };
        self.clear_computed(values.iter().map(|(slot, _)| *slot).collect());
        let stays = self.leaf().is_some_and(|leaf| leaf.state == from);
        if !stays {
            self.leave_for(from);
            self.enter(from, None);
        }
        for ((slot, value), item) in values.into_iter().zip(items) {
            self.assign(slot, value);
            let entry = self
                .leaf()
                .map_or(crate::Entry(self.inside().entries), |leaf| leaf.entry);
            let collected = Collected {
                state: Some(from),
                entry,
            };
            self.mark(
                slot,
                collected,
                item.is_some_and(|item| !item.confirm.is_empty()),
            );
        }
        self.drop_items_without_list();
        self.reask(Reask::Plain);
    }

    /// Whether all of it was given with the message that started the flow, and the flow has not come to where it asks for it. To
    /// go there now would leave out what comes before, such as finding out who the customer is.
    fn is_ahead(&mut self, frame: usize, values: &[(SlotRef, Value)]) -> bool {
        self.seen_from(frame, |cx| {
            values.iter().all(|(slot, _)| cx.is_given_ahead(*slot))
        })
    }

    fn is_given_ahead(&self, slot: SlotRef) -> bool {
        let collected = self.top().and_then(|frame| frame.collected.get(&slot));
        let is_asked = self
            .top_flow()
            .is_some_and(|flow| flow.item_for(slot).is_some());
        is_asked && collected.is_some_and(|collected| collected.state.is_none())
    }

    /// Takes the values, and goes on where the customer is.
    fn correct_ahead(&mut self, frame: usize, values: Vec<(SlotRef, Value)>) {
        let above = self.inside_mut().frames.split_off(frame + 1);
        self.clear_computed(values.iter().map(|(slot, _)| *slot).collect());
        for (slot, value) in values {
            let item = self.item_for(slot);
            let collected = Collected {
                state: None,
                entry: crate::Entry(self.inside().entries),
            };
            self.assign(slot, value);
            self.mark(
                slot,
                collected,
                item.is_some_and(|item| !item.confirm.is_empty()),
            );
        }
        self.inside_mut().frames.extend(above);
        self.reask(Reask::Plain);
    }

    fn end_frames_above(&mut self, frame: usize) {
        while self.inside().frames.len() > frame + 1 {
            self.keep_provenance();
            let last = self.inside().frames.len() - 1;
            self.drop_frames(last);
        }
    }

    fn refuse_corrected(&mut self, item: &'b CollectItem) {
        self.note("the corrected value is refused");
        if !self.miss() {
            self.say(&item.reject);
            self.reask(Reask::Plain);
        }
    }

    /// Whether a call that cannot be taken back has read what would be corrected.
    fn is_too_late(&self, correction: &Correction) -> bool {
        let Some(frame) = self.inside().frames.get(correction.frame) else {
            return false;
        };
        frame.begun.iter().any(|begun| {
            correction.values.iter().any(|(slot, _)| {
                let given_before = frame
                    .collected
                    .get(slot)
                    .is_none_or(|given| given.entry <= begun.entry);
                given_before && begun.reads.contains(slot)
            })
        })
    }

    fn refuse_correction(&mut self) {
        self.note("too late: a call that cannot be taken back has begun with the old value");
        let is_too_late =
            |trigger: &Trigger| matches!(trigger, Trigger::CoreEvent(name) if name == "too_late");
        match self.triggered(is_too_late) {
            Some((plan, false)) => self.perform(plan),
            Some((plan, true)) => self.perform_anywhere(plan),
            None => {
                self.say_template(self.bot.built_in.too_late, Vec::new());
                self.reask(Reask::Plain);
            }
        }
    }

    /// The item that asks for a slot: of the active collect, else the flow's first.
    fn item_for(&self, slot: SlotRef) -> Option<&'b CollectItem> {
        let active = self.items().iter().find(|item| item.slot == slot);
        active.or_else(|| self.top_flow().and_then(|flow| flow.item_for(slot)))
    }

    /// The earliest state that collected one of the slots.
    fn origin(&self, values: &[(SlotRef, Value)]) -> Option<StateId> {
        let frame = self.top()?;
        let flow = self.top_flow()?;
        let collected = values
            .iter()
            .filter(|(slot, _)| !self.is_given_ahead(*slot))
            .filter_map(|(slot, _)| Some((*slot, frame.collected.get(slot)?)));
        let (slot, earliest) = collected.min_by_key(|(_, collected)| collected.entry)?;
        Some(earliest.state.unwrap_or_else(|| flow.first_collect(slot)))
    }

    /// Clears what was computed from these slots, transitively, and items chosen from what is cleared.
    fn clear_computed(&mut self, corrected: BTreeSet<SlotRef>) {
        let Some(frame) = self.top() else { return };
        let mut cleared = BTreeSet::new();
        let mut open: Vec<SlotRef> = corrected.iter().copied().collect();
        while let Some(slot) = open.pop() {
            for next in self.computed_from(frame, slot) {
                if !corrected.contains(&next) && cleared.insert(next) {
                    open.push(next);
                }
            }
        }
        for slot in cleared {
            self.unset(slot);
        }
    }

    fn computed_from(&self, frame: &Frame, slot: SlotRef) -> Vec<SlotRef> {
        let computed = frame
            .computed
            .iter()
            .filter(|(_, reads)| reads.contains(&slot));
        let own = frame
            .flow()
            .map_or(&[][..], |flow: FlowId| &self.bot.flows[flow.index()].slots);
        let own = own
            .iter()
            .enumerate()
            .map(|(i, one)| (SlotRef::Flow(i as u16), one));
        let shared = self.bot.slots.iter().enumerate();
        let shared = shared.map(|(i, one)| (SlotRef::Shared(i as u16), one));
        let items = own.chain(shared).filter(
            |(_, one)| matches!(&one.kind, crate::SlotKind::ItemOf { list, .. } if *list == slot),
        );
        computed
            .map(|(slot, _)| *slot)
            .chain(items.map(|(slot, _)| slot))
            .collect()
    }
}

impl Flow {
    /// The first item of the flow's collects that asks for the slot.
    pub(crate) fn item_for(&self, slot: SlotRef) -> Option<&CollectItem> {
        self.collects()
            .find_map(|(_, items)| items.iter().find(|item| item.slot == slot))
    }

    /// The first collect that asks for the slot, else the first collect, else where the flow begins.
    pub(crate) fn first_collect(&self, slot: SlotRef) -> StateId {
        let asks = |items: &[CollectItem]| items.iter().any(|item| item.slot == slot);
        let first = self.collects().find(|(_, items)| asks(items));
        first
            .or_else(|| self.collects().next())
            .map_or(self.initial, |(state, _)| state)
    }

    fn collects(&self) -> impl Iterator<Item = (StateId, &[CollectItem])> {
        self.states
            .iter()
            .enumerate()
            .filter_map(|(index, state)| match &state.kind {
                StateKind::Collect { items, .. } => Some((StateId::from(index), items.as_slice())),
                _ => None,
            })
    }
}
