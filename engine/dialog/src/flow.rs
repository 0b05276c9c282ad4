//! Flows, compiled: states, transitions and what they say.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::{
    BotVersion, DeskId, EntityId, EventId, Expression, FlowId, IntentId, ModelId, Pattern, SlotRef,
    StateId, TemplateId, ToolId, TransitionId, Value, ValueType,
};

/// A state machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// For people, and for models that choose a flow.
    pub description: String,
    /// What starts it.
    pub start: Start,
    /// Its own slots.
    pub slots: Vec<SlotDeclaration>,
    /// What its final states return.
    pub returns: Option<ValueType>,
    /// Which state it begins in.
    pub initial: StateId,
    /// All states, parents before children.
    pub states: Vec<State>,
    /// Handlers in every state of the flow.
    pub on: Handlers,
    /// What may come in between; `None` = the caller's, or answers only.
    pub digressions: Option<Digressions>,
    /// Where conversations of an older version go on.
    pub migration: Option<Migration>,
}

/// Where conversations that an older version of the bot left in this flow go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// That version.
    pub from: BotVersion,
    /// By the path of the old state; states that are not here keep their path.
    pub states: BTreeMap<String, StateMove>,
    /// Old names and the slots that they are now.
    pub slots: BTreeMap<String, SlotRef>,
}

/// What becomes of an old state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateMove {
    /// The state that is entered instead; `None` = the flow ends.
    pub to: Option<StateId>,
    /// Slots that are unset, by name.
    pub clear: Vec<SlotRef>,
    /// Said when the customer is next heard of.
    pub say: Vec<Say>,
}

/// What starts a flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start {
    /// Any of these intents.
    pub intents: Vec<IntentId>,
    /// This event, and what happens when another flow runs.
    pub event: Option<(EventId, Busy)>,
}

/// What a flow's starting event does while another flow runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Busy {
    /// It starts when the stack is empty.
    #[default]
    Wait,
    /// It starts on top.
    Interrupt,
    /// It is dropped, and traced.
    Drop,
}

/// What may come in between while a flow waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Digressions {
    /// What is let in.
    pub allow: Allow,
    /// Said when something else is wanted.
    pub refuse: Option<Vec<Say>>,
    /// What was refused is offered when the flow ends.
    pub later: bool,
    /// How many flows may lie on each other.
    pub depth: u8,
    /// Said when the flow goes on.
    pub on_resume: Vec<Say>,
}

/// What is let in.
#[derive(Clone, Debug, PartialEq)]
pub enum Allow {
    /// Nothing.
    None,
    /// Answers.
    Answers,
    /// Flows, and answers.
    Flows,
    /// Everything.
    All,
    /// These flows and answers, by name.
    Named {
        /// Flows.
        flows: Vec<FlowId>,
        /// Answers.
        answers: Vec<IntentId>,
    },
}

/// A slot as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotDeclaration {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: SlotKind,
    /// The entity that fills it.
    pub from: Option<SlotSource>,
    /// How long it lives.
    pub scope: Scope,
    /// What it holds before anything is said.
    pub default: Option<Value>,
    /// What a text must look like as a whole.
    pub pattern: Option<Pattern>,
    /// Masked wherever it would be seen.
    pub secret: bool,
    /// How long the long-term memory keeps it.
    pub ttl: Option<SignedDuration>,
    /// The question asked before the first value is kept for long.
    pub consent: Option<TemplateId>,
    /// Whether a visitor's client may set it.
    pub from_visitor: bool,
}

/// What a slot holds.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotKind {
    /// A value of a type.
    Typed(ValueType),
    /// The chosen item of a list slot, or with `max` a list of them.
    ItemOf {
        /// The list slot.
        list: SlotRef,
        /// The most items; `None` = one item, not a list.
        max: Option<usize>,
        /// The items' type.
        of: ValueType,
    },
}

/// Which entity fills a slot.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotSource {
    /// One that the author declared.
    Entity(EntityId),
    /// A built-in kind: `number`, `money`, `date`, `time`, `duration`, `email`, `phone`, `url`, `iban`, `card_number`.
    BuiltIn(String),
}

/// How long a slot lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// As long as the frame.
    #[default]
    Flow,
    /// As long as the session.
    Session,
    /// Long-term memory.
    User,
}

/// A state.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its own name.
    pub name: String,
    /// Its path from the flow: `details.booking`.
    pub path: String,
    /// The compound state around it.
    pub parent: Option<StateId>,
    /// Said on entering.
    pub say: Vec<Say>,
    /// The open question, where it differs from `say`.
    pub ask: Vec<Say>,
    /// What can be chosen here.
    pub choices: Vec<ChoiceDeclaration>,
    /// Handlers.
    pub on: Handlers,
    /// Transitions that need no event.
    pub always: Transitions,
    /// After this long in the state.
    pub after: Vec<Timed>,
    /// After this long without a word of the customer.
    pub no_input: Vec<Timed>,
    /// How many misses, and what then.
    pub attempts: Option<Attempts>,
    /// What the state does.
    pub kind: StateKind,
}

