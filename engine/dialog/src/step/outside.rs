//! Events of the author's, from outside, scheduled or raised; and messages that could not be delivered.

use std::collections::BTreeMap;

use super::cx::Cx;
use super::subflow::Given;
use crate::{Busy, EventId, Flow, FlowId, Route, Trigger, Value};

impl<'b> Cx<'b> {
    pub(crate) fn take_outside(&mut self, name: &str, data: &BTreeMap<String, Value>) {
        self.route(Route::Outside);
        match self.bot.event(name) {
            Some(event) => self.take_event(event, data.clone()),
            None => self.note(format!("the bot has no event `{name}`")),
        }
    }

    pub(crate) fn take_event(&mut self, event: EventId, data: BTreeMap<String, Value>) {
        self.reads.event = Some(Value::Map(data.clone()));
        let matches = |trigger: &Trigger| matches!(trigger, Trigger::Event(id) if *id == event);
        if self.may_speak() {
            match self.triggered(matches) {
                Some((plan, false)) => return self.perform(plan),
                Some((plan, true)) => return self.perform_anywhere(plan),
                None => {}
            }
        } else {
            self.note("a person has the conversation: no handler takes the event");
        }
        let starts = |flow: &&'b Flow| flow.start.event.is_some_and(|(id, _)| id == event);
        match self
            .bot
            .flows
            .iter()
            .find(starts)
            .and_then(|flow| self.bot.flow(&flow.name))
        {
            Some(flow) => self.start_by_event(flow, event, data),
            None => self.note("nothing takes the event"),
        }
    }

    fn start_by_event(&mut self, flow: FlowId, event: EventId, data: BTreeMap<String, Value>) {
        let busy = self.bot.flows[flow.index()]
            .start
            .event
            .map(|(_, busy)| busy);
        let runs = self
            .inside()
            .frames
            .iter()
            .any(|frame| frame.flow() == Some(flow));
        let is_free = self.bot_speaks() && self.inside().frames.is_empty();
        match busy.unwrap_or_default() {
            _ if is_free => self.push_flow(flow, false, Given::default()),
            Busy::Interrupt if self.bot_speaks() && !runs => {
                self.push_flow(flow, false, Given::default());
            }
            Busy::Wait | Busy::Interrupt => self.wait_to_start(flow, Some(event), data, Vec::new()),
            Busy::Drop => self.note("the event is dropped: another flow runs"),
        }
    }

    pub(crate) fn take_delivery_failure(&mut self, why: &str) {
        self.route(Route::Outside);
        self.note(format!("a message stayed undeliverable: {why}"));
        let data = [("why".to_owned(), Value::from(why))];
        self.reads.event = Some(Value::Map(data.into()));
        let matches = |trigger: &Trigger| matches!(trigger, Trigger::CoreEvent(name) if name == "delivery_failed");
        if let Some((plan, _)) = self.triggered(matches) {
            self.perform(plan);
        }
    }
}
