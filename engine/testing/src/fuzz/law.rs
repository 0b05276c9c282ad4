//! What must hold of every step, whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{
    Bot, Conversation, EffectKind, Event, EventKind, Expression, FlowId, Outgoing, Owner, Route,
    SlotRef, StateKind, Step, ToolId, TransitionId, Trigger, Value, Variable,
};

use super::wish::Wishes;

/// The laws, and what they must remember of a conversation.
#[derive(Clone)]
pub(super) struct Laws {
    /// Transitions that a customer's yes takes.
    affirmed_by: BTreeSet<TransitionId>,
    /// Flows that ask for a yes somewhere.
    asking: BTreeSet<FlowId>,
    /// The slots of its flow that the call of a `confirm` tool reads, by the calling state's name.
    ordering: BTreeMap<String, Order>,
    /// What models wanted to do.
    wishes: Wishes,
    /// What was said yes to, by flow.
    confirmed: BTreeMap<FlowId, BTreeMap<String, Value>>,
}

#[derive(Clone)]
struct Order {
    tool: ToolId,
    flow: FlowId,
    reads: Vec<String>,
}

impl Laws {
    pub(super) fn new(bot: &Bot) -> Self {
        let mut laws = Self {
            affirmed_by: BTreeSet::new(),
            asking: BTreeSet::new(),
            ordering: BTreeMap::new(),
            wishes: Wishes::new(bot),
            confirmed: BTreeMap::new(),
        };
        for (index, flow) in bot.flows.iter().enumerate() {
            let id = FlowId::from(index);
            for state in &flow.states {
                laws.note_yes(bot, id, &state.on.0);
                let StateKind::Call { tool, with, .. } = &state.kind else {
                    continue;
                };
                if bot.tools[tool.index()].confirm {
                    let order = Order {
                        tool: *tool,
                        flow: id,
                        reads: own_slots(flow, with),
                    };
                    laws.ordering
                        .insert(format!("{}.{}", flow.name, state.path), order);
                }
            }
        }
        laws
    }

    fn note_yes(
        &mut self,
        bot: &Bot,
        flow: FlowId,
        handlers: &[(Trigger, Vec<dialog::Transition>)],
    ) {
        let affirm = bot.intent("affirm");
        for (trigger, transitions) in handlers {
            let is_yes = match trigger {
                Trigger::Intent(intents) => affirm.is_some_and(|affirm| intents.contains(&affirm)),
                Trigger::Choice(key) => key == "affirm",
                _ => false,
            };
            if is_yes {
                self.asking.insert(flow);
                self.affirmed_by
                    .extend(transitions.iter().map(|one| one.id));
            }
        }
    }

    /// Holds a step to all laws.
    pub(super) fn hold(
        &mut self,
        bot: &Bot,
        before: &Conversation,
        event: &Event,
        step: &Step,
    ) -> Result<(), String> {
        step.conversation.check(bot)?;
        is_pure(bot, before, event, step)?;
        person_alone_speaks(before, step)?;
        one_handoff(step)?;
        no_silence(before, event, step)?;
        self.wishes.hold(event, step)?;
        self.ordered_what_was_confirmed(bot, before, step)
    }

