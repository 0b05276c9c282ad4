//! A model's call that the customer has to agree to: asked for, made once for one yes, and what the model is told of it. Without a
//! yes nothing is called, whatever becomes of the question.

use std::collections::BTreeMap;

use super::cx::{Cx, Reask};
use super::option::plain;
use super::reading::Reading;
use super::result::outcome_value;
use crate::conversation::{Aside, Asker, Held, InterludeKind, Operation, Outside, Wish};
use crate::{
    EffectId, EffectKind, ErrorKind, GenerateOutcome, Made, ModelId, Route, StateKind, ToolError,
    ToolOutcome, Value, ValueType,
};

impl<'b> Cx<'b> {
    /// The call that a model asks for; none if it may not even ask for it.
    fn wish(&mut self, model: ModelId, asker: Asker, outcome: &GenerateOutcome) -> Option<Wish> {
        let GenerateOutcome::Asks {
            tool,
            args,
            question,
            made,
        } = outcome
        else {
            return None;
        };
        let declared = &self.bot.models[model.index()].tools;
        let found = self.bot.tool(tool).filter(|id| declared.contains(id));
        let wish = found.map(|tool| Wish {
            model,
            tool,
            args: args.clone(),
            question: question.clone(),
            made: made.clone(),
            asker,
            values: BTreeMap::new(),
        });
        let wish = wish.filter(|wish| self.wish_fits(wish));
        if wish.is_none() {
            self.note("the model asked for a call that it can't make");
        }
        wish
    }

    /// Whether the arguments are those that the tool declares: a newer version of the bot may have other ones.
    fn wish_fits(&self, wish: &Wish) -> bool {
        let declared = &self.bot.tools[wish.tool.index()].args;
        let is_known = |name: &String| declared.iter().any(|arg| arg.name == *name);
        let is_given = |arg: &crate::ArgDeclaration| match wish.args.get(&arg.name) {
            Some(value) => crate::fit(value.clone(), &arg.value_type).is_some(),
            None => arg.optional,
        };
        wish.args.keys().all(is_known) && declared.iter().all(is_given)
    }

    /// Asks the customer for what the model of an answer wants to do.
    pub(crate) fn permit_aside(
        &mut self,
        aside: &Aside,
        model: ModelId,
        outcome: &GenerateOutcome,
    ) {
        let asker = Asker::Aside(aside.origin);
        match self.wish(model, asker, outcome) {
            Some(wish) => self.open_interlude(InterludeKind::Permit(Box::new(wish))),
            None => {
                self.say_template(self.bot.built_in.failed, Vec::new());
                self.reask(Reask::Plain);
            }
        }
    }

    /// The same for a state; where it can't be asked, the state goes on with its `error`.
    pub(crate) fn permit_state(
        &mut self,
        index: usize,
        operation: &Operation,
        outcome: &GenerateOutcome,
    ) {
        let is_top = index + 1 == self.inside().frames.len();
        let asker = Asker::State(operation.entry);
        let wish = match operation.what {
            Outside::Model(model) if is_top && self.bot_speaks() => {
                self.wish(model, asker, outcome)
            }
            Outside::Model(_) | Outside::Tool(_) => {
                self.note("the customer is elsewhere and is not asked for the model's call");
                None
            }
        };
        match wish {
            Some(wish) => self.open_interlude(InterludeKind::Permit(Box::new(wish))),
            None => self.hold_refused(operation.entry),
        }
    }

    /// What the question says: the tool in the author's words, and each value.
    pub(crate) fn permit_values(&self, wish: &Wish) -> super::say::Extra {
        let tool = &self.bot.tools[wish.tool.index()];
        let action = match tool.description.is_empty() {
            true => words(&tool.name),
            false => tool.description.clone(),
        };
        let in_order = tool.args.iter().filter(|arg| !arg.secret);
        let given = in_order.filter_map(|arg| {
            let value = wish.args.get(&arg.name)?;
            let key = match arg.value_type {
                ValueType::Money => "price",
                _ => "value",
            };
            Some(Value::Map(BTreeMap::from([
                ("name".to_owned(), Value::from(words(&arg.name).as_str())),
                (key.to_owned(), said(value, &arg.value_type)),
            ])))
        });
        let given = Value::List(given.collect());
        let shown = tool.args.iter().filter(|arg| !arg.secret);
        let args =
            shown.filter_map(|arg| Some((arg.name.clone(), wish.args.get(&arg.name)?.clone())));
        vec![
            ("action".to_owned(), Value::from(action.as_str())),
            ("given".to_owned(), given),
            ("args".to_owned(), Value::Map(args.collect())),
        ]
    }

    /// The customer's answer. Each question is answered once: the yes makes one call.
    pub(crate) fn take_permit(&mut self, wish: Wish, yes: bool) {
        self.route(Route::YesNoAgain);
        self.inside_mut().router_row.clear();
        let tool = &self.bot.tools[wish.tool.index()].name;
        if !yes || !self.wish_fits(&wish) || !self.is_waiting_for(&wish) {
            self.note(format!("the model's call of `{tool}` is not made"));
            self.say_template(self.bot.built_in.not_done, Vec::new());
            self.refuse_wish(&wish);
            return self.reask(Reask::Plain);
        }
        self.note(format!(
            "the customer agreed to the model's call of `{tool}`"
        ));
        match self.model_values(&wish) {
            Ok(values) => self.make_permitted(Wish { values, ..wish }),
            Err(error) => {
                self.note(format!("`with` has no value: {error}"));
                self.say_template(self.bot.built_in.not_done, Vec::new());
                self.refuse_wish(&wish);
            }
        }
    }

