//! What moves without an event: `always`, what a state does once it is entered, returns to callers, raised events. One bound
//! for all of it.

use std::collections::{BTreeMap, BTreeSet};

use super::TRANSITIONS_PER_EVENT_MAX;
use super::cx::{Cx, Raised, Reask};
use super::reading::Found;
use crate::conversation::{Begun, FrameKind, Held, Operation, Outside};
use crate::{
    EffectKind, ErrorKind, Expression, FlowId, Repeat, SlotRef, StateKind, ToolError, ToolId,
    ToolOutcome, Transitions, Value,
};

/// How many frames a conversation may hold: more is a flow that calls itself.
const FRAMES_MAX: usize = 32;

/// What a flow is started with.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) values: Vec<(u16, Value)>,
    /// What the caller read for each.
    pub(crate) reads: BTreeMap<u16, BTreeSet<SlotRef>>,
    /// What the message that starts it holds.
    pub(crate) found: Vec<Found>,
}

impl<'b> Cx<'b> {
    pub(crate) fn settle(&mut self) {
        loop {
            if self.is_exhausted() {
                let why = format!("more than {TRANSITIONS_PER_EVENT_MAX} transitions in one event");
                if self.failed {
                    self.note(why);
                    self.drop_frames(0);
                    return;
                }
                self.fail(why);
                self.moves = 0;
            }
            if self.advance() {
                self.moves += 1;
            } else if !self.deliver_raised() {
                return;
            }
        }
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.moves > TRANSITIONS_PER_EVENT_MAX
    }

    /// One move of the top frame; whether there was one.
    fn advance(&mut self) -> bool {
        let Some(frame) = self.top() else {
            return self.start_waiting();
        };
        if let FrameKind::Handoff(_) = frame.kind {
            return self.end_closed_handoff();
        }
        let Some(leaf) = self.leaf_state() else {
            return false;
        };
        if !self.may_speak() {
            return false;
        }
        if let StateKind::Final { .. } = leaf.kind {
            return self.end_final();
        }
        if self.bot_speaks() && self.deliver_held() {
            return true;
        }
        if self.take_always() {
            return true;
        }
        if self.leaf().is_some_and(|active| !active.begun) {
            if let Some(active) = self.leaf_mut() {
                active.begun = true;
            }
            return self.begin(&leaf.kind);
        }
        match &leaf.kind {
            StateKind::Collect { done, .. } if self.next_question().is_none() => {
                self.take_or_fail(done);
                true
            }
            StateKind::Handoff { .. } => self.end_closed_handoff(),
            StateKind::Call { error, .. }
            | StateKind::Generate { error, .. }
            | StateKind::Flow { error, .. }
                if self
                    .top()
                    .is_some_and(|frame| frame.operation.is_none() && frame.held.is_none()) =>
            {
                // What it waited for was cancelled under it.
                self.set_error(&ToolError {
                    kind: ErrorKind::Cancelled,
                    status: None,
                    code: None,
                });
                self.take_or_fail(error);
                true
            }
            _ => false,
        }
    }

    /// `always` of the active states, innermost first. One that stays is taken when the leaf was just entered, and once.
    fn take_always(&mut self) -> bool {
        let fresh = self.leaf().is_some_and(|active| !active.begun);
        for state in self.states_outward() {
            for transition in &state.always {
                let stays = transition.then == crate::Then::Stay;
                if stays && !fresh {
                    continue;
                }
                if let Some(plan) = self.pick(std::slice::from_ref(transition)) {
                    self.perform(plan);
                    if !stays {
                        return true;
                    }
                    break;
                }
            }
        }
        false
    }

    pub(crate) fn take_or_fail(&mut self, transitions: &'b Transitions) {
        if !self.take_first(transitions) {
            self.fail("no transition of an outcome holds");
        }
    }

    /// What the state does once it is entered; whether it can move on at once.
    fn begin(&mut self, kind: &'b StateKind) -> bool {
        match kind {
            StateKind::Call { tool, with, .. } => self.begin_call(*tool, with),
            StateKind::Flow { flow, with, .. } => self.begin_flow(*flow, with),
            StateKind::Generate { model, with, .. } => self.begin_generate(*model, with),
            StateKind::Handoff { desk, why, .. } => {
                let entry = self.leaf().map(|active| active.entry);
                if let Some(entry) = entry {
                    self.open_handoff(*desk, why, entry);
                }
            }
            StateKind::Wait
            | StateKind::Collect { .. }
            | StateKind::Compound { .. }
            | StateKind::Final { .. } => {}
        }
        true
    }

    fn begin_call(&mut self, tool: ToolId, with: &'b [(String, Expression)]) {
        match self.call_arguments(tool, with) {
            Ok(args) => {
                let name = self.bot.tools[tool.index()].name.clone();
                self.begin_operation(Outside::Tool(tool), EffectKind::Call { tool: name, args });
                if self.bot.tools[tool.index()].repeat != Repeat::Safe {
                    self.note_begun(tool, with);
                }
            }
            Err(error) => self.hold_invalid(error.to_string()),
        }
    }

