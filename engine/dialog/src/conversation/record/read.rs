//! A record → the conversation. What it names must be in the bot.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::conversation::{
    Active, Aside, AsideOrigin, Asker, Begun, CollectProgress, Collected, Frame, FrameKind,
    Handoff, Held, Inside, Interlude, InterludeKind, Known, LooseEnd, Offer, Operation, Outside,
    Question, Shown, Stage, Waiting, Wish,
};
use crate::{Flow, FlowId, IntentId, ModelId, SlotDeclaration, SlotRef, StateId, ToolId};

type Read<T> = Result<T, RecordError>;

fn unknown(what: &'static str, name: &str) -> RecordError {
    RecordError::Unknown {
        what,
        name: name.to_owned(),
    }
}

pub(super) fn conversation(bot: &Bot, record: Record) -> Read<Conversation> {
    let names = Names { bot };
    let inside = Inside {
        at: record.at,
        active_at: record.active_at,
        heard_at: record.heard_at,
        session_since: record.session_since,
        entries: record.entries,
        asks: record.asks,
        slots: values(&bot.slots, record.slots)?,
        known: Known {
            first: record.first,
            tz: record
                .tz
                .and_then(|name| jiff::tz::TimeZone::get(&name).ok()),
            consents: record.consents,
            facts: record.facts,
            pending: record.pending_facts,
            episodes: record.episodes,
        },
        frames: names.frames(record.frames)?,
        interlude: record
            .interlude
            .map(|one| names.interlude(one))
            .transpose()?,
        consents_open: each(record.consents_open, |name| names.shared(&name))?,
        offers: each(record.offers, |offer| names.offer(offer))?,
        waiting: each(record.waiting, |waiting| names.waiting(waiting))?,
        router_row: record.router_row,
        asides: each(record.asides, |aside| names.aside(aside))?,
        loose_ends: each(record.loose_ends, |end| {
            let tool = names.tool(&end.tool)?;
            Ok(LooseEnd {
                turn: end.turn,
                index: end.index,
                tool,
                outcome: end.outcome,
            })
        })?,
        handoff: record
            .handoff
            .map(|handoff| names.handoff(handoff))
            .transpose()?,
        last_choice: record.last_choice,
        last_text: record.last_text,
        moved_from: Vec::new(),
    };
    Ok(Conversation {
        id: record.id.into(),
        user: record.user.into(),
        channel: record.channel,
        locale: record.locale.into(),
        version: record.bot.into(),
        turn: record.turn,
        owner: record.owner,
        epoch: record.epoch,
        inside,
    })
}

struct Names<'b> {
    bot: &'b Bot,
}

