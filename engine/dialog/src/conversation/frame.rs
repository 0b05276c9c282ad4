//! What a conversation is made of: frames, questions, what is outstanding. The data only; what happens to it is `step`'s.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    ChoiceId, DeskId, Entity, Entry, Episode, EventId, Fact, FlowId, IntentId, Made, ModelId,
    SlotRef, StateId, ToolId, ToolOutcome, Turn, Value,
};

/// One running flow, or a handoff that a transition began.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) kind: FrameKind,
    /// Whether the frame below called it: such frames move, and end, as one.
    pub(crate) called: bool,
    /// The active states, outermost first; the last is the leaf. Empty only for a handoff.
    pub(crate) active: Vec<Active>,
    /// By the index of [`crate::Flow::slots`].
    pub(crate) slots: Vec<Option<Value>>,
    /// Which slots the customer gave, and where.
    pub(crate) collected: BTreeMap<SlotRef, Collected>,
    /// What the other slots were computed from.
    pub(crate) computed: BTreeMap<SlotRef, BTreeSet<SlotRef>>,
    /// Slots whose value still waits for a yes.
    pub(crate) unconfirmed: BTreeSet<SlotRef>,
    /// What the caller's `with` read for each own slot.
    pub(crate) given: BTreeMap<u16, BTreeSet<SlotRef>>,
    /// Misses by the state whose `attempts` count them.
    pub(crate) misses: BTreeMap<StateId, u32>,
    /// Which child each compound state was left from.
    pub(crate) history: BTreeMap<StateId, StateId>,
    /// What the leaf waits for.
    pub(crate) operation: Option<Operation>,
    /// What came for the leaf while it could not take it.
    pub(crate) held: Option<Held>,
    /// Calls that cannot be taken back, and all that they read.
    pub(crate) begun: Vec<Begun>,
    /// The question that it asked last and that is still open.
    pub(crate) question: Option<Question>,
    /// How far the leaf's collect is.
    pub(crate) collect: CollectProgress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Flow(FlowId),
    /// Begun by a transition; its [`Handoff`] has this entry.
    Handoff(Entry),
}

/// An active state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Active {
    pub(crate) state: StateId,
    pub(crate) entry: Entry,
    pub(crate) since: Timestamp,
    /// Whether what the state does (a call, a flow, a handoff) has begun.
    pub(crate) begun: bool,
    /// Timers of `after` that fired.
    pub(crate) after_fired: BTreeSet<u16>,
    /// Timers of `no_input` that fired since the customer was last heard or asked.
    pub(crate) no_input_fired: BTreeSet<u16>,
}

/// Where the customer gave a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Collected {
    /// The state; none = with the message that started the flow.
    pub(crate) state: Option<StateId>,
    /// The state's entry, or the newest one at that time.
    pub(crate) entry: Entry,
}

/// A call or a model's answer that is outstanding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) turn: Turn,
    pub(crate) index: u32,
    pub(crate) entry: Entry,
    pub(crate) what: Outside,
    pub(crate) busy_said: bool,
    /// What a model has said of its answer.
    pub(crate) said: String,
    /// The model's wish that this call fulfils.
    pub(crate) wish: Option<Box<Wish>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    Tool(ToolId),
    Model(ModelId),
}

/// An outcome that waits until its frame is on top and the bot speaks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) entry: Entry,
    pub(crate) at: Timestamp,
    pub(crate) outcome: ToolOutcome,
}

/// A call that is not `repeat: safe` and has begun.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Begun {
    pub(crate) tool: ToolId,
    pub(crate) entry: Entry,
    /// Directly or not.
    pub(crate) reads: BTreeSet<SlotRef>,
}

/// An open question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// Its number: the state's entry, or a fresh one for each question of a collect.
    pub(crate) entry: Entry,
    /// Of a collect: which item, and what is asked about it.
    pub(crate) item: Option<(u16, Stage)>,
    pub(crate) first_asked: Turn,
    pub(crate) page: u16,
    pub(crate) choices: Vec<Shown>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Value,
    Confirm,
}

