//! The one function that advances a conversation.

use crate::{Bot, Conversation, Effect, Event, Trace};

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
pub fn step(_bot: &Bot, mut conversation: Conversation, _event: &Event) -> Step {
    conversation.turn.0 += 1;
    Step {
        conversation,
        effects: Vec::new(),
        trace: Trace::default(),
    }
}
