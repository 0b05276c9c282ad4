//! Flows that are called and flows that end: values go in by `with` and come back by `return`.

use std::collections::{BTreeMap, BTreeSet};

use super::cx::{Cx, Reask};
use super::reading::Found;
use crate::{Expression, FlowId, SlotRef, StateKind, Value};

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
    pub(crate) fn begin_flow(&mut self, flow: FlowId, with: &'b [(u16, Expression)]) {
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
    pub(crate) fn end_final(&mut self) -> bool {
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
