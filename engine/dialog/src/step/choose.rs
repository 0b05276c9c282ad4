//! A choice: of the open question, of an old one, or clicked twice.

use super::cx::{Cx, Reask};
use super::option::{DENY, KEEP, MORE};
use crate::conversation::Stage;
use crate::{ChoiceId, Route, Trigger};

impl<'b> Cx<'b> {
    pub(crate) fn choose(&mut self, id: &ChoiceId) {
        self.heard();
        self.inside_mut().active_at = Some(self.now);
        let is_again = self.inside().last_choice.as_ref() == Some(id) && id.key != MORE;
        let interlude = self
            .inside()
            .interlude
            .as_ref()
            .map(|interlude| interlude.entry);
        if interlude == Some(id.entry) {
            self.inside_mut().last_choice = Some(id.clone());
            if !self.take_interlude(&id.key) {
                self.choice_is_gone(false);
            }
        } else if self.is_open_choice(id) {
            self.close_interlude();
            self.inside_mut().last_choice = Some(id.clone());
            self.route(Route::Choice);
            self.inside_mut().router_row.clear();
            self.take_key(&id.key);
        } else {
            self.choice_is_gone(is_again);
        }
    }

    /// Whether the choice belongs to the open question of the top state.
    fn is_open_choice(&self, id: &ChoiceId) -> bool {
        let Some(frame) = self.top() else {
            return false;
        };
        let Some(question) = frame.question.as_ref() else {
            return false;
        };
        question.entry == id.entry
            && (id.key == MORE || self.options().iter().any(|option| option.key == id.key))
    }

    /// A stale choice.
    fn choice_is_gone(&mut self, is_again: bool) {
        self.route(Route::Choice);
        let is_open = self.top().is_some_and(|frame| frame.question.is_some())
            || self.inside().interlude.is_some();
        if is_again {
            self.note("clicked twice: taken once");
        } else if self.waits_for_outside() {
            self.note("a choice of an old question, while a call runs");
        } else if is_open {
            self.note("a choice of an old question: the open one is asked again");
            self.reask(Reask::Plain);
        } else {
            self.say_template(self.bot.built_in.choice_gone, Vec::new());
        }
    }

    /// Takes a choice of the open question by its key.
    pub(crate) fn take_key(&mut self, key: &str) {
        match self.asked_item() {
            Some((index, Stage::Confirm, _)) if key == DENY => self.disown(index),
            Some((index, Stage::Confirm, _)) => self.confirm(index),
            Some((index, Stage::Value, _)) => self.take_item_key(index, key),
            None => self.take_state_key(key),
        }
    }

    fn take_item_key(&mut self, index: u16, key: &str) {
        if key == MORE {
            if let Some(question) = self.top_mut().and_then(|frame| frame.question.as_mut()) {
                question.page = question.page.wrapping_add(1);
            }
            return self.reask(Reask::Plain);
        }
        if key == KEEP {
            return self.keep_value(index);
        }
        let chosen = self.options().into_iter().find(|option| option.key == key);
        let slot = self.items().get(usize::from(index)).map(|item| item.slot);
        match (chosen.and_then(|option| option.value), slot) {
            (Some(value), Some(slot)) => match self.fitting(slot, value) {
                Some(value) => self.give_all(vec![(index, value)], false),
                None => self.refuse(index, false),
            },
            _ => self.take_state_key(key),
        }
    }

    /// `choice.X`; failing that, if X is an intent, `intent.X`.
    fn take_state_key(&mut self, key: &str) {
        let matches = |trigger: &Trigger| matches!(trigger, Trigger::Choice(name) if name == key);
        match self.triggered(matches) {
            Some((plan, false)) => self.perform(plan),
            Some((plan, true)) => self.perform_anywhere(plan),
            None => match self.bot.intent(key) {
                Some(intent) => self.take_intent(intent, Vec::new()),
                None => {
                    self.note(format!("nothing takes the choice `{key}`"));
                    self.reask(Reask::Plain);
                }
            },
        }
    }
}
