//! One random conversation: the core's state, and the outside that it has: open calls, memory, a desk, a clock.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{
    ChoiceId, Conversation, DeskEvent, DeskStatus, EffectId, EffectKind, Event, EventKind,
    GenerateOutcome, IncomingMessage, Outgoing, Owner, Step, TimerId, ToolOutcome, Understanding,
    UserMemory, Value,
};
use jiff::{SignedDuration, Timestamp};
use render::{Format, Target};
use runtime::Deployment;
use understand::Reading;

use super::law::Laws;
use super::random::Random;
use super::value;
use super::wish::Generation;

/// Choices that are remembered, to be clicked when they are stale.
const CHOICES_KEPT: usize = 20;

/// What can happen. Each is chosen without knowing the conversation, and takes its form from it and from its own seed: so a
/// list of them stays playable when some are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The customer writes.
    Write,
    /// The customer clicks.
    Click,
    /// A call comes back.
    Return,
    /// A model's answer comes.
    Answer,
    /// A timer or a scheduled event is due.
    Due,
    /// The desk does something.
    Desk,
    /// An event comes from outside.
    Outside,
    /// Time passes.
    Wait,
    /// The conversation is written to its record and read again.
    Crash,
}

/// An act and the seed of its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) act: Act,
    pub(super) seed: u64,
}

/// A conversation that lives.
pub(super) struct Life<'a> {
    deployment: &'a Deployment,
    examples: &'a BTreeMap<String, Vec<String>>,
    pub(super) conversation: Conversation,
    now: Timestamp,
    calls: Vec<(EffectId, String)>,
    generations: Vec<Generation>,
    scheduled: BTreeSet<(Timestamp, usize)>,
    events: Vec<(String, BTreeMap<String, Value>)>,
    memory: UserMemory,
    choices: Vec<ChoiceId>,
    messages: u64,
    laws: Laws,
    /// Of the message that is about to be told.
    secrets: BTreeMap<String, String>,
    /// What happened, in words.
    pub(super) log: Vec<String>,
}

