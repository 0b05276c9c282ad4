//! Rule 11: nothing else takes the message.

use super::cx::{Cx, Reask};
use super::reading::Reading;
use crate::{EventKind, IntentId, RankedIntent, Route, RouterAction, RouterStep, RouterWhen};

/// An intent is offered if it is at least this share of the best one: less is noise.
const LIKELY_SHARE: f32 = 0.25;

impl<'b> Cx<'b> {
    pub(crate) fn route_on(&mut self, reading: Reading) {
        let Some((index, step)) = self.router_step() else {
            return self.route_nowhere(reading.late);
        };
        // A model that answers is no miss; if it does not, its failure is said and counted.
        let may_answer = matches!(step.action, RouterAction::Generate(_));
        if !reading.late && !may_answer && self.miss() {
            self.trace.route = Some(Route::NoMatch);
            return;
        }
        self.count_router_step(index);
        self.trace.route = Some(match &step.action {
            RouterAction::Clarify { options_max } => {
                let intents = self.likely_intents(*options_max);
                self.ask_which(intents, reading.entities);
                Route::Clarify
            }
            RouterAction::Generate(model) => {
                self.generate_aside(*model);
                Route::Generate
            }
            RouterAction::Say(says) => {
                self.say(says);
                self.reask(Reask::Plain);
                Route::RouterSay
            }
            RouterAction::Handoff { desk, why } => {
                self.hand_over_and_back(*desk, why);
                Route::RouterHandoff
            }
        });
    }

    /// No step is for it: a miss still counts, and nobody is left without a word.
    fn route_nowhere(&mut self, late: bool) {
        self.note("no step of the router takes the message");
        if !late && self.miss() {
            return;
        }
        if self.top().is_some_and(|frame| frame.question.is_some()) {
            self.reask(Reask::Plain);
        } else {
            self.say_template(self.bot.built_in.failed, Vec::new());
        }
    }

    fn router_step(&mut self) -> Option<(usize, &'b RouterStep)> {
        let kind = self.message_kind();
        let steps = self.bot.router.iter().enumerate();
        steps.into_iter().find(|(index, step)| {
            let applies = step.when == RouterWhen::Always || step.when == kind;
            let used = self.inside().router_row.get(*index).copied().unwrap_or(0);
            applies
                && step.times.is_none_or(|times| used < times)
                && step
                    .guard
                    .as_ref()
                    .is_none_or(|guard| guard.holds(self).unwrap_or(false))
                && self.is_possible(&step.action)
        })
    }

    fn is_possible(&self, action: &RouterAction) -> bool {
        match action {
            RouterAction::Clarify { options_max } => !self.likely_intents(*options_max).is_empty(),
            RouterAction::Generate(_) | RouterAction::Say(_) | RouterAction::Handoff { .. } => true,
        }
    }

    fn count_router_step(&mut self, index: usize) {
        let row = &mut self.inside_mut().router_row;
        if row.len() <= index {
            row.resize(index + 1, 0);
        }
        row[index] = row[index].saturating_add(1);
    }

    fn ranked(&self) -> (&'b [RankedIntent], f32) {
        match &self.event.kind {
            EventKind::Message(message) => {
                let understanding = &message.understanding;
                (&understanding.intents, understanding.in_scope.0)
            }
            _ => (&[], 0.0),
        }
    }

    /// Which steps of the router the message is for; `Always` = only those for all.
    fn message_kind(&self) -> RouterWhen {
        let (intents, in_scope) = self.ranked();
        let best = intents.first().map_or(0.0, |best| best.confidence.0);
        if best < self.bot.bands.confirm || in_scope < self.bot.bands.confirm {
            RouterWhen::None
        } else if best < self.bot.bands.accept {
            RouterWhen::Unsure
        } else {
            RouterWhen::Always
        }
    }

    /// The likely intents that some rule would take now, best first.
    fn likely_intents(&self, options_max: usize) -> Vec<IntentId> {
        let (intents, _) = self.ranked();
        let floor = intents
            .first()
            .map_or(0.0, |best| best.confidence.0 * LIKELY_SHARE);
        intents
            .iter()
            .filter(|ranked| ranked.confidence.0 >= floor)
            .filter_map(|ranked| self.bot.intent(&ranked.intent))
            .filter(|&intent| self.would_handle(intent) || self.would_answer_or_start(intent))
            .take(options_max)
            .collect()
    }
}
