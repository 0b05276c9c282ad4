//! Where a session begins and ends.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::cx::Cx;
use crate::conversation::{Known, Outside, Waiting};
use crate::{
    EffectKind, EventKind, Owner, Repeat, Route, Scope, SlotDeclaration, SlotKind, SlotRef, Then,
    TimerKind, Value, fit, secret_marker,
};

impl<'b> Cx<'b> {
    /// Ends a session that is over and begins a new one where the event may. False if the event belongs to the old one.
    pub(crate) fn enter_session(&mut self) -> bool {
        if !self.c.session_is_over(self.bot, self.now) {
            return true;
        }
        self.end_session();
        match &self.event.kind {
            EventKind::Message(_) | EventKind::Choice { .. } | EventKind::Outside { .. } => {
                self.begin_session();
                if !matches!(self.event.kind, EventKind::Outside { .. }) {
                    self.greet();
                }
                true
            }
            EventKind::SessionStart { slots } => {
                self.begin_session();
                self.take_given_slots(slots);
                self.greet();
                true
            }
            EventKind::Desk(_) | EventKind::End => true,
            EventKind::ToolReturned { effect, outcome } => {
                self.take_result(effect, outcome);
                false
            }
            EventKind::TimerFired { timer } if timer.kind == TimerKind::SessionEnd => {
                self.route(Route::Timer);
                false
            }
            EventKind::Sentence { .. }
            | EventKind::Generated { .. }
            | EventKind::TimerFired { .. }
            | EventKind::DeliveryFailed { .. } => {
                self.ignore("it belongs to a session that is over");
                false
            }
        }
    }

    /// Goes on in the language that the customer begins in, before anything is said in another one.
    pub(crate) fn turn_to_language(&mut self) {
        let EventKind::Message(message) = &self.event.kind else {
            return;
        };
        let Some(locale) = &message.understanding.locale else {
            return;
        };
        if self.c.owner != Owner::Ended && self.bot.locales.contains(locale) {
            self.c.locale = locale.clone();
            self.note("the message is in another of the bot's languages");
        }
    }

    /// Empties the stack, stops timers, drops session slots; calls that run are left.
    pub(crate) fn end_session(&mut self) {
        if self.inside().active_at.is_none() && self.inside().frames.is_empty() {
            return;
        }
        self.keep_episode();
        self.drop_frames(0);
        for aside in std::mem::take(&mut self.inside_mut().asides) {
            if let Outside::Tool(tool) = aside.what
                && self.bot.tools[tool.index()].repeat != Repeat::Safe
            {
                self.add_loose_end(aside.turn, aside.index, tool);
            }
        }
        for (index, declaration) in self.bot.slots.iter().enumerate() {
            if declaration.scope != Scope::User {
                self.inside_mut().slots[index] = declaration.default.clone();
            }
        }
        let inside = self.inside_mut();
        inside.active_at = None;
        inside.session_since = None;
        inside.heard_at = None;
        inside.interlude = None;
        inside.consents_open.clear();
        inside.offers.clear();
        inside.waiting.clear();
        inside.router_row.clear();
        inside.last_choice = None;
        inside.last_text = None;
        self.note("the session is over");
    }

    /// Has a note of the session kept, where the author wants one.
    fn keep_episode(&mut self) {
        let Some((policy, since)) = self.bot.episodes.as_ref().zip(self.inside().session_since)
        else {
            return;
        };
        let wanted = policy
            .guard
            .as_ref()
            .map_or(Ok(true), |guard| guard.holds(self));
        match wanted {
            Ok(true) if since < self.c.turn => {
                let until = self.now.checked_add(policy.keep).unwrap_or(Timestamp::MAX);
                self.emit(EffectKind::KeepEpisode { since, until });
            }
            Ok(_) => {}
            Err(error) => self.note(format!("no note of the session is kept: {error}")),
        }
    }

