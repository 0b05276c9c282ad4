//! A model's answers: asked for, coming sentence by sentence, ended.

use std::collections::BTreeMap;

use super::cx::{Cx, Reask};
use crate::conversation::{Aside, AsideOrigin, Outside};
use crate::{
    EffectId, EffectKind, ErrorKind, Expression, GenerateOutcome, IntentId, Made, ModelDeclaration,
    ModelId, Outgoing, Route, Source, StateKind, Then, ToolError, ToolOutcome, Value,
};

impl<'b> Cx<'b> {
    /// A state's.
    pub(crate) fn begin_generate(&mut self, model: ModelId, with: &'b [(String, Expression)]) {
        match self.arguments(with) {
            Ok(values) => {
                let effect = self.generate_effect(model, values);
                self.begin_operation(Outside::Model(model), effect);
            }
            Err(error) => self.hold_invalid(error.to_string()),
        }
    }

    /// An answer's.
    pub(crate) fn generate_for(&mut self, intent: IntentId, model: ModelId) {
        if self.has_too_many_asides() {
            return;
        }
        let effect = self.generate_effect(model, BTreeMap::new());
        self.begin_aside(Outside::Model(model), AsideOrigin::Answer(intent), effect);
    }

    /// The router's, or a transition's.
    pub(crate) fn generate_aside(&mut self, model: ModelId) {
        if self.has_too_many_asides() {
            return;
        }
        let effect = self.generate_effect(model, BTreeMap::new());
        self.begin_aside(Outside::Model(model), AsideOrigin::Router, effect);
    }

    /// What the model may see: the slots that the author allows, never a secret.
    fn generate_effect(&self, model: ModelId, values: BTreeMap<String, Value>) -> EffectKind {
        let question = self.inside().last_text.clone().unwrap_or_default();
        let values = self.visible_to(model, values);
        self.generation(model, values, question, Vec::new())
    }

    /// These values, and the slots that a model may see.
    pub(crate) fn visible_to(
        &self,
        model: ModelId,
        mut values: BTreeMap<String, Value>,
    ) -> BTreeMap<String, Value> {
        let declaration = &self.bot.models[model.index()];
        for (slot, value) in self.visible_slots() {
            if let Some(value) = value
                && !slot.secret
                && declaration.may_see.contains(&slot.name)
            {
                values
                    .entry(slot.name.clone())
                    .or_insert_with(|| value.clone());
            }
        }
        values
    }

    pub(crate) fn generation(
        &self,
        model: ModelId,
        values: BTreeMap<String, Value>,
        question: String,
        made: Vec<Made>,
    ) -> EffectKind {
        let declaration = &self.bot.models[model.index()];
        EffectKind::Generate {
            model: declaration.name.clone(),
            question,
            values,
            system: declaration.system.map(|system| self.prompt(system)),
            made,
        }
    }

    /// A checked sentence: said at once if the bot speaks and its state is on top.
    pub(crate) fn stream(&mut self, effect: &EffectId, n: u32, text: &str) {
        self.route(Route::Generate);
        let speaks = self.bot_speaks();
        let top = self.inside().frames.len().checked_sub(1);
        let frames = &mut self.c.inside.frames;
        let by_frame = frames.iter_mut().enumerate().find_map(|(index, frame)| {
            let operation = frame
                .operation
                .as_mut()
                .filter(|operation| operation.is(effect))?;
            Some((&mut operation.said, Some(index) == top))
        });
        let mut asides = self
            .c
            .inside
            .asides
            .iter_mut()
            .filter(|aside| aside.is(effect));
        let said = by_frame.or_else(|| asides.next().map(|aside| (&mut aside.said, true)));
        match said {
            Some((said, true)) if speaks => {
                if !said.is_empty() {
                    said.push(' ');
                }
                said.push_str(text);
                self.send_generated(effect, text.to_owned(), Some(n), Vec::new());
            }
            Some(_) => self.note("a model's sentence waits: its state is not on top"),
            None => self.note("a model's sentence came for a state that was left"),
        }
    }

    fn send_generated(
        &mut self,
        effect: &EffectId,
        text: String,
        sentence: Option<u32>,
        sources: Vec<Source>,
    ) {
        let generation = effect.clone();
        self.emit(EffectKind::Send(Outgoing::Generated {
            text,
            generation,
            sentence,
            sources,
        }));
        self.inside_mut().active_at = Some(self.now);
    }

    pub(crate) fn take_generated(&mut self, effect: &EffectId, outcome: &GenerateOutcome) {
        self.route(Route::Generate);
        let waits = self.inside().frames.iter().position(|frame| {
            frame
                .operation
                .as_ref()
                .is_some_and(|operation| operation.is(effect))
        });
        if let Some(frame) = waits {
            return self.finish_state(frame, effect, outcome);
        }
        let aside = self
            .inside()
            .asides
            .iter()
            .position(|aside| aside.is(effect));
        match aside.map(|index| self.inside_mut().asides.remove(index)) {
            Some(aside) => self.finish_model_aside(&aside, effect, outcome),
            None => self.note("the state that asked the model was left: its answer is dropped"),
        }
    }

