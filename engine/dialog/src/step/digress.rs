//! Rule 8: answers and flows that a message wants, and what may come in between while a flow waits.

use super::answer::{Taken, Taking};
use super::cx::{Cx, Reask};
use super::reading::{Found, Reading, Want};
use super::subflow::Given;
use crate::conversation::Offer;
use crate::{Allow, AnswerKind, Digressions, Entity, FlowId, IntentId, Route, Several, Value};

/// How many chains of flows may lie on each other where the flow does not say.
const DEPTH_MAX: u8 = 3;

/// How many wishes are kept to be offered: more than a person remembers.
const OFFERS_MAX: usize = 4;

impl<'b> Cx<'b> {
    pub(crate) fn wanted_rule(&mut self, reading: &mut Reading) -> Option<Taken<'b>> {
        let mut taken = reading.wants.iter().filter(|want| self.is_taken(want));
        let first = taken.next()?;
        let several = taken.next().is_some();
        let route = if several && self.bot.bands.several == Several::Clarify {
            Route::Clarify
        } else if self.bot.answers.contains_key(&first.intent) {
            Route::Answer
        } else {
            Route::FlowStart
        };
        Some(Taken::by(route, Taking::Wants))
    }

    fn is_taken(&self, want: &Want) -> bool {
        self.is_accepted(want) && self.has_taker(want.intent)
    }

    /// Whether there is an answer or a flow for the intent.
    pub(crate) fn has_taker(&self, intent: IntentId) -> bool {
        self.bot.answers.contains_key(&intent) || self.flow_of(intent).is_some()
    }

    fn flow_of(&self, intent: IntentId) -> Option<FlowId> {
        self.bot.intents[intent.index()].starts
    }

    pub(crate) fn starts_top(&self, intent: IntentId) -> bool {
        let flow = self.flow_of(intent);
        flow.is_some() && self.top().and_then(|frame| frame.flow()) == flow
    }

    /// Answers first, then the flows in the order of the text.
    pub(crate) fn take_wants(&mut self, reading: Reading) {
        let wants: Vec<Want> = reading
            .wants
            .iter()
            .filter(|want| self.is_taken(want))
            .copied()
            .collect();
        if wants.len() > 1 && self.bot.bands.several == Several::Clarify {
            let intents = wants.iter().map(|want| want.intent).collect();
            return self.ask_which(intents, reading.entities);
        }
        let (answers, flows): (Vec<Want>, Vec<Want>) = wants
            .into_iter()
            .partition(|want| self.bot.answers.contains_key(&want.intent));
        for want in answers {
            self.answer_or_refuse(want.intent);
        }
        let mut flows = flows.iter().map(|want| offer_of(want, &reading));
        if let Some(first) = flows.next() {
            self.start_or_note(first);
        }
        self.wanted.extend(flows);
    }

    /// Accepted intents that the rule did not use: answers are said first, flows are kept.
    pub(crate) fn take_leftovers(&mut self, reading: &Reading, taken: &Taken<'b>) {
        // Where the whole text is a value, it wants nothing else.
        let is_value = matches!(taken.route, Route::Exact | Route::Verbatim | Route::Text);
        let uses_all = matches!(
            taken.taking,
            Taking::Wants | Taking::Router | Taking::NoMatch
        );
        if !reading.is_split() || uses_all || is_value {
            return;
        }
        for (index, want) in reading.wants.iter().enumerate() {
            if taken.want == Some(index) || !self.is_taken(want) {
                continue;
            }
            if self.bot.answers.contains_key(&want.intent) {
                self.answer_or_refuse(want.intent);
            } else if !self.starts_top(want.intent) {
                self.wanted.push(offer_of(want, reading));
            }
        }
    }

    fn answer_or_refuse(&mut self, intent: IntentId) {
        if self.allows_answer(intent) {
            self.give_answer(intent);
        } else {
            self.refuse_digression(intent, Vec::new());
        }
    }

    pub(crate) fn give_answer(&mut self, intent: IntentId) {
        let Some(answer) = self.bot.answers.get(&intent) else {
            return;
        };
        self.trace
            .answered
            .push(self.bot.intents[intent.index()].name.clone());
        match &answer.kind {
            AnswerKind::Say(says) => {
                self.say(says);
                self.reask(Reask::Resume);
            }
            AnswerKind::Call { tool, with, .. } => self.call_aside(intent, *tool, with),
            AnswerKind::Generate(model) => self.generate_for(intent, *model),
        }
    }

    /// A flow that a message wants: started or brought back; while the top state waits for an answer, kept for later.
    fn start_or_note(&mut self, offer: Offer) {
        let Some(flow) = self.flow_of(offer.intent) else {
            return;
        };
        if self.waits_for_outside() {
            self.say_busy();
            return self.wanted.push(offer);
        }
        self.start_wanted(flow, offer);
    }

    /// Starts a flow over what runs, if that lets it.
    pub(crate) fn start_wanted(&mut self, flow: FlowId, offer: Offer) {
        if self.bring_to_top(flow, offer.intent) {
            return;
        }
        if !self.allows_flow(flow) {
            return self.refuse_digression(offer.intent, offer.entities);
        }
        let found: Vec<Found> = offer.entities.iter().map(Found::from_entity).collect();
        self.see_entities(&found);
        let secret = match &self.event.kind {
            crate::EventKind::Message(message) => self.secrets_in(&message.text),
            _ => Vec::new(),
        };
        let found = found.into_iter().chain(secret).collect();
        self.push_flow(
            flow,
            false,
            Given {
                found,
                ..Given::default()
            },
        );
    }

    /// A flow that is on the stack already comes to the top, with those it called. Whether it is on the stack.
    fn bring_to_top(&mut self, flow: FlowId, intent: IntentId) -> bool {
        let frames = &self.inside().frames;
        let Some(at) = frames.iter().position(|frame| frame.flow() == Some(flow)) else {
            return false;
        };
        let start = self.inside().chain_of(at);
        if start != self.inside().top_chain() && !self.allows_flow_of_stack(flow) {
            self.refuse_digression(intent, Vec::new());
        } else {
            self.raise_chain(start);
        }
        true
    }

    /// The chain that begins with this frame comes to the top.
    fn raise_chain(&mut self, start: usize) {
        if start == self.inside().top_chain() {
            self.note("the flow runs already: its question is asked again");
            return self.reask(Reask::Plain);
        }
        let frames = &mut self.inside_mut().frames;
        let called = frames[start + 1..].iter().take_while(|frame| frame.called);
        let length = called.count() + 1;
        frames[start..].rotate_left(length);
        self.reask(Reask::Resume);
    }

    /// A transition's `flow`: a new one on top, or the one that is on the stack already.
    pub(crate) fn start_or_raise(&mut self, flow: FlowId, given: Given) {
        let frames = &self.inside().frames;
        match frames.iter().position(|frame| frame.flow() == Some(flow)) {
            Some(at) => self.raise_chain(self.inside().chain_of(at)),
            None => self.push_flow(flow, false, given),
        }
    }

    /// What the top flow lets in; a called flow has its caller's.
    pub(crate) fn digressions(&self) -> Option<&'b Digressions> {
        let lowest = self.inside().top_chain();
        let chain = self.inside().frames.get(lowest..)?.iter().rev();
        let mut flows = chain.filter_map(|frame| frame.flow());
        flows.find_map(|flow| self.bot.flows[flow.index()].digressions.as_ref())
    }

    pub(crate) fn allows_answer(&self, intent: IntentId) -> bool {
        if self.inside().frames.is_empty() {
            return true;
        }
        match self.digressions().map(|digressions| &digressions.allow) {
            None | Some(Allow::Answers | Allow::Flows | Allow::All) => true,
            Some(Allow::None) => false,
            Some(Allow::Named { answers, .. }) => answers.contains(&intent),
        }
    }

    fn allows_flow(&self, flow: FlowId) -> bool {
        let chains = self
            .inside()
            .frames
            .iter()
            .filter(|frame| !frame.called)
            .count();
        let depth = self
            .digressions()
            .map_or(DEPTH_MAX, |digressions| digressions.depth);
        // What is running does not count: it is what the others lie on.
        self.allows_flow_of_stack(flow) && chains <= usize::from(depth)
    }

    fn allows_flow_of_stack(&self, flow: FlowId) -> bool {
        if self.inside().frames.is_empty() {
            return true;
        }
        match self.digressions().map(|digressions| &digressions.allow) {
            None | Some(Allow::None | Allow::Answers) => false,
            Some(Allow::Flows | Allow::All) => true,
            Some(Allow::Named { flows, .. }) => flows.contains(&flow),
        }
    }

    /// Whether rule 8 would take the intent now.
    pub(crate) fn would_answer_or_start(&self, intent: IntentId) -> bool {
        let answers = self.bot.answers.contains_key(&intent) && self.allows_answer(intent);
        answers
            || self
                .flow_of(intent)
                .is_some_and(|flow| self.allows_flow(flow))
    }

    fn refuse_digression(&mut self, intent: IntentId, entities: Vec<Entity>) {
        let digressions = self.digressions();
        self.note("a digression is refused");
        self.see_wanted(intent);
        match digressions.and_then(|digressions| digressions.refuse.as_ref()) {
            Some(refuse) => self.say(refuse),
            None => self.say_template(self.bot.built_in.refused, Vec::new()),
        };
        if digressions.is_some_and(|digressions| digressions.later) {
            self.note_offer(Offer { intent, entities });
        }
        self.reask(Reask::Plain);
    }

    /// `event.wanted`.
    pub(crate) fn see_wanted(&mut self, intent: IntentId) {
        let name = Value::from(self.bot.intents[intent.index()].name.as_str());
        match &mut self.reads.event {
            Some(Value::Map(event)) => {
                event.insert("wanted".to_owned(), name);
            }
            event => *event = Some(Value::Map([("wanted".to_owned(), name)].into())),
        }
    }

    pub(crate) fn note_offer(&mut self, offer: Offer) {
        let offers = &mut self.inside_mut().offers;
        if offers.iter().all(|one| one.intent != offer.intent) && offers.len() < OFFERS_MAX {
            offers.push(offer);
        }
    }
}

/// What is kept of a want: its intent, and the entities of its part.
fn offer_of(want: &Want, reading: &Reading) -> Offer {
    let inside = |entity: &&Entity| want.words.is_none_or(|words| words.overlaps(entity.words));
    let entities = reading.entities.iter().filter(inside).cloned().collect();
    Offer {
        intent: want.intent,
        entities,
    }
}
