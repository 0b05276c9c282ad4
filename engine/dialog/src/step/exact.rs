//! Rules 1, 6 and 9: the message as a whole is the answer to the open question.

use super::answer::{Taken, Taking};
use super::cx::Cx;
use super::reading::{Found, Reading};
use crate::conversation::Stage;
use crate::{CollectItem, Route, SlotKind, SlotRef, Value, ValueType, from_text};

impl<'b> Cx<'b> {
    /// Rule 1.
    pub(crate) fn exact(&self, reading: &Reading) -> Option<Taken<'b>> {
        if reading.late {
            return None;
        }
        let taking = self
            .named_choices(reading)
            .or_else(|| self.whole_value(reading))?;
        Some(Taken {
            route: Route::Exact,
            taking,
            want: Some(0),
        })
    }

    /// Choices of the open question that the whole text names.
    fn named_choices(&self, reading: &Reading) -> Option<Taking<'b>> {
        let question = self.top()?.question.as_ref()?;
        let is_shown = |key: &&String| question.choices.iter().any(|shown| shown.key == **key);
        let mut named = reading.choices.iter().filter(is_shown);
        let first = named.next()?;
        if named.next().is_none() {
            return Some(Taking::Choice(first.clone()));
        }
        let (index, item) = self.asked_value()?;
        let options = self.options();
        let values: Vec<Value> = reading
            .choices
            .iter()
            .filter_map(|key| {
                options
                    .iter()
                    .find(|option| option.key == *key)?
                    .value
                    .clone()
            })
            .collect();
        match self.fitting(item.slot, Value::List(values)) {
            Some(list) => Some(Taking::Give(vec![(index, list)])),
            None => Some(Taking::Refuse(index)),
        }
    }

    /// The whole text is a value of the slot that is asked for, if its type is closed.
    fn whole_value(&self, reading: &Reading) -> Option<Taking<'b>> {
        let (index, item) = self.asked_value()?;
        if let Some(taking) = self.attached(index, item, reading) {
            return Some(taking);
        }
        let found = reading.meant().find(|one| reading.is_all(&[one]));
        let value = found
            .and_then(|found| self.fits(item.slot, found))
            .or_else(|| self.read_whole(item.slot, reading.text.as_deref()?))?;
        Some(Taking::Give(vec![(index, value)]))
    }

    fn attached(&self, index: u16, item: &CollectItem, reading: &Reading) -> Option<Taking<'b>> {
        let is_file = |value_type: &ValueType| match value_type {
            ValueType::File { .. } => true,
            ValueType::List { of, .. } => matches!(**of, ValueType::File { .. }),
            _ => false,
        };
        let SlotKind::Typed(value_type) = &self.declaration(item.slot).kind else {
            return None;
        };
        let first = reading
            .attachments
            .first()
            .filter(|_| is_file(value_type))?;
        let whole = match value_type {
            ValueType::List { .. } => Value::List(reading.attachments.clone()),
            _ => first.clone(),
        };
        Some(match self.fitting(item.slot, whole) {
            Some(file) => Taking::Give(vec![(index, file)]),
            None => Taking::Refuse(index),
        })
    }

    /// A text that spells out a value of a closed type.
    fn read_whole(&self, slot: SlotRef, text: &str) -> Option<Value> {
        let declaration = self.declaration(slot);
        match &declaration.kind {
            SlotKind::Typed(ValueType::Text) => {
                declaration.pattern.as_ref()?;
                self.fitting(slot, Value::from(text.trim()))
            }
            SlotKind::Typed(value_type) => {
                from_text(text, value_type).and_then(|value| self.fitting(slot, value))
            }
            SlotKind::ItemOf { list, .. } => self
                .item_named(*list, text)
                .and_then(|item| self.fitting(slot, item)),
        }
    }

    /// Rule 6.
    pub(crate) fn verbatim(&self, reading: &Reading) -> Option<Taken<'b>> {
        let (index, item) = self
            .asked_value()
            .filter(|(_, item)| item.verbatim && !reading.late)?;
        let taking = match self.whole_text(item.slot, reading)? {
            Some(value) => Taking::Give(vec![(index, value)]),
            None => Taking::Refuse(index),
        };
        Some(Taken {
            route: Route::Verbatim,
            taking,
            want: Some(0),
        })
    }

    /// Rule 9.
    pub(crate) fn text(&self, reading: &Reading) -> Option<Taken<'b>> {
        let (index, item) = self.asked_value().filter(|_| !reading.late)?;
        let declaration = self.declaration(item.slot);
        if !matches!(declaration.kind, SlotKind::Typed(ValueType::Text)) {
            return None;
        }
        let value = match &declaration.pattern {
            None => self.whole_text(item.slot, reading)?,
            Some(pattern) => {
                let secret = reading.found.iter().filter(|one| {
                    one.secret.as_ref() == Some(&declaration.name) && declaration.secret
                });
                match secret.collect::<Vec<&Found>>().as_slice() {
                    [] => only_place(pattern.regex(), reading.text.as_deref()?).map(Value::from),
                    [one] => self.fits(item.slot, one),
                    _ => None,
                }
            }
        };
        let taking = match value.and_then(|value| self.fitting_or_marker(item.slot, value)) {
            Some(value) => Taking::Give(vec![(index, value)]),
            None => Taking::Refuse(index),
        };
        Some(Taken {
            route: Route::Text,
            taking,
            want: Some(0),
        })
    }

    /// The whole text as the slot's value; the inner none = it does not fit, the outer = there is no text.
    fn whole_text(&self, slot: SlotRef, reading: &Reading) -> Option<Option<Value>> {
        let declaration = self.declaration(slot);
        let text = reading.text.as_deref()?.trim();
        let marked = reading
            .found
            .iter()
            .find(|one| one.secret.as_ref() == Some(&declaration.name));
        if let Some(found) = marked.filter(|_| declaration.secret) {
            return Some(self.fits(slot, found));
        }
        let SlotKind::Typed(value_type) = &declaration.kind else {
            return Some(None);
        };
        Some(from_text(text, value_type).and_then(|value| self.fitting(slot, value)))
    }

    fn fitting_or_marker(&self, slot: SlotRef, value: Value) -> Option<Value> {
        let marker = crate::secret_marker(&self.declaration(slot).name);
        if value.as_text() == Some(marker.as_str()) {
            Some(value)
        } else {
            self.fitting(slot, value)
        }
    }

    /// Whether a slot's value is asked for now.
    pub(crate) fn asks_for_slot(&self) -> bool {
        self.asked_item()
            .is_some_and(|(_, stage, _)| stage == Stage::Value)
    }
}

/// The one place that matches, not inside a longer word or number; none if there are several.
fn only_place<'t>(pattern: &regex::Regex, text: &'t str) -> Option<&'t str> {
    let stands_alone = |found: &regex::Match<'_>| {
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        !before.into_iter().chain(after).any(char::is_alphanumeric)
    };
    let mut places = pattern.find_iter(text).filter(stands_alone);
    let first = places.next()?;
    places.next().is_none().then_some(first.as_str())
}
