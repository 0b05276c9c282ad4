//! A bot, compiled and checked: immutable, every name resolved, so that look-ups cannot fail.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::{
    BotVersion, DeskId, EpisodePolicy, Flow, FlowId, Handlers, IntentId, Locale, ModelId, Pattern,
    Say, SlotDeclaration, TemplateId, ToolDeclaration, ToolId, Transitions, ValueType,
};

/// A compiled bot.
#[derive(Clone, Debug, PartialEq)]
pub struct Bot {
    /// Its name.
    pub name: String,
    /// The hash of all that decides what it does.
    pub version: BotVersion,
    /// The languages; the first is the default. Never empty.
    pub locales: Vec<Locale>,
    /// Whether the first message of a session turns the conversation to its language.
    pub detects_language: bool,
    /// The zone for "tomorrow at nine".
    pub tz: TimeZone,
    /// When an intent counts.
    pub bands: Bands,
    /// Shared slots, of session and user.
    pub slots: Vec<SlotDeclaration>,
    /// Intents, ordered by name: [`Bot::intent`].
    pub intents: Vec<IntentDeclaration>,
    /// Entities, ordered by name.
    pub entities: Vec<EntityDeclaration>,
    /// Events that may come from outside, ordered by name.
    pub events: Vec<EventDeclaration>,
    /// Templates, ordered by name.
    pub templates: Vec<TemplateDeclaration>,
    /// Tools, ordered by name.
    pub tools: Vec<ToolDeclaration>,
    /// Models, ordered by name.
    pub models: Vec<ModelDeclaration>,
    /// Desks, in the author's order: the first is the default.
    pub desks: Vec<DeskDeclaration>,
    /// Flows, ordered by name.
    pub flows: Vec<Flow>,
    /// Answers by intent.
    pub answers: BTreeMap<IntentId, Answer>,
    /// Handlers in every state of every flow.
    pub anywhere: Handlers,
    /// Tried in order when nothing else takes a message.
    pub router: Vec<RouterStep>,
    /// Taken when a step cannot go on; the default says `failed` and hands over to the first desk.
    pub on_failed: Transitions,
    /// When a session ends, and how one begins.
    pub session: SessionPolicy,
    /// Whether, and how, notes of past sessions are kept.
    pub episodes: Option<EpisodePolicy>,
    /// Said for what the engine says itself.
    pub built_in: BuiltInTemplates,
    /// Every written transition, by [`crate::TransitionId`].
    pub transitions: Vec<TransitionInfo>,
}

/// When an intent counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bands {
    /// From here it is accepted.
    pub accept: f32,
    /// From here it is worth asking back.
    pub confirm: f32,
    /// What two accepted intents in one message do.
    pub several: Several,
}

/// What two accepted intents in one message do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Several {
    /// One after the other.
    #[default]
    InTurn,
    /// The customer is asked which.
    Clarify,
}

/// An intent.
#[derive(Clone, Debug, PartialEq)]
pub struct IntentDeclaration {
    /// Its name.
    pub name: String,
    /// The flow that it starts.
    pub starts: Option<FlowId>,
    /// What it means to the core where nothing else takes it.
    pub built_in: Option<BuiltInIntent>,
}

/// Intents that every bot knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BuiltInIntent {
    Affirm,
    Deny,
    Maybe,
    Cancel,
    Skip,
    Repeat,
    Back,
    Done,
    Help,
    Correct,
    TalkToPerson,
}

/// An entity: what the core must know of it. How it is found in a text is `understand`'s.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityDeclaration {
    /// Its name.
    pub name: String,
    /// Its value's type.
    pub value_type: ValueType,
    /// For an entity given by a pattern.
    pub pattern: Option<Pattern>,
}

/// An event from outside, or raised by a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDeclaration {
    /// Its name.
    pub name: String,
    /// Its data.
    pub fields: BTreeMap<String, ValueType>,
    /// Whether a visitor's client may send it.
    pub from_visitor: bool,
}

