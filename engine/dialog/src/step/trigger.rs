//! Which handler takes an event: innermost state outward, the flow, then anywhere.

use super::cx::Cx;
use super::pick::Plan;
use super::reading::Reading;
use crate::{Handlers, IntentId, Transitions, Trigger};

/// A handler's plan, and the want of the message that it took.
pub(crate) struct Handled<'b> {
    pub(crate) plan: Plan<'b>,
    pub(crate) want: Option<usize>,
}

impl<'b> Cx<'b> {
    /// The handlers of the active states, innermost first, then of the flow.
    pub(crate) fn levels(&self) -> Vec<&'b Handlers> {
        let mut levels: Vec<&'b Handlers> = self
            .states_outward()
            .into_iter()
            .map(|state| &state.on)
            .collect();
        levels.extend(self.top_flow().map(|flow| &flow.on));
        levels
    }

    /// Rule 4.
    pub(crate) fn state_takes(&mut self, reading: &Reading) -> Option<Handled<'b>> {
        let levels = self.levels();
        let mut levels = levels.into_iter().enumerate();
        levels.find_map(|(depth, handlers)| self.handler(handlers, reading, depth == 0))
    }

    /// Only the innermost state's own.
    pub(crate) fn leaf_takes(&mut self, reading: &Reading) -> Option<Handled<'b>> {
        let leaf = self.leaf_state()?;
        self.handler(&leaf.on, reading, true)
    }

    /// Rule 5.
    pub(crate) fn anywhere_takes(&mut self, reading: &Reading) -> Option<Handled<'b>> {
        self.handler(&self.bot.anywhere, reading, false)
    }

    fn handler(
        &mut self,
        handlers: &'b Handlers,
        reading: &Reading,
        is_waiting_state: bool,
    ) -> Option<Handled<'b>> {
        handlers
            .0
            .iter()
            .find_map(|(trigger, transitions)| match trigger {
                Trigger::Intent(intents) => {
                    self.intent_handler(intents, transitions, reading, is_waiting_state)
                }
                Trigger::Entity(id) => {
                    let found = reading.meant().any(|found| self.entity_is(*id, found));
                    found
                        .then(|| self.pick(transitions))
                        .flatten()
                        .map(Handled::without_want)
                }
                Trigger::Attachment => {
                    let came = !reading.attachments.is_empty();
                    came.then(|| self.pick(transitions))
                        .flatten()
                        .map(Handled::without_want)
                }
                Trigger::Choice(_)
                | Trigger::Event(_)
                | Trigger::CoreEvent(_)
                | Trigger::Desk(_)
                | Trigger::Cancel
                | Trigger::NoMatch => None,
            })
    }

    fn intent_handler(
        &mut self,
        intents: &[IntentId],
        transitions: &'b Transitions,
        reading: &Reading,
        is_waiting_state: bool,
    ) -> Option<Handled<'b>> {
        let wants = reading.wants.iter().enumerate();
        for (index, want) in wants.filter(|(_, want)| intents.contains(&want.intent)) {
            let plan = if self.is_accepted(want) {
                self.pick(transitions)
            } else if is_waiting_state && self.is_likely(want) {
                self.pick_unsure(transitions)
            } else {
                None
            };
            if let Some(plan) = plan {
                return Some(Handled {
                    plan,
                    want: Some(index),
                });
            }
        }
        None
    }

    /// The first handler of this kind of trigger whose transition holds; whether it is one of `anywhere`.
    pub(crate) fn triggered(
        &mut self,
        matches: impl Fn(&Trigger) -> bool,
    ) -> Option<(Plan<'b>, bool)> {
        let levels = self.levels().into_iter().map(|handlers| (handlers, false));
        for (handlers, is_anywhere) in levels.chain([(&self.bot.anywhere, true)]) {
            if let Some(plan) = self.first_of(handlers, &matches) {
                return Some((plan, is_anywhere));
            }
        }
        None
    }

    pub(crate) fn first_of(
        &mut self,
        handlers: &'b Handlers,
        matches: &impl Fn(&Trigger) -> bool,
    ) -> Option<Plan<'b>> {
        let mut matching = handlers.0.iter().filter(|(trigger, _)| matches(trigger));
        matching.find_map(|(_, transitions)| self.pick(transitions))
    }

    /// Whether some handler names the intent and would take it now.
    pub(crate) fn would_handle(&self, intent: IntentId) -> bool {
        self.levels()
            .into_iter()
            .chain([&self.bot.anywhere])
            .any(|handlers| {
                handlers.0.iter().any(|(trigger, transitions)| {
                    names_intent(trigger, intent) && self.would_pick(transitions)
                })
            })
    }

    /// Whether any handler names the intent.
    pub(crate) fn is_named(&self, intent: IntentId) -> bool {
        let mut levels = self.levels().into_iter().chain([&self.bot.anywhere]);
        levels.any(|handlers| {
            handlers
                .0
                .iter()
                .any(|(trigger, _)| names_intent(trigger, intent))
        })
    }
}

fn names_intent(trigger: &Trigger, intent: IntentId) -> bool {
    matches!(trigger, Trigger::Intent(intents) if intents.contains(&intent))
}

impl<'b> Handled<'b> {
    fn without_want(plan: Plan<'b>) -> Self {
        Self { plan, want: None }
    }
}
