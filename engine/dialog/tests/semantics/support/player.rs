//! Talks to a bot, one line an event, and writes down what came of each.
//!
//! ```text
//! user: no, the [debit](card_type) one | deny      annotated values, then the intent (and its confidence)
//! user: … | a 0.9; b 0.8                           a message of two parts
//! user: … | unsure x 0.5, y 0.3                    a ranking
//! choose: affirm            the choice of that key of the last question; `choose: 3.affirm` an old one
//! result: TOOL {json}       error: TOOL timeout [404]
//! advance: 5m               event: outage {json}     desk: joined | said TEXT | returned | closed | …
//! open   ·   end   ·   sentence: TEXT   ·   generated: TEXT | low | failed
//! ```
//! Flags behind the intent: `+negation`, `+correction`, `+seen=3`, `+file`.

use std::collections::BTreeMap;
use std::fmt::Write;

use dialog::*;
use jiff::{SignedDuration, Timestamp};

pub struct Player<'b> {
    pub bot: &'b Bot,
    pub conversation: Conversation,
    pub now: Timestamp,
    /// Outstanding effects: a tool's or a model's name, and its effect.
    pub calls: Vec<(String, EffectId)>,
    pub effects: Vec<Effect>,
    pub memory: UserMemory,
    pub desks: BTreeMap<String, DeskStatus>,
    /// Choices as they were offered, newest last.
    offered: Vec<ChoiceId>,
    messages: u64,
    pub log: String,
}

/// Plays the lines and compares what came of them.
#[track_caller]
pub fn check(bot: &Bot, lines: &[&str], expected: &expect_test::Expect) {
    expected.assert_eq(&play(bot, lines));
}

/// Plays the lines after the greeting.
pub fn play(bot: &Bot, lines: &[&str]) -> String {
    let mut player = Player::new(bot);
    if lines.first().is_none_or(|line| !line.starts_with("open")) {
        player.line("open");
        player.log.clear();
    }
    for line in lines {
        player.line(line);
    }
    player.log
}

impl<'b> Player<'b> {
    pub fn new(bot: &'b Bot) -> Self {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().expect("a time");
        let conversation = Conversation::new(
            "c1".into(),
            "u1".into(),
            "http".to_owned(),
            "en".into(),
            bot,
        );
        Self {
            bot,
            conversation,
            now,
            calls: Vec::new(),
            effects: Vec::new(),
            memory: UserMemory {
                first: true,
                ..UserMemory::default()
            },
            desks: BTreeMap::new(),
            offered: Vec::new(),
            messages: 0,
            log: String::new(),
        }
    }

