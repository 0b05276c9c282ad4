//! What a step works on: the conversation as it becomes, what was decided so far, and what is left for the step's end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use crate::conversation::{Active, Frame, Inside};
use crate::{
    Bot, Conversation, Effect, EffectId, EffectKind, EntityId, Entry, Event, EventId, Flow, Owner,
    Route, SlotRef, State, StateKind, Step, Trace, Turn, Value,
};

pub(crate) struct Cx<'b> {
    pub(crate) bot: &'b Bot,
    pub(crate) event: &'b Event,
    pub(crate) c: Conversation,
    pub(crate) now: Timestamp,
    pub(crate) effects: Vec<Effect>,
    pub(crate) trace: Trace,
    pub(crate) reads: Reads,
    /// Transitions, enterings and returns so far.
    pub(crate) moves: u32,
    pub(crate) raised: VecDeque<Raised>,
    pub(crate) reask: Reask,
    /// Whether a question was asked in this step.
    pub(crate) asked: bool,
    /// Whether a flow ended in this step, with the flows that it called.
    pub(crate) chain_ended: bool,
    /// The send that asks the open question, and the question's number.
    pub(crate) question_send: Option<(usize, Entry)>,
    /// Flows wanted beside what the message did.
    pub(crate) wanted: Vec<crate::conversation::Offer>,
    pub(crate) failed: bool,
    /// The package of a frame that was ended because it could not go on.
    pub(crate) package: Option<crate::Package>,
}

/// What expressions and templates read beside slots.
#[derive(Default)]
pub(crate) struct Reads {
    pub(crate) entities: Vec<(EntityId, Value)>,
    pub(crate) result: Option<Value>,
    pub(crate) error: Option<Value>,
    /// What the call that gave `result` or `error` had read.
    pub(crate) result_of: BTreeSet<SlotRef>,
    pub(crate) event: Option<Value>,
    pub(crate) value: Option<Value>,
}

/// An event for now.
pub(crate) enum Raised {
    Authors(EventId, BTreeMap<String, Value>),
}

/// Whether the open question is asked again at the end of the step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reask {
    No,
    Plain,
    /// With `on_resume` before it.
    Resume,
}

impl<'b> Cx<'b> {
    pub(crate) fn new(bot: &'b Bot, mut conversation: Conversation, event: &'b Event) -> Self {
        conversation.turn = Turn(conversation.turn.0 + 1);
        let inside = &mut conversation.inside;
        let now = inside.at.map_or(event.at, |last| last.max(event.at));
        inside.at = Some(now);
        Self {
            bot,
            event,
            c: conversation,
            now,
            effects: Vec::new(),
            trace: Trace::default(),
            reads: Reads::default(),
            moves: 0,
            raised: VecDeque::new(),
            reask: Reask::No,
            asked: false,
            chain_ended: false,
            question_send: None,
            wanted: Vec::new(),
            failed: false,
            package: None,
        }
    }

    pub(crate) fn finish(mut self) -> Step {
        self.offer_choices();
        #[cfg(debug_assertions)]
        self.c.check(self.bot).expect("a step keeps the invariants");
        Step {
            conversation: self.c,
            effects: self.effects,
            trace: self.trace,
        }
    }

    pub(crate) fn emit(&mut self, kind: EffectKind) -> EffectId {
        let index =
            u32::try_from(self.effects.len()).expect("the bound on transitions bounds effects");
        let id = EffectId {
            conversation: self.c.id.clone(),
            turn: self.c.turn,
            index,
        };
        self.effects.push(Effect {
            id: id.clone(),
            kind,
        });
        id
    }

    pub(crate) fn note(&mut self, why: impl Into<String>) {
        self.trace.notes.push(why.into());
    }

    pub(crate) fn ignore(&mut self, why: impl Into<String>) {
        self.route(Route::Ignored);
        self.note(why);
    }

    /// Names the rule that took the event; the first one counts.
    pub(crate) fn route(&mut self, route: Route) {
        self.trace.route.get_or_insert(route);
    }

    pub(crate) fn reask(&mut self, reask: Reask) {
        self.reask = self.reask.max(reask);
    }

    pub(crate) fn inside(&self) -> &Inside {
        &self.c.inside
    }

    pub(crate) fn inside_mut(&mut self) -> &mut Inside {
        &mut self.c.inside
    }

    pub(crate) fn next_entry(&mut self) -> Entry {
        let inside = self.inside_mut();
        inside.entries += 1;
        Entry(inside.entries)
    }

    pub(crate) fn top(&self) -> Option<&Frame> {
        self.c.inside.frames.last()
    }

    pub(crate) fn top_mut(&mut self) -> Option<&mut Frame> {
        self.c.inside.frames.last_mut()
    }

    /// The top frame's flow, if a flow is on top.
    pub(crate) fn top_flow(&self) -> Option<&'b Flow> {
        let flow = self.top()?.flow()?;
        Some(&self.bot.flows[flow.index()])
    }

    pub(crate) fn leaf(&self) -> Option<&Active> {
        self.top()?.leaf()
    }

    pub(crate) fn leaf_mut(&mut self) -> Option<&mut Active> {
        self.top_mut()?.active.last_mut()
    }

    /// The leaf as declared.
    pub(crate) fn leaf_state(&self) -> Option<&'b State> {
        let state = self.leaf()?.state;
        Some(&self.top_flow()?.states[state.index()])
    }

    /// The active states as declared, innermost first.
    pub(crate) fn states_outward(&self) -> Vec<&'b State> {
        let Some((flow, frame)) = self.top_flow().zip(self.top()) else {
            return Vec::new();
        };
        frame
            .active
            .iter()
            .rev()
            .map(|active| &flow.states[active.state.index()])
            .collect()
    }

    pub(crate) fn waits_for_outside(&self) -> bool {
        let kind = self.leaf_state().map(|state| &state.kind);
        matches!(
            kind,
            Some(StateKind::Call { .. } | StateKind::Generate { .. })
        )
    }

    pub(crate) fn bot_speaks(&self) -> bool {
        self.c.owner == Owner::Bot
    }

    /// Who speaks changes, and the fence with it.
    pub(crate) fn change_owner(&mut self, owner: Owner) {
        if self.c.owner != owner {
            self.c.owner = owner;
            self.c.epoch += 1;
        }
    }

    /// Where the conversation is, for people: `flow.state`.
    pub(crate) fn place(&self) -> Option<String> {
        self.c.state(self.bot)
    }
}
