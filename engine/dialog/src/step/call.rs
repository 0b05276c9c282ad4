//! Calls of states: begun with arguments by their declared types, remembered if they cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::cx::Cx;
use crate::conversation::{Begun, Held, Operation, Outside};
use crate::{EffectKind, ErrorKind, Expression, Repeat, ToolError, ToolId, ToolOutcome, Value};

impl<'b> Cx<'b> {
    pub(crate) fn begin_call(&mut self, tool: ToolId, with: &'b [(String, Expression)]) {
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
                wish: None,
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
                // In a loop, the newest call of a kind says all.
                let same = |one: &Begun| one.tool == tool && one.reads == roots;
                frame.begun.retain(|one| !same(one));
                frame.begun.push(Begun {
                    tool,
                    entry,
                    reads: roots,
                });
            }
        }
    }
}
