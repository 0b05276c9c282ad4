//! People: handing over, waiting in line, what the desk does, and coming back.

use std::collections::BTreeMap;

use super::cx::{Cx, Reask};
use super::pick::Plan;
use crate::conversation::{FrameKind, Handoff};
use crate::{
    ChoiceId, DeskEvent, DeskId, EffectKind, Entry, EventKind, FlowId, IncomingMessage, Outgoing,
    Owner, Package, PersonId, Relayed, Route, StateKind, Then, Transitions, Trigger, Value,
};

impl<'b> Cx<'b> {
    /// As the action of a transition: a frame of its own, and back to the state below.
    pub(crate) fn hand_over_and_back(&mut self, desk: DeskId, why: &str) {
        if self.is_with_desk() {
            self.note("a handoff is open already: the message is relayed");
            return self.relay_event();
        }
        // A desk that closed is done with before another is asked.
        self.inside_mut().handoff = None;
        let entry = self.push_handoff();
        self.open_handoff(desk, why, entry);
    }

    pub(crate) fn is_with_desk(&self) -> bool {
        self.inside()
            .handoff
            .as_ref()
            .is_some_and(|handoff| !handoff.closing)
    }

    pub(crate) fn open_handoff(&mut self, desk: DeskId, why: &str, entry: Entry) {
        let name = self.bot.desks[desk.index()].name.clone();
        let package = self.package.take().unwrap_or_else(|| self.package());
        let is_closed = self
            .event
            .desks
            .get(&name)
            .is_some_and(|status| !status.open);
        self.inside_mut().handoff = Some(Handoff {
            desk,
            entry,
            since: self.now,
            position: 0,
            announced: 0,
            closing: false,
        });
        if is_closed {
            self.note(format!("the desk `{name}` is closed"));
            return self.end_at_desk("closed");
        }
        self.say_template(self.bot.built_in.handing_over, Vec::new());
        self.close_interlude();
        self.emit(EffectKind::OpenHandoff {
            desk: name.clone(),
            why: why.to_owned(),
            package,
        });
        self.change_owner(Owner::Queued {
            desk: name,
            since: self.now,
        });
    }

    pub(crate) fn package(&self) -> Package {
        let slots = self
            .visible_slots()
            .filter_map(|(slot, value)| Some((slot.name.clone(), self.shown(slot, value?))))
            .collect();
        let inside = self.inside();
        let open = inside.offers.iter().chain(&self.wanted);
        Package {
            state: self.place(),
            slots,
            open_intents: open
                .map(|offer| self.bot.intents[offer.intent.index()].name.clone())
                .collect(),
            loose_ends: inside
                .loose_ends
                .iter()
                .map(|end| self.describe_end(end))
                .collect(),
        }
    }

    fn describe_end(&self, end: &crate::conversation::LooseEnd) -> String {
        let name = &self.bot.tools[end.tool.index()].name;
        let outcome = end.outcome.as_deref().unwrap_or("no answer yet");
        format!(
            "{name} ({}): {outcome}",
            self.effect_id(end.turn, end.index)
        )
    }

    /// The state of an open handoff was left: the desk is told, and the bot speaks again.
    pub(crate) fn close_handoff(&mut self) {
        self.close_open_handoff();
        self.inside_mut().handoff = None;
        if self.c.owner != Owner::Ended {
            self.change_owner(Owner::Bot);
        }
    }

    pub(crate) fn close_open_handoff(&mut self) {
        if !self.is_with_desk() {
            return;
        }
        if let Some(desk) = self.desk_name() {
            self.emit(EffectKind::CloseHandoff { desk });
        }
    }

    fn desk_name(&self) -> Option<String> {
        let handoff = self.inside().handoff.as_ref()?;
        Some(self.bot.desks[handoff.desk.index()].name.clone())
    }