    pub fn line(&mut self, line: &str) {
        writeln!(self.log, "> {line}").expect("a text takes all");
        let (word, rest) = line.split_once(':').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "open" => {
                if rest == "returning" {
                    self.memory.first = false;
                }
                self.event(EventKind::SessionStart {
                    slots: BTreeMap::new(),
                });
            }
            "user" => self.user(rest),
            "choose" => self.choose(rest),
            "result" => self.result(rest),
            "error" => self.error(rest),
            "advance" => self.advance(parse_duration(rest).expect("a duration")),
            "event" => {
                let (name, data) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let Some(Value::Map(data)) = json(data) else {
                    panic!("a map")
                };
                self.event(EventKind::Outside {
                    name: name.to_owned(),
                    data,
                });
            }
            "desk" => self.desk(rest),
            "sentence" => {
                let effect = self.calls.last().expect("a model is asked").1.clone();
                self.event(EventKind::Sentence {
                    effect,
                    n: 0,
                    text: rest.to_owned(),
                    score: 0.9,
                });
            }
            "generated" => self.generated(rest),
            "end" => self.event(EventKind::End),
            other => panic!("no such line: `{other}`"),
        }
    }

    fn user(&mut self, rest: &str) {
        let (written, intents) = rest.rsplit_once(" |").unwrap_or((rest, ""));
        let expected = self.conversation.expected(self.bot);
        let (text, entities) = annotated(written);
        let (text, secrets) = mask(&text, &expected);
        let mut flags = Vec::new();
        let intents: Vec<&str> = intents
            .split_whitespace()
            .filter(|word| match word.strip_prefix('+') {
                Some(flag) => {
                    flags.push(flag.to_owned());
                    false
                }
                None => true,
            })
            .collect();
        let words = u16::try_from(text.split_whitespace().count()).expect("a short text");
        let understanding = understood(&intents.join(" "), words);
        let has = |flag: &str| flags.iter().any(|one| one == flag);
        let seen = flags.iter().find_map(|flag| flag.strip_prefix("seen="));
        self.messages += 1;
        let mut choices: Vec<String> = Vec::new();
        for choice in &expected.choices {
            if [&choice.id.key, &choice.label].contains(&&text.trim().to_lowercase()) {
                choices.push(choice.id.key.clone());
            }
        }
        if let Some(place) = text.trim().strip_prefix('#') {
            choices = place
                .split(',')
                .filter_map(|one| {
                    expected
                        .choices
                        .get(one.parse::<usize>().ok()?.checked_sub(1)?)
                })
                .map(|choice| choice.id.key.clone())
                .collect();
        }
        let file = Value::Map(BTreeMap::from([
            ("name".to_owned(), "a.pdf".into()),
            ("mime".to_owned(), "application/pdf".into()),
            ("size".to_owned(), Value::Int(10)),
            ("ref".to_owned(), "f1".into()),
        ]));
        let message = IncomingMessage {
            id: format!("m{}", self.messages),
            text,
            understanding: Understanding {
                entities,
                words,
                negation: has("negation"),
                correction: has("correction"),
                choices,
                ..understanding
            },
            attachments: if has("file") { vec![file] } else { Vec::new() },
            seen: seen.map(|turn| Turn(turn.parse().expect("a turn"))),
            knowledge: Some(KnowledgeSupport {
                support: 0.1,
                index: String::new(),
            }),
        };
        self.event_with(EventKind::Message(message), secrets);
    }

    fn choose(&mut self, key: &str) {
        let choice = match key.parse::<ChoiceId>() {
            Ok(id) => id,
            Err(()) => {
                let mut offered = self.offered.iter().rev();
                let id = offered.find(|id| id.key == key).cloned();
                id.unwrap_or_else(|| panic!("`{key}` was never offered"))
            }
        };
        self.event(EventKind::Choice { choice });
    }

    fn take_call(&mut self, name: &str) -> EffectId {
        let at = self.calls.iter().position(|(one, _)| one == name);
        self.calls
            .remove(at.unwrap_or_else(|| panic!("`{name}` is not called")))
            .1
    }

    fn result(&mut self, rest: &str) {
        let (tool, data) = rest.split_once(' ').unwrap_or((rest, "{}"));
        let declared = &self.bot.tools[self.bot.tool(tool).expect("a tool").index()];
        let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
        let result = match &declared.returns {
            Some(value_type) => coerce(&data, value_type).expect("as declared"),
            None => Value::Map(BTreeMap::new()),
        };
        let effect = self.take_call(tool);
        self.event(EventKind::ToolReturned {
            effect,
            outcome: ToolOutcome::Returned { result },
        });
    }

    fn error(&mut self, rest: &str) {
        let mut words = rest.split_whitespace();
        let tool = words.next().expect("a tool");
        let kind = match words.next().expect("a kind") {
            "timeout" => ErrorKind::Timeout,
            "refused" => ErrorKind::Refused,
            "failed" => ErrorKind::Failed,
            "unknown" => ErrorKind::Unknown,
            other => panic!("no kind `{other}`"),
        };
        let status = words.next().map(|text| text.parse().expect("a status"));
        let effect = self.take_call(tool);
        let outcome = ToolOutcome::Failed(ToolError {
            kind,
            status,
            code: None,
        });
        self.event(EventKind::ToolReturned { effect, outcome });
    }

    /// Fires the timers that are due on the way, as the runtime does.
    fn advance(&mut self, by: SignedDuration) {
        let end = self.now.checked_add(by).expect("a time");
        for _ in 0..100 {
            let timers = self.conversation.timers(self.bot);
            let Some((at, timer)) = timers.into_iter().find(|(at, _)| *at <= end) else {
                break;
            };
            self.now = self.now.max(at);
            writeln!(self.log, "  {:?} is due", timer.kind).expect("a text takes all");
            self.event(EventKind::TimerFired { timer });
        }
        self.now = end;
    }

    fn desk(&mut self, rest: &str) {
        let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        self.event(EventKind::Desk(match word {
            "requested" => DeskEvent::Requested {
                desk: None,
                why: "operator".to_owned(),
            },
            "queued" => DeskEvent::Queued {
                position: rest.parse().expect("a position"),
            },
            "joined" => DeskEvent::Joined {
                person: "p1".into(),
                name: "Ana".to_owned(),
            },
            "said" => DeskEvent::Said {
                id: "d1".to_owned(),
                text: rest.to_owned(),
                person: "p1".into(),
            },
            "returned" => DeskEvent::Returned,
            "ended" => DeskEvent::Ended,
            "closed" => DeskEvent::Closed,
            "gave_up" => DeskEvent::GaveUp,
            "failed" => DeskEvent::Failed {
                why: rest.to_owned(),
            },
            other => panic!("a desk does not `{other}`"),
        }));
    }

    fn generated(&mut self, rest: &str) {
        let effect = self.calls.pop().expect("a model is asked").1;
        let outcome = match rest {
            "low" => GenerateOutcome::Low {
                because: Doubt::Unknown,
            },
            "failed" => GenerateOutcome::Failed {
                why: "a limit".to_owned(),
            },
            text if text.starts_with("asks ") => self.asks(&effect, text),
            // `generated: TEXT (0.6)` says how far it is supported.
            text => {
                let (text, score) = match text
                    .strip_suffix(')')
                    .and_then(|rest| rest.rsplit_once(" ("))
                {
                    Some((text, score)) => (text, score.parse().expect("a number")),
                    None => (text, 0.9),
                };
                GenerateOutcome::Answered {
                    text: text.to_owned(),
                    score,
                    sources: Vec::new(),
                }
            }
        };
        self.event(EventKind::Generated { effect, outcome });
    }

    /// `generated: asks TOOL {"argument": value}`.
    fn asks(&self, effect: &EffectId, text: &str) -> GenerateOutcome {
        let mut words = text.splitn(3, ' ').skip(1);
        let tool = words.next().expect("a tool");
        let args: serde_json::Value =
            serde_json::from_str(words.next().unwrap_or("{}")).expect("JSON");
        let declared = &self.bot.tools[self.bot.tool(tool).expect("a tool").index()].args;
        let args = declared.iter().filter_map(|arg| {
            let value = coerce(args.get(&arg.name)?, &arg.value_type).expect("as declared");
            Some((arg.name.clone(), value))
        });
        let asked = self.effects.iter().find(|one| one.id == *effect);
        let (question, made) = match &asked.expect("a model is asked").kind {
            EffectKind::Generate { question, made, .. } => (question.clone(), made.clone()),
            // The fuzz also lets a model answer what was a call.
            _ => Default::default(),
        };
        GenerateOutcome::Asks {
            tool: tool.to_owned(),
            args: args.collect(),
            question,
            made,
        }
    }

    pub fn event(&mut self, kind: EventKind) {
        self.event_with(kind, BTreeMap::new());
    }

    pub fn event_with(&mut self, kind: EventKind, secrets: BTreeMap<String, String>) {
        let begins = self.conversation.session_is_over(self.bot, self.now);
        let event = Event {
            at: self.now,
            kind,
            user: begins.then(|| self.memory.clone()),
            desks: self.desks.clone(),
            secrets,
        };
        let before = self.conversation.clone();
        let step = step(self.bot, self.conversation.clone(), &event);
        self.hold_laws(&before, &event, &step);
        self.write(&before, &step);
        self.take_over(step);
    }

    /// What holds of every step.
    fn hold_laws(&self, before: &Conversation, event: &Event, step: &Step) {
        let again = dialog::step(self.bot, before.clone(), event);
        assert_eq!(*step, again, "the same input gives the same output");
        step.conversation
            .check(self.bot)
            .expect("the invariants hold");
        let record = step.conversation.to_record(self.bot);
        let text = serde_json::to_string(&record).expect("JSON");
        let read = serde_json::from_str(&text).expect("JSON");
        let read = Conversation::from_record(self.bot, &read).expect("a record");
        assert_eq!(read, step.conversation, "a record loses nothing");
        if matches!(before.owner, Owner::Person { .. })
            && matches!(step.conversation.owner, Owner::Person { .. })
        {
            let speaks = |effect: &Effect| {
                matches!(
                    effect.kind,
                    EffectKind::Send(Outgoing::Response(_) | Outgoing::Generated { .. })
                )
            };
            assert!(
                !step.effects.iter().any(speaks),
                "a person owns: the bot is silent"
            );
        }
        self.hold_once(event, step);
        let opens = step
            .effects
            .iter()
            .filter(|one| matches!(one.kind, EffectKind::OpenHandoff { .. }));
        assert!(opens.count() <= 1, "never two handoffs");
        for (index, effect) in step.effects.iter().enumerate() {
            assert_eq!(
                effect.id.index as usize, index,
                "an effect's id is its place"
            );
        }
    }

    /// A timer fires once, and a call has one answer.
    fn hold_once(&self, event: &Event, step: &Step) {
        match &event.kind {
            EventKind::TimerFired { timer } => {
                let timers = step.conversation.timers(self.bot);
                let mut again = timers
                    .iter()
                    .filter(|(at, id)| id == timer && *at <= event.at);
                assert_eq!(again.next(), None, "a timer fires once");
            }
            EventKind::ToolReturned { .. } | EventKind::Generated { .. } => {
                let twice = dialog::step(self.bot, step.conversation.clone(), event);
                assert_eq!(twice.effects, [], "a call has one answer");
                assert!(!twice.trace.notes.is_empty(), "and a second one is traced");
            }
            EventKind::SessionStart { .. }
            | EventKind::Message(_)
            | EventKind::Choice { .. }
            | EventKind::Sentence { .. }
            | EventKind::Outside { .. }
            | EventKind::Desk(_)
            | EventKind::DeliveryFailed { .. }
            | EventKind::End => {}
        }
    }

    /// What the runtime does with a step, and a channel with what is said.
    pub fn take_over(&mut self, step: Step) {
        self.conversation = step.conversation;
        for effect in &step.effects {
            match &effect.kind {
                EffectKind::Call { tool, .. } => self.calls.push((tool.clone(), effect.id.clone())),
                EffectKind::Generate { model, .. } => {
                    self.calls.push((model.clone(), effect.id.clone()));
                }
                EffectKind::CancelCall { call } => self.calls.retain(|(_, one)| one != call),
                EffectKind::Send(Outgoing::Response(response)) => {
                    let choices: Vec<Choice> = response
                        .choices
                        .iter()
                        .map(|choice| Choice {
                            id: choice.id.clone(),
                            label: label(&choice.label),
                        })
                        .collect();
                    self.offered
                        .extend(choices.iter().map(|choice| choice.id.clone()));
                    self.conversation.label_choices(&choices);
                }
                EffectKind::Remember { slot, value, fact } => {
                    self.memory.slots.insert(slot.clone(), value.clone());
                    self.memory.facts.insert(slot.clone(), fact.clone());
                }
                EffectKind::Consent { slot, given } => {
                    self.memory.consents.insert(slot.clone(), *given);
                }
                EffectKind::Forget { slots: None } => self.memory = UserMemory::default(),
                EffectKind::Forget { .. }
                | EffectKind::KeepEpisode { .. }
                | EffectKind::Send(_)
                | EffectKind::Schedule { .. }
                | EffectKind::OpenHandoff { .. }
                | EffectKind::Relay { .. }
                | EffectKind::CloseHandoff { .. } => {}
            }
        }
        self.effects.extend(step.effects);
    }

    fn write(&mut self, before: &Conversation, step: &Step) {
        let mut lines = Vec::new();
        if let Some(route) = step.trace.route {
            lines.push(format!("[{route:?}]"));
        }
        if !step.trace.entered.is_empty() {
            lines.push(format!("enter {}", step.trace.entered.join(", ")));
        }
        lines.extend(step.effects.iter().map(|effect| show(&effect.kind)));
        let after = &step.conversation;
        if before.owner != after.owner {
            lines.push(format!(
                "owner {} (epoch {})",
                owner(&after.owner),
                after.epoch
            ));
        }
        lines.extend(step.trace.notes.iter().map(|note| format!("({note})")));
        for line in lines {
            writeln!(self.log, "  {line}").expect("a text takes all");
        }
    }
}