/// A choice as the customer saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) key: String,
    pub(crate) label: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CollectProgress {
    /// Optional items that the customer skipped.
    pub(crate) skipped: BTreeSet<u16>,
    /// `again` items that were answered.
    pub(crate) answered: BTreeSet<u16>,
}

/// A question of the engine's own, over the state's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Interlude {
    pub(crate) entry: Entry,
    pub(crate) first_asked: Turn,
    pub(crate) kind: InterludeKind,
    pub(crate) choices: Vec<Shown>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum InterludeKind {
    /// Which of these was meant; the entities are those of the unsure message.
    Clarify {
        intents: Vec<IntentId>,
        entities: Vec<Entity>,
    },
    /// Whether what was wanted earlier is still wanted.
    Offer(Offer),
    /// Whether the shared slot's value may be kept.
    Consent { slot: u16 },
    /// Whether a model's answer of which it isn't sure helped.
    Helpful { model: ModelId },
    /// Whether a model may make a call.
    Permit(Box<Wish>),
}

/// A call that a model wants to make and may not without the customer's yes; and what its answer needs to go on after it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    pub(crate) model: ModelId,
    pub(crate) tool: ToolId,
    pub(crate) args: BTreeMap<String, Value>,
    pub(crate) question: String,
    pub(crate) made: Vec<Made>,
    pub(crate) asker: Asker,
    /// What the model may see.
    pub(crate) values: BTreeMap<String, Value>,
}

/// What a model is answering for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A state, by its entry.
    State(Entry),
    /// The conversation.
    Aside(AsideOrigin),
}

/// Something wanted that could not be done at once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offer {
    pub(crate) intent: IntentId,
    pub(crate) entities: Vec<Entity>,
}

/// A flow that an event starts when nothing runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) flow: FlowId,
    pub(crate) event: Option<EventId>,
    pub(crate) data: BTreeMap<String, Value>,
    pub(crate) with: Vec<(u16, Value)>,
}

/// A call or a model's answer that belongs to the conversation, not to a state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aside {
    pub(crate) turn: Turn,
    pub(crate) index: u32,
    pub(crate) what: Outside,
    pub(crate) origin: AsideOrigin,
    /// How many questions had been asked when it began.
    pub(crate) asks: u64,
    pub(crate) said: String,
    /// The model's wish that this call fulfils.
    pub(crate) wish: Option<Box<Wish>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AsideOrigin {
    /// An answer to this intent.
    Answer(IntentId),
    /// The router, or a transition without a state.
    Router,
}

/// A call that was left and cannot be taken back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LooseEnd {
    pub(crate) turn: Turn,
    pub(crate) index: u32,
    pub(crate) tool: ToolId,
    /// What came of it after all.
    pub(crate) outcome: Option<String>,
}

/// The conversation is, or was just, with a desk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handoff {
    pub(crate) desk: DeskId,
    /// The handoff state's entry, or the handoff frame's.
    pub(crate) entry: Entry,
    pub(crate) since: Timestamp,
    pub(crate) position: u32,
    pub(crate) announced: u16,
    /// Over for the desk; a flow of the desk's may still run, then the state goes on.
    pub(crate) closing: bool,
}

/// What the core remembers of the user during a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    pub(crate) first: bool,
    pub(crate) tz: Option<jiff::tz::TimeZone>,
    pub(crate) consents: BTreeMap<String, bool>,
    /// Where the values come from that are kept for long, by slot name.
    pub(crate) facts: BTreeMap<String, Fact>,
    /// The same of values whose keeping waits for consent.
    pub(crate) pending: BTreeMap<String, Fact>,
    /// Newest first.
    pub(crate) episodes: Vec<Episode>,
}

