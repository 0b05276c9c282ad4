//! Results of calls: they belong to the entry that asked.

use super::cx::Cx;
use crate::conversation::{Held, Outside};
use crate::{EffectId, EffectKind, Relayed, Route, ToolOutcome, Value};

impl<'b> Cx<'b> {
    pub(crate) fn take_result(&mut self, effect: &EffectId, outcome: &ToolOutcome) {
        self.route(Route::Result);
        let waits = self.inside().frames.iter().position(|frame| {
            frame
                .operation
                .as_ref()
                .is_some_and(|operation| operation.is(effect))
        });
        if let Some(frame) = waits {
            return self.hold_for(frame, outcome);
        }
        let aside = self
            .inside()
            .asides
            .iter()
            .position(|aside| aside.is(effect));
        if let Some(index) = aside {
            let aside = self.inside_mut().asides.remove(index);
            return self.finish_call_aside(&aside, outcome);
        }
        self.note("the state that asked was left: the result is dropped");
        let ended = describe(outcome);
        let mut ends = self.inside_mut().loose_ends.iter_mut();
        if let Some(end) = ends.find(|end| end.turn == effect.turn && end.index == effect.index) {
            end.outcome = Some(ended);
        }
    }

    /// Kept on its frame; delivered when that is on top and the bot speaks, which may be at once.
    fn hold_for(&mut self, index: usize, outcome: &ToolOutcome) {
        let at = self.now;
        let is_top = index + 1 == self.inside().frames.len();
        let Some(operation) = self.inside_mut().frames[index].operation.take() else {
            return;
        };
        if let Some(wish) = &operation.wish {
            return self.finish_permitted_state(index, &operation, wish, outcome);
        }
        let frame = &mut self.inside_mut().frames[index];
        frame.held = Some(Held {
            entry: operation.entry,
            at,
            outcome: outcome.clone(),
        });
        if is_top && self.bot_speaks() {
            return;
        }
        self.note("the result is kept until its flow is on top and the bot speaks");
        if let Outside::Tool(tool) = operation.what {
            let name = self.bot.tools[tool.index()].name.clone();
            self.suggest(name, outcome_value(outcome));
        }
    }

    /// Shows people at the desk what came.
    pub(crate) fn suggest(&mut self, about: String, value: Value) {
        let Some(handoff) = self
            .inside()
            .handoff
            .as_ref()
            .filter(|handoff| !handoff.closing)
        else {
            return;
        };
        let desk = self.bot.desks[handoff.desk.index()].name.clone();
        self.emit(EffectKind::Relay {
            desk,
            what: Relayed::Suggestion { about, value },
        });
    }
}

/// An outcome in a word or two.
fn describe(outcome: &ToolOutcome) -> String {
    match outcome {
        ToolOutcome::Returned { .. } => "returned".to_owned(),
        ToolOutcome::Failed(error) => error.kind.name().to_owned(),
    }
}

pub(crate) fn outcome_value(outcome: &ToolOutcome) -> Value {
    match outcome {
        ToolOutcome::Returned { result } => result.clone(),
        ToolOutcome::Failed(error) => Value::from(error.kind.name()),
    }
}
