//! Rule 7: values in a message fill slots that are still open; and the same for the message that starts a flow.

use super::answer::{Taken, Taking};
use super::cx::Cx;
use super::reading::{Found, Reading, words_in};
use crate::conversation::Collected;
use crate::{Entry, Route, SlotRef, Value};

impl<'b> Cx<'b> {
    /// Values for open slots, unless the message wants something else and they are its smaller part.
    pub(crate) fn fill(&self, reading: &Reading) -> Option<Taken<'b>> {
        let (values, used) = self.fitting_values(reading);
        if values.is_empty() {
            return None;
        }
        let half = words_in(&used) * 2 >= u32::from(reading.words);
        let elsewhere = reading.wants.iter().any(|want| {
            self.is_accepted(want) && self.has_taker(want.intent) && !self.starts_top(want.intent)
        });
        if elsewhere && !half {
            return None;
        }
        let covers = |words| used.iter().any(|found| found.words.overlaps(words));
        let want = reading
            .wants
            .iter()
            .position(|want| want.words.is_none_or(covers));
        Some(Taken {
            route: Route::Fill,
            taking: Taking::Give(values),
            want,
        })
    }

    /// One value fills one slot: the one that is asked for, else the first in order.
    fn fitting_values<'r>(&self, reading: &'r Reading) -> (Vec<(u16, Value)>, Vec<&'r Found>) {
        let mut values: Vec<(u16, Value)> = Vec::new();
        let mut used: Vec<&Found> = Vec::new();
        let asked = self.asked_value().map(|(index, _)| index);
        let order = asked
            .into_iter()
            .chain((0..self.items().len()).map(|index| index as u16));
        for index in order {
            let is_done = values.iter().any(|(done, _)| *done == index);
            if is_done || !self.is_open(index) {
                continue;
            }
            let slot = self.items()[usize::from(index)].slot;
            let free = |one: &&Found| !used.iter().any(|taken| std::ptr::eq(*taken, *one));
            let mut fitting = reading
                .meant()
                .filter(free)
                .filter_map(|one| Some((one, self.fits(slot, one)?)));
            let Some((first, value)) = fitting.next() else {
                continue;
            };
            let more: Vec<(&Found, Value)> = fitting.collect();
            match (value, more.is_empty()) {
                // A list takes all that fit it.
                (Value::List(mut list), false) => {
                    let whole = more.iter().flat_map(|(_, value)| match value {
                        Value::List(items) => items.clone(),
                        other => vec![other.clone()],
                    });
                    list.extend(whole);
                    let all = self.fitting(slot, Value::List(list));
                    values.extend(all.map(|all| (index, all)));
                    used.push(first);
                    used.extend(more.iter().map(|(found, _)| *found));
                }
                (value, _) => {
                    values.push((index, value));
                    used.push(first);
                }
            }
        }
        (values, used)
    }

    /// Whether the item may still be filled, whether or not its `when` holds now.
    fn is_open(&self, index: u16) -> bool {
        let Some(frame) = self.top() else {
            return false;
        };
        let Some(item) = self.items().get(usize::from(index)) else {
            return false;
        };
        let again = item.again && !frame.collect.answered.contains(&index);
        again || self.slot(item.slot).is_none() || frame.unconfirmed.contains(&item.slot)
    }

    /// The message that starts a flow fills its slots that have an entity. A value that the flow's collect would refuse is no
    /// value.
    pub(crate) fn fill_at_start(&mut self, found: &[Found]) {
        let Some(flow) = self.top_flow() else { return };
        let mut used = vec![false; found.len()];
        for (index, declaration) in flow.slots.iter().enumerate() {
            let slot = SlotRef::Flow(index as u16);
            if declaration.from.is_none()
                || self.slot(slot).is_some() && declaration.default.is_none()
            {
                continue;
            }
            let item = flow.item_for(slot);
            if item.is_some_and(|item| item.verbatim) {
                continue;
            }
            let fitting = found
                .iter()
                .enumerate()
                .filter(|(at, one)| !used[*at] && !one.negated);
            let Some((at, value)) = fitting
                .filter_map(|(at, one)| Some((at, self.fits(slot, one)?)))
                .next()
            else {
                continue;
            };
            used[at] = true;
            if item.is_some_and(|item| !self.accepts(item, &value)) {
                self.note(format!(
                    "`{}`: the value in the message is refused",
                    declaration.name
                ));
                continue;
            }
            self.assign(slot, value);
            let collected = Collected {
                state: None,
                entry: Entry(self.inside().entries),
            };
            self.mark(
                slot,
                collected,
                item.is_some_and(|item| !item.confirm.is_empty()),
            );
        }
    }
}