    /// An answer's or the router's.
    fn finish_model_aside(&mut self, aside: &Aside, effect: &EffectId, outcome: &GenerateOutcome) {
        let Outside::Model(model) = aside.what else {
            return;
        };
        if !self.bot_speaks() {
            self.note("people have the conversation: the model's answer is a suggestion");
            return self.suggest_generated(outcome);
        }
        if matches!(outcome, GenerateOutcome::Asks { .. }) {
            return self.permit_aside(aside, model, outcome);
        }
        let declaration = &self.bot.models[model.index()];
        if self.say_end(effect, &aside.said, outcome) {
            self.inside_mut().router_row.clear();
            if is_unsure(outcome, declaration) && self.inside().frames.is_empty() {
                return self.ask_helpful(model);
            }
            return self.ask_unless_asked(aside.asks);
        }
        let is_routers = aside.origin == AsideOrigin::Router;
        if is_routers && self.miss() {
            return;
        }
        let instead = match outcome {
            GenerateOutcome::Low { .. } => &declaration.check.on_low,
            GenerateOutcome::Answered { .. }
            | GenerateOutcome::Asks { .. }
            | GenerateOutcome::Failed { .. } => &declaration.on_fail,
        };
        match self.pick(instead) {
            Some(plan) => {
                let stays = plan.transition.then == Then::Stay;
                self.perform(plan);
                if stays {
                    self.ask_unless_asked(aside.asks);
                }
            }
            None => {
                self.say_template(self.bot.built_in.failed, Vec::new());
                self.reask(Reask::Plain);
            }
        }
    }

    /// Ends the message that the sentences began. Whether the customer has an answer, if only a part of it.
    fn say_end(&mut self, effect: &EffectId, said: &str, outcome: &GenerateOutcome) -> bool {
        match outcome {
            GenerateOutcome::Answered { text, sources, .. } => {
                self.send_generated(effect, text.clone(), None, sources.clone());
                true
            }
            GenerateOutcome::Low { .. } if !said.is_empty() => {
                self.send_generated(effect, said.to_owned(), None, Vec::new());
                false
            }
            GenerateOutcome::Failed { .. } if !said.is_empty() => {
                self.send_generated(effect, said.to_owned(), None, Vec::new());
                self.say_template(self.bot.built_in.interrupted, Vec::new());
                true
            }
            GenerateOutcome::Low { .. }
            | GenerateOutcome::Asks { .. }
            | GenerateOutcome::Failed { .. } => false,
        }
    }

    fn suggest_generated(&mut self, outcome: &GenerateOutcome) {
        if let GenerateOutcome::Answered { text, .. } = outcome {
            self.suggest("answer".to_owned(), Value::from(text.as_str()));
        }
    }

    /// A state's: said if it is on top, then the state's `done` or `error`.
    fn finish_state(&mut self, index: usize, effect: &EffectId, outcome: &GenerateOutcome) {
        let is_top = index + 1 == self.inside().frames.len();
        let Some(operation) = self.inside_mut().frames[index].operation.take() else {
            return;
        };
        if matches!(outcome, GenerateOutcome::Asks { .. }) {
            return self.permit_state(index, &operation, outcome);
        }
        let speaks = self.bot_speaks();
        if !speaks {
            self.suggest_generated(outcome);
        } else if is_top {
            self.say_end(effect, &operation.said, outcome);
        }
        let ended = match outcome {
            GenerateOutcome::Answered {
                text,
                score,
                sources,
            } => ToolOutcome::Returned {
                result: Value::Map(BTreeMap::from([
                    ("text".to_owned(), Value::from(text.as_str())),
                    ("score".to_owned(), Value::Number(f64::from(*score))),
                    (
                        "sources".to_owned(),
                        Value::List(
                            sources
                                .iter()
                                .map(|one| Value::from(one.title.as_str()))
                                .collect(),
                        ),
                    ),
                ])),
            },
            GenerateOutcome::Low { .. } => failed("low"),
            GenerateOutcome::Asks { .. } | GenerateOutcome::Failed { .. } => failed("failed"),
        };
        let at = self.now;
        self.inside_mut().frames[index].held = Some(crate::conversation::Held {
            entry: operation.entry,
            at,
            outcome: ended,
        });
        if is_top && speaks && matches!(outcome, GenerateOutcome::Low { .. }) {
            self.take_on_low();
        }
    }

    /// What the model's policy says below the bar comes first; the state's `error` follows.
    fn take_on_low(&mut self) {
        if let Some(StateKind::Generate { model, .. }) = self.leaf_state().map(|state| &state.kind)
        {
            self.take_first(&self.bot.models[model.index()].check.on_low);
        }
    }
}

/// Said, but with its sources, and not without asking whether it helped.
fn is_unsure(outcome: &GenerateOutcome, declaration: &ModelDeclaration) -> bool {
    matches!(outcome, GenerateOutcome::Answered { score, .. } if *score < declaration.check.send)
}

fn failed(code: &str) -> ToolOutcome {
    ToolOutcome::Failed(ToolError {
        kind: ErrorKind::Failed,
        status: None,
        code: Some(code.to_owned()),
    })
}
