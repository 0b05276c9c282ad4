//! The values in a message: the author's entities and the built-in kinds.
//!
//! Each kind has a reader of its own in this folder that knows nothing of the others; here their findings are put together:
//! what lies inside a longer finding is left out, roles are read from the words before, and what stands under a negation is
//! marked. Everything is relative to the event's time and zone; nothing here has a clock.

mod clock;
mod contact;
mod date;
mod day;
mod duration;
pub(crate) mod language;
mod money;
mod number;
mod phrase;
mod role;
mod soon;
pub(crate) mod text;
mod typo;

use dialog::{
    Bands, Confidence, Entity, Expected, Locale, Pattern, Several, Value, ValueType, Words,
};
use jiff::Zoned;
use jiff::civil::Time;

use crate::tag::{self, Seen, Tagger};
use crate::{EntityKind, Reading, TrainingData};
use language::Language;
use phrase::Phrases;
use role::Role;
use text::{Span, Text};

/// How many tokens before a value are looked at for a negation.
const NEGATION_TOKENS: usize = 3;

/// Finds values. Made once from a bot's entities.
#[derive(Clone, Debug, Default)]
pub struct Extractor {
    phrases: Phrases,
    patterns: Vec<(String, Pattern)>,
    roles: Vec<Role>,
    tagger: Option<Tagger>,
}

/// A value before it is known which words of the message it covers.
#[derive(Clone, Debug)]
struct Finding {
    entity: String,
    value: Value,
    span: Span,
    confidence: f32,
}

impl Extractor {
    /// An extractor for the entities of a bot. A pattern that is no regular expression is left out: the author's check has
    /// reported it.
    pub fn new(data: &TrainingData) -> Self {
        let mut extractor = Self {
            phrases: Phrases::new(data),
            ..Self::default()
        };
        for entity in &data.entities {
            match &entity.kind {
                EntityKind::Values(_) | EntityKind::Learned => {}
                EntityKind::Pattern(source) => {
                    extractor.patterns.extend(
                        Pattern::new(source)
                            .ok()
                            .map(|pattern| (entity.name.clone(), pattern)),
                    );
                }
                EntityKind::Role { of, cue } => {
                    extractor.roles.push(Role::new(&entity.name, of, cue))
                }
            }
        }
        extractor
    }

    /// The same, with the entities that are learned from examples.
    pub fn train(data: &TrainingData) -> Self {
        let extractor = Self::new(data);
        let tagger = tag::train(data, &|text, locale| extractor.see(text, locale));
        extractor.with_tagger(tagger)
    }

    pub(crate) fn with_tagger(self, tagger: Option<Tagger>) -> Self {
        Self { tagger, ..self }
    }

    pub(crate) fn tagger(&self) -> Option<&Tagger> {
        self.tagger.as_ref()
    }

    /// What is found in an example without having learned anything.
    fn see(&self, raw: &str, locale: &Locale) -> Vec<Seen> {
        let reading = Reading {
            locale,
            now: Zoned::default(),
            expected: &Expected::default(),
            bands: Bands {
                accept: 1.0,
                confirm: 1.0,
                several: Several::InTurn,
            },
        };
        seen(&self.read(&Text::new(raw), &reading))
    }

    /// What lists, patterns, built-in kinds and cues find.
    fn read(&self, text: &Text<'_>, reading: &Reading<'_>) -> Vec<Finding> {
        let language = Language::of(reading.locale);
        let mut found = self.authors(text, reading);
        found.extend(built_in(text, language, reading));
        let roles = role::roles(&self.roles, text, language, reading.locale, &found);
        found.extend(roles);
        found
    }