    /// A call's arguments by their declared types. An optional one whose expression reads what is unset is left out.
    ///
    /// # Errors
    /// When an expression has no value, or it does not fit.
    pub(crate) fn call_arguments(
        &self,
        tool: ToolId,
        with: &[(String, Expression)],
    ) -> Result<BTreeMap<String, Value>, crate::EvaluationError> {
        use crate::EvaluationError as Error;
        let declared = &self.bot.tools[tool.index()].args;
        let mut args = BTreeMap::new();
        for (name, expression) in with {
            let argument = declared.iter().find(|one| one.name == *name);
            let value = match expression.evaluate(self) {
                Err(Error::Unset(_)) if argument.is_some_and(|one| one.optional) => continue,
                value => value?,
            };
            let value = match argument {
                Some(argument) => crate::fit(value, &argument.value_type),
                None => Some(value),
            };
            args.insert(
                name.clone(),
                value.ok_or(Error::Undefined("this argument's type"))?,
            );
        }
        Ok(args)
    }

    pub(crate) fn begin_operation(&mut self, what: Outside, effect: EffectKind) {
        let id = self.emit(effect);
        let Some(entry) = self.leaf().map(|active| active.entry) else {
            return;
        };
        if let Some(frame) = self.top_mut() {
            frame.operation = Some(Operation {
                turn: id.turn,
                index: id.index,
                entry,
                what,
                busy_said: false,
                said: String::new(),
            });
        }
    }

    pub(crate) fn hold_invalid(&mut self, why: String) {
        self.note(format!("`with` has no value: {why}"));
        let outcome = ToolOutcome::Failed(ToolError {
            kind: ErrorKind::Invalid,
            status: None,
            code: None,
        });
        self.hold(outcome);
    }

    pub(crate) fn hold(&mut self, outcome: ToolOutcome) {
        let at = self.now;
        if let Some(frame) = self.top_mut()
            && let Some(entry) = frame.leaf().map(|active| active.entry)
        {
            frame.held = Some(Held { entry, at, outcome });
        }
    }

    /// Remembers what a call that cannot be taken back has read: in its frame and in those that called it.
    fn note_begun(&mut self, tool: ToolId, with: &[(String, Expression)]) {
        let mut reads = BTreeSet::new();
        for (_, expression) in with {
            self.add_reads(expression, &mut reads);
        }
        let lowest = self.inside().top_chain();
        for index in (lowest..self.inside().frames.len()).rev() {
            let frame = &mut self.inside_mut().frames[index];
            let roots = frame.roots(&reads);
            reads = frame.callers_reads(&roots);
            if let Some(entry) = frame.leaf().map(|active| active.entry) {
                frame.begun.push(Begun {
                    tool,
                    entry,
                    reads: roots,
                });
            }
        }
    }

    fn begin_flow(&mut self, flow: FlowId, with: &'b [(u16, Expression)]) {
        if self.inside().frames.len() >= FRAMES_MAX {
            return self.fail(format!("more than {FRAMES_MAX} flows call each other"));
        }
        match self.flow_values(flow, with) {
            Ok(values) => {
                let reads = with.iter().map(|(index, expression)| {
                    let mut reads = BTreeSet::new();
                    self.add_reads(expression, &mut reads);
                    (*index, reads)
                });
                let reads = reads.collect();
                self.push_flow(
                    flow,
                    true,
                    Given {
                        values,
                        reads,
                        found: Vec::new(),
                    },
                );
            }
            Err(error) => self.hold_invalid(error.to_string()),
        }
    }

    /// A final state: of a compound state around it, or of the flow.
    fn end_final(&mut self) -> bool {
        let (Some(flow), Some(leaf)) = (self.top_flow(), self.leaf_state()) else {
            return false;
        };
        if let Some(parent) = leaf.parent {
            if let StateKind::Compound { done, .. } = &flow.states[parent.index()].kind {
                self.take_or_fail(done);
            }
            return true;
        }
        let mut returned = BTreeMap::new();
        if let StateKind::Final { returns } = &leaf.kind {
            for (name, expression) in returns {
                match expression.evaluate(self) {
                    Ok(value) => {
                        returned.insert(name.clone(), value);
                    }
                    Err(error) => self.note(format!("`return` of `{name}` has no value: {error}")),
                }
            }
        }
        self.end_flow(Value::Map(returned));
        true
    }

    /// The top flow ended: back to its caller with what it returns, or to what lies below.
    fn end_flow(&mut self, returned: Value) {
        self.keep_provenance();
        let Some(ended) = self.inside_mut().frames.pop() else {
            return;
        };
        if !ended.called {
            self.chain_ended = true;
            self.reask(Reask::Resume);
            return;
        }
        if let Some(StateKind::Flow { done, .. }) = self.leaf_state().map(|state| &state.kind) {
            self.set_result(returned);
            self.take_or_fail(done);
        }
    }