impl<'a> Life<'a> {
    pub(super) fn new(
        deployment: &'a Deployment,
        examples: &'a BTreeMap<String, Vec<String>>,
        laws: Laws,
        seed: u64,
    ) -> Self {
        let bot = &deployment.bot;
        let mut random = Random::new(seed);
        let locale = random
            .pick(&bot.locales)
            .unwrap_or(bot.default_locale())
            .clone();
        let start: Timestamp = "2026-03-02T08:00:00Z"
            .parse()
            .expect("the constant is a moment");
        let hours = SignedDuration::from_hours(random.below(7 * 24) as i64);
        Self {
            deployment,
            examples,
            conversation: Conversation::new(
                "c1".into(),
                "u1".into(),
                "http".to_owned(),
                locale,
                bot,
            ),
            now: start.checked_add(hours).unwrap_or(start),
            calls: Vec::new(),
            generations: Vec::new(),
            scheduled: BTreeSet::new(),
            events: Vec::new(),
            memory: UserMemory {
                first: random.percent(50),
                ..UserMemory::default()
            },
            choices: Vec::new(),
            messages: 0,
            laws,
            secrets: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    /// Lets something happen.
    ///
    /// # Errors
    /// The law that it broke.
    pub(super) fn happen(&mut self, step: Move) -> Result<(), String> {
        let mut random = Random::new(step.seed);
        let kind = match step.act {
            Act::Write => Some(self.write(&mut random)),
            Act::Click => random
                .pick(&self.choices)
                .cloned()
                .map(|choice| EventKind::Choice { choice }),
            Act::Return => self.come_back(&mut random),
            Act::Answer => self.answer(Some(&mut random)),
            Act::Due => self.due(),
            Act::Desk => self.desk(&mut random),
            Act::Outside => self.outside(&mut random),
            Act::Wait => return self.wait(&mut random),
            Act::Crash => return self.crash(),
        };
        match kind {
            Some(kind) => self.tell(kind),
            None => Ok(()),
        }
    }

    /// Asks for the end, then for a person: nobody may be held in a flow for ever.
    pub(super) fn end(&mut self, turns_max: usize) -> Result<(), String> {
        for _ in 0..turns_max {
            self.come_to_rest()?;
            if self.is_over() {
                return Ok(());
            }
            self.ask_for("cancel")?;
        }
        self.come_to_rest()?;
        if self.is_over() {
            return Ok(());
        }
        self.ask_for("talk_to_person")?;
        let state = self
            .conversation
            .state(&self.deployment.bot)
            .unwrap_or_default();
        match self.conversation.owner {
            Owner::Bot => Err(format!(
                "stuck in {state}: neither {turns_max} times `cancel` nor asking for a person ends it"
            )),
            Owner::Queued { .. } | Owner::Person { .. } | Owner::Ended => Ok(()),
        }
    }

    fn is_over(&self) -> bool {
        self.conversation.owner == Owner::Ended
            || self.conversation.state(&self.deployment.bot).is_none()
    }

    fn ask_for(&mut self, intent: &str) -> Result<(), String> {
        let kind = self.message(intent.to_owned(), Some(intent));
        self.tell(kind)
    }

    /// All calls fail, no model answers, the person at the desk gives it back.
    fn come_to_rest(&mut self) -> Result<(), String> {
        for _ in 0..16 {
            if let Some((effect, _)) = self.calls.pop() {
                let error = dialog::ToolError {
                    kind: dialog::ErrorKind::Unreachable,
                    status: None,
                    code: None,
                };
                let outcome = ToolOutcome::Failed(error);
                self.tell(EventKind::ToolReturned { effect, outcome })?;
            } else if let Some(kind) = self.answer(None) {
                self.tell(kind)?;
            } else if matches!(
                self.conversation.owner,
                Owner::Queued { .. } | Owner::Person { .. }
            ) {
                self.tell(EventKind::Desk(DeskEvent::Returned))?;
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    fn write(&mut self, random: &mut Random) -> EventKind {
        let expected = self.conversation.expected(&self.deployment.bot);
        let locale = self.conversation.locale.as_str().to_owned();
        let examples = self.examples.get(&locale).map_or(&[][..], Vec::as_slice);
        let is_asked = expected.slot.is_some() || !expected.choices.is_empty();
        let text = match is_asked && random.percent(75) {
            true => value::reply(random, &expected, examples),
            false => random.pick(examples).cloned().unwrap_or_default(),
        };
        self.message(text, None)
    }

    fn message(&mut self, text: String, surely: Option<&str>) -> EventKind {
        let bot = &self.deployment.bot;
        let expected = self.conversation.expected(bot);
        let (text, secrets) = dialog::mask(&text, &expected);
        self.secrets = secrets;
        let understanding = match surely {
            Some(intent) => certain(intent),
            None => {
                let reading = Reading {
                    locale: &self.conversation.locale,
                    now: self.now.to_zoned(bot.tz.clone()),
                    expected: &expected,
                    bands: bot.bands,
                };
                self.deployment.model.understand(&text, &reading)
            }
        };
        self.messages += 1;
        EventKind::Message(IncomingMessage {
            id: format!("m{}", self.messages),
            text,
            understanding,
            attachments: Vec::new(),
            seen: None,
            knowledge: None,
        })
    }

    fn come_back(&mut self, random: &mut Random) -> Option<EventKind> {
        if self.calls.is_empty() {
            return None;
        }
        let (effect, tool) = self.calls.remove(random.below(self.calls.len()));
        let bot = &self.deployment.bot;
        let declaration = &bot.tools[bot.tool(&tool)?.index()];
        let outcome = value::outcome(random, declaration, self.now);
        Some(EventKind::ToolReturned { effect, outcome })
    }

    /// No model is connected, but one that may call what the customer has to agree to often wants to.
    fn answer(&mut self, random: Option<&mut Random>) -> Option<EventKind> {
        let generation = self.generations.pop()?;
        let bot = &self.deployment.bot;
        let wish = random.and_then(|random| generation.wish(random, bot, self.now));
        let why = "no model is connected".to_owned();
        let outcome = wish.unwrap_or(GenerateOutcome::Failed { why });
        let effect = generation.effect;
        Some(EventKind::Generated { effect, outcome })
    }

    fn due(&mut self) -> Option<EventKind> {
        let timer: Option<(Timestamp, TimerId)> = self
            .conversation
            .timers(&self.deployment.bot)
            .into_iter()
            .next();
        let event = self.scheduled.first().copied();
        match (timer, event) {
            (Some((at, timer)), event) if event.is_none_or(|(later, _)| at <= later) => {
                self.now = self.now.max(at);
                Some(EventKind::TimerFired { timer })
            }
            (_, Some((at, index))) => {
                self.now = self.now.max(at);
                self.scheduled.remove(&(at, index));
                let (name, data) = self.events.get(index)?.clone();
                Some(EventKind::Outside { name, data })
            }
            (_, None) => None,
        }
    }

    fn desk(&mut self, random: &mut Random) -> Option<EventKind> {
        let person = dialog::PersonId::from("p1");
        let event = match (&self.conversation.owner, random.below(4)) {
            (Owner::Queued { .. }, 0) => DeskEvent::Closed,
            (Owner::Queued { .. }, 1) => DeskEvent::GaveUp,
            (Owner::Queued { .. }, 2) => DeskEvent::Queued { position: 2 },
            (Owner::Queued { .. }, _) => DeskEvent::Joined {
                person,
                name: "Ana".to_owned(),
            },
            (Owner::Person { .. }, 0 | 1) => DeskEvent::Returned,
            (Owner::Person { .. }, _) => DeskEvent::Said {
                id: format!("p{}", self.messages),
                text: "Hello".to_owned(),
                person,
            },
            (Owner::Bot | Owner::Ended, 0) => DeskEvent::Requested {
                desk: None,
                why: "test".to_owned(),
            },
            (Owner::Bot | Owner::Ended, _) => DeskEvent::Returned,
        };
        Some(EventKind::Desk(event))
    }

    fn outside(&mut self, random: &mut Random) -> Option<EventKind> {
        let bot = &self.deployment.bot;
        let event = random.pick(&bot.events)?;
        let data = event.fields.iter();
        let data = data.map(|(name, of)| (name.clone(), value::value(random, of, self.now)));
        Some(EventKind::Outside {
            name: event.name.clone(),
            data: data.collect(),
        })
    }

    fn wait(&mut self, random: &mut Random) -> Result<(), String> {
        let minutes = match random.below(10) {
            0 => 25 * 60,
            1..4 => 60,
            _ => 2,
        };
        let time = SignedDuration::from_mins(minutes);
        self.now = self.now.checked_add(time).unwrap_or(self.now);
        self.log.push(format!("wait: {minutes} minutes"));
        Ok(())
    }

    fn crash(&mut self) -> Result<(), String> {
        let bot = &self.deployment.bot;
        let record = self.conversation.to_record(bot);
        let back = Conversation::from_record(bot, &record)
            .map_err(|error| format!("its record can't be read: {error}"))?;
        self.log.push("crash".to_owned());
        match back == self.conversation {
            true => Ok(()),
            false => {
                Err("the conversation is another one after it was read from its record".to_owned())
            }
        }
    }

    /// One step, held to the laws.
    fn tell(&mut self, kind: EventKind) -> Result<(), String> {
        let bot = &self.deployment.bot;
        let event = self.event(kind);
        let before = self.conversation.clone();
        self.log.push(describe(&event.kind));
        let stepped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            dialog::step(bot, before.clone(), &event)
        }));
        let mut step = stepped.map_err(|_| "the step panicked".to_owned())?;
        let labels = self.render(&step)?;
        step.conversation.label_choices(&labels);
        self.log.push(outcome(&step, bot));
        self.laws.hold(bot, &before, &event, &step)?;
        self.carry_out(&step);
        self.choices
            .extend(labels.into_iter().map(|choice| choice.id));
        let old = self.choices.len().saturating_sub(CHOICES_KEPT);
        self.choices.drain(..old);
        self.conversation = step.conversation;
        Ok(())
    }

    fn event(&mut self, kind: EventKind) -> Event {
        let bot = &self.deployment.bot;
        let begins = self.conversation.session_is_over(bot, self.now);
        let desks = bot.desks.iter().map(|desk| {
            let open = desk
                .hours
                .as_ref()
                .is_none_or(|hours| hours.is_open(self.now, &bot.tz));
            (desk.name.clone(), DeskStatus { open, waiting: 0 })
        });
        Event {
            at: self.now,
            user: begins.then(|| self.memory.clone()),
            desks: desks.collect(),
            secrets: std::mem::take(&mut self.secrets),
            kind,
        }
    }

    /// Everything that is said can be rendered; gives the choices as the customer sees them.
    fn render(&self, step: &Step) -> Result<Vec<dialog::Choice>, String> {
        let Deployment { bot, templates, .. } = self.deployment;
        let target = Target {
            channel: &step.conversation.channel,
            format: Format::Markdown,
            tz: &bot.tz,
        };
        let mut choices = Vec::new();
        for effect in &step.effects {
            if let EffectKind::Send(Outgoing::Response(response)) = &effect.kind {
                let message = templates.render(response, &target).map_err(|error| {
                    format!("`{}` can't be rendered: {error}", response.template)
                })?;
                choices.extend(message.choices);
            }
        }
        Ok(choices)
    }

    /// What the outside does with a step's effects.
    fn carry_out(&mut self, step: &Step) {
        for effect in &step.effects {
            match &effect.kind {
                EffectKind::Call { tool, .. } => self.calls.push((effect.id.clone(), tool.clone())),
                EffectKind::CancelCall { call } => self.calls.retain(|(id, _)| id != call),
                EffectKind::Generate {
                    model, question, ..
                } => self.generations.push(Generation {
                    effect: effect.id.clone(),
                    model: model.clone(),
                    question: question.clone(),
                }),
                EffectKind::Schedule { event, at, data } => {
                    self.events.push((event.clone(), data.clone()));
                    self.scheduled.insert((*at, self.events.len() - 1));
                }
                EffectKind::Remember { slot, value, fact } => {
                    self.memory.slots.insert(slot.clone(), value.clone());
                    self.memory.facts.insert(slot.clone(), fact.clone());
                }
                EffectKind::Consent { slot, given } => {
                    self.memory.consents.insert(slot.clone(), *given);
                }
                EffectKind::Forget { slots: None } => self.memory = UserMemory::default(),
                EffectKind::Forget { slots: Some(slots) } => {
                    self.memory.slots.retain(|name, _| !slots.contains(name));
                }
                EffectKind::Send(_)
                | EffectKind::KeepEpisode { .. }
                | EffectKind::OpenHandoff { .. }
                | EffectKind::Relay { .. }
                | EffectKind::CloseHandoff { .. } => {}
            }
        }
    }
}

fn certain(intent: &str) -> Understanding {
    Understanding {
        intents: vec![dialog::RankedIntent {
            intent: intent.to_owned(),
            confidence: dialog::Confidence(1.0),
        }],
        in_scope: dialog::Confidence(1.0),
        words: 1,
        ..Understanding::default()
    }
}

fn describe(kind: &EventKind) -> String {
    match kind {
        EventKind::Message(message) => {
            let best = message.understanding.intents.first();
            let best = best.map(|one| format!("{} {:.2}", one.intent, one.confidence.0));
            format!("user: {:?}   ({})", message.text, best.unwrap_or_default())
        }
        EventKind::Choice { choice } => format!("choose: {choice}"),
        EventKind::ToolReturned { effect, outcome } => format!("returned {effect}: {outcome:?}"),
        EventKind::TimerFired { timer } => format!("timer: {timer:?}"),
        EventKind::Outside { name, .. } => format!("event: {name}"),
        EventKind::Desk(event) => format!("desk: {event:?}"),
        other => format!("{other:?}"),
    }
}

fn outcome(step: &Step, bot: &dialog::Bot) -> String {
    let state = step
        .conversation
        .state(bot)
        .unwrap_or_else(|| "no flow".to_owned());
    let calls = step.effects.iter().filter_map(|effect| match &effect.kind {
        EffectKind::Call { tool, .. } => Some(tool.as_str()),
        _ => None,
    });
    let calls: Vec<&str> = calls.collect();
    format!(
        "   -> says {:?} calls {calls:?} in {state}, {:?} {:?}",
        step.trace.says, step.conversation.owner, step.trace.notes
    )
}
