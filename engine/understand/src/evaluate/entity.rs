//! How well values are found: messages whose values are known, held against what is found in them.
//!
//! A value counts as found only if its entity, its words and, where the file says one, its value are right.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{Bands, Entity, Expected, ExpectedSlot, Locale, Several, Value, ValueType, Words};
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::CorpusError;
use super::corpus::json_lines;
use crate::entity::text::Text;
use crate::{Extractor, Reading};

/// When a message came, if its line doesn't say: "tomorrow" must mean a day.
const NOW: &str = "2026-03-04T10:00:00+01:00[Europe/Berlin]";

/// Amounts and numbers that differ by less are the same.
const SAME: f64 = 1e-6;

/// A message and the values in it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EntityLine {
    /// What was written.
    pub text: String,
    /// Which part of the corpus it belongs to.
    #[serde(default)]
    pub split: String,
    /// Its language; none = the caller's.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// When it came, with the zone.
    #[serde(default)]
    pub now: Option<Zoned>,
    /// The entity that was asked for.
    #[serde(default)]
    pub asked: Option<String>,
    /// The values in it, in the order of the text.
    #[serde(default)]
    pub entities: Vec<ExpectedEntity>,
}

/// A value that is to be found.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ExpectedEntity {
    /// Its name.
    pub entity: String,
    /// The words that name it, as they stand in the message.
    pub text: String,
    /// The value; none = only the words count.
    #[serde(default)]
    pub value: Option<Json>,
}

/// How well values were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EntityReport {
    /// How many messages.
    pub messages: usize,
    /// Of those, in how many exactly the right values were found.
    pub messages_right: usize,
    /// By entity, ordered by name.
    pub entities: Vec<EntityScore>,
    /// Of all entities together.
    pub all: EntityScore,
    /// Every message with a mistake.
    pub mistakes: Vec<EntityMistake>,
}

/// How well one entity was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EntityScore {
    /// The entity.
    pub entity: String,
    /// How many there were.
    pub expected: usize,
    /// How many were found, right or wrong.
    pub found: usize,
    /// How many were found with the right words and value.
    pub right: usize,
}

impl EntityScore {
    /// The part of what was found that is right; nothing found is nothing wrong.
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.found)
    }

    /// The part of what there was that was found.
    pub fn recall(&self) -> f64 {
        ratio(self.right, self.expected)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        ratio(2 * self.right, self.found + self.expected)
    }
}

fn ratio(some: usize, all: usize) -> f64 {
    if all == 0 {
        1.0
    } else {
        some as f64 / all as f64
    }
}

/// A message in which something else was found than is in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntityMistake {
    /// The message.
    pub text: String,
    /// What was not found.
    pub missed: Vec<String>,
    /// What was found and is not there.
    pub extra: Vec<String>,
}

/// Reads messages with values; empty lines are left out.
///
/// # Errors
/// At the first line that is none.
pub fn read_entities(text: &str) -> Result<Vec<EntityLine>, CorpusError> {
    json_lines(text)
}

/// Finds values in these messages and compares. Entities that none of the messages name are not looked at.
pub fn evaluate_entities(
    extractor: &Extractor,
    lines: &[EntityLine],
    locale: &Locale,
) -> EntityReport {
    let named: BTreeSet<&str> = lines
        .iter()
        .flat_map(|line| &line.entities)
        .map(|one| one.entity.as_str())
        .collect();
    let mut scores: BTreeMap<String, EntityScore> = BTreeMap::new();
    let mut report = EntityReport::default();
    for line in lines {
        let found = extract(extractor, line, line.locale.as_ref().unwrap_or(locale));
        let found = found
            .into_iter()
            .filter(|one| named.contains(one.entity.as_str()));
        let compared = compare(line, found.collect());
        compared.count(line, &mut scores);
        report.messages += 1;
        report.messages_right += usize::from(compared.is_right());
        report.mistakes.extend(compared.mistake(line));
    }
    report.entities = scores.into_values().collect();
    report.all = sum(&report.entities);
    report
}

fn sum(scores: &[EntityScore]) -> EntityScore {
    let total = |of: fn(&EntityScore) -> usize| scores.iter().map(of).sum();
    EntityScore {
        entity: "all".to_owned(),
        expected: total(|one| one.expected),
        found: total(|one| one.found),
        right: total(|one| one.right),
    }
}

fn extract(extractor: &Extractor, line: &EntityLine, locale: &Locale) -> Vec<Entity> {
    let now = line.now.clone();
    let reading = Reading {
        locale,
        now: now.unwrap_or_else(|| NOW.parse().expect("it is a time")),
        expected: &Expected {
            slot: line.asked.as_deref().map(asked),
            ..Expected::default()
        },
        bands: Bands {
            accept: 1.0,
            confirm: 1.0,
            several: Several::InTurn,
        },
    };
    extractor.extract(&line.text, &reading).0
}

/// A slot of a built-in kind that the question is about.
fn asked(entity: &str) -> ExpectedSlot {
    let value_type = match entity {
        "number" => ValueType::Number,
        "money" => ValueType::Money,
        "date" => ValueType::Date,
        "time" => ValueType::Time,
        "datetime" => ValueType::Datetime,
        "duration" => ValueType::Duration,
        "phone" => ValueType::Phone,
        _ => ValueType::Text,
    };
    ExpectedSlot {
        name: entity.to_owned(),
        value_type,
        entity: Some(entity.to_owned()),
        verbatim: false,
        several: false,
    }
}

