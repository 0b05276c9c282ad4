//! The one function that advances a conversation, and its parts: one file a subject of the language's chapter 4.

mod answer;
mod aside;
mod ask;
mod call;
mod cancel;
mod choose;
mod clarify;
mod collect;
mod correct;
mod cx;
mod digress;
mod enter;
mod exact;
mod fill;
mod generate;
mod handoff;
mod option;
mod outcome;
mod outside;
mod perform;
mod permit;
mod pick;
mod queue;
mod reading;
mod result;
mod router;
mod say;
mod scope;
mod session;
mod settle;
mod slot;
mod subflow;
mod timer;
mod trigger;

use crate::{Bot, Conversation, Effect, Event, EventKind, Owner, Route, Trace};
use cx::Cx;

pub(crate) use say::shown;

/// How many transitions, enterings and returns one event may cause. More is a cycle: the longest chain of an honest bot is a
/// dozen.
pub const TRANSITIONS_PER_EVENT_MAX: u32 = 64;

/// What came of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The conversation after it.
    pub conversation: Conversation,
    /// What to do outside, in order.
    pub effects: Vec<Effect>,
    /// Why.
    pub trace: Trace,
}

/// Advances a conversation by one event. Pure: same inputs, same outputs.
pub fn step(bot: &Bot, conversation: Conversation, event: &Event) -> Step {
    let mut cx = Cx::new(bot, conversation, event);
    cx.turn_to_language();
    if cx.c.owner == Owner::Ended {
        cx.ignore("the conversation has ended");
    } else if cx.enter_session() {
        cx.say_what_moved();
        cx.take();
        cx.settle();
        cx.ask();
    }
    cx.finish()
}

impl Cx<'_> {
    fn take(&mut self) {
        let event = self.event;
        match (&event.kind, &self.c.owner) {
            (_, Owner::Ended) => self.ignore("the conversation has ended"),
            (EventKind::SessionStart { slots }, _) => self.take_given_slots(slots),
            (EventKind::Message(message), Owner::Bot) => self.answer(message),
            (EventKind::Message(message), Owner::Queued { .. }) => self.wait_in_line(message),
            (EventKind::Message(message), Owner::Person { .. }) => self.relay_message(message),
            (EventKind::Choice { choice }, Owner::Bot) => self.choose(choice),
            (EventKind::Choice { choice }, Owner::Queued { .. }) => self.choose_in_line(choice),
            (EventKind::Choice { choice }, Owner::Person { .. }) => self.relay_choice(choice),
            (EventKind::ToolReturned { effect, outcome }, _) => self.take_result(effect, outcome),
            (
                EventKind::Sentence {
                    effect, n, text, ..
                },
                _,
            ) => self.stream(effect, *n, text),
            (EventKind::Generated { effect, outcome }, _) => self.take_generated(effect, outcome),
            (EventKind::TimerFired { timer }, _) => self.fire(timer),
            (EventKind::Outside { name, data }, _) => self.take_outside(name, data),
            (EventKind::Desk(desk), _) => self.take_desk(desk),
            (EventKind::DeliveryFailed { why, .. }, _) => self.take_delivery_failure(why),
            (EventKind::End, _) => self.end_conversation(),
        }
    }

    fn end_conversation(&mut self) {
        self.route(Route::Session);
        self.end_session();
        self.close_open_handoff();
        self.change_owner(Owner::Ended);
    }
}
