//! Which rule takes a message: the rules of chapter 4, in their order.

use super::correct::Correction;
use super::cx::{Cx, Reask};
use super::pick::Plan;
use super::reading::Reading;
use super::trigger::Handled;
use crate::conversation::Stage;
use crate::{
    BuiltInIntent, IncomingMessage, Route, SlotKind, StateKind, Then, Trigger, Value, ValueType,
};

/// How many characters of the customer's last message are kept for a model: a question, not an essay.
const TEXT_KEPT: usize = 500;

/// What a message does.
pub(crate) enum Taking<'b> {
    Choice(String),
    Give(Vec<(u16, Value)>),
    Refuse(u16),
    Correct(Correction),
    Confirm(u16),
    Disown(u16),
    Skip(u16),
    Keep(u16),
    AskAgain,
    Handler(Plan<'b>),
    Anywhere(Plan<'b>),
    /// What it wants: answers, a flow.
    Wants,
    NoMatch,
    Router,
    Busy,
}

/// A taking, its rule, and the want that it used.
pub(crate) struct Taken<'b> {
    pub(crate) route: Route,
    pub(crate) taking: Taking<'b>,
    pub(crate) want: Option<usize>,
}

impl<'b> Taken<'b> {
    pub(crate) fn by(route: Route, taking: Taking<'b>) -> Self {
        Self {
            route,
            taking,
            want: None,
        }
    }

    fn first_want(mut self) -> Self {
        self.want = Some(0);
        self
    }
}

impl<'b> Cx<'b> {
    pub(crate) fn answer(&mut self, message: &'b IncomingMessage) {
        self.heard();
        self.inside_mut().active_at = Some(self.now);
        if !self.bot.models.is_empty() {
            self.inside_mut().last_text = Some(message.text.chars().take(TEXT_KEPT).collect());
        }
        let reading = self.read_message(message);
        if !self.answers_interlude(&reading) {
            self.by_rules(reading);
        }
    }

    /// Finds the rule that takes it, and does what it says.
    pub(crate) fn by_rules(&mut self, mut reading: Reading) {
        let taken = if self.waits_for_outside() {
            self.while_waiting(&mut reading)
        } else {
            self.first_rule(&mut reading)
        };
        self.route(taken.route);
        self.take_leftovers(&reading, &taken);
        if !matches!(taken.taking, Taking::Router | Taking::Busy) {
            self.inside_mut().router_row.clear();
        }
        self.carry_out(taken, reading);
    }