    /// What was learned: a value of its own, or the role of one that was found.
    fn tagged(&self, text: &Text<'_>, found: &[Finding]) -> Vec<Finding> {
        let Some(tagger) = &self.tagger else {
            return Vec::new();
        };
        let tagged = tagger.find(text, &seen(found));
        let finding = |one: tag::Tagged<'_>| {
            let role = self.roles.iter().find(|role| role.is(&one.entity.name));
            match role {
                Some(role) => role.learned(&one, found),
                None => free(text, &one, found),
            }
        };
        tagged.into_iter().filter_map(finding).collect()
    }

    /// Every value in the text, in the order of the text, and how many words the text has.
    pub fn extract(&self, raw: &str, reading: &Reading<'_>) -> (Vec<Entity>, u16) {
        let text = Text::new(raw);
        let language = Language::of(reading.locale);
        let mut found = self.read(&text, reading);
        found.extend(self.tagged(&text, &found));
        found.sort_by(|a, b| {
            (a.span.start, b.span.end, &a.entity).cmp(&(b.span.start, a.span.end, &b.entity))
        });
        let entities = found
            .into_iter()
            .map(|one| entity(&text, language, one))
            .collect();
        (entities, text.words)
    }

    fn authors(&self, text: &Text<'_>, reading: &Reading<'_>) -> Vec<Finding> {
        let mut found: Vec<Finding> = self
            .phrases
            .find(text, reading.locale)
            .into_iter()
            .map(|one| Finding {
                entity: one.entity.to_owned(),
                value: Value::from(one.value),
                span: one.span,
                confidence: one.confidence,
            })
            .collect();
        for (name, pattern) in &self.patterns {
            for hit in pattern.regex().find_iter(text.raw) {
                let span = span_of(text, hit.start(), hit.end());
                found.extend(span.map(|span| Finding {
                    entity: name.clone(),
                    value: Value::from(hit.as_str()),
                    span,
                    confidence: 1.0,
                }));
            }
        }
        found
    }
}

fn seen(found: &[Finding]) -> Vec<Seen> {
    let of = |one: &Finding| Seen {
        entity: one.entity.clone(),
        span: one.span.clone(),
    };
    found.iter().map(of).collect()
}

/// A learned value is its words. Where another reader found something, that decides, unless examples mark such things.
fn free(text: &Text<'_>, one: &tag::Tagged<'_>, found: &[Finding]) -> Option<Finding> {
    let decided = found.iter().any(|other| {
        let overlaps = other.span.start < one.span.end && one.span.start < other.span.end;
        overlaps && one.entity.beside.binary_search(&other.entity).is_err()
    });
    let (start, end) = text.bytes(&one.span);
    (!decided).then(|| Finding {
        entity: one.entity.name.clone(),
        value: Value::from(&text.raw[start..end]),
        span: one.span.clone(),
        confidence: one.confidence,
    })
}

/// The built-in kinds. What lies within a longer one is not said twice: the 5 of "5 euros" is no number of its own.
fn built_in(text: &Text<'_>, language: &Language, reading: &Reading<'_>) -> Vec<Finding> {
    let asked_for = reading.expected.slot.as_ref();
    let asked_entity = asked_for.and_then(|slot| slot.entity.as_deref());
    let time_is_asked = asked_for.is_some_and(|slot| slot.value_type == ValueType::Time);
    let mut found = Vec::new();
    let mut add = |entity: &str, span: Span, value: Value| {
        found.push(Finding {
            entity: entity.to_owned(),
            value,
            span,
            confidence: 1.0,
        })
    };

    for (entity, (start, end), value) in contact::contacts(text.raw, asked_entity) {
        if let Some(span) = span_of(text, start, end) {
            add(entity, span, Value::Text(value));
        }
    }
    let dates = date::dates(text, language, &reading.now);
    let times = clock::times(text, language, time_is_asked);
    for (span, moment) in moments(text, language, reading, &dates, &times) {
        add("datetime", span, moment);
    }
    for (span, moment) in soon::moments_away(text, language, &reading.now) {
        add("datetime", span, Value::Time(moment));
    }
    for (span, date) in dates {
        add("date", span, Value::Text(date.to_string()));
    }
    for time in times {
        add(
            "time",
            time.span,
            Value::Text(format!("{:02}:{:02}", time.hour, time.minute)),
        );
    }
    for (span, value) in money::amounts(text, language) {
        add("money", span, value);
    }
    for (span, duration) in duration::durations(text, language) {
        add("duration", span, Value::Duration(duration));
    }
    let number_is_asked =
        asked_for.is_some_and(|slot| matches!(slot.value_type, ValueType::Int | ValueType::Number));
    for number in number::numbers(text, language, number_is_asked) {
        let whole = number.value.fract() == 0.0 && number.value.abs() < 9e15;
        let value = if whole {
            Value::Int(number.value as i64)
        } else {
            Value::Number(number.value)
        };
        add("number", number.span, value);
    }
    outermost(found)
}

