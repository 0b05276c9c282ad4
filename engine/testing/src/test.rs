//! A conversation test as it was written: what happens, step by step, and what must come of it. Plain data with places.

use std::collections::BTreeMap;

use dialog::{Locale, ToolOutcome, Value};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json};

/// A test: one file.
#[derive(Clone, Debug)]
pub struct Test {
    /// The file, from the bot's folder.
    pub file: String,
    /// What it shows, in a sentence.
    pub name: String,
    /// When it begins.
    pub clock: Timestamp,
    /// The customer's language; none = the bot's first.
    pub locale: Option<Locale>,
    /// The channel.
    pub channel: String,
    /// What is remembered of the customer before it begins.
    pub user: Map<String, Json>,
    /// Session slots that the client gives on opening.
    pub slots: Map<String, Json>,
    /// What the tools answer, by name.
    pub tools: BTreeMap<String, Vec<Stub>>,
    /// What the language models write, by the names of bot.yaml.
    pub models: BTreeMap<String, Vec<Reply>>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One answer of a tool.
#[derive(Clone, Debug)]
pub struct Stub {
    /// What comes.
    pub outcome: ToolOutcome,
    /// How long it takes, on the virtual clock.
    pub delay: SignedDuration,
}

/// One answer of a language model.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What it writes and calls, or why it doesn't answer.
    pub outcome: Result<Written, llm::ErrorKind>,
    /// How long it takes to its first word, on the virtual clock.
    pub delay: SignedDuration,
}

/// What a language model writes.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The text; empty if it only calls.
    pub text: String,
    /// The tools that it calls, by name, with what.
    pub calls: Vec<(String, Map<String, Json>)>,
}

/// Something that happens, and what must come of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it is written.
    pub at: At,
    /// What happens.
    pub action: Action,
    /// What happens while the calls that it caused have not answered yet.
    pub during: Vec<Step>,
    /// What must come of it.
    pub expect: Vec<Expected>,
}

/// A place in the test's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Action {
    /// The customer writes.
    User(String),
    /// The customer clicks: a key of an offered choice, or its label.
    Choose(String),
    /// Time passes; everything that falls due on the way happens, in order.
    Advance(SignedDuration),
    /// The process dies and starts again on the same store.
    Crash,
    /// An event comes from outside.
    Event {
        /// Its name.
        name: String,
        /// Its data.
        data: Map<String, Json>,
    },
    /// The customer sends a file.
    Attach(Value),
    /// Something happens at the desk.
    Desk(DeskAction),
    /// The customer goes on in another language: in a new conversation, unless nothing has happened yet.
    Locale(Locale),
    /// The customer goes on in another channel: in a new conversation, unless nothing has happened yet.
    Channel(String),
    /// The bot's last message turns out to be undeliverable.
    FailDelivery,
    /// The greeting is part of the test.
    Open(Visit),
}

/// Whether a customer was here before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// Never.
    First,
    /// Once.
    Returning,
}

/// What happens at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskAction {
    /// A person takes the conversation.
    Joined,
    /// The person writes.
    Said(String),
    /// The person gives it back.
    Returned,
    /// The person ends it.
    Ended,
    /// Nobody is there.
    Closed,
    /// Waiting took too long.
    GaveUp,
    /// It can't be reached.
    Failed,
}

/// Something that must come of a step.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Where its value is written.
    pub at: At,
    /// What.
    pub what: What,
}

/// The kinds of expectations.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The message's first-ranked intent.
    Intent(String),
    /// Slots that the running flow sees, with these values; others are not looked at.
    Slots(Vec<Field>),
    /// Exactly the templates that were said, in order.
    Says(Vec<String>),
    /// States that were entered, in this order, perhaps among others.
    Entered(Vec<String>),
    /// The state entered last.
    State(String),
    /// Intents that were answered.
    Answered(Vec<String>),
    /// How often tools were called; none listed = none was.
    Calls(Vec<Field>),
    /// Texts that what was said contains.
    Text(Vec<String>),
    /// Templates that were not said.
    NotSays(Vec<String>),
    /// Who speaks now: bot, queued, person, ended.
    Owner(String),
    /// Long-term memory, with these values.
    Memory(Vec<Field>),
    /// The notes of past sessions, newest first: each contains its text, and there are no others.
    Episodes(Vec<String>),
    /// The rule that took it.
    Route(String),
    /// Exactly the choices that are offered, by key, in order.
    Choices(Vec<String>),
}

/// A named value that is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value; none = unset (written as `unset`).
    pub value: Option<Json>,
    /// Where the value is written.
    pub at: At,
}

impl What {
    /// The key under which it is written.
    pub fn key(&self) -> &'static str {
        match self {
            What::Intent(_) => "intent",
            What::Slots(_) => "slots",
            What::Says(_) => "says",
            What::Entered(_) => "entered",
            What::State(_) => "state",
            What::Answered(_) => "answered",
            What::Calls(_) => "calls",
            What::Text(_) => "text",
            What::NotSays(_) => "not_says",
            What::Owner(_) => "owner",
            What::Memory(_) => "memory",
            What::Episodes(_) => "episodes",
            What::Route(_) => "route",
            What::Choices(_) => "choices",
        }
    }
}

impl Action {
    /// In a few words.
    pub fn label(&self) -> String {
        match self {
            Action::User(text) => format!("user: {text}"),
            Action::Choose(key) => format!("choose: {key}"),
            Action::Advance(time) => format!("advance: {time:#}"),
            Action::Crash => "crash".to_owned(),
            Action::Event { name, .. } => format!("event: {name}"),
            Action::Attach(_) => "attach".to_owned(),
            Action::Desk(desk) => format!("desk: {desk:?}").to_lowercase(),
            Action::Locale(locale) => format!("locale: {locale}"),
            Action::Channel(channel) => format!("channel: {channel}"),
            Action::FailDelivery => "fail_delivery".to_owned(),
            Action::Open(visit) => format!("open: {visit:?}").to_lowercase(),
        }
    }
}