    /// A state that was left waits for nothing any more.
    fn is_waiting_for(&self, wish: &Wish) -> bool {
        match wish.asker {
            Asker::State(entry) => self.leaf().is_some_and(|leaf| leaf.entry == entry),
            Asker::Aside(_) => true,
        }
    }

    fn model_values(&self, wish: &Wish) -> Result<BTreeMap<String, Value>, crate::EvaluationError> {
        let with = match (wish.asker, self.leaf_state().map(|state| &state.kind)) {
            (Asker::State(_), Some(StateKind::Generate { with, .. })) => with.as_slice(),
            _ => &[],
        };
        Ok(self.visible_to(wish.model, self.arguments(with)?))
    }

    fn make_permitted(&mut self, wish: Wish) {
        let effect = EffectKind::Call {
            tool: self.bot.tools[wish.tool.index()].name.clone(),
            args: wish.args.clone(),
        };
        let what = Outside::Tool(wish.tool);
        match wish.asker {
            Asker::State(_) => {
                self.begin_operation(what, effect);
                let operation = self.top_mut().and_then(|frame| frame.operation.as_mut());
                if let Some(operation) = operation {
                    operation.wish = Some(Box::new(wish));
                }
            }
            Asker::Aside(origin) => {
                self.begin_aside(what, origin, effect);
                if let Some(aside) = self.inside_mut().asides.last_mut() {
                    aside.wish = Some(Box::new(wish));
                }
            }
        }
    }

    /// What came of an answer's call: the model is asked again, which now knows; of a failure the customer hears from us.
    pub(crate) fn finish_permitted_aside(
        &mut self,
        aside: &Aside,
        wish: Wish,
        outcome: &ToolOutcome,
    ) {
        match outcome {
            ToolOutcome::Returned { result } => {
                let effect = self.generate_again(&wish, result);
                self.begin_aside(Outside::Model(wish.model), aside.origin, effect);
            }
            ToolOutcome::Failed(_) if !self.bot_speaks() => {
                let tool = self.bot.tools[wish.tool.index()].name.clone();
                self.suggest(tool, outcome_value(outcome));
            }
            ToolOutcome::Failed(error) => {
                let template = match error.kind {
                    ErrorKind::Unknown => self.bot.built_in.call_unclear,
                    _ => self.bot.built_in.call_failed,
                };
                self.say_template(template, Vec::new());
                self.ask_unless_asked(aside.asks);
            }
        }
    }

    /// The same for a state. A failure is its `error`, as of a call of its own.
    pub(crate) fn finish_permitted_state(
        &mut self,
        index: usize,
        operation: &Operation,
        wish: &Wish,
        outcome: &ToolOutcome,
    ) {
        let at = self.now;
        match outcome {
            ToolOutcome::Returned { result } => {
                let effect = self.generate_again(wish, result);
                let EffectId {
                    turn, index: id, ..
                } = self.emit(effect);
                self.inside_mut().frames[index].operation = Some(Operation {
                    turn,
                    index: id,
                    what: Outside::Model(wish.model),
                    wish: None,
                    ..operation.clone()
                });
            }
            ToolOutcome::Failed(_) => {
                self.inside_mut().frames[index].held = Some(Held {
                    entry: operation.entry,
                    at,
                    outcome: outcome.clone(),
                });
            }
        }
    }

    fn generate_again(&self, wish: &Wish, result: &Value) -> EffectKind {
        let made = Made {
            tool: self.bot.tools[wish.tool.index()].name.clone(),
            args: wish.args.clone(),
            result: result.clone(),
            agreed: true,
        };
        let mut all = wish.made.clone();
        all.push(made);
        self.generation(wish.model, wish.values.clone(), wish.question.clone(), all)
    }

    /// A question that is closed without a yes: the call is not made.
    pub(crate) fn refuse_wish(&mut self, wish: &Wish) {
        if let Asker::State(entry) = wish.asker {
            self.hold_refused(entry);
        }
    }

    /// The state with this entry goes on with its `error`.
    fn hold_refused(&mut self, entry: crate::Entry) {
        let at = self.now;
        let outcome = ToolOutcome::Failed(ToolError {
            kind: ErrorKind::Cancelled,
            status: None,
            code: Some("declined".to_owned()),
        });
        let mut frames = self.inside_mut().frames.iter_mut();
        let waits = frames.find(|frame| frame.leaf().is_some_and(|leaf| leaf.entry == entry));
        if let Some(frame) = waits {
            frame.held = Some(Held { entry, at, outcome });
        }
    }
}

/// Whether a yes counts: to a call only one that says nothing more. “Yes, but only two” is no yes to three.
pub(crate) fn is_enough(kind: &InterludeKind, reading: &Reading) -> bool {
    let says_more = reading.is_split()
        || !reading.found.is_empty()
        || !reading.attachments.is_empty()
        || reading.negation
        || reading.correction;
    !matches!(kind, InterludeKind::Permit(_)) || !says_more
}

/// A name as words.
fn words(name: &str) -> String {
    name.replace(['_', '.'], " ")
}

/// A value as a question can say it; what has no words of its own is written out.
fn said(value: &Value, value_type: &ValueType) -> Value {
    match (value, value_type) {
        (Value::List(items), _) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            Value::from(items.join(", ").as_str())
        }
        (Value::Map(_), ValueType::Money) => value.clone(),
        (Value::Map(_), _) => Value::from(plain(value).as_str()),
        (other, _) => other.clone(),
    }
}
