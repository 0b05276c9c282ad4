//! Which transition of a list is taken, and the values of all its expressions, before any of it is applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::cx::Cx;
use super::say::Extra;
use crate::{
    Considered, EvaluationError, EventId, Expression, FlowId, Locale, Refusal, Repeat, Say,
    ScheduleDeclaration, SlotRef, StateId, StateKind, Then, Transition, Value, Variable,
};

/// What is scheduled, for when, with which data.
type Scheduled<'b> = (&'b ScheduleDeclaration, Timestamp, BTreeMap<String, Value>);

/// A transition that will be taken.
pub(crate) struct Plan<'b> {
    pub(crate) transition: &'b Transition,
    pub(crate) set: Vec<(SlotRef, Value)>,
    pub(crate) locale: Option<Locale>,
    pub(crate) say: Vec<Extra>,
    pub(crate) schedule: Option<Scheduled<'b>>,
    pub(crate) raise: Option<(EventId, BTreeMap<String, Value>)>,
    pub(crate) with: Vec<(u16, Value)>,
    /// Slots that its expressions and guard read.
    pub(crate) reads: BTreeSet<SlotRef>,
}

impl<'b> Cx<'b> {
    /// The first transition that holds.
    pub(crate) fn pick(&mut self, transitions: &'b [Transition]) -> Option<Plan<'b>> {
        for transition in transitions {
            let refused = match self.plan(transition) {
                Ok(plan) => {
                    self.consider(transition, None);
                    return Some(plan);
                }
                Err(refused) => refused,
            };
            self.consider(transition, Some(refused));
        }
        None
    }

    /// As [`Cx::pick`], for an intent that is only worth asking back: not into a call that cannot be taken back.
    pub(crate) fn pick_unsure(&mut self, transitions: &'b [Transition]) -> Option<Plan<'b>> {
        let plan = self.pick(transitions)?;
        if !self.enters_unsafe_call(plan.transition) {
            return Some(plan);
        }
        if let Some(last) = self.trace.considered.last_mut() {
            last.refused = Some(Refusal::Confidence);
        }
        None
    }

    /// Whether one would be taken; leaves no trace.
    pub(crate) fn would_pick(&self, transitions: &'b [Transition]) -> bool {
        transitions
            .iter()
            .any(|transition| self.plan(transition).is_ok())
    }

    fn consider(&mut self, transition: &Transition, refused: Option<Refusal>) {
        self.trace.considered.push(Considered {
            transition: transition.id,
            refused,
        });
    }

    fn plan(&self, transition: &'b Transition) -> Result<Plan<'b>, Refusal> {
        if let Some(guard) = &transition.guard
            && !guard.holds(self).map_err(unevaluated)?
        {
            return Err(Refusal::Guard);
        }
        if transition.then == Then::Cancel && self.c.inside.frames.is_empty() {
            return Err(Refusal::NoFlow);
        }
        self.values_of(transition).map_err(unevaluated)
    }

    fn values_of(&self, transition: &'b Transition) -> Result<Plan<'b>, EvaluationError> {
        let set = transition.set.iter().map(|(slot, expression)| {
            let value = self.fitting(*slot, expression.evaluate(self)?);
            Ok((
                *slot,
                value.ok_or(EvaluationError::Undefined("`set` of this slot"))?,
            ))
        });
        let with = match &transition.then {
            Then::Flow { flow, with } => self.flow_values(*flow, with)?,
            _ => Vec::new(),
        };
        Ok(Plan {
            transition,
            set: set.collect::<Result<_, EvaluationError>>()?,
            locale: self.new_locale(transition)?,
            say: transition
                .say
                .iter()
                .map(|say: &'b Say| self.extra(say))
                .collect::<Result<_, _>>()?,
            schedule: self.schedule_values(transition)?,
            raise: match &transition.raise {
                Some((event, with)) => Some((*event, self.arguments(with)?)),
                None => None,
            },
            with,
            reads: self.reads_of(transition),
        })
    }

    fn new_locale(&self, transition: &Transition) -> Result<Option<Locale>, EvaluationError> {
        let Some(expression) = &transition.set_locale else {
            return Ok(None);
        };
        let value = expression.evaluate(self)?;
        let wanted = value.as_text().map(Locale::from);
        let known = wanted.filter(|locale| self.bot.locales.contains(locale));
        known
            .map(Some)
            .ok_or(EvaluationError::Unreadable("locale of this bot"))
    }

    fn schedule_values(
        &self,
        transition: &'b Transition,
    ) -> Result<Option<Scheduled<'b>>, EvaluationError> {
        let Some(schedule) = &transition.schedule else {
            return Ok(None);
        };
        let at = match schedule.at.evaluate(self)? {
            Value::Time(at) => at,
            Value::Duration(after) => self
                .now
                .checked_add(after)
                .map_err(|_| EvaluationError::Overflow)?,
            _ => return Err(EvaluationError::Undefined("`at`")),
        };
        Ok(Some((schedule, at, self.arguments(&schedule.with)?)))
    }

    /// Named values: a call's `with`, an event's data.
    ///
    /// # Errors
    /// When one of the expressions has no value.
    pub(crate) fn arguments(
        &self,
        with: &[(String, Expression)],
    ) -> Result<BTreeMap<String, Value>, EvaluationError> {
        with.iter()
            .map(|(name, expression)| Ok((name.clone(), expression.evaluate(self)?)))
            .collect()
    }

    /// Values for the slots of a flow that is started.
    ///
    /// # Errors
    /// When one of the expressions has no value, or it does not fit its slot.
    pub(crate) fn flow_values(
        &self,
        flow: FlowId,
        with: &[(u16, Expression)],
    ) -> Result<Vec<(u16, Value)>, EvaluationError> {
        let slots = &self.bot.flows[flow.index()].slots;
        with.iter()
            .map(|(index, expression)| {
                let value = expression.evaluate(self)?;
                let value = match &slots[usize::from(*index)].kind {
                    crate::SlotKind::Typed(value_type) => crate::fit(value, value_type),
                    crate::SlotKind::ItemOf { .. } => Some(value),
                };
                Ok((
                    *index,
                    value.ok_or(EvaluationError::Undefined("`with` of this slot"))?,
                ))
            })
            .collect()
    }

    fn reads_of(&self, transition: &Transition) -> BTreeSet<SlotRef> {
        let mut reads = BTreeSet::new();
        if !transition.set.is_empty() {
            let set = transition.set.iter().map(|(_, expression)| expression);
            for expression in set.chain(&transition.guard) {
                self.add_reads(expression, &mut reads);
            }
        }
        reads
    }

    /// Slots that the expression reads, itself or through the result that it reads.
    pub(crate) fn add_reads(&self, expression: &Expression, reads: &mut BTreeSet<SlotRef>) {
        expression.each_read(&mut |variable| match variable {
            Variable::Slot(slot) => {
                reads.insert(*slot);
            }
            Variable::Result | Variable::Error => reads.extend(&self.reads.result_of),
            _ => {}
        });
    }

    /// Whether taking the transition may run, without a further word of the customer, into a call that cannot be taken back.
    fn enters_unsafe_call(&self, transition: &Transition) -> bool {
        let frame_flow = self.top().and_then(|frame| frame.flow());
        let mut seen = BTreeSet::new();
        match (&transition.then, frame_flow) {
            (Then::Target(state) | Then::History(state), Some(flow)) => {
                self.reaches_unsafe_call(flow, *state, &mut seen)
            }
            (Then::Flow { flow, .. }, _) => {
                self.reaches_unsafe_call(*flow, self.bot.flows[flow.index()].initial, &mut seen)
            }
            _ => false,
        }
    }

    /// As [`Cx::pick_unsure`] asks, of a list whose transitions might be taken.
    pub(crate) fn any_enters_unsafe_call(&self, transitions: &[Transition]) -> bool {
        transitions
            .iter()
            .any(|transition| self.enters_unsafe_call(transition))
    }

    fn reaches_unsafe_call(
        &self,
        flow: FlowId,
        state: StateId,
        seen: &mut BTreeSet<(FlowId, StateId)>,
    ) -> bool {
        if !seen.insert((flow, state)) {
            return false;
        }
        let declared = &self.bot.flows[flow.index()].states[state.index()];
        let by_kind = match &declared.kind {
            StateKind::Call { tool, .. } => self.bot.tools[tool.index()].repeat != Repeat::Safe,
            StateKind::Compound { initial, .. } => self.reaches_unsafe_call(flow, *initial, seen),
            StateKind::Flow { flow: called, .. } => {
                self.reaches_unsafe_call(*called, self.bot.flows[called.index()].initial, seen)
            }
            _ => false,
        };
        by_kind
            || declared
                .always
                .iter()
                .any(|transition| match transition.then {
                    Then::Target(next) | Then::History(next) => {
                        self.reaches_unsafe_call(flow, next, seen)
                    }
                    _ => false,
                })
    }
}

fn unevaluated(error: EvaluationError) -> Refusal {
    Refusal::Evaluation(error.to_string())
}