    fn first_rule(&mut self, reading: &mut Reading) -> Taken<'b> {
        if let Some(taken) = self.exact(reading) {
            return taken;
        }
        if let Some(correction) = self.correction(reading) {
            return Taken::by(Route::Correction, Taking::Correct(correction));
        }
        self.void_deny(reading);
        self.yes_no_again(reading)
            .or_else(|| self.handled(reading))
            .or_else(|| self.verbatim(reading))
            .or_else(|| self.fill(reading))
            .or_else(|| self.wanted_rule(reading))
            .or_else(|| self.text(reading))
            .unwrap_or_else(|| {
                if self.has_no_match() {
                    Taken::by(Route::NoMatch, Taking::NoMatch)
                } else {
                    Taken::by(Route::Ignored, Taking::Router)
                }
            })
    }

    /// While the top state waits for a tool or a model.
    fn while_waiting(&mut self, reading: &mut Reading) -> Taken<'b> {
        if self.may_leave_call()
            && let Some(correction) = self.correction(reading)
        {
            return Taken::by(Route::Correction, Taking::Correct(correction));
        }
        self.handled(reading)
            .or_else(|| self.wanted_rule(reading))
            .unwrap_or_else(|| Taken::by(Route::Busy, Taking::Busy))
    }

    fn may_leave_call(&self) -> bool {
        match self.leaf_state().map(|state| &state.kind) {
            Some(StateKind::Call { tool, .. }) => {
                self.bot.tools[tool.index()].repeat == crate::Repeat::Safe
            }
            _ => true,
        }
    }

    /// Rule 3.
    fn yes_no_again(&self, reading: &Reading) -> Option<Taken<'b>> {
        let by = |taking| Some(Taken::by(Route::YesNoAgain, taking).first_want());
        if !reading.late
            && let Some((index, stage, item)) = self.asked_item()
        {
            let yes = self.answers_bool(reading, BuiltInIntent::Affirm);
            let no = self.answers_bool(reading, BuiltInIntent::Deny);
            let is_bool = matches!(
                &self.declaration(item.slot).kind,
                SlotKind::Typed(ValueType::Bool)
            );
            let skips = self.wants_first(reading, BuiltInIntent::Skip)
                || self.wants_first(reading, BuiltInIntent::Deny);
            let kept = item.again && self.slot(item.slot).is_some();
            match stage {
                Stage::Confirm if yes => return by(Taking::Confirm(index)),
                Stage::Confirm if no => return by(Taking::Disown(index)),
                Stage::Value if is_bool && yes => {
                    return by(Taking::Give(vec![(index, Value::Bool(true))]));
                }
                Stage::Value if is_bool && no => {
                    return by(Taking::Give(vec![(index, Value::Bool(false))]));
                }
                Stage::Value if kept && yes => return by(Taking::Keep(index)),
                Stage::Value if item.optional && skips => return by(Taking::Skip(index)),
                Stage::Value if kept && no => return by(Taking::Disown(index)),
                Stage::Value | Stage::Confirm => {}
            }
        }
        let again = self.wants_first(reading, BuiltInIntent::Repeat)
            && !self.is_named(reading.wants[0].intent)
            && self.has_open_question();
        if again { by(Taking::AskAgain) } else { None }
    }

    /// Yes or no to an asked bool or a value read back: from `confirm` on, but not into a call that cannot be taken back.
    fn answers_bool(&self, reading: &Reading, built_in: BuiltInIntent) -> bool {
        let done = match self.leaf_state().map(|state| &state.kind) {
            Some(StateKind::Collect { done, .. }) => done.as_slice(),
            _ => &[],
        };
        self.wants_first(reading, built_in)
            || self.likely_first(reading, built_in) && !self.any_enters_unsafe_call(done)
    }

    fn has_open_question(&self) -> bool {
        self.top().is_some_and(|frame| frame.question.is_some())
    }

    /// Rules 4 and 5.
    fn handled(&mut self, reading: &Reading) -> Option<Taken<'b>> {
        if let Some(Handled { plan, want }) = self.state_takes(reading) {
            return Some(Taken {
                route: Route::State,
                taking: Taking::Handler(plan),
                want,
            });
        }
        let Handled { plan, want } = self.anywhere_takes(reading)?;
        Some(Taken {
            route: Route::Anywhere,
            taking: Taking::Anywhere(plan),
            want,
        })
    }

    fn has_no_match(&self) -> bool {
        let is_no_match = |trigger: &Trigger| *trigger == Trigger::NoMatch;
        self.levels().into_iter().any(|handlers| {
            handlers
                .0
                .iter()
                .any(|(trigger, transitions)| is_no_match(trigger) && self.would_pick(transitions))
        })
    }

    fn carry_out(&mut self, taken: Taken<'b>, reading: Reading) {
        let late = reading.late;
        match taken.taking {
            Taking::Choice(key) => self.take_key(&key),
            Taking::Give(values) => self.give_all(values, late),
            Taking::Refuse(index) => self.refuse(index, late),
            Taking::Correct(correction) => self.correct(correction),
            Taking::Confirm(index) => self.confirm(index),
            Taking::Disown(index) => self.disown(index),
            Taking::Skip(index) => self.skip(index),
            Taking::Keep(index) => self.keep_value(index),
            Taking::AskAgain => self.reask(Reask::Plain),
            Taking::Handler(plan) => self.perform(plan),
            Taking::Anywhere(plan) => self.perform_anywhere(plan),
            Taking::Wants => self.take_wants(reading),
            Taking::NoMatch => self.take_no_match(late),
            Taking::Router => self.route_on(reading),
            Taking::Busy => self.say_busy(),
        }
    }

    /// After what stands anywhere and leads nowhere, the open question is asked again.
    pub(crate) fn perform_anywhere(&mut self, plan: Plan<'b>) {
        let stays = plan.transition.then == Then::Stay;
        self.perform(plan);
        if stays {
            self.reask(Reask::Plain);
        }
    }

    /// Rule 10. The miss is counted first.
    fn take_no_match(&mut self, late: bool) {
        if !late && self.miss() {
            return;
        }
        for handlers in self.levels() {
            if let Some(plan) = self.first_of(handlers, &|trigger| *trigger == Trigger::NoMatch) {
                return self.perform(plan);
            }
        }
    }

    pub(crate) fn say_busy(&mut self) {
        let said = self
            .top_mut()
            .and_then(|frame| frame.operation.as_mut())
            .is_some_and(|one| std::mem::replace(&mut one.busy_said, true));
        if said {
            self.note("`busy` was said in this wait already");
        } else {
            self.say_template(self.bot.built_in.busy, Vec::new());
        }
    }
}
