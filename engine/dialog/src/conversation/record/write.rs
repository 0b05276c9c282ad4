//! A conversation → its record.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::conversation::{
    AsideOrigin, Asker, Frame, FrameKind, Interlude, InterludeKind, Offer, Outside, Question,
    Shown, Stage, Waiting, Wish,
};
use crate::{Flow, IntentId, SlotDeclaration, SlotRef, StateId};

pub(super) fn record(conversation: &Conversation, bot: &Bot) -> Record {
    let c = conversation;
    let inside = &c.inside;
    let names = Names { bot };
    Record {
        v: RECORD_VERSION,
        id: c.id.0.clone(),
        user: c.user.0.clone(),
        channel: c.channel.clone(),
        locale: c.locale.0.clone(),
        bot: c.version.0.clone(),
        turn: c.turn,
        owner: c.owner.clone(),
        epoch: c.epoch,
        at: inside.at,
        active_at: inside.active_at,
        heard_at: inside.heard_at,
        entries: inside.entries,
        asks: inside.asks,
        first: inside.known.first,
        tz: inside
            .known
            .tz
            .as_ref()
            .and_then(|tz| tz.iana_name())
            .map(str::to_owned),
        consents: inside.known.consents.clone(),
        facts: inside.known.facts.clone(),
        pending_facts: inside.known.pending.clone(),
        episodes: inside.known.episodes.clone(),
        session_since: inside.session_since,
        slots: values(&bot.slots, &inside.slots),
        frames: inside
            .frames
            .iter()
            .map(|frame| names.frame(frame))
            .collect(),
        interlude: inside
            .interlude
            .as_ref()
            .map(|interlude| names.interlude(interlude)),
        consents_open: inside
            .consents_open
            .iter()
            .map(|slot| bot.slots[usize::from(*slot)].name.clone())
            .collect(),
        offers: inside
            .offers
            .iter()
            .map(|offer| names.offer(offer))
            .collect(),
        waiting: inside
            .waiting
            .iter()
            .map(|waiting| names.waiting(waiting))
            .collect(),
        router_row: inside.router_row.clone(),
        asides: inside
            .asides
            .iter()
            .map(|aside| AsideRecord {
                turn: aside.turn,
                index: aside.index,
                what: names.outside(aside.what),
                intent: match aside.origin {
                    AsideOrigin::Answer(intent) => Some(names.intent(intent)),
                    AsideOrigin::Router => None,
                },
                asks: aside.asks,
                said: aside.said.clone(),
                wish: aside.wish.as_deref().map(|wish| names.wish(wish)),
            })
            .collect(),
        loose_ends: inside
            .loose_ends
            .iter()
            .map(|end| LooseEndRecord {
                turn: end.turn,
                index: end.index,
                tool: bot.tools[end.tool.index()].name.clone(),
                outcome: end.outcome.clone(),
            })
            .collect(),
        handoff: inside.handoff.as_ref().map(|handoff| HandoffRecord {
            desk: bot.desks[handoff.desk.index()].name.clone(),
            entry: handoff.entry,
            since: handoff.since,
            position: handoff.position,
            announced: handoff.announced,
            closing: handoff.closing,
        }),
        last_choice: inside.last_choice.clone(),
        last_text: inside.last_text.clone(),
    }
}

struct Names<'b> {
    bot: &'b Bot,
}

