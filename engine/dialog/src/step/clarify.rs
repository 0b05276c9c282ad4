//! The engine's own questions, over the state's: which of these was meant, an offer of what was wanted earlier, consent.

use super::cx::{Cx, Reask};
use super::option::{AFFIRM, DENY};
use super::permit::is_enough;
use super::reading::Reading;
use crate::conversation::{Interlude, InterludeKind, Offer};
use crate::{BuiltInIntent, EffectKind, Entity, IntentId, ModelId, Route};

impl<'b> Cx<'b> {
    /// Asks which of these intents was meant.
    pub(crate) fn ask_which(&mut self, intents: Vec<IntentId>, entities: Vec<Entity>) {
        self.open_interlude(InterludeKind::Clarify { intents, entities });
    }

    pub(crate) fn open_interlude(&mut self, kind: InterludeKind) {
        self.put_aside_interlude();
        let interlude = Interlude {
            entry: self.next_entry(),
            first_asked: self.c.turn,
            kind,
            choices: Vec::new(),
        };
        self.inside_mut().interlude = Some(interlude);
        self.ask_interlude();
    }

    pub(crate) fn ask_interlude(&mut self) {
        let Some(interlude) = &self.inside().interlude else {
            return;
        };
        let entry = interlude.entry;
        let mut values = Vec::new();
        let template = match &interlude.kind {
            InterludeKind::Clarify { .. } => self.bot.built_in.clarify,
            InterludeKind::Offer(offer) => {
                let intent = offer.intent;
                self.see_wanted(intent);
                self.bot.built_in.offer
            }
            InterludeKind::Consent { slot } => {
                let consent = self.bot.slots[usize::from(*slot)].consent;
                consent.unwrap_or(self.bot.built_in.clarify)
            }
            InterludeKind::Helpful { .. } => self.bot.built_in.did_that_help,
            InterludeKind::Permit(wish) => {
                values = self.permit_values(wish);
                let ask = self.bot.tools[wish.tool.index()].ask;
                ask.unwrap_or(self.bot.built_in.may_i)
            }
        };
        let sent = self.say_template(template, values);
        self.asked_with(sent, entry);
    }

    /// Asks whether an answer helped of which its check isn't sure.
    pub(crate) fn ask_helpful(&mut self, model: ModelId) {
        self.open_interlude(InterludeKind::Helpful { model });
    }

    /// Asks for consent to keep a value, if one waits for it.
    pub(crate) fn ask_consent(&mut self) -> bool {
        while !self.inside().consents_open.is_empty() {
            let slot = self.inside_mut().consents_open.remove(0);
            let declaration = &self.bot.slots[usize::from(slot)];
            let known = self.inside().known.consents.contains_key(&declaration.name);
            if !known && self.inside().slots[usize::from(slot)].is_some() {
                self.open_interlude(InterludeKind::Consent { slot });
                return true;
            }
        }
        false
    }

    /// Offers what was wanted earlier, when a flow has ended or nothing runs.
    pub(crate) fn ask_offer(&mut self) -> bool {
        let is_time = self.chain_ended || self.inside().frames.is_empty();
        if !is_time || self.inside().offers.is_empty() {
            return false;
        }
        let offer = self.inside_mut().offers.remove(0);
        self.open_interlude(InterludeKind::Offer(offer));
        true
    }

    /// Whether the message answers the engine's own question; any other message closes it and is taken as always.
    pub(crate) fn answers_interlude(&mut self, reading: &Reading) -> bool {
        let Some(interlude) = &self.inside().interlude else {
            return false;
        };
        if reading.late {
            return false;
        }
        let is_shown = |key: &&String| interlude.choices.iter().any(|shown| shown.key == **key);
        let mut named = reading.choices.iter().filter(is_shown);
        let named = named.next().filter(|_| named.next().is_none()).cloned();
        let single = match &interlude.kind {
            InterludeKind::Clarify { intents, .. } => match intents.as_slice() {
                [one] => Some(self.bot.intents[one.index()].name.clone()),
                _ => None,
            },
            InterludeKind::Offer(_)
            | InterludeKind::Consent { .. }
            | InterludeKind::Helpful { .. }
            | InterludeKind::Permit(_) => Some(AFFIRM.to_owned()),
        };
        let takes_deny = !matches!(interlude.kind, InterludeKind::Clarify { .. });
        let key = named
            .or_else(|| {
                let says_yes = self.wants_first(reading, BuiltInIntent::Affirm);
                single.filter(|_| says_yes && is_enough(&interlude.kind, reading))
            })
            .or_else(|| {
                let denies = takes_deny && self.wants_first(reading, BuiltInIntent::Deny);
                denies.then(|| DENY.to_owned())
            });
        match key {
            Some(key) => self.take_interlude(&key),
            None => {
                self.close_interlude();
                self.note("the engine's own question is closed");
                false
            }
        }
    }

