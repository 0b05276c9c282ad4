//! Entities that are learned from marked examples: values that no list has, roles without cues.

use dialog::{Bands, Expected, Locale, Several};
use understand::{
    Annotation, EntityDefinition, EntityKind, Example, IntentExamples, Model, Reading,
    TrainingData, ValueDefinition,
};

/// Examples with `[words](entity)` in them.
fn examples(lines: &[&str]) -> Vec<Example> {
    lines.iter().map(|line| example(line)).collect()
}

fn example(line: &str) -> Example {
    let mut text = String::new();
    let mut annotations = Vec::new();
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once('[') {
        let (words, marked) = marked.split_once("](").expect("a mark has an entity");
        let (entity, behind) = marked.split_once(')').expect("a mark ends");
        text.push_str(before);
        annotations.push(Annotation {
            start: text.len(),
            end: text.len() + words.len(),
            entity: entity.to_owned(),
            value: None,
        });
        text.push_str(words);
        rest = behind;
    }
    text.push_str(rest);
    Example { text, annotations }
}

fn entity(name: &str, kind: EntityKind) -> EntityDefinition {
    EntityDefinition {
        name: name.to_owned(),
        kind,
        fuzzy: 0,
    }
}

fn data() -> TrainingData {
    let city = |name: &str| ValueDefinition {
        key: name.to_owned(),
        phrases: Vec::new(),
    };
    let cities = ["Rome", "Oslo", "Paris", "Vienna", "Lisbon"].map(city);
    let role = || EntityKind::Role {
        of: "city".to_owned(),
        cue: Vec::new(),
    };
    let intent = |name: &str, lines: &[&str]| IntentExamples {
        intent: name.to_owned(),
        locale: "en".into(),
        examples: examples(lines),
    };
    TrainingData {
        locales: vec!["en".into()],
        intents: vec![
            intent(
                "move",
                &[
                    "I moved to [Baker Street](street)",
                    "my new address is [Elm Road](street)",
                    "I live in [Station Road](street) now",
                    "we moved to [Victoria Avenue](street) last week",
                    "please change my address to [Mill Lane](street)",
                    "my address is [Church Street](street)",
                    "send it to [Park Avenue](street) please",
                    "I moved to [Kings Road](street) in May",
                    "new address: [Green Lane](street)",
                    "I have moved",
                    "I want to change my address",
                    "please send it to my address",
                ],
            ),
            intent(
                "trip",
                &[
                    "a train from [Rome](origin) to [Oslo](destination)",
                    "from [Paris](origin) to [Vienna](destination) please",
                    "I want to go to [Lisbon](destination) from [Oslo](origin)",
                    "tickets to [Rome](destination)",
                    "a seat to [Paris](destination) on Friday",
                    "leaving [Vienna](origin) for [Rome](destination)",
                    "we start in [Oslo](origin) and go to [Paris](destination)",
                    "from [Lisbon](origin) please",
                    "is there a train at all",
                ],
            ),
            intent("hours", &["when do you open", "are you open on Sunday"]),
        ],
        entities: vec![
            entity("street", EntityKind::Learned),
            entity("city", EntityKind::Values(cities.to_vec())),
            entity("origin", role()),
            entity("destination", role()),
        ],
    }
}

/// The values of these entities, as `entity=value`.
fn read(model: &Model, text: &str) -> Vec<String> {
    let locale = Locale::from("en");
    let reading = Reading {
        locale: &locale,
        now: "2026-03-04T10:00:00+01:00[Europe/Berlin]"
            .parse()
            .expect("a time"),
        expected: &Expected::default(),
        bands: Bands {
            accept: 0.7,
            confirm: 0.4,
            several: Several::InTurn,
        },
    };
    let learned = ["street", "origin", "destination"];
    let understood = model.understand(text, &reading);
    understood
        .entities
        .into_iter()
        .filter(|one| learned.contains(&one.entity.as_str()))
        .map(|one| format!("{}={}", one.entity, one.value.as_text().unwrap_or_default()))
        .collect()
}

#[test]
fn values_that_no_example_has_are_found() {
    let model = Model::train(&data(), &mut |_| ());
    assert_eq!(read(&model, "I moved to Abbey Road"), ["street=Abbey Road"]);
    assert_eq!(
        read(&model, "my address is Fleet Street"),
        ["street=Fleet Street"]
    );
    for text in [
        "when do you open",
        "I want to change my address",
        "hello",
        "",
    ] {
        assert_eq!(read(&model, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn roles_are_learned_without_cues() {
    let model = Model::train(&data(), &mut |_| ());
    assert_eq!(
        read(&model, "a train from Vienna to Lisbon"),
        ["origin=Vienna", "destination=Lisbon"]
    );
    // A role is a role of something: Bergen is no city of the bot's.
    assert_eq!(read(&model, "a train from Oslo to Bergen"), ["origin=Oslo"]);
}

#[test]
fn what_a_list_or_a_built_in_kind_decides_is_not_learned_anew() {
    let model = Model::train(&data(), &mut |_| ());
    for text in [
        "I moved to Paris",
        "my address is Rome",
        "I moved to 12 May 2026",
    ] {
        let found = read(&model, text);
        assert!(
            found.iter().all(|one| !one.starts_with("street")),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn what_was_learned_is_kept_bit_by_bit() {
    let model = Model::train(&data(), &mut |_| ());
    let bytes = model.to_bytes();
    assert!(bytes == Model::train(&data(), &mut |_| ()).to_bytes());
    let again = Model::from_bytes(&bytes).expect("it was just written");
    assert!(bytes == again.to_bytes());
    let text = "I moved to Abbey Road";
    assert_eq!(read(&again, text), read(&model, text));
}