impl Names<'_> {
    fn intent(&self, name: &str) -> Read<IntentId> {
        self.bot.intent(name).ok_or_else(|| unknown("intent", name))
    }

    fn tool(&self, name: &str) -> Read<ToolId> {
        self.bot.tool(name).ok_or_else(|| unknown("tool", name))
    }

    fn flow(&self, name: &str) -> Read<FlowId> {
        self.bot.flow(name).ok_or_else(|| unknown("flow", name))
    }

    fn shared(&self, name: &str) -> Read<u16> {
        index_of(&self.bot.slots, name).ok_or_else(|| unknown("slot", name))
    }

    fn slot(&self, flow: &Flow, name: &str) -> Read<SlotRef> {
        match index_of(&flow.slots, name) {
            Some(index) => Ok(SlotRef::Flow(index)),
            None => self.shared(name).map(SlotRef::Shared),
        }
    }

    fn slots(&self, flow: &Flow, names: BTreeSet<String>) -> Read<BTreeSet<SlotRef>> {
        names.iter().map(|name| self.slot(flow, name)).collect()
    }

    /// Slots of a caller: by place, or a shared one by name.
    fn callers(&self, names: BTreeSet<String>) -> Read<BTreeSet<SlotRef>> {
        let slot = |name: &String| match name.parse() {
            Ok(index) => Ok(SlotRef::Flow(index)),
            Err(_) => self.shared(name).map(SlotRef::Shared),
        };
        names.iter().map(slot).collect()
    }

    fn outside(&self, what: OutsideRecord) -> Read<Outside> {
        match what {
            OutsideRecord::Tool(name) => self.tool(&name).map(Outside::Tool),
            OutsideRecord::Model(name) => self.model(&name).map(Outside::Model),
        }
    }

    fn model(&self, name: &str) -> Read<ModelId> {
        self.bot.model(name).ok_or_else(|| unknown("model", name))
    }

    fn offer(&self, offer: OfferRecord) -> Read<Offer> {
        Ok(Offer {
            intent: self.intent(&offer.intent)?,
            entities: offer.entities,
        })
    }

    fn interlude(&self, interlude: InterludeRecord) -> Read<Interlude> {
        Ok(Interlude {
            entry: interlude.entry,
            first_asked: interlude.first_asked,
            kind: match interlude.kind {
                InterludeKindRecord::Clarify { intents, entities } => InterludeKind::Clarify {
                    intents: each(intents, |name| self.intent(&name))?,
                    entities,
                },
                InterludeKindRecord::Offer(offer) => InterludeKind::Offer(self.offer(offer)?),
                InterludeKindRecord::Consent { slot } => InterludeKind::Consent {
                    slot: self.shared(&slot)?,
                },
                InterludeKindRecord::Helpful { model } => InterludeKind::Helpful {
                    model: self.model(&model)?,
                },
                InterludeKindRecord::Permit(wish) => {
                    InterludeKind::Permit(Box::new(self.wish(wish)?))
                }
            },
            choices: shown(interlude.choices),
        })
    }

    fn maybe_wish(&self, wish: Option<WishRecord>) -> Read<Option<Box<Wish>>> {
        let wish = wish.map(|wish| self.wish(wish)).transpose()?;
        Ok(wish.map(Box::new))
    }

    fn wish(&self, wish: WishRecord) -> Read<Wish> {
        Ok(Wish {
            model: self.model(&wish.model)?,
            tool: self.tool(&wish.tool)?,
            args: wish.args,
            question: wish.question,
            made: wish.made,
            asker: match wish.asker {
                AskerRecord::State(entry) => Asker::State(entry),
                AskerRecord::Intent(name) => Asker::Aside(AsideOrigin::Answer(self.intent(&name)?)),
                AskerRecord::Router => Asker::Aside(AsideOrigin::Router),
            },
            values: wish.values,
        })
    }

    fn waiting(&self, waiting: WaitingRecord) -> Read<Waiting> {
        let flow = self.flow(&waiting.flow)?;
        let declared = &self.bot.flows[flow.index()].slots;
        let event = waiting
            .event
            .map(|name| self.bot.event(&name).ok_or_else(|| unknown("event", &name)));
        let with = waiting.with.into_iter().map(|(name, value)| {
            let index = index_of(declared, &name).ok_or_else(|| unknown("slot", &name))?;
            Ok((index, value))
        });
        Ok(Waiting {
            flow,
            event: event.transpose()?,
            data: waiting.data,
            with: with.collect::<Read<_>>()?,
        })
    }

    fn aside(&self, aside: AsideRecord) -> Read<Aside> {
        Ok(Aside {
            turn: aside.turn,
            index: aside.index,
            what: self.outside(aside.what)?,
            origin: match aside.intent {
                Some(intent) => AsideOrigin::Answer(self.intent(&intent)?),
                None => AsideOrigin::Router,
            },
            asks: aside.asks,
            said: aside.said,
            wish: self.maybe_wish(aside.wish)?,
        })
    }

    fn handoff(&self, handoff: HandoffRecord) -> Read<Handoff> {
        Ok(Handoff {
            desk: self
                .bot
                .desk(&handoff.desk)
                .ok_or_else(|| unknown("desk", &handoff.desk))?,
            entry: handoff.entry,
            since: handoff.since,
            position: handoff.position,
            announced: handoff.announced,
            closing: handoff.closing,
        })
    }

    fn frames(&self, records: Vec<FrameRecord>) -> Read<Vec<Frame>> {
        each(records, |record| self.frame(record))
    }

    fn frame(&self, record: FrameRecord) -> Read<Frame> {
        let Some(name) = &record.flow else {
            let damaged = || RecordError::Damaged("a frame is neither flow nor handoff".to_owned());
            let entry = record.handoff.ok_or_else(damaged)?;
            return Ok(Frame::new(FrameKind::Handoff(entry), record.called));
        };
        let id = self.flow(name)?;
        let flow = &self.bot.flows[id.index()];
        let state = |path: &str| state(flow, path);
        let mut frame = Frame::new(FrameKind::Flow(id), record.called);
        frame.active = each(record.active, |one| active(flow, one))?;
        frame.slots = values(&flow.slots, record.slots)?;
        for (name, collected) in record.collected {
            let state = collected.state.as_deref().map(state).transpose()?;
            let collected = Collected {
                state,
                entry: collected.entry,
            };
            frame.collected.insert(self.slot(flow, &name)?, collected);
        }
        for (name, reads) in record.computed {
            frame
                .computed
                .insert(self.slot(flow, &name)?, self.slots(flow, reads)?);
        }
        frame.unconfirmed = self.slots(flow, record.unconfirmed)?;
        for (name, reads) in record.given {
            let index = index_of(&flow.slots, &name).ok_or_else(|| unknown("slot", &name))?;
            frame.given.insert(index, self.callers(reads)?);
        }
        for (path, misses) in record.misses {
            frame.misses.insert(state(&path)?, misses);
        }
        for (path, child) in record.history {
            frame.history.insert(state(&path)?, state(&child)?);
        }
        frame.operation = record
            .operation
            .map(|one| self.operation(one))
            .transpose()?;
        frame.held = record.held.map(|held| Held {
            entry: held.entry,
            at: held.at,
            outcome: held.outcome,
        });
        frame.begun = each(record.begun, |begun| {
            Ok(Begun {
                tool: self.tool(&begun.tool)?,
                entry: begun.entry,
                reads: self.slots(flow, begun.reads)?,
            })
        })?;
        frame.question = record.question.map(question);
        frame.collect = CollectProgress {
            skipped: record.skipped,
            answered: record.answered,
        };
        Ok(frame)
    }

    fn operation(&self, operation: OperationRecord) -> Read<Operation> {
        Ok(Operation {
            turn: operation.turn,
            index: operation.index,
            entry: operation.entry,
            what: self.outside(operation.what)?,
            busy_said: operation.busy_said,
            said: operation.said,
            wish: self.maybe_wish(operation.wish)?,
        })
    }
}

