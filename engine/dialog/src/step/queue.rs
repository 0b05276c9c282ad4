//! Flows that cannot start at once: they wait until nothing runs and the bot speaks.

use std::collections::BTreeMap;

use super::cx::Cx;
use super::subflow::Given;
use crate::conversation::{Offer, Waiting};
use crate::{EventId, FlowId, Value};

/// How many flows may wait: a storm of events must not grow a conversation without end.
const WAITING_MAX: usize = 8;

impl<'b> Cx<'b> {
    /// A transition's `flow`: on top, or later if people have the conversation.
    pub(crate) fn start_or_wait(&mut self, flow: FlowId, values: Vec<(u16, Value)>) {
        let is_closing = self
            .inside()
            .handoff
            .as_ref()
            .is_none_or(|handoff| handoff.closing);
        if self.bot_speaks() && is_closing {
            self.start_or_raise(
                flow,
                Given {
                    values,
                    ..Given::default()
                },
            );
        } else {
            self.wait_to_start(flow, None, BTreeMap::new(), values);
        }
    }

    pub(crate) fn wait_to_start(
        &mut self,
        flow: FlowId,
        event: Option<EventId>,
        data: BTreeMap<String, Value>,
        with: Vec<(u16, Value)>,
    ) {
        if self.inside().waiting.len() >= WAITING_MAX {
            return self.note("too many flows wait: this one is dropped");
        }
        self.note(format!(
            "`{}` waits until nothing runs",
            self.bot.flows[flow.index()].name
        ));
        self.inside_mut().waiting.push(Waiting {
            flow,
            event,
            data,
            with,
        });
    }

    /// Nothing runs: what waits, or what the message wanted too, starts now.
    pub(crate) fn start_waiting(&mut self) -> bool {
        if !self.bot_speaks() {
            return false;
        }
        if !self.inside().waiting.is_empty() {
            let Waiting {
                flow,
                event,
                data,
                with,
            } = self.inside_mut().waiting.remove(0);
            if event.is_some() {
                self.reads.event = Some(Value::Map(data));
            }
            self.push_flow(
                flow,
                false,
                Given {
                    values: with,
                    ..Given::default()
                },
            );
            return true;
        }
        if self.wanted.is_empty() || self.chain_ended {
            return false;
        }
        let offer: Offer = self.wanted.remove(0);
        let flow = self.bot.intents[offer.intent.index()].starts;
        flow.map(|flow| self.start_wanted(flow, offer)).is_some()
    }
}