    /// While queued: choices, the state's own `on` and `anywhere` are tried, the rest is relayed.
    pub(crate) fn wait_in_line(&mut self, message: &'b IncomingMessage) {
        self.heard();
        self.inside_mut().active_at = Some(self.now);
        let reading = self.read_message(message);
        let named = self
            .top()
            .and_then(|frame| frame.question.as_ref())
            .and_then(|question| {
                let mut shown = question.choices.iter();
                shown
                    .find(|shown| reading.choices.contains(&shown.key))
                    .map(|shown| shown.key.clone())
            });
        if let Some(key) = named.filter(|_| !reading.late) {
            self.route(Route::Choice);
            return self.take_key(&key);
        }
        if let Some(handled) = self.leaf_takes(&reading) {
            self.route(Route::State);
            return self.perform(handled.plan);
        }
        match self.anywhere_takes(&reading) {
            Some(handled) if !matches!(handled.plan.transition.then, Then::Handoff { .. }) => {
                self.route(Route::Anywhere);
                self.perform(handled.plan);
            }
            Some(_) | None => self.relay_message(message),
        }
    }

    pub(crate) fn choose_in_line(&mut self, choice: &ChoiceId) {
        let question = self.top().and_then(|frame| frame.question.as_ref());
        if question.is_some_and(|question| question.entry == choice.entry) {
            self.choose(choice);
        } else {
            self.relay_choice(choice);
        }
    }

    pub(crate) fn relay_message(&mut self, message: &IncomingMessage) {
        self.inside_mut().active_at = Some(self.now);
        self.relay(Relayed::Message {
            text: message.text.clone(),
            attachments: message.attachments.clone(),
        });
    }

    pub(crate) fn relay_choice(&mut self, choice: &ChoiceId) {
        self.inside_mut().active_at = Some(self.now);
        self.relay(Relayed::Choice {
            key: choice.key.clone(),
        });
    }

    fn relay(&mut self, what: Relayed) {
        self.route(Route::Relayed);
        match self.desk_name() {
            Some(desk) => {
                self.emit(EffectKind::Relay { desk, what });
            }
            None => self.note("there is no desk to relay to"),
        }
    }

    fn relay_event(&mut self) {
        match &self.event.kind {
            EventKind::Message(message) => self.relay_message(message),
            EventKind::Choice { choice } => self.relay_choice(choice),
            _ => {}
        }
    }

    pub(crate) fn take_desk(&mut self, event: &'b DeskEvent) {
        self.route(Route::Desk);
        if let DeskEvent::Requested { desk, why } = event {
            return self.take_request(desk.as_deref(), why);
        }
        if !self.is_with_desk() {
            return self.note("no handoff is open: the desk's event is dropped");
        }
        match event {
            DeskEvent::Requested { .. } => {}
            DeskEvent::Queued { position } => {
                if let Some(handoff) = &mut self.inside_mut().handoff {
                    handoff.position = *position;
                }
                self.tell_position(*position);
            }
            DeskEvent::Joined { person, name } => self.take_join(person, name),
            DeskEvent::Said { text, person, .. } => self.take_persons_word(person, text),
            DeskEvent::Returned => self.end_at_desk("returned"),
            DeskEvent::Ended => {
                self.inside_mut().handoff = None;
                self.change_owner(Owner::Ended);
                self.end_session();
            }
            DeskEvent::Closed => self.end_at_desk("closed"),
            DeskEvent::GaveUp => self.end_at_desk("gave_up"),
            DeskEvent::Failed { why } => {
                self.note(format!("the desk could not be reached: {why}"));
                self.end_at_desk("failed");
            }
        }
    }

    fn take_request(&mut self, desk: Option<&str>, why: &str) {
        let named = desk.map_or(Some(DeskId(0)), |name| self.bot.desk(name));
        match named.filter(|desk| desk.index() < self.bot.desks.len()) {
            Some(_) if self.is_with_desk() => self.note("a handoff is open already"),
            Some(desk) => self.hand_over_and_back(desk, why),
            None => self.note("the bot has no such desk"),
        }
    }

