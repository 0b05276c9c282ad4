//! Leaving states and entering them; frames that end before their time.

use super::cx::Cx;
use super::subflow::Given;
use crate::conversation::{
    Active, CollectProgress, Frame, FrameKind, LooseEnd, Operation, Outside, Question,
};
use crate::{EffectId, EffectKind, Entry, FlowId, Repeat, StateId, StateKind, Turn, Value};

/// How many calls whose outcome nobody saw are kept for the desk: the latest are what helps.
pub(crate) const LOOSE_ENDS_MAX: usize = 16;

impl<'b> Cx<'b> {
    /// Leaves, inner to outer, what is not around the target.
    pub(crate) fn leave_for(&mut self, target: StateId) {
        let path = self.path_to(target);
        let around = &path[..path.len() - 1];
        let Some(frame) = self.top() else { return };
        let kept = frame
            .active
            .iter()
            .zip(around)
            .take_while(|(one, state)| one.state == **state);
        let kept = kept.count();
        while self.top().is_some_and(|frame| frame.active.len() > kept) {
            self.leave();
        }
    }

    /// The states from the outermost to this one.
    fn path_to(&self, state: StateId) -> Vec<StateId> {
        let mut path = vec![state];
        let flow = self.top_flow();
        while let Some(parent) = flow.and_then(|flow| flow.states[path[0].index()].parent) {
            path.insert(0, parent);
        }
        path
    }

    /// Leaves the leaf of the top frame, with all that belongs to its entry.
    fn leave(&mut self) {
        let Some(frame) = self.top_mut() else { return };
        let Some(left) = frame.active.pop() else {
            return;
        };
        if let Some(parent) = frame.active.last() {
            frame.history.insert(parent.state, left.state);
        }
        frame.question = None;
        frame.collect = CollectProgress::default();
        let held = frame.held.take();
        if let Some(operation) = frame.operation.take() {
            self.drop_operation(&operation);
        }
        if held.is_some() {
            self.note("a result that nobody took was dropped with its state");
        }
        if self
            .c
            .inside
            .handoff
            .as_ref()
            .is_some_and(|handoff| handoff.entry == left.entry)
        {
            self.close_handoff();
        }
    }

    /// A call whose state was left: given up if that does no harm, else a loose end.
    pub(crate) fn drop_operation(&mut self, operation: &Operation) {
        match operation.what {
            Outside::Tool(tool) if self.bot.tools[tool.index()].repeat != Repeat::Safe => {
                self.add_loose_end(operation.turn, operation.index, tool);
            }
            Outside::Tool(_) | Outside::Model(_) => {
                let call = self.effect_id(operation.turn, operation.index);
                self.note(format!("given up with its state: {call}"));
                self.emit(EffectKind::CancelCall { call });
            }
        }
    }

    pub(crate) fn add_loose_end(&mut self, turn: Turn, index: u32, tool: crate::ToolId) {
        let name = &self.bot.tools[tool.index()].name;
        self.note(format!(
            "`{name}` was left and cannot be taken back: a loose end"
        ));
        let ends = &mut self.c.inside.loose_ends;
        if ends.len() == LOOSE_ENDS_MAX {
            ends.remove(0);
        }
        ends.push(LooseEnd {
            turn,
            index,
            tool,
            outcome: None,
        });
    }

    pub(crate) fn effect_id(&self, turn: Turn, index: u32) -> EffectId {
        EffectId {
            conversation: self.c.id.clone(),
            turn,
            index,
        }
    }

    /// Enters the target from what is still active, outer to inner, and its initial children. Misses start at zero, but those
    /// of the state that has just counted one.
    pub(crate) fn enter(&mut self, target: StateId, counted: Option<StateId>) {
        let path = self.path_to(target);
        let active = self.top().map_or(0, |frame| frame.active.len());
        for &state in &path[active.min(path.len())..] {
            self.enter_one(state, counted);
        }
        let Some(flow) = self.top_flow() else { return };
        let mut state = target;
        while let StateKind::Compound { initial, .. } = flow.states[state.index()].kind {
            state = initial;
            self.enter_one(state, counted);
        }
    }

    fn enter_one(&mut self, state: StateId, counted: Option<StateId>) {
        self.moves += 1;
        let entry = self.next_entry();
        let since = self.now;
        let Some(flow) = self.top_flow() else { return };
        let Some(frame) = self.top_mut() else { return };
        frame.active.push(Active {
            state,
            entry,
            since,
            begun: false,
            after_fired: Default::default(),
            no_input_fired: Default::default(),
        });
        if counted != Some(state) {
            frame.misses.remove(&state);
        }
        let declared = &flow.states[state.index()];
        if let StateKind::Collect { items, .. } = &declared.kind {
            // What was given with the message that started the flow is asked for here, so this is where a correction leads.
            for item in items {
                if let Some(given) = frame.collected.get_mut(&item.slot) {
                    given.state.get_or_insert(state);
                }
            }
        }
        self.trace
            .entered
            .push(format!("{}.{}", flow.name, declared.path));
        let says = match (&declared.kind, declared.say.is_empty()) {
            (StateKind::Wait | StateKind::Handoff { .. }, true) => &declared.ask,
            _ => &declared.say,
        };
        let sent = self.say(says);
        if matches!(declared.kind, StateKind::Wait | StateKind::Handoff { .. }) && sent.is_some() {
            self.open_question(Question {
                entry,
                item: None,
                first_asked: self.c.turn,
                page: 0,
                choices: Vec::new(),
            });
            self.asked_with(sent, entry);
        }
    }

    /// A new frame on top, in its initial state.
    pub(crate) fn push_flow(&mut self, flow: FlowId, called: bool, given: Given) {
        let declared = &self.bot.flows[flow.index()];
        let mut slots: Vec<Option<Value>> = declared
            .slots
            .iter()
            .map(|slot| slot.default.clone())
            .collect();
        for (index, value) in given.values {
            slots[usize::from(index)] = Some(value);
        }
        let frame = Frame {
            slots,
            given: given.reads,
            ..Frame::new(FrameKind::Flow(flow), called)
        };
        self.inside_mut().frames.push(frame);
        // What was said before it began is nothing to come back from.
        self.reask = super::cx::Reask::No;
        self.fill_at_start(&given.found);
        self.enter(declared.initial, None);
    }

    pub(crate) fn push_handoff(&mut self) -> Entry {
        let entry = self.next_entry();
        let called = !self.inside().frames.is_empty();
        self.inside_mut()
            .frames
            .push(Frame::new(FrameKind::Handoff(entry), called));
        entry
    }

    /// Ends the frames from this one up, topmost first.
    pub(crate) fn drop_frames(&mut self, from: usize) {
        while self.inside().frames.len() > from {
            while self.top().is_some_and(|frame| !frame.active.is_empty()) {
                self.leave();
            }
            let ended = self.inside_mut().frames.pop();
            if let Some(FrameKind::Handoff(entry)) = ended.map(|frame| frame.kind)
                && self
                    .inside()
                    .handoff
                    .as_ref()
                    .is_some_and(|handoff| handoff.entry == entry)
            {
                self.close_handoff();
            }
        }
    }
}

impl Frame {
    pub(crate) fn new(kind: FrameKind, called: bool) -> Self {
        Self {
            kind,
            called,
            active: Vec::new(),
            slots: Vec::new(),
            collected: Default::default(),
            computed: Default::default(),
            unconfirmed: Default::default(),
            given: Default::default(),
            misses: Default::default(),
            history: Default::default(),
            operation: None,
            held: None,
            begun: Vec::new(),
            question: None,
            collect: CollectProgress::default(),
        }
    }
}