    /// Closes the engine's own question, if one is open. What a model may do only with a yes is not done.
    pub(crate) fn close_interlude(&mut self) -> Option<InterludeKind> {
        let kind = self.inside_mut().interlude.take()?.kind;
        if let InterludeKind::Permit(wish) = &kind {
            self.note("the model's call is not made: nobody said yes");
            self.refuse_wish(wish);
        }
        Some(kind)
    }

    /// The flow moved on under the engine's own question: the flow's question comes first now.
    pub(crate) fn close_overtaken_interlude(&mut self) {
        let turn = self.c.turn;
        let is_older = |one: &Interlude| one.first_asked < turn;
        if self.trace.entered.is_empty() || !self.inside().interlude.as_ref().is_some_and(is_older)
        {
            return;
        }
        self.note("the engine's own question is closed: the flow moved on");
        self.put_aside_interlude();
    }

    /// Closes the engine's own question for another one; what can be asked later is.
    fn put_aside_interlude(&mut self) {
        match self.close_interlude() {
            Some(InterludeKind::Offer(offer)) => self.inside_mut().offers.insert(0, offer),
            Some(InterludeKind::Consent { slot }) => self.inside_mut().consents_open.push(slot),
            Some(
                InterludeKind::Clarify { .. }
                | InterludeKind::Helpful { .. }
                | InterludeKind::Permit(_),
            )
            | None => {}
        }
    }

    /// Takes a choice of the engine's own question; whether it is one.
    pub(crate) fn take_interlude(&mut self, key: &str) -> bool {
        let Some(interlude) = self.inside_mut().interlude.take() else {
            return false;
        };
        match interlude.kind {
            InterludeKind::Clarify { intents, entities } => {
                let chosen = intents
                    .into_iter()
                    .find(|intent| self.bot.intents[intent.index()].name == key);
                let Some(intent) = chosen else { return false };
                self.route(Route::Clarified);
                self.inside_mut().router_row.clear();
                self.take_intent(intent, entities);
            }
            InterludeKind::Offer(offer) => self.take_offer(offer, key == AFFIRM),
            InterludeKind::Consent { slot } => self.take_consent(slot, key == AFFIRM),
            InterludeKind::Helpful { model } => self.take_helpful(model, key == AFFIRM),
            InterludeKind::Permit(wish) => self.take_permit(*wish, key == AFFIRM),
        }
        true
    }

    /// An intent that the customer has chosen: it counts as accepted.
    pub(crate) fn take_intent(&mut self, intent: IntentId, entities: Vec<Entity>) {
        let reading = Reading::of_intent(intent, entities);
        self.see_entities(&reading.found);
        self.by_rules(reading);
    }

    fn take_offer(&mut self, offer: Offer, yes: bool) {
        self.route(Route::Offer);
        self.inside_mut().router_row.clear();
        let flow = self.bot.intents[offer.intent.index()].starts;
        match flow.filter(|_| yes) {
            Some(flow) => self.start_wanted(flow, offer),
            None if yes => self.give_answer(offer.intent),
            None => {
                self.note("the offer is declined");
                self.chain_ended = true;
                self.reask(Reask::Plain);
            }
        }
    }

    /// An answer that did not help is treated as one below the bar.
    fn take_helpful(&mut self, model: ModelId, helped: bool) {
        self.route(Route::YesNoAgain);
        if helped {
            self.say_template(self.bot.built_in.glad_to_help, Vec::new());
        } else {
            self.note("the answer did not help");
            self.take_first(&self.bot.models[model.index()].check.on_low);
        }
        self.reask(Reask::Plain);
    }

    fn take_consent(&mut self, slot: u16, given: bool) {
        self.route(Route::YesNoAgain);
        let declaration = &self.bot.slots[usize::from(slot)];
        let name = declaration.name.clone();
        self.inside_mut().known.consents.insert(name.clone(), given);
        self.emit(EffectKind::Consent { slot: name, given });
        let value = self.inside().slots[usize::from(slot)].clone();
        let fact = self.inside_mut().known.pending.remove(&declaration.name);
        if let Some(value) = value.filter(|_| given) {
            let fact = fact.unwrap_or_else(|| self.fact(declaration, &value));
            self.keep(declaration, value, fact);
        }
        self.note(if given {
            "consent is given"
        } else {
            "consent is refused: kept for the session only"
        });
        self.reask(Reask::Plain);
    }
}