fn owner(owner: &Owner) -> String {
    match owner {
        Owner::Bot => "bot".to_owned(),
        Owner::Queued { desk, .. } => format!("queued at {desk}"),
        Owner::Person { name, .. } => format!("person {name}"),
        Owner::Ended => "ended".to_owned(),
    }
}

fn show(effect: &EffectKind) -> String {
    match effect {
        EffectKind::Send(Outgoing::Response(response)) => {
            let values = match response.values.is_empty() {
                true => String::new(),
                false => format!(" {}", map(&response.values)),
            };
            let keys: Vec<&str> = response
                .choices
                .iter()
                .map(|choice| choice.id.key.as_str())
                .collect();
            let choices = match keys.is_empty() {
                true => String::new(),
                false => format!(" [{}]", keys.join(", ")),
            };
            format!("say {}{values}{choices}", response.template)
        }
        EffectKind::Send(Outgoing::Generated { text, sentence, .. }) => {
            format!(
                "model says{} \"{text}\"",
                if sentence.is_some() {
                    " a sentence"
                } else {
                    ""
                }
            )
        }
        EffectKind::Send(Outgoing::Person { name, text, .. }) => format!("{name} says \"{text}\""),
        EffectKind::Call { tool, args } => format!("call {tool} {}", map(args)),
        EffectKind::CancelCall { call } => format!("cancel the call {call}"),
        EffectKind::Generate {
            model,
            question,
            values,
            made,
            ..
        } => {
            let made = made.iter().map(|made| {
                let agreed = if made.agreed { ", agreed to" } else { "" };
                let result = made.result.to_json();
                format!(
                    " after {} {} -> {result}{agreed}",
                    made.tool,
                    map(&made.args)
                )
            });
            let made: String = made.collect();
            format!("generate {model} \"{question}\" {}{made}", map(values))
        }
        EffectKind::Schedule { event, at, data } => {
            format!("schedule {event} at {at} {}", map(data))
        }
        EffectKind::OpenHandoff { desk, why, package } => {
            let package = serde_json::to_string(package).expect("JSON");
            format!("open handoff to {desk}, why {why}, {package}")
        }
        EffectKind::Relay { desk, what } => {
            format!(
                "relay to {desk} {}",
                serde_json::to_string(what).expect("JSON")
            )
        }
        EffectKind::CloseHandoff { desk } => format!("close handoff to {desk}"),
        EffectKind::Remember { slot, value, .. } => {
            format!("remember {slot} = {}", value.to_json())
        }
        EffectKind::KeepEpisode { since, until } => {
            format!("keep a note of the session from turn {since} until {until}")
        }
        EffectKind::Consent { slot, given } => format!("consent to {slot}: {given}"),
        EffectKind::Forget { slots } => format!("forget {slots:?}"),
    }
}

