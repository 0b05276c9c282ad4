//! What a model wants to do and may not without the customer's yes: random wishes, and the law that each yes is worth one call.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{
    AnswerKind, Bot, EffectId, EffectKind, Event, EventKind, GenerateOutcome, StateKind, Step,
    ToolId, Value,
};
use jiff::Timestamp;

use super::random::Random;
use super::value;

/// How many of a hundred answers end in a wish, where there is something to wish for.
const WISH_PERCENT: usize = 70;

/// An answer that a model is to give.
pub(super) struct Generation {
    pub(super) effect: EffectId,
    pub(super) model: String,
    pub(super) question: String,
}

impl Generation {
    /// A call that the model could want to make.
    pub(super) fn wish(
        &self,
        random: &mut Random,
        bot: &Bot,
        now: Timestamp,
    ) -> Option<GenerateOutcome> {
        let tools = &bot.models[bot.model(&self.model)?.index()].tools;
        let confirmed: Vec<ToolId> = tools
            .iter()
            .copied()
            .filter(|tool| bot.tools[tool.index()].confirm)
            .collect();
        let tool = &bot.tools[random.pick(&confirmed)?.index()];
        if !random.percent(WISH_PERCENT) {
            return None;
        }
        let args = tool.args.iter().filter(|arg| !arg.secret);
        let args: Vec<(String, Value)> = args
            .map(|arg| (arg.name.clone(), value::value(random, &arg.value_type, now)))
            .collect();
        Some(GenerateOutcome::Asks {
            tool: tool.name.clone(),
            args: args.into_iter().collect(),
            question: self.question.clone(),
            made: Vec::new(),
        })
    }
}

/// What models wanted to do, and nobody has done yet.
#[derive(Clone)]
pub(super) struct Wishes {
    /// Tools that only a model calls.
    tools: BTreeSet<String>,
    open: Vec<(String, BTreeMap<String, Value>)>,
}

impl Wishes {
    pub(super) fn new(bot: &Bot) -> Self {
        let states = bot.flows.iter().flat_map(|flow| &flow.states);
        let by_states = states.filter_map(|state| match &state.kind {
            StateKind::Call { tool, .. } => Some(*tool),
            _ => None,
        });
        let by_answers = bot
            .answers
            .values()
            .filter_map(|answer| match &answer.kind {
                AnswerKind::Call { tool, .. } => Some(*tool),
                AnswerKind::Say(_) | AnswerKind::Generate(_) => None,
            });
        let others: Vec<ToolId> = by_states.chain(by_answers).collect();
        let models = bot.models.iter().flat_map(|model| &model.tools);
        let own = models.filter(|tool| bot.tools[tool.index()].confirm && !others.contains(tool));
        Self {
            tools: own
                .map(|tool| bot.tools[tool.index()].name.clone())
                .collect(),
            open: Vec::new(),
        }
    }

    /// A model's call follows a word or a click of the customer's, is the one that was asked for, and is made once.
    pub(super) fn hold(&mut self, event: &Event, step: &Step) -> Result<(), String> {
        if let EventKind::Generated {
            outcome: GenerateOutcome::Asks { tool, args, .. },
            ..
        } = &event.kind
        {
            self.open.push((tool.clone(), args.clone()));
        }
        let calls = step.effects.iter().filter_map(|effect| match &effect.kind {
            EffectKind::Call { tool, args } if self.tools.contains(tool) => Some((tool, args)),
            _ => None,
        });
        for (tool, args) in calls {
            if !matches!(event.kind, EventKind::Message(_) | EventKind::Choice { .. }) {
                return Err(format!("`{tool}` was called, and nobody said yes"));
            }
            let same =
                |wish: &(String, BTreeMap<String, Value>)| wish.0 == *tool && wish.1 == *args;
            let Some(place) = self.open.iter().position(same) else {
                return Err(format!("`{tool}` was called twice, or as nobody was asked"));
            };
            self.open.remove(place);
        }
        Ok(())
    }
}