impl Frame {
    pub(crate) fn flow(&self) -> Option<FlowId> {
        match self.kind {
            FrameKind::Flow(flow) => Some(flow),
            FrameKind::Handoff(_) => None,
        }
    }

    pub(crate) fn leaf(&self) -> Option<&Active> {
        self.active.last()
    }

    pub(crate) fn has_entry(&self, entry: Entry) -> bool {
        self.active.iter().any(|active| active.entry == entry)
            || self.kind == FrameKind::Handoff(entry)
    }

    /// All that the slots were computed from, transitively, themselves included.
    pub(crate) fn roots(&self, of: &BTreeSet<SlotRef>) -> BTreeSet<SlotRef> {
        let mut roots = of.clone();
        let mut open: Vec<SlotRef> = of.iter().copied().collect();
        while let Some(slot) = open.pop() {
            for &read in self.computed.get(&slot).into_iter().flatten() {
                if roots.insert(read) {
                    open.push(read);
                }
            }
        }
        roots
    }
}

impl Operation {
    pub(crate) fn is(&self, effect: &crate::EffectId) -> bool {
        self.turn == effect.turn && self.index == effect.index
    }
}

impl Wish {
    /// Whether it is of the state with this entry.
    pub(crate) fn is_of(&self, entry: Entry) -> bool {
        self.asker == Asker::State(entry)
    }
}

impl Aside {
    pub(crate) fn is(&self, effect: &crate::EffectId) -> bool {
        self.turn == effect.turn && self.index == effect.index
    }
}

/// What the conversation core keeps beside its public fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Inside {
    /// The last event's time.
    pub(crate) at: Option<Timestamp>,
    /// The last message of either side in this session; none = no session.
    pub(crate) active_at: Option<Timestamp>,
    /// The first turn of this session that a note of it may tell of; known only where notes are kept.
    pub(crate) session_since: Option<Turn>,
    /// The customer's last message or the last asking, whichever is later.
    pub(crate) heard_at: Option<Timestamp>,
    /// The last entry's number.
    pub(crate) entries: u64,
    /// How many questions were asked.
    pub(crate) asks: u64,
    /// The last is on top.
    pub(crate) frames: Vec<Frame>,
    /// By the index of [`crate::Bot::slots`].
    pub(crate) slots: Vec<Option<Value>>,
    pub(crate) known: Known,
    pub(crate) interlude: Option<Interlude>,
    /// Shared slots whose keeping the customer is to be asked about.
    pub(crate) consents_open: Vec<u16>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) waiting: Vec<Waiting>,
    /// How often in a row each router step was taken.
    pub(crate) router_row: Vec<u32>,
    pub(crate) asides: Vec<Aside>,
    pub(crate) loose_ends: Vec<LooseEnd>,
    pub(crate) handoff: Option<Handoff>,
    pub(crate) last_choice: Option<ChoiceId>,
    /// What the customer wrote last, masked: the question for a model that is asked a few steps later.
    pub(crate) last_text: Option<String>,
    /// Old states whose migration has something to say, which the next step does; never stored.
    pub(crate) moved_from: Vec<(FlowId, String)>,
}

impl Inside {
    /// The lowest frame of the top chain: a flow and the flows that it called.
    pub(crate) fn top_chain(&self) -> usize {
        self.chain_of(self.frames.len().saturating_sub(1))
    }

    /// Whether the customer is being asked for a call that the model of the state with this entry wants to make.
    pub(crate) fn asks_for(&self, entry: Entry) -> bool {
        let kind = self.interlude.as_ref().map(|interlude| &interlude.kind);
        matches!(kind, Some(InterludeKind::Permit(wish)) if wish.is_of(entry))
    }

    /// The lowest frame of the chain that this frame belongs to.
    pub(crate) fn chain_of(&self, mut index: usize) -> usize {
        while index > 0 && self.frames.get(index).is_some_and(|frame| frame.called) {
            index -= 1;
        }
        index
    }
}