    fn begin_session(&mut self) {
        let memory = self
            .event
            .user
            .clone()
            .unwrap_or_else(|| crate::UserMemory {
                first: self.c.turn.0 == 1,
                ..Default::default()
            });
        for (index, declaration) in self.bot.slots.iter().enumerate() {
            if declaration.scope == Scope::User {
                let kept = memory.slots.get(&declaration.name).cloned();
                let kept = kept.and_then(|value| match self.hidden(declaration, &value) {
                    Some(hidden) => Some(hidden),
                    None => fit_slot(&declaration.kind, value),
                });
                self.inside_mut().slots[index] = kept.or_else(|| declaration.default.clone());
            }
        }
        let tz = memory
            .tz
            .as_deref()
            .and_then(|name| jiff::tz::TimeZone::get(name).ok());
        let now = self.now;
        let since = self.bot.episodes.as_ref().map(|_| self.c.turn);
        let inside = self.inside_mut();
        inside.known = Known {
            first: memory.first,
            tz,
            consents: memory.consents,
            facts: memory.facts,
            pending: BTreeMap::new(),
            episodes: memory.episodes,
        };
        inside.session_since = since;
        inside.active_at = Some(now);
        inside.heard_at = Some(now);
    }

    /// The greeting. With a message that has its own wish, a flow of the greeting waits.
    fn greet(&mut self) {
        self.route_only_for_session();
        let policy = &self.bot.session;
        let greeting = if self.inside().known.first {
            &policy.greet_first
        } else {
            &policy.greet_returning
        };
        let Some(mut plan) = self.pick(greeting) else {
            return;
        };
        let is_start = matches!(self.event.kind, EventKind::SessionStart { .. });
        if let (Then::Flow { flow, .. }, false) = (&plan.transition.then, is_start) {
            let with = std::mem::take(&mut plan.with);
            self.inside_mut().waiting.push(Waiting {
                flow: *flow,
                event: None,
                data: BTreeMap::new(),
                with,
            });
            self.trace.taken.push(plan.transition.id);
            self.say_with(&plan.transition.say, plan.say);
            return;
        }
        self.perform(plan);
    }

    fn route_only_for_session(&mut self) {
        if matches!(self.event.kind, EventKind::SessionStart { .. }) {
            self.route(Route::Session);
        }
    }

    /// The value of a marker, which came beside the event; on replay the marker is the value. None for what is no marker.
    fn hidden(&self, declaration: &SlotDeclaration, value: &Value) -> Option<Value> {
        let is_marker = declaration.secret
            && value.as_text() == Some(secret_marker(&declaration.name).as_str());
        if !is_marker {
            return None;
        }
        let hidden = self.event.secrets.get(&declaration.name);
        Some(hidden.map_or_else(|| value.clone(), |secret| Value::from(secret.as_str())))
    }

    /// Slots that a client gave; what does not fit is left out.
    pub(crate) fn take_given_slots(&mut self, slots: &BTreeMap<String, Value>) {
        self.route(Route::Session);
        for (name, value) in slots {
            let place = self
                .bot
                .slots
                .iter()
                .position(|declaration| declaration.name == *name);
            let slot = place.map(|index| SlotRef::Shared(index as u16));
            let hidden = place.and_then(|index| self.hidden(&self.bot.slots[index], value));
            let value = match hidden {
                Some(hidden) => Some(hidden),
                None => slot.and_then(|slot| self.fitting(slot, value.clone())),
            };
            match slot.zip(value) {
                Some((slot, value)) => self.assign(slot, value),
                None => self.note(format!("the client's slot `{name}` is not taken")),
            }
        }
        if self.c.owner == Owner::Bot && self.inside().active_at.is_none() {
            self.inside_mut().active_at = Some(self.now);
        }
    }
}

fn fit_slot(kind: &SlotKind, value: Value) -> Option<Value> {
    match kind {
        SlotKind::Typed(value_type) => fit(value, value_type),
        SlotKind::ItemOf { .. } => Some(value),
    }
}