    /// A tool that must be confirmed is called only after a yes since which nothing that the call reads has changed. Flows
    /// that nowhere ask for a yes have another way to ask (a PIN is given twice) and are left out.
    fn ordered_what_was_confirmed(
        &mut self,
        bot: &Bot,
        before: &Conversation,
        step: &Step,
    ) -> Result<(), String> {
        let flow_of = |state: Option<String>| {
            let state = state?;
            bot.flow(state.split('.').next()?)
        };
        if step
            .trace
            .taken
            .iter()
            .any(|taken| self.affirmed_by.contains(taken))
            && let Some(flow) = flow_of(before.state(bot))
        {
            self.confirmed.insert(flow, before.slots(bot));
        }
        for state in &step.trace.entered {
            let Some(order) = self
                .ordering
                .get(state)
                .filter(|order| self.asking.contains(&order.flow))
            else {
                continue;
            };
            let name = &bot.tools[order.tool.index()].name;
            let is_called = step.effects.iter().any(|effect| match &effect.kind {
                EffectKind::Call { tool, .. } => tool == name,
                _ => false,
            });
            let is_on_top = flow_of(step.conversation.state(bot)) == Some(order.flow);
            if !is_called || !is_on_top {
                continue;
            }
            let Some(confirmed) = self.confirmed.get(&order.flow) else {
                return Err(format!("`{name}` was called, and nobody said yes"));
            };
            let now = step.conversation.slots(bot);
            let changed = order
                .reads
                .iter()
                .find(|slot| now.get(*slot) != confirmed.get(*slot));
            if let Some(slot) = changed {
                return Err(format!(
                    "`{name}` was called with another `{slot}` than was confirmed"
                ));
            }
        }
        Ok(())
    }
}

/// Slots of the flow itself that expressions read.
fn own_slots(flow: &dialog::Flow, with: &[(String, Expression)]) -> Vec<String> {
    let reads = with.iter().flat_map(|(_, expression)| expression.reads());
    reads
        .filter_map(|variable| match variable {
            Variable::Slot(SlotRef::Flow(index)) => {
                Some(flow.slots.get(usize::from(index))?.name.clone())
            }
            _ => None,
        })
        .collect()
}

/// One step in so many is made twice: all of them would double the time.
const MADE_TWICE: u64 = 16;

fn is_pure(bot: &Bot, before: &Conversation, event: &Event, step: &Step) -> Result<(), String> {
    if !before.turn.0.is_multiple_of(MADE_TWICE) {
        return Ok(());
    }
    let again = dialog::step(bot, before.clone(), event);
    match again.effects == step.effects && again.trace == step.trace {
        true => Ok(()),
        false => Err("the same event made another step".to_owned()),
    }
}

fn person_alone_speaks(before: &Conversation, step: &Step) -> Result<(), String> {
    let (Owner::Person { .. }, Owner::Person { .. }) = (&before.owner, &step.conversation.owner)
    else {
        return Ok(());
    };
    let bot_spoke = step.effects.iter().any(|effect| {
        matches!(
            effect.kind,
            EffectKind::Send(Outgoing::Response(_) | Outgoing::Generated { .. })
        )
    });
    match bot_spoke {
        true => Err("the bot spoke while a person owns the conversation".to_owned()),
        false => Ok(()),
    }
}

fn one_handoff(step: &Step) -> Result<(), String> {
    let mut open = 0;
    for effect in &step.effects {
        match effect.kind {
            EffectKind::OpenHandoff { .. } => open += 1,
            EffectKind::CloseHandoff { .. } => open -= 1,
            _ => {}
        }
    }
    match open > 1 {
        true => Err("two handoffs were begun at once".to_owned()),
        false => Ok(()),
    }
}

/// What the customer does is answered: with words, a call, a person; or the trace says why not.
fn no_silence(before: &Conversation, event: &Event, step: &Step) -> Result<(), String> {
    let is_customers = matches!(event.kind, EventKind::Message(_) | EventKind::Choice { .. });
    let is_result = matches!(event.kind, EventKind::ToolReturned { .. });
    let bot_owns = before.owner == Owner::Bot && step.conversation.owner == Owner::Bot;
    let answered = !step.effects.is_empty() || !step.trace.notes.is_empty();
    let will_be = is_result && step.conversation.is_waiting();
    let is_traced = matches!(
        step.trace.route,
        Some(Route::Ignored | Route::Relayed | Route::Busy)
    );
    match (is_customers || is_result) && bot_owns && !answered && !will_be && !is_traced {
        true => Err("silence, and the trace does not say why".to_owned()),
        false => Ok(()),
    }
}
