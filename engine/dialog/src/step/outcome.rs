//! What a state waited for has come: its `done` or its `error`.

use std::collections::{BTreeMap, BTreeSet};

use super::cx::Cx;
use crate::conversation::Held;
use crate::{Repeat, SlotRef, StateKind, ToolError, ToolId, ToolOutcome, Value};

impl<'b> Cx<'b> {
    /// What came for the top state while it could not take it.
    pub(crate) fn deliver_held(&mut self) -> bool {
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
}