fn map(values: &BTreeMap<String, Value>) -> String {
    let json: BTreeMap<&str, serde_json::Value> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_json()))
        .collect();
    serde_json::to_string(&json).expect("JSON")
}

fn label(label: &Label) -> String {
    match label {
        Label::Choice(text) | Label::Text(text) => text.to_lowercase(),
        Label::Value { value, .. } => value.to_lowercase(),
        Label::Template { values, .. } => {
            match values.get("item").and_then(|item| item.field("label")) {
                Some(Value::Text(text)) => text.to_lowercase(),
                _ => String::new(),
            }
        }
    }
}

fn json(text: &str) -> Option<Value> {
    Value::from_json(&serde_json::from_str(text).expect("JSON"))
}

/// `my [plastic](card_type=debit) is gone` → the text and its entities. `[!x](…)` is negated.
fn annotated(written: &str) -> (String, Vec<Entity>) {
    let mut text = String::new();
    let mut entities = Vec::new();
    let mut rest = written;
    while let Some((before, (inside, (kind, after)))) = rest
        .split_once('[')
        .and_then(|(before, tail)| Some((before, tail.split_once("](")?)))
        .and_then(|(before, (inside, tail))| Some((before, (inside, tail.split_once(')')?))))
    {
        text.push_str(before);
        let start = words_of(&text);
        let negated = inside.starts_with('!');
        let inside = inside.trim_start_matches('!');
        text.push_str(inside);
        let (entity, value) = kind.split_once('=').unwrap_or((kind, inside));
        entities.push(Entity {
            entity: entity.to_owned(),
            value: value
                .parse()
                .map_or_else(|_| Value::from(value), Value::Int),
            words: Words {
                start,
                end: words_of(&text),
            },
            text: inside.to_owned(),
            negated,
            confidence: Confidence(1.0),
        });
        rest = after;
    }
    text.push_str(rest);
    for entity in &mut entities {
        // A number that is a text in its entity, as a card's last digits.
        if entity.entity.starts_with("last") || entity.entity == "pin" {
            entity.value = Value::from(entity.text.as_str());
        }
    }
    (text, entities)
}