/// What a state does.
#[derive(Clone, Debug, PartialEq)]
pub enum StateKind {
    /// Waits for something that `on` names.
    Wait,
    /// Asks for slots.
    Collect {
        /// One question a slot.
        items: Vec<CollectItem>,
        /// When all are there.
        done: Transitions,
    },
    /// Calls a tool.
    Call {
        /// Which.
        tool: ToolId,
        /// Its arguments.
        with: Vec<(String, Expression)>,
        /// With `result`.
        done: Transitions,
        /// With `error`.
        error: Transitions,
    },
    /// Runs another flow.
    Flow {
        /// Which.
        flow: FlowId,
        /// Values for its slots: an index into its [`Flow::slots`].
        with: Vec<(u16, Expression)>,
        /// With `result`.
        done: Transitions,
        /// With `error`.
        error: Transitions,
    },
    /// Lets a model answer.
    Generate {
        /// Which.
        model: ModelId,
        /// Values for its prompt.
        with: Vec<(String, Expression)>,
        /// When it has answered.
        done: Transitions,
        /// When it could not.
        error: Transitions,
    },
    /// Hands the conversation to people.
    Handoff {
        /// Which desk.
        desk: DeskId,
        /// Why, for the desk.
        why: String,
        /// When they gave it back.
        done: Transitions,
    },
    /// Holds other states.
    Compound {
        /// Which is entered first.
        initial: StateId,
        /// When a final child was reached.
        done: Transitions,
    },
    /// Ends the flow, or the compound state around it.
    Final {
        /// Named values for the caller.
        returns: Vec<(String, Expression)>,
    },
}

/// A list of transitions: the first whose guard holds is taken.
pub type Transitions = Vec<Transition>;

/// What happens on an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// Which written transition this is.
    pub id: TransitionId,
    /// Whether it may be taken now; none = always.
    pub guard: Option<Expression>,
    /// Slots and their new values.
    pub set: Vec<(SlotRef, Expression)>,
    /// `set: { locale: … }`.
    pub set_locale: Option<Expression>,
    /// What is said.
    pub say: Vec<Say>,
    /// Slots that are unset.
    pub clear: Vec<SlotRef>,
    /// What is forgotten for good.
    pub forget: Option<Forget>,
    /// An event for later.
    pub schedule: Option<ScheduleDeclaration>,
    /// An event for now, with its data.
    pub raise: Option<(EventId, Vec<(String, Expression)>)>,
    /// Counts a miss for its target.
    pub miss: bool,
    /// Where it leads.
    pub then: Then,
}

/// Where a transition leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Nowhere: the state stays, and is not entered anew.
    Stay,
    /// To a state.
    Target(StateId),
    /// To the child that a compound state was left from, else to its initial one.
    History(StateId),
    /// To people, and back.
    Handoff {
        /// Which desk.
        desk: DeskId,
        /// Why.
        why: String,
    },
    /// `cancel: flow`.
    Cancel,
    /// Another flow is started on top.
    Flow {
        /// Which.
        flow: FlowId,
        /// Values for its slots: an index into its [`Flow::slots`].
        with: Vec<(u16, Expression)>,
    },
    /// Lets a model answer; only in answers and the router.
    Generate(ModelId),
}

/// What is forgotten.
#[derive(Clone, Debug, PartialEq)]
pub enum Forget {
    /// All that is known of the user.
    User,
    /// These slots, in the long-term memory too.
    Slots(Vec<SlotRef>),
}

/// An event for later; it belongs to the user.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleDeclaration {
    /// Which event.
    pub event: EventId,
    /// A time, or a duration from now.
    pub at: Expression,
    /// Its data.
    pub with: Vec<(String, Expression)>,
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// A template.
    Template {
        /// Which.
        template: TemplateId,
        /// Further top-level values for it.
        with: Vec<(String, Expression)>,
    },
    /// A pause before what follows.
    Pause(SignedDuration),
}

/// A transition after a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// How long.
    pub after: SignedDuration,
    /// What then.
    pub then: Transitions,
}

/// How many misses a state allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempts {
    /// With this one, `then` is taken.
    pub max: u32,
    /// What then.
    pub then: Transitions,
}

/// A choice that a state offers.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceDeclaration {
    /// Its key: `choice.KEY` takes it; failing that, if it is an intent, `intent.KEY`.
    pub key: String,
    /// The intent of that name.
    pub intent: Option<IntentId>,
    /// The template of its label; none = `labels.KEY`.
    pub label: Option<TemplateId>,
}

/// A question for a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectItem {
    /// Which slot.
    pub slot: SlotRef,
    /// The question.
    pub ask: Vec<Say>,
    /// Only asked when this holds.
    pub when: Option<Expression>,
    /// `skip` or `deny` leaves it unset.
    pub optional: bool,
    /// Asked although it is set, offering the value.
    pub again: bool,
    /// Whether a value is taken; reads `value`.
    pub accept: Option<Expression>,
    /// Said when a value is refused.
    pub reject: Vec<Say>,
    /// Asks yes or no about the value.
    pub confirm: Vec<Say>,
    /// The whole message is the value, whatever its intent.
    pub verbatim: bool,
    /// Choices beside the values that enum and `item_of` slots offer by themselves.
    pub choices: Vec<ChoiceDeclaration>,
    /// The template of an item's or value's label.
    pub label: Option<TemplateId>,
}

/// What takes which event, in the author's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handlers(pub Vec<(Trigger, Transitions)>);

/// A key of `on`.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// `intent.X`, `intent.[a, b]`.
    Intent(Vec<IntentId>),
    /// `choice.X`.
    Choice(String),
    /// `event.X`, of the author's.
    Event(EventId),
    /// `event.X`, raised by the core: `too_late`, `delivery_failed`.
    CoreEvent(String),
    /// `entity.X`.
    Entity(EntityId),
    /// `desk.X`: closed, gave_up, failed, queued, joined, returned.
    Desk(String),
    /// A file came.
    Attachment,
    /// `cancel` is about to end this flow.
    Cancel,
    /// Nothing else took the message.
    NoMatch,
}