    /// Before the top frame ends: what its shared slots were computed from, in the words of its caller.
    pub(crate) fn keep_provenance(&mut self) {
        let frames = &mut self.inside_mut().frames;
        let Some((ended, rest)) = frames.split_last() else {
            return;
        };
        let Some(caller) = rest.len().checked_sub(1).filter(|_| ended.called) else {
            return;
        };
        let kept: Vec<(SlotRef, BTreeSet<SlotRef>)> = ended
            .computed
            .iter()
            .filter(|(slot, _)| matches!(slot, SlotRef::Shared(_)))
            .map(|(slot, reads)| (*slot, ended.callers_reads(&ended.roots(reads))))
            .collect();
        frames[caller].computed.extend(kept);
    }

    /// What came for the top state while it could not take it.
    fn deliver_held(&mut self) -> bool {
        let Some(frame) = self.top_mut() else {
            return false;
        };
        let Some(held) = frame.held.take() else {
            return false;
        };
        if frame.leaf().is_none_or(|active| active.entry != held.entry) {
            self.note("a result of a state that was left is dropped");
            return true;
        }
        let Some(state) = self.leaf_state() else {
            return true;
        };
        if let StateKind::Call { tool, with, .. } = &state.kind
            && self.is_outdated(*tool, &held)
        {
            self.note("the result is too old to be said: the call is made again");
            self.begin_call(*tool, with);
            return true;
        }
        self.deliver(&state.kind, held.outcome);
        true
    }

    /// A result that waited longer than `fresh`, of a call that may be made again.
    fn is_outdated(&self, tool: ToolId, held: &Held) -> bool {
        let tool = &self.bot.tools[tool.index()];
        let age = self.now.duration_since(held.at);
        tool.repeat == Repeat::Safe
            && matches!(held.outcome, ToolOutcome::Returned { .. })
            && tool.fresh.is_some_and(|fresh| age > fresh)
    }

    fn deliver(&mut self, kind: &'b StateKind, outcome: ToolOutcome) {
        let (StateKind::Call { done, error, .. }
        | StateKind::Generate { done, error, .. }
        | StateKind::Flow { done, error, .. }) = kind
        else {
            return self.note("a result came to a state that waits for none");
        };
        match outcome {
            ToolOutcome::Returned { result } => {
                self.set_result(result);
                self.take_or_fail(done);
            }
            ToolOutcome::Failed(failed) => {
                self.set_error(&failed);
                self.take_or_fail(error);
            }
        }
    }

    pub(crate) fn set_result(&mut self, result: Value) {
        self.reads.result_of = self.with_reads();
        self.reads.result = Some(result);
        self.reads.error = None;
    }

    pub(crate) fn set_error(&mut self, error: &ToolError) {
        self.reads.result_of = self.with_reads();
        self.reads.result = None;
        let mut fields = BTreeMap::from([("kind".to_owned(), Value::from(error.kind.name()))]);
        if let Some(status) = error.status {
            fields.insert("status".to_owned(), Value::Int(status.into()));
        }
        if let Some(code) = &error.code {
            fields.insert("code".to_owned(), Value::from(code.as_str()));
        }
        self.reads.error = Some(Value::Map(fields));
    }

    /// What the `with` of the leaf reads.
    fn with_reads(&self) -> BTreeSet<SlotRef> {
        let mut reads = BTreeSet::new();
        match self.leaf_state().map(|state| &state.kind) {
            Some(StateKind::Call { with, .. } | StateKind::Generate { with, .. }) => {
                with.iter()
                    .for_each(|(_, expression)| self.add_reads(expression, &mut reads));
            }
            Some(StateKind::Flow { with, .. }) => {
                with.iter()
                    .for_each(|(_, expression)| self.add_reads(expression, &mut reads));
            }
            _ => {}
        }
        reads
    }

    fn deliver_raised(&mut self) -> bool {
        let Some(Raised::Authors(event, data)) = self.raised.pop_front() else {
            return false;
        };
        self.moves += 1;
        self.take_event(event, data);
        true
    }

    /// The flow cannot go on: it ends with those that called it, and what the bot says about that comes instead.
    pub(crate) fn fail(&mut self, why: impl Into<String>) {
        let why = why.into();
        self.note(format!("cannot go on: {why}"));
        self.failed = true;
        self.package = Some(self.package());
        let lowest = self.inside().top_chain();
        self.drop_frames(lowest);
        self.raised.clear();
        self.chain_ended = true;
        self.reask(Reask::Resume);
        if self.take_first(&self.bot.on_failed) {
            return;
        }
        self.say_template(self.bot.built_in.failed, Vec::new());
        if !self.bot.desks.is_empty() {
            self.hand_over_and_back(crate::DeskId(0), "failed");
        }
    }
}

impl crate::conversation::Frame {
    /// What of the caller's these own slots were given from; shared slots are the same in both.
    pub(crate) fn callers_reads(&self, own: &BTreeSet<SlotRef>) -> BTreeSet<SlotRef> {
        let mut reads = BTreeSet::new();
        for slot in own {
            match slot {
                SlotRef::Flow(index) => reads.extend(self.given.get(index).into_iter().flatten()),
                SlotRef::Shared(_) => {
                    reads.insert(*slot);
                }
            }
        }
        reads
    }
}
