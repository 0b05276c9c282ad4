//! Calls of answers: they belong to the conversation, and what came of them is said when it comes.

use super::cx::{Cx, Reask};
use super::result::outcome_value;
use crate::conversation::{Aside, AsideOrigin, Outside};
use crate::{
    AnswerKind, EffectKind, ErrorKind, Expression, IntentId, ToolError, ToolId, ToolOutcome,
};

/// How many answers may be under way in a conversation: beyond, the customer is asked for patience.
const ASIDES_MAX: usize = 8;

impl<'b> Cx<'b> {
    pub(crate) fn call_aside(
        &mut self,
        intent: IntentId,
        tool: ToolId,
        with: &'b [(String, Expression)],
    ) {
        if self.has_too_many_asides() {
            return;
        }
        match self.call_arguments(tool, with) {
            Ok(args) => {
                let name = self.bot.tools[tool.index()].name.clone();
                let effect = EffectKind::Call { tool: name, args };
                self.begin_aside(Outside::Tool(tool), AsideOrigin::Answer(intent), effect);
            }
            Err(error) => {
                self.note(format!("`with` has no value: {error}"));
                let invalid = ToolError {
                    kind: ErrorKind::Invalid,
                    status: None,
                    code: None,
                };
                self.say_outcome(intent, &ToolOutcome::Failed(invalid));
            }
        }
    }

    /// Beyond the bound, the customer is asked for patience.
    pub(crate) fn has_too_many_asides(&mut self) -> bool {
        let too_many = self.inside().asides.len() >= ASIDES_MAX;
        if too_many {
            self.note("too many answers are under way");
            self.say_template(self.bot.built_in.busy, Vec::new());
        }
        too_many
    }

    pub(crate) fn begin_aside(&mut self, what: Outside, origin: AsideOrigin, effect: EffectKind) {
        let id = self.emit(effect);
        let asks = self.inside().asks;
        self.inside_mut().asides.push(Aside {
            turn: id.turn,
            index: id.index,
            what,
            origin,
            asks,
            said: String::new(),
            wish: None,
        });
    }

    pub(crate) fn finish_call_aside(&mut self, aside: &Aside, outcome: &ToolOutcome) {
        if let Some(wish) = aside.wish.clone() {
            return self.finish_permitted_aside(aside, *wish, outcome);
        }
        let AsideOrigin::Answer(intent) = aside.origin else {
            return;
        };
        if !self.bot_speaks() {
            self.note("people have the conversation: the answer is a suggestion");
            let about = self.bot.intents[intent.index()].name.clone();
            return self.suggest(about, outcome_value(outcome));
        }
        self.say_outcome(intent, outcome);
        self.ask_unless_asked(aside.asks);
    }

    /// The open question again, unless one was asked meanwhile.
    pub(crate) fn ask_unless_asked(&mut self, asks: u64) {
        if self.inside().asks == asks {
            self.reask(Reask::Resume);
        }
    }

    fn say_outcome(&mut self, intent: IntentId, outcome: &ToolOutcome) {
        let Some(AnswerKind::Call { say, error, .. }) =
            self.bot.answers.get(&intent).map(|answer| &answer.kind)
        else {
            return;
        };
        match outcome {
            ToolOutcome::Returned { result } => {
                self.set_result(result.clone());
                self.say(say);
            }
            ToolOutcome::Failed(failed) => {
                self.set_error(failed);
                if !self.take_first(error) {
                    self.note("no transition of the answer's `error` holds");
                    self.say_template(self.bot.built_in.failed, Vec::new());
                }
            }
        }
        self.reads.result_of.clear();
    }
}