/// What was there and what was found, the matching ones beside each other.
struct Compared {
    right: Vec<String>,
    missed: Vec<ExpectedEntity>,
    extra: Vec<Entity>,
}

fn compare(line: &EntityLine, mut found: Vec<Entity>) -> Compared {
    let text = Text::new(&line.text);
    let mut compared = Compared {
        right: Vec::new(),
        missed: Vec::new(),
        extra: Vec::new(),
    };
    let places = places(&line.text, &line.entities);
    for (expected, place) in line.entities.iter().zip(places) {
        let words = place.and_then(|(start, end)| words(&text, start, end));
        let fits = |one: &Entity| {
            one.entity == expected.entity
                && Some(one.words) == words
                && expected
                    .value
                    .as_ref()
                    .is_none_or(|value| is_same(&one.value, value))
        };
        match found.iter().position(fits) {
            Some(index) => compared.right.push(found.remove(index).entity),
            None => compared.missed.push(expected.clone()),
        }
    }
    compared.extra = found;
    compared
}

/// The bytes of each value; the same text twice for one entity is its first and its second place.
pub(super) fn places(text: &str, entities: &[ExpectedEntity]) -> Vec<Option<(usize, usize)>> {
    let mut next: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let place = |one: &'_ ExpectedEntity, from: usize| {
        let start = from + text.get(from..)?.find(&one.text)?;
        Some((start, start + one.text.len()))
    };
    let mut places = Vec::new();
    for one in entities {
        let from = next.entry((&one.entity, &one.text)).or_default();
        let found = place(one, *from);
        *from = found.map_or(*from, |(_, end)| end);
        places.push(found);
    }
    places
}

fn words(text: &Text<'_>, start: usize, end: usize) -> Option<Words> {
    let mut inside = text
        .tokens
        .iter()
        .filter(|token| token.end > start && token.start < end);
    let first = inside.next()?;
    let last = inside.next_back().unwrap_or(first);
    Some(Words {
        start: first.word,
        end: last.word + 1,
    })
}

/// Times and lengths of time are the same however they are written.
fn is_same(found: &Value, expected: &Json) -> bool {
    match found {
        Value::Time(time) => expected
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
            .is_some_and(|expected| expected == *time),
        Value::Duration(length) => expected
            .as_str()
            .and_then(|text| text.parse::<SignedDuration>().ok())
            .is_some_and(|expected| expected == *length),
        Value::Map(fields) => fields.iter().all(|(name, value)| {
            expected
                .get(name)
                .is_some_and(|expected| is_same(value, expected))
        }),
        Value::Text(text) => expected.as_str() == Some(text),
        other => match (other.as_number(), expected.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() < SAME,
            _ => other.to_json() == *expected,
        },
    }
}

impl Compared {
    fn is_right(&self) -> bool {
        self.missed.is_empty() && self.extra.is_empty()
    }

    fn count(&self, line: &EntityLine, scores: &mut BTreeMap<String, EntityScore>) {
        let mut of = |entity: &str, add: fn(&mut EntityScore)| {
            let score = scores.entry(entity.to_owned()).or_default();
            entity.clone_into(&mut score.entity);
            add(score);
        };
        for one in &line.entities {
            of(&one.entity, |score| score.expected += 1);
        }
        for entity in &self.right {
            of(entity, |score| {
                score.found += 1;
                score.right += 1;
            });
        }
        for one in &self.extra {
            of(&one.entity, |score| score.found += 1);
        }
    }

    fn mistake(&self, line: &EntityLine) -> Option<EntityMistake> {
        let missed = |one: &ExpectedEntity| match &one.value {
            Some(value) => format!("{} `{}` = {value}", one.entity, one.text),
            None => format!("{} `{}`", one.entity, one.text),
        };
        let extra =
            |one: &Entity| format!("{} `{}` = {}", one.entity, one.text, one.value.to_json());
        (!self.is_right()).then(|| EntityMistake {
            text: line.text.clone(),
            missed: self.missed.iter().map(missed).collect(),
            extra: self.extra.iter().map(extra).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TrainingData;

    const LINES: &str = r#"{"text":"5 euros and 5 euros","entities":[{"entity":"money","text":"5 euros","value":{"amount":5,"currency":"EUR"}},{"entity":"money","text":"5 euros"}]}
{"text":"in 2 hours, 3 cards","entities":[{"entity":"duration","text":"2 hours","value":"PT120M"},{"entity":"number","text":"cards"}]}
{"text":"nothing","entities":[]}"#;

    #[test]
    fn what_is_found_missed_and_too_much_is_counted() {
        let lines = read_entities(LINES).expect("all lines are messages");
        let extractor = Extractor::new(&TrainingData::default());
        let report = evaluate_entities(&extractor, &lines, &"en".into());
        let counts = |name: &str| {
            let of = report.entities.iter().find(|one| one.entity == name);
            of.map(|one| (one.expected, one.found, one.right))
        };
        assert_eq!(counts("money"), Some((2, 2, 2)));
        assert_eq!(counts("duration"), Some((1, 1, 1)));
        // It found the 3, and the file says `cards`.
        assert_eq!(counts("number"), Some((1, 1, 0)));
        assert_eq!((report.messages, report.messages_right), (3, 2));
        assert_eq!(report.mistakes[0].missed, ["number `cards`"]);
        assert!((report.all.f1() - 0.75).abs() < 1e-9);
    }
}
