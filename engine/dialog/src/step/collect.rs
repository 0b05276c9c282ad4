//! A collect: which question comes next, whether a value is taken, what happens when it is not.

use super::cx::{Cx, Reask};
use crate::conversation::{Collected, Stage};
use crate::{CollectItem, SlotRef, StateKind, Value};

impl<'b> Cx<'b> {
    /// The items of the collect that is on top; empty if none is.
    pub(crate) fn items(&self) -> &'b [CollectItem] {
        match self.leaf_state().map(|state| &state.kind) {
            Some(StateKind::Collect { items, .. }) => items,
            _ => &[],
        }
    }

    /// What is to be asked next; none = all is there.
    pub(crate) fn next_question(&self) -> Option<(u16, Stage)> {
        let items = self.items().iter().enumerate();
        items
            .map(|(index, item)| (index as u16, item))
            .find_map(|(index, item)| self.stage_of(index, item).map(|stage| (index, stage)))
    }

    fn stage_of(&self, index: u16, item: &CollectItem) -> Option<Stage> {
        let frame = self.top()?;
        if frame.collect.skipped.contains(&index) || !self.applies(item) {
            return None;
        }
        if frame.unconfirmed.contains(&item.slot) {
            return Some(Stage::Confirm);
        }
        let again = item.again && !frame.collect.answered.contains(&index);
        (again || self.slot(item.slot).is_none()).then_some(Stage::Value)
    }

    /// `when`; one that fails is not asked.
    fn applies(&self, item: &CollectItem) -> bool {
        item.when
            .as_ref()
            .is_none_or(|when| when.holds(self).unwrap_or(false))
    }

    /// The item that is asked for, with what is asked about it.
    pub(crate) fn asked_item(&self) -> Option<(u16, Stage, &'b CollectItem)> {
        let (index, stage) = self.top()?.question.as_ref()?.item?;
        Some((index, stage, self.items().get(usize::from(index))?))
    }

    /// The item whose value is asked for.
    pub(crate) fn asked_value(&self) -> Option<(u16, &'b CollectItem)> {
        self.asked_item()
            .filter(|(_, stage, _)| *stage == Stage::Value)
            .map(|(i, _, item)| (i, item))
    }

    /// Whether `accept` takes the value; one that fails refuses it.
    pub(crate) fn accepts(&mut self, item: &CollectItem, value: &Value) -> bool {
        let Some(accept) = &item.accept else {
            return true;
        };
        self.reads.value = Some(value.clone());
        let accepted = accept.holds(self).unwrap_or(false);
        self.reads.value = None;
        accepted
    }

    /// Gives the item's slot a fitting value. False if `accept` refuses it.
    pub(crate) fn give(&mut self, index: u16, value: Value) -> bool {
        let Some(item) = self.items().get(usize::from(index)) else {
            return false;
        };
        if !self.accepts(item, &value) {
            return false;
        }
        self.assign(item.slot, value);
        self.mark_collected(item);
        if let Some(frame) = self.top_mut() {
            frame.collect.skipped.remove(&index);
            frame.collect.answered.insert(index);
        }
        self.drop_items_without_list();
        true
    }

    pub(crate) fn mark_collected(&mut self, item: &CollectItem) {
        let Some(leaf) = self.leaf() else { return };
        let collected = Collected {
            state: Some(leaf.state),
            entry: leaf.entry,
        };
        self.mark(item.slot, collected, !item.confirm.is_empty());
    }

    pub(crate) fn mark(&mut self, slot: SlotRef, collected: Collected, unconfirmed: bool) {
        let Some(frame) = self.top_mut() else { return };
        frame.collected.insert(slot, collected);
        frame.computed.remove(&slot);
        if unconfirmed {
            frame.unconfirmed.insert(slot);
        } else {
            frame.unconfirmed.remove(&slot);
        }
    }

    /// Gives several values; the first that is refused is answered for.
    pub(crate) fn give_all(&mut self, values: Vec<(u16, Value)>, late: bool) {
        // If the values were for other slots, the question is still open.
        self.reask(Reask::Plain);
        let mut refused = None;
        for (index, value) in values {
            if !self.give(index, value) {
                refused = refused.or(Some(index));
            }
        }
        if let Some(index) = refused {
            self.refuse(index, late);
        }
    }

    /// A value is refused: a miss, unless the question was asked after the message was written.
    pub(crate) fn refuse(&mut self, index: u16, late: bool) {
        self.note("the value is refused");
        let items = self.items();
        if !late && self.miss() {
            return;
        }
        if let Some(item) = items.get(usize::from(index)) {
            self.say(&item.reject);
        }
        self.reask(Reask::Plain);
    }

    /// Yes to the value that was read back.
    pub(crate) fn confirm(&mut self, index: u16) {
        if let Some(item) = self.items().get(usize::from(index))
            && let Some(frame) = self.top_mut()
        {
            frame.unconfirmed.remove(&item.slot);
        }
    }

    /// No to it: it is asked for again.
    pub(crate) fn disown(&mut self, index: u16) {
        self.reask(Reask::Plain);
        if let Some(item) = self.items().get(usize::from(index)) {
            self.unset(item.slot);
            self.drop_items_without_list();
        }
    }

    /// An optional slot stays unset.
    pub(crate) fn skip(&mut self, index: u16) {
        self.disown(index);
        if let Some(frame) = self.top_mut() {
            frame.collect.skipped.insert(index);
        }
    }

    /// A value that is offered again is kept.
    pub(crate) fn keep_value(&mut self, index: u16) {
        if let Some(item) = self.items().get(usize::from(index)) {
            self.mark_collected(item);
        }
        if let Some(frame) = self.top_mut() {
            frame.collect.answered.insert(index);
        }
        self.confirm(index);
    }
}
