//! What must hold of every conversation between two events.

use super::{Conversation, Frame, FrameKind};
use crate::{Bot, Owner, StateKind};

impl Conversation {
    /// Whether the conversation keeps its invariants.
    ///
    /// # Errors
    /// A sentence that names the one that is broken: a bug of this crate.
    pub fn check(&self, bot: &Bot) -> Result<(), String> {
        let inside = &self.inside;
        require(
            inside.slots.len() == bot.slots.len(),
            "every shared slot has its place",
        )?;
        for (index, frame) in inside.frames.iter().enumerate() {
            check_frame(bot, frame)?;
            self.check_can_go_on(bot, index)?;
            require(
                index > 0 || !frame.called,
                "the lowest frame was called by nobody",
            )?;
            let is_covered = index + 1 < inside.frames.len();
            if is_covered && inside.frames[index + 1].called {
                check_caller(bot, frame, &inside.frames[index + 1])?;
            }
        }
        self.check_owner()
    }

    /// Nothing waits for what will never come.
    fn check_can_go_on(&self, bot: &Bot, index: usize) -> Result<(), String> {
        let frame = &self.inside.frames[index];
        let above = self.inside.frames.get(index + 1);
        let leaf = frame.flow().zip(frame.leaf());
        let kind =
            leaf.map(|(flow, leaf)| &bot.flows[flow.index()].states[leaf.state.index()].kind);
        let is_on_top_of_bot = above.is_none() && self.owner == Owner::Bot;
        let asks = frame
            .leaf()
            .is_some_and(|leaf| self.inside.asks_for(leaf.entry));
        match kind {
            Some(StateKind::Call { .. } | StateKind::Generate { .. }) => require(
                frame.operation.is_some() || frame.held.is_some() || asks,
                "a state that asked the outside has or awaits its answer",
            ),
            Some(StateKind::Flow { .. }) => require(
                frame.held.is_some() || above.is_some_and(|above| above.called),
                "a state that called a flow lies under it",
            ),
            Some(StateKind::Handoff { .. }) | None => {
                require(!is_on_top_of_bot, "a handoff that is over is left")
            }
            Some(StateKind::Wait | StateKind::Collect { .. }) => Ok(()),
            Some(StateKind::Compound { .. } | StateKind::Final { .. }) => Ok(()),
        }
    }

    fn check_owner(&self) -> Result<(), String> {
        let handoff = self.inside.handoff.as_ref();
        let is_open = handoff.is_some_and(|handoff| !handoff.closing);
        match &self.owner {
            Owner::Queued { .. } | Owner::Person { .. } => {
                require(
                    is_open,
                    "people have a conversation only by an open handoff",
                )?;
                let entry = handoff.map(|handoff| handoff.entry);
                let top = self.inside.frames.last();
                require(
                    entry
                        .zip(top)
                        .is_some_and(|(entry, top)| top.has_entry(entry)),
                    "an open handoff is on top",
                )
            }
            Owner::Bot | Owner::Ended => require(!is_open, "an open handoff has its desk's owner"),
        }
    }
}

fn check_frame(bot: &Bot, frame: &Frame) -> Result<(), String> {
    let FrameKind::Flow(flow) = frame.kind else {
        return require(
            frame.active.is_empty(),
            "a handoff's own frame has no states",
        );
    };
    let flow = &bot.flows[flow.index()];
    require(
        frame.slots.len() == flow.slots.len(),
        "every slot of a flow has its place",
    )?;
    require(!frame.active.is_empty(), "a flow has an active state")?;
    let mut parent = None;
    for active in &frame.active {
        let state = &flow.states[active.state.index()];
        require(state.parent == parent, "active states lie in each other")?;
        parent = Some(active.state);
    }
    let leaf = frame
        .leaf()
        .map(|leaf| &flow.states[leaf.state.index()].kind);
    require(
        !matches!(
            leaf,
            Some(StateKind::Compound { .. } | StateKind::Final { .. })
        ),
        "a flow waits in a state that can wait",
    )?;
    let entry = frame.leaf().map(|leaf| leaf.entry);
    let operation = frame.operation.as_ref().map(|operation| operation.entry);
    require(
        operation.is_none() || operation == entry,
        "a call belongs to the active entry",
    )?;
    require(
        operation.is_none() || frame.held.is_none(),
        "a state waits for a result or has one, not both",
    )
}

fn check_caller(bot: &Bot, caller: &Frame, called: &Frame) -> Result<(), String> {
    let (Some(flow), Some(leaf), Some(_)) = (caller.flow(), caller.leaf(), called.flow()) else {
        return Ok(());
    };
    let kind = &bot.flows[flow.index()].states[leaf.state.index()].kind;
    require(
        matches!(kind, StateKind::Flow { .. }),
        "a called flow lies on the state that called it",
    )
}

fn require(holds: bool, what: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("broken: {what}"))
    }
}