impl Names<'_> {
    fn intent(&self, intent: IntentId) -> String {
        self.bot.intents[intent.index()].name.clone()
    }

    fn outside(&self, what: Outside) -> OutsideRecord {
        match what {
            Outside::Tool(tool) => OutsideRecord::Tool(self.bot.tools[tool.index()].name.clone()),
            Outside::Model(model) => {
                OutsideRecord::Model(self.bot.models[model.index()].name.clone())
            }
        }
    }

    fn offer(&self, offer: &Offer) -> OfferRecord {
        OfferRecord {
            intent: self.intent(offer.intent),
            entities: offer.entities.clone(),
        }
    }

    fn interlude(&self, interlude: &Interlude) -> InterludeRecord {
        InterludeRecord {
            entry: interlude.entry,
            first_asked: interlude.first_asked,
            kind: match &interlude.kind {
                InterludeKind::Clarify { intents, entities } => InterludeKindRecord::Clarify {
                    intents: intents.iter().map(|intent| self.intent(*intent)).collect(),
                    entities: entities.clone(),
                },
                InterludeKind::Offer(offer) => InterludeKindRecord::Offer(self.offer(offer)),
                InterludeKind::Consent { slot } => InterludeKindRecord::Consent {
                    slot: self.bot.slots[usize::from(*slot)].name.clone(),
                },
                InterludeKind::Helpful { model } => InterludeKindRecord::Helpful {
                    model: self.bot.models[model.index()].name.clone(),
                },
                InterludeKind::Permit(wish) => InterludeKindRecord::Permit(self.wish(wish)),
            },
            choices: shown(&interlude.choices),
        }
    }

    fn wish(&self, wish: &Wish) -> WishRecord {
        WishRecord {
            model: self.bot.models[wish.model.index()].name.clone(),
            tool: self.bot.tools[wish.tool.index()].name.clone(),
            args: wish.args.clone(),
            question: wish.question.clone(),
            made: wish.made.clone(),
            asker: match wish.asker {
                Asker::State(entry) => AskerRecord::State(entry),
                Asker::Aside(AsideOrigin::Answer(intent)) => {
                    AskerRecord::Intent(self.intent(intent))
                }
                Asker::Aside(AsideOrigin::Router) => AskerRecord::Router,
            },
            values: wish.values.clone(),
        }
    }

    fn waiting(&self, waiting: &Waiting) -> WaitingRecord {
        let flow = &self.bot.flows[waiting.flow.index()];
        let name = |index: &u16| flow.slots[usize::from(*index)].name.clone();
        WaitingRecord {
            flow: flow.name.clone(),
            event: waiting
                .event
                .map(|event| self.bot.events[event.index()].name.clone()),
            data: waiting.data.clone(),
            with: waiting
                .with
                .iter()
                .map(|(index, value)| (name(index), value.clone()))
                .collect(),
        }
    }

    fn frame(&self, frame: &Frame) -> FrameRecord {
        let flow = match frame.kind {
            FrameKind::Flow(flow) => &self.bot.flows[flow.index()],
            FrameKind::Handoff(entry) => {
                return FrameRecord {
                    handoff: Some(entry),
                    called: frame.called,
                    ..FrameRecord::default()
                };
            }
        };
        let slot = |slot: &SlotRef| self.slot(flow, *slot);
        let slots =
            |slots: &BTreeSet<SlotRef>| -> BTreeSet<String> { slots.iter().map(slot).collect() };
        let path = |state: StateId| flow.states[state.index()].path.clone();
        FrameRecord {
            flow: Some(flow.name.clone()),
            handoff: None,
            called: frame.called,
            active: active(frame, &path),
            slots: values(&flow.slots, &frame.slots),
            collected: frame
                .collected
                .iter()
                .map(|(one, collected)| {
                    let state = collected.state.map(path);
                    (
                        slot(one),
                        CollectedRecord {
                            state,
                            entry: collected.entry,
                        },
                    )
                })
                .collect(),
            computed: frame
                .computed
                .iter()
                .map(|(one, of)| (slot(one), slots(of)))
                .collect(),
            unconfirmed: slots(&frame.unconfirmed),
            given: frame
                .given
                .iter()
                .map(|(index, of)| (slot(&SlotRef::Flow(*index)), self.callers(of)))
                .collect(),
            misses: frame
                .misses
                .iter()
                .map(|(state, misses)| (path(*state), *misses))
                .collect(),
            history: frame
                .history
                .iter()
                .map(|(one, child)| (path(*one), path(*child)))
                .collect(),
            operation: frame.operation.as_ref().map(|operation| OperationRecord {
                turn: operation.turn,
                index: operation.index,
                entry: operation.entry,
                what: self.outside(operation.what),
                busy_said: operation.busy_said,
                said: operation.said.clone(),
                wish: operation.wish.as_deref().map(|wish| self.wish(wish)),
            }),
            held: frame.held.as_ref().map(|held| HeldRecord {
                entry: held.entry,
                at: held.at,
                outcome: held.outcome.clone(),
            }),
            begun: frame
                .begun
                .iter()
                .map(|begun| BegunRecord {
                    tool: self.bot.tools[begun.tool.index()].name.clone(),
                    entry: begun.entry,
                    reads: slots(&begun.reads),
                })
                .collect(),
            question: frame.question.as_ref().map(question),
            skipped: frame.collect.skipped.clone(),
            answered: frame.collect.answered.clone(),
        }
    }

    fn slot(&self, flow: &Flow, slot: SlotRef) -> String {
        match slot {
            SlotRef::Flow(index) => flow.slots[usize::from(index)].name.clone(),
            SlotRef::Shared(index) => self.bot.slots[usize::from(index)].name.clone(),
        }
    }

    /// Slots of the frame's caller, by name. They are written by their place: `0` is the caller's first, a shared one has its
    /// name.
    fn callers(&self, slots: &BTreeSet<SlotRef>) -> BTreeSet<String> {
        slots
            .iter()
            .map(|slot| match slot {
                SlotRef::Flow(index) => index.to_string(),
                SlotRef::Shared(index) => self.bot.slots[usize::from(*index)].name.clone(),
            })
            .collect()
    }
}

fn active(frame: &Frame, path: &impl Fn(StateId) -> String) -> Vec<ActiveRecord> {
    let record = |active: &crate::conversation::Active| ActiveRecord {
        state: path(active.state),
        entry: active.entry,
        since: active.since,
        begun: active.begun,
        after_fired: active.after_fired.clone(),
        no_input_fired: active.no_input_fired.clone(),
    };
    frame.active.iter().map(record).collect()
}

fn question(question: &Question) -> QuestionRecord {
    QuestionRecord {
        entry: question.entry,
        item: question.item.map(|(index, _)| index),
        confirm: question
            .item
            .is_some_and(|(_, stage)| stage == Stage::Confirm),
        first_asked: question.first_asked,
        page: question.page,
        choices: shown(&question.choices),
    }
}

fn shown(choices: &[Shown]) -> Vec<(String, String)> {
    choices
        .iter()
        .map(|one| (one.key.clone(), one.label.clone()))
        .collect()
}

fn values(slots: &[SlotDeclaration], values: &[Option<Value>]) -> BTreeMap<String, Value> {
    let set = slots.iter().zip(values);
    set.filter_map(|(slot, value)| Some((slot.name.clone(), value.clone()?)))
        .collect()
}