/// A day and a time of day next to each other are a moment.
fn moments(
    text: &Text<'_>,
    language: &Language,
    reading: &Reading<'_>,
    dates: &[(Span, jiff::civil::Date)],
    times: &[clock::TimeOfDay],
) -> Vec<(Span, Value)> {
    let next_to = |a: &Span, b: &Span| {
        (a.end..b.start)
            .all(|at| language.at.contains(&text.word(at)) || language.and.contains(&text.word(at)))
            && a.end <= b.start
    };
    let mut found = Vec::new();
    for (day, date) in dates {
        for time in times {
            if !next_to(day, &time.span) && !next_to(&time.span, day) {
                continue;
            }
            let Some(clock) = Time::new(time.hour, time.minute, 0, 0).ok() else {
                continue;
            };
            if let Ok(moment) = date
                .to_datetime(clock)
                .to_zoned(reading.now.time_zone().clone())
            {
                let span = Span {
                    start: day.start.min(time.span.start),
                    end: day.end.max(time.span.end),
                };
                found.push((span, Value::Time(moment.timestamp())));
            }
        }
    }
    found
}

/// Leaves out a number, time or duration that lies within a longer finding of another kind.
fn outermost(found: Vec<Finding>) -> Vec<Finding> {
    let inside = |inner: &Finding, outer: &Finding| {
        let shorter = inner.span.end - inner.span.start < outer.span.end - outer.span.start;
        let same = inner.span == outer.span && rank(&inner.entity) > rank(&outer.entity);
        let within = outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;
        // A day and a time stay beside the moment that they make: a flow may ask for either.
        within && (shorter || same) && outer.entity != "datetime"
    };
    let kept: Vec<bool> = found
        .iter()
        .map(|one| !found.iter().any(|other| inside(one, other)))
        .collect();
    found
        .into_iter()
        .zip(kept)
        .filter_map(|(one, kept)| kept.then_some(one))
        .collect()
}

/// Which kind a stretch of text is, where two readers take the same one.
fn rank(entity: &str) -> u8 {
    match entity {
        "iban" | "card_number" | "email" | "url" | "date" | "money" => 0,
        "time" => 1,
        "phone" | "duration" => 2,
        _ => 3,
    }
}

/// The tokens that a stretch of bytes touches.
pub(crate) fn span_of(text: &Text<'_>, start: usize, end: usize) -> Option<Span> {
    let first = text
        .tokens
        .iter()
        .position(|token| token.end > start && token.start < end)?;
    let last = text
        .tokens
        .iter()
        .rposition(|token| token.start < end && token.end > start)?;
    Some(Span {
        start: first,
        end: last + 1,
    })
}

fn entity(text: &Text<'_>, language: &Language, found: Finding) -> Entity {
    let (start, end) = text.bytes(&found.span);
    let words = Words {
        start: text.tokens[found.span.start].word,
        end: text.tokens[found.span.end - 1].word + 1,
    };
    let negated = is_negated(text, language, found.span.start);
    let confidence = Confidence(found.confidence);
    Entity {
        entity: found.entity,
        value: found.value,
        words,
        text: text.raw[start..end].to_owned(),
        negated,
        confidence,
    }
}

/// "not the credit card": a negation stands shortly before, with no comma between.
fn is_negated(text: &Text<'_>, language: &Language, at: usize) -> bool {
    for back in 1..=NEGATION_TOKENS.min(at) {
        let index = at - back;
        let gap = &text.raw[text.tokens[index].end..text.tokens[index + 1].start];
        if gap.contains([',', ';', '.', '!', '?', ':']) {
            return false;
        }
        let word = text.word(index);
        if language.negations.contains(&word) {
            return true;
        }
        if !language.fillers.contains(&word) {
            return false;
        }
    }
    false
}