    pub(crate) fn tell_position(&mut self, position: u32) {
        self.see_event("position", Value::Int(position.into()));
        self.take_desk_trigger("queued");
    }

    fn take_join(&mut self, person: &PersonId, name: &str) {
        let Some(desk) = self.desk_name() else { return };
        self.change_owner(Owner::Person {
            desk,
            person: person.clone(),
            name: name.to_owned(),
        });
        self.see_event("name", Value::from(name));
        self.take_desk_trigger("joined");
    }

    fn take_persons_word(&mut self, person: &PersonId, text: &str) {
        let name = match &self.c.owner {
            Owner::Person { name, .. } => name.clone(),
            Owner::Bot | Owner::Queued { .. } | Owner::Ended => {
                self.take_join(person, person.as_str());
                person.0.clone()
            }
        };
        let said = Outgoing::Person {
            person: person.clone(),
            name,
            text: text.to_owned(),
        };
        self.emit(EffectKind::Send(said));
        self.inside_mut().active_at = Some(self.now);
    }

    /// The desk is done with it: what the state says to that, else what the desk says; then the handoff is over.
    fn end_at_desk(&mut self, how: &str) {
        let Some(handoff) = &mut self.inside_mut().handoff else {
            return;
        };
        handoff.closing = true;
        let desk = handoff.desk;
        let desk = &self.bot.desks[desk.index()];
        self.change_owner(Owner::Bot);
        if self.take_desk_trigger(how) {
            return;
        }
        let instead: &'b Transitions = match how {
            "returned" => &desk.after,
            "gave_up" => &desk.gave_up,
            _ => &desk.closed,
        };
        match self.pick(instead) {
            Some(plan) if how == "returned" => self.perform_after(plan),
            Some(plan) => self.perform(plan),
            None if how == "returned" => {}
            None => {
                self.note("the desk has nothing to say to that");
                self.say_template(self.bot.built_in.failed, Vec::new());
            }
        }
    }

    /// What comes after people. Its flow comes before the state goes on, but for the flow that handed over itself: that one
    /// ends first, and then starts anew.
    fn perform_after(&mut self, mut plan: Plan<'b>) {
        match plan.transition.then {
            Then::Flow { flow, .. } if self.is_in_top_chain(flow) => {
                let with = std::mem::take(&mut plan.with);
                self.apply(plan);
                self.wait_to_start(flow, None, BTreeMap::new(), with);
            }
            _ => self.perform(plan),
        }
    }

    fn is_in_top_chain(&self, flow: FlowId) -> bool {
        let lowest = self.inside().top_chain();
        let mut chain = self.inside().frames.iter().skip(lowest);
        chain.any(|frame| frame.flow() == Some(flow))
    }

    fn take_desk_trigger(&mut self, how: &str) -> bool {
        let matches = |trigger: &Trigger| matches!(trigger, Trigger::Desk(name) if name == how);
        match self.triggered(matches) {
            Some((plan, _)) => {
                self.perform(plan);
                true
            }
            None => false,
        }
    }

    fn see_event(&mut self, name: &str, value: Value) {
        self.reads.event = Some(Value::Map(BTreeMap::from([(name.to_owned(), value)])));
    }

    /// A handoff that the desk is done with, on top again: the state takes its `done`, a frame of its own ends.
    pub(crate) fn end_closed_handoff(&mut self) -> bool {
        if self.is_with_desk() || !self.bot_speaks() {
            return false;
        }
        self.inside_mut().handoff = None;
        if self
            .top()
            .is_some_and(|frame| matches!(frame.kind, FrameKind::Handoff(_)))
        {
            self.inside_mut().frames.pop();
            self.chain_ended |= self.inside().frames.is_empty();
            self.reask(Reask::Resume);
        } else if let Some(StateKind::Handoff { done, .. }) = self.leaf_state().map(|one| &one.kind)
        {
            self.take_or_fail(done);
        }
        true
    }
}
