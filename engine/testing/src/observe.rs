//! What came of a step, as it is compared and shown.

use std::collections::BTreeMap;

use dialog::{Considered, EventKind, Owner, RankedIntent, Value};
use runtime::{Said, TurnTrace};
use serde_json::Value as Json;

/// What came of a step.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// The turns, in order.
    pub(crate) turns: Vec<TurnTrace>,
    /// Every transition that was looked at in them.
    pub(crate) considered: Vec<Considered>,
    /// How often each tool was called, counted from the test's beginning; [`Observed::since`] makes it the step's.
    pub(crate) calls: BTreeMap<String, usize>,
    /// Slots after it, secrets masked.
    pub(crate) slots: BTreeMap<String, Value>,
    /// Who speaks after it.
    pub(crate) owner: Owner,
    /// The long-term memory after it.
    pub(crate) memory: BTreeMap<String, Json>,
    /// The notes of past sessions after it, newest first.
    pub(crate) episodes: Vec<String>,
    /// What must not happen in any test.
    pub(crate) problems: Vec<String>,
}

/// Nothing: before a conversation is opened.
impl Default for Observed {
    fn default() -> Self {
        Self {
            turns: Vec::new(),
            considered: Vec::new(),
            calls: BTreeMap::new(),
            slots: BTreeMap::new(),
            owner: Owner::Bot,
            memory: BTreeMap::new(),
            episodes: Vec::new(),
            problems: Vec::new(),
        }
    }
}

impl Observed {
    /// Puts what came later behind it.
    pub(crate) fn then(mut self, later: Observed) -> Self {
        self.turns.extend(later.turns);
        self.considered.extend(later.considered);
        self.problems.extend(later.problems);
        Self {
            turns: self.turns,
            considered: self.considered,
            problems: self.problems,
            ..later
        }
    }

    /// Only the calls that these did not have yet.
    pub(crate) fn since(mut self, before: &BTreeMap<String, usize>) -> Self {
        self.calls = self
            .calls
            .iter()
            .map(|(tool, count)| (tool.clone(), count - before.get(tool).unwrap_or(&0)))
            .filter(|(_, count)| *count > 0)
            .collect();
        self
    }

    /// Templates said, in order.
    pub(crate) fn says(&self) -> Vec<String> {
        let says = self.turns.iter().flat_map(|turn| &turn.trace.says);
        says.cloned().collect()
    }

    /// States entered, in order.
    pub(crate) fn entered(&self) -> Vec<String> {
        let entered = self.turns.iter().flat_map(|turn| &turn.trace.entered);
        entered.cloned().collect()
    }

    /// Answers given, in order.
    pub(crate) fn answered(&self) -> Vec<String> {
        let answered = self.turns.iter().flat_map(|turn| &turn.trace.answered);
        answered.cloned().collect()
    }

    /// Why things went as they did, in sentences.
    pub(crate) fn notes(&self) -> Vec<String> {
        let notes = self.turns.iter().flat_map(|turn| &turn.trace.notes);
        notes.cloned().collect()
    }

    /// Which rules took its events.
    pub(crate) fn routes(&self) -> Vec<String> {
        let routes = self.turns.iter().filter_map(|turn| turn.trace.route);
        routes
            .filter_map(|route| Some(serde_json::to_value(route).ok()?.as_str()?.to_owned()))
            .collect()
    }

    /// Messages, in order.
    pub(crate) fn messages(&self) -> impl DoubleEndedIterator<Item = &Said> {
        self.turns.iter().flat_map(|turn| &turn.messages)
    }

    /// The ranked intents of the message, of whose step this is.
    pub(crate) fn intents(&self) -> &[RankedIntent] {
        let mut messages = self.turns.iter().filter_map(|turn| match &turn.event.kind {
            EventKind::Message(message) => Some(&message.understanding.intents),
            _ => None,
        });
        messages.next().map_or(&[], Vec::as_slice)
    }

    /// Keys of the choices that were offered last.
    pub(crate) fn choices(&self) -> Vec<String> {
        let offered = self.messages().rev().find(|said| !said.choices.is_empty());
        let choices = offered.into_iter().flat_map(|said| &said.choices);
        choices.map(|choice| choice.id.key.clone()).collect()
    }
}