/// A template: what the core must know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateDeclaration {
    /// Its name.
    pub name: String,
    /// The variables that any of its forms reads, as paths: `["slots", "card", "label"]`. Sorted.
    pub reads: Vec<Vec<String>>,
}

/// A model's policy.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelDeclaration {
    /// Its name.
    pub name: String,
    /// Tried in order.
    pub targets: Vec<String>,
    /// Tried in order where the question is complex; empty = the same.
    pub complex_targets: Vec<String>,
    /// The prompt.
    pub system: Option<TemplateId>,
    /// How many passages it gets.
    pub passages_max: u32,
    /// What it may call.
    pub tools: Vec<ToolId>,
    /// The names of slots that it may see; never a secret.
    pub may_see: Vec<String>,
    /// Bounds of one answer.
    pub limits: ModelLimits,
    /// When an answer is said.
    pub check: AnswerCheck,
    /// Looks at questions and answers.
    pub moderation: Option<ToolId>,
    /// Refusal, no target left, a limit.
    pub on_fail: Transitions,
}

impl ModelDeclaration {
    /// Every target that it may ask.
    pub fn all_targets(&self) -> impl Iterator<Item = &String> {
        self.targets.iter().chain(&self.complex_targets)
    }

    /// Whether sentences are said as they pass; what looks at the whole answer comes before its first word.
    pub fn streams(&self) -> bool {
        let check = &self.check;
        let looks_at_all = check.cite == Cite::Required
            || check.judge.is_some()
            || check.samples > 1
            || self.moderation.is_some();
        check.stream && !looks_at_all
    }
}

/// Bounds of one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelLimits {
    /// Rounds of tool calls.
    pub turns_max: u32,
    /// Tokens, in and out.
    pub tokens_max: u32,
    /// From the question to the last word.
    pub deadline: SignedDuration,
    /// Money, in millionths of a US dollar.
    pub cost_micro_usd_max: Option<u64>,
    /// What all answers of a conversation may take together.
    pub conversation: Allowance,
    /// What one visitor's answers may take a day.
    pub visitor: Allowance,
    /// What all answers may take a day.
    pub day: Allowance,
}

/// What may be spent; none = as much as is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Tokens, in and out.
    pub tokens_max: Option<u64>,
    /// Money, in millionths of a US dollar.
    pub cost_micro_usd_max: Option<u64>,
}

/// When an answer is said.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerCheck {
    /// From here it is said.
    pub send: f32,
    /// From here it is said with its sources.
    pub with_sources: f32,
    /// Whether sources are named.
    pub cite: Cite,
    /// Whether sentences are said as they pass; else all at once when the last has.
    pub stream: bool,
    /// Another model that is asked whether its sentences are supported.
    pub judge: Option<ModelId>,
    /// How many answers are asked for and compared; 1 = it alone.
    pub samples: u32,
    /// Below.
    pub on_low: Transitions,
}

/// Whether an answer names its sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cite {
    /// One that names none isn't said.
    Required,
    /// It should.
    #[default]
    Wanted,
    /// Only where its check isn't sure.
    Off,
}

/// A desk where people answer.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskDeclaration {
    /// Its name.
    pub name: String,
    /// The connector: `console` and others.
    pub via: String,
    /// When it is open; none = always.
    pub hours: Option<Hours>,
    /// What it gets: transcript, slots, why, summary.
    pub package: Vec<String>,
    /// How often the position is told.
    pub announce_every: Option<SignedDuration>,
    /// How long the customer waits at most.
    pub give_up_after: Option<SignedDuration>,
    /// Taken when it is closed or nobody is there.
    pub closed: Transitions,
    /// Taken when waiting took too long.
    pub gave_up: Transitions,
    /// Taken when people gave it back.
    pub after: Transitions,
}

/// Opening hours in the bot's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Weekday (Monday = 0) and minutes of the day: from, until.
    pub open: Vec<OpeningHours>,
    /// Closed on these days, ISO.
    pub holidays: Vec<String>,
}

/// One stretch of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningHours {
    /// Monday = 0.
    pub weekday: u8,
    /// Minutes from midnight.
    pub from_minute: u16,
    /// Minutes from midnight; 1440 = the day's end.
    pub until_minute: u16,
}