fn each<T, U>(from: Vec<T>, read: impl Fn(T) -> Read<U>) -> Read<Vec<U>> {
    from.into_iter().map(read).collect()
}

fn index_of(slots: &[SlotDeclaration], name: &str) -> Option<u16> {
    let at = slots.iter().position(|slot| slot.name == name)?;
    u16::try_from(at).ok()
}

fn state(flow: &Flow, path: &str) -> Read<StateId> {
    let at = flow.states.iter().position(|state| state.path == path);
    at.map(StateId::from).ok_or_else(|| unknown("state", path))
}

fn active(flow: &Flow, record: ActiveRecord) -> Read<Active> {
    Ok(Active {
        state: state(flow, &record.state)?,
        entry: record.entry,
        since: record.since,
        begun: record.begun,
        after_fired: record.after_fired,
        no_input_fired: record.no_input_fired,
    })
}

fn question(record: QuestionRecord) -> Question {
    let stage = if record.confirm {
        Stage::Confirm
    } else {
        Stage::Value
    };
    Question {
        entry: record.entry,
        item: record.item.map(|index| (index, stage)),
        first_asked: record.first_asked,
        page: record.page,
        choices: shown(record.choices),
    }
}

fn shown(choices: Vec<(String, String)>) -> Vec<Shown> {
    choices
        .into_iter()
        .map(|(key, label)| Shown { key, label })
        .collect()
}

fn values(
    slots: &[SlotDeclaration],
    mut named: BTreeMap<String, Value>,
) -> Read<Vec<Option<Value>>> {
    let values = slots.iter().map(|slot| named.remove(&slot.name)).collect();
    match named.into_keys().next() {
        Some(name) => Err(unknown("slot", &name)),
        None => Ok(values),
    }
}