fn words_of(text: &str) -> u16 {
    u16::try_from(text.split_whitespace().count()).expect("a short text")
}

/// `a`, `a 0.9`, `a 0.9; b` (parts), `unsure a 0.5, b 0.3`, `none`.
fn understood(text: &str, words: u16) -> Understanding {
    let ranked = |one: &str| {
        let (intent, confidence) = one.trim().split_once(' ').unwrap_or((one.trim(), "0.95"));
        RankedIntent {
            intent: intent.to_owned(),
            confidence: Confidence(confidence.parse().expect("a confidence")),
        }
    };
    let mut understanding = Understanding {
        in_scope: Confidence(1.0),
        model: "test".to_owned(),
        ..Default::default()
    };
    match text.trim() {
        "" | "none" => understanding.in_scope = Confidence(0.1),
        text if text.contains(';') => {
            let parts: Vec<&str> = text.split(';').collect();
            let length = words / parts.len() as u16;
            understanding.parts = parts
                .iter()
                .enumerate()
                .map(|(index, one)| Part {
                    words: Words {
                        start: index as u16 * length,
                        end: if index + 1 == parts.len() {
                            words
                        } else {
                            (index as u16 + 1) * length
                        },
                    },
                    intents: vec![ranked(one)],
                    in_scope: Confidence(1.0),
                })
                .collect();
            understanding.intents = vec![ranked(parts[0])];
        }
        text => {
            let ranking = text.strip_prefix("unsure ").unwrap_or(text);
            understanding.intents = ranking.split(',').map(ranked).collect();
        }
    }
    understanding
}
