//! The question at the end of a step, and the choices that go with it.

use super::cx::{Cx, Reask};
use crate::conversation::{Question, Shown};
use crate::{ChoiceId, EffectKind, Entry, OfferedChoice, Outgoing, StateKind};

impl<'b> Cx<'b> {
    pub(crate) fn ask(&mut self) {
        let wanted = std::mem::take(&mut self.wanted);
        wanted.into_iter().for_each(|offer| self.note_offer(offer));
        if !self.bot_speaks() {
            return;
        }
        self.close_overtaken_interlude();
        if self.inside().interlude.is_some() {
            if self.reask != Reask::No && !self.asked {
                self.ask_interlude();
            }
        } else if !self.ask_consent() && !self.ask_offer() {
            self.ask_top();
        }
    }

    fn ask_top(&mut self) {
        let Some(state) = self.leaf_state() else {
            return;
        };
        match &state.kind {
            StateKind::Collect { .. } => self.ask_item(),
            StateKind::Wait | StateKind::Handoff { .. } => self.ask_state_again(),
            _ if self.reask == Reask::Resume => self.heard(),
            _ => {}
        }
    }

    fn ask_item(&mut self) {
        let Some(next) = self.next_question() else {
            return;
        };
        let open = self.top().and_then(|frame| frame.question.as_ref());
        let is_new = open.is_none_or(|question| question.item != Some(next));
        if !is_new && (self.reask == Reask::No || self.asked) {
            return;
        }
        if is_new {
            let question = Question {
                entry: self.next_entry(),
                item: Some(next),
                first_asked: self.c.turn,
                page: 0,
                choices: Vec::new(),
            };
            self.open_question(question);
        }
        self.say_on_resume();
        self.say_question();
    }

    fn ask_state_again(&mut self) {
        let open = self.top().is_some_and(|frame| frame.question.is_some());
        if open && self.reask != Reask::No && !self.asked {
            self.say_on_resume();
            self.say_question();
        }
    }

    /// Says the open question of the top state.
    fn say_question(&mut self) {
        let Some(state) = self.leaf_state() else {
            return;
        };
        let Some(entry) = self
            .top()
            .and_then(|frame| frame.question.as_ref())
            .map(|q| q.entry)
        else {
            return;
        };
        let says = match self.asked_item() {
            Some((_, crate::conversation::Stage::Confirm, item)) => &item.confirm,
            Some((_, crate::conversation::Stage::Value, item)) => &item.ask,
            None if state.ask.is_empty() => &state.say,
            None => &state.ask,
        };
        let sent = self.say(says);
        self.asked_with(sent, entry);
    }

    fn say_on_resume(&mut self) {
        if self.reask == Reask::Resume
            && let Some(digressions) = self.digressions()
        {
            self.say(&digressions.on_resume);
        }
    }

    pub(crate) fn open_question(&mut self, question: Question) {
        if let Some(frame) = self.top_mut() {
            frame.question = Some(question);
        }
    }

    /// A question was asked by this send.
    pub(crate) fn asked_with(&mut self, send: Option<usize>, entry: Entry) {
        self.asked = true;
        self.inside_mut().asks += 1;
        self.heard();
        if let Some(send) = send {
            self.question_send = Some((send, entry));
        }
    }

    /// `no_input` starts anew.
    pub(crate) fn heard(&mut self) {
        let now = self.now;
        let inside = self.inside_mut();
        inside.heard_at = Some(now);
        for active in inside.frames.iter_mut().flat_map(|frame| &mut frame.active) {
            active.no_input_fired.clear();
        }
    }

    /// Puts the choices of the open question to the send that asks it.
    pub(crate) fn offer_choices(&mut self) {
        let Some((send, entry)) = self.question_send else {
            return;
        };
        let choices: Vec<OfferedChoice> = self
            .open_options(entry)
            .into_iter()
            .map(|option| OfferedChoice {
                id: ChoiceId {
                    entry,
                    key: option.key,
                },
                label: option.label,
            })
            .collect();
        let shown = choices
            .iter()
            .map(|choice| Shown {
                key: choice.id.key.clone(),
                label: String::new(),
            })
            .collect();
        let inside = self.inside_mut();
        if let Some(interlude) = inside.interlude.as_mut().filter(|one| one.entry == entry) {
            interlude.choices = shown;
        } else if let Some(question) = inside
            .frames
            .last_mut()
            .and_then(|frame| frame.question.as_mut())
            .filter(|question| question.entry == entry)
        {
            question.choices = shown;
        }
        if let Some(EffectKind::Send(Outgoing::Response(response))) =
            self.effects.get_mut(send).map(|effect| &mut effect.kind)
        {
            response.choices = choices;
        }
    }
}