/// A simple question's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What it does.
    pub kind: AnswerKind,
}

/// What an answer does.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerKind {
    /// Says something.
    Say(Vec<Say>),
    /// Calls a tool and says something with its result.
    Call {
        /// Which.
        tool: ToolId,
        /// Its arguments.
        with: Vec<(String, crate::Expression)>,
        /// With `result`.
        say: Vec<Say>,
        /// With `error`: what is said, or another action.
        error: Transitions,
    },
    /// Lets a model answer.
    Generate(ModelId),
}

/// What is tried when nothing else takes a message.
#[derive(Clone, Debug, PartialEq)]
pub struct RouterStep {
    /// Only for these.
    pub when: RouterWhen,
    /// And only if this holds.
    pub guard: Option<crate::Expression>,
    /// What it does.
    pub action: RouterAction,
    /// How often in a row it may.
    pub times: Option<u32>,
}

/// Which messages a router's step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouterWhen {
    /// All.
    Always,
    /// The best intent is between `confirm` and `accept`.
    Unsure,
    /// The best intent is below, or the message is out of scope.
    None,
}

/// What a router's step does.
#[derive(Clone, Debug, PartialEq)]
pub enum RouterAction {
    /// Offers the likely intents.
    Clarify {
        /// At most so many.
        options_max: usize,
    },
    /// Lets a model answer.
    Generate(ModelId),
    /// Says something.
    Say(Vec<Say>),
    /// Hands over.
    Handoff {
        /// To which desk.
        desk: DeskId,
        /// Why.
        why: String,
    },
}

/// When a session ends, and how one begins.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionPolicy {
    /// Without a message of either side.
    pub idle: SignedDuration,
    /// A first-time user.
    pub greet_first: Transitions,
    /// A returning one.
    pub greet_returning: Transitions,
}

/// The templates that the engine itself says.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "BOT-LANGUAGE names each where it is said")]
pub struct BuiltInTemplates {
    pub failed: TemplateId,
    pub busy: TemplateId,
    pub interrupted: TemplateId,
    pub too_late: TemplateId,
    pub cancelled: TemplateId,
    pub refused: TemplateId,
    pub offer: TemplateId,
    pub clarify: TemplateId,
    pub handing_over: TemplateId,
    pub choice_gone: TemplateId,
    pub did_that_help: TemplateId,
    pub glad_to_help: TemplateId,
    pub may_i: TemplateId,
    pub not_done: TemplateId,
    pub call_failed: TemplateId,
    pub call_unclear: TemplateId,
}

/// A written transition: where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TransitionInfo {
    /// As people name it: `replace_card.confirm on intent.affirm #1`.
    pub label: String,
    /// The file, from the bot's folder.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// Its guard, as the author wrote it.
    pub guard: Option<String>,
}

macro_rules! by_name {
    ($($(#[$doc:meta])* $method:ident: $list:ident -> $id:ty;)*) => {
        impl Bot {
            $(
                $(#[$doc])*
                pub fn $method(&self, name: &str) -> Option<$id> {
                    self.$list.binary_search_by(|one| one.name.as_str().cmp(name)).ok().map(<$id>::from)
                }
            )*
        }
    };
}

by_name! {
    /// The intent of that name.
    intent: intents -> IntentId;
    /// The entity of that name.
    entity: entities -> crate::EntityId;
    /// The event of that name.
    event: events -> crate::EventId;
    /// The template of that name.
    template: templates -> TemplateId;
    /// The tool of that name.
    tool: tools -> ToolId;
    /// The model of that name.
    model: models -> ModelId;
    /// The flow of that name.
    flow: flows -> FlowId;
}

impl Bot {
    /// The desk of that name. Desks keep the author's order, so this one looks through them.
    pub fn desk(&self, name: &str) -> Option<DeskId> {
        self.desks
            .iter()
            .position(|desk| desk.name == name)
            .map(DeskId::from)
    }

    /// The default language.
    pub fn default_locale(&self) -> &Locale {
        &self.locales[0]
    }
}
