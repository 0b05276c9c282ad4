//! Values in messages, as the runtime asks for them.

use dialog::{Bands, Expected, ExpectedSlot, Locale, Several, ValueType};
use expect_test::{Expect, expect};
use understand::{
    Annotation, EntityDefinition, EntityKind, Example, Extractor, IntentExamples, Reading,
    TrainingData, ValueDefinition,
};

fn value(key: &str, en: &[&str], de: &[&str]) -> ValueDefinition {
    let of = |locale: &str, phrases: &[&str]| -> Vec<(Option<Locale>, String)> {
        phrases
            .iter()
            .map(|phrase| (Some(Locale::from(locale)), (*phrase).to_owned()))
            .collect()
    };
    ValueDefinition {
        key: key.into(),
        phrases: [of("en", en), of("de", de)].concat(),
    }
}

fn data() -> TrainingData {
    let entity = |name: &str, kind, fuzzy| EntityDefinition {
        name: name.into(),
        kind,
        fuzzy,
    };
    let card_type = EntityKind::Values(vec![
        value(
            "debit",
            &["debit card", "EC card"],
            &["Girokarte", "EC-Karte"],
        ),
        value(
            "credit",
            &["visa", "mastercard", "credit card"],
            &["Kreditkarte"],
        ),
    ]);
    let city = EntityKind::Values(vec![
        value("ROM", &["Rome"], &["Rom"]),
        value("PAR", &["Paris"], &["Paris"]),
    ]);
    let role = |cues: &[(&str, &str)]| EntityKind::Role {
        of: "city".into(),
        cue: cues
            .iter()
            .map(|(locale, cue)| (Some(Locale::from(*locale)), (*cue).to_owned()))
            .collect(),
    };
    let annotated = Example {
        text: "my plastic was stolen".into(),
        annotations: vec![Annotation {
            start: 0,
            end: 10,
            entity: "card_type".into(),
            value: Some("debit".into()),
        }],
    };
    TrainingData {
        locales: vec!["en".into(), "de".into()],
        intents: vec![IntentExamples {
            intent: "lost".into(),
            locale: "en".into(),
            examples: vec![annotated],
        }],
        entities: vec![
            entity("card_type", card_type, 1),
            entity("city", city, 0),
            entity(
                "origin",
                role(&[("en", "from"), ("de", "von"), ("de", "ab")]),
                0,
            ),
            entity("destination", role(&[("en", "to"), ("de", "nach")]), 0),
            entity("last4", EntityKind::Pattern(r"\b[0-9]{4}\b".into()), 0),
        ],
    }
}

fn read(locale: &str, text: &str, asked: Option<(ValueType, &str)>) -> String {
    let slot = asked.map(|(value_type, entity)| ExpectedSlot {
        name: "asked".into(),
        value_type,
        entity: Some(entity.into()),
        verbatim: false,
        several: false,
    });
    let expected = Expected {
        slot,
        ..Expected::default()
    };
    let locale = Locale::from(locale);
    let now = "2026-03-04T10:00:00+01:00[Europe/Berlin]"
        .parse()
        .expect("a time");
    let reading = Reading {
        locale: &locale,
        now,
        expected: &expected,
        bands: Bands {
            accept: 0.7,
            confirm: 0.4,
            several: Several::InTurn,
        },
    };
    let (entities, words) = Extractor::new(&data()).extract(text, &reading);
    let mut out = format!("{words} words");
    for one in entities {
        let negated = if one.negated { " not" } else { "" };
        let (start, end) = (one.words.start, one.words.end);
        out += &format!(
            "\n{}{negated} = {} [{start}..{end}] `{}` {:.2}",
            one.entity,
            one.value.to_json(),
            one.text,
            one.confidence.0
        );
    }
    out
}

fn check(locale: &str, text: &str, expect: Expect) {
    expect.assert_eq(&read(locale, text, None));
}

#[test]
fn values_are_found_by_their_phrases() {
    check(
        "en",
        "I lost my Debit-Card and my mastrecard",
        expect![[r#"
        7 words
        card_type = "debit" [3..4] `Debit-Card` 1.00
        card_type = "credit" [6..7] `mastrecard` 0.90"#]],
    );
    check(
        "en",
        "my plastic is gone",
        expect![[r#"
        4 words
        card_type = "debit" [0..2] `my plastic` 1.00"#]],
    );
    check(
        "de",
        "Meine EC Karte ist weg, die Girokarte",
        expect![[r#"
        7 words
        card_type = "debit" [1..3] `EC Karte` 1.00
        card_type = "debit" [6..7] `Girokarte` 1.00"#]],
    );
}

#[test]
fn what_is_negated_is_marked() {
    check(
        "en",
        "not the credit card, the debit card",
        expect![[r#"
        7 words
        card_type not = "credit" [2..4] `credit card` 1.00
        card_type = "debit" [5..7] `debit card` 1.00"#]],
    );
    check(
        "de",
        "nicht die Kreditkarte",
        expect![[r#"
        3 words
        card_type not = "credit" [2..3] `Kreditkarte` 1.00"#]],
    );
}

#[test]
fn roles_are_read_from_the_words_before() {
    check(
        "en",
        "from Rome to Paris",
        expect![[r#"
        4 words
        city = "ROM" [1..2] `Rome` 1.00
        origin = "ROM" [1..2] `Rome` 1.00
        city = "PAR" [3..4] `Paris` 1.00
        destination = "PAR" [3..4] `Paris` 1.00"#]],
    );
    check(
        "de",
        "von Rom nach Paris",
        expect![[r#"
        4 words
        city = "ROM" [1..2] `Rom` 1.00
        origin = "ROM" [1..2] `Rom` 1.00
        city = "PAR" [3..4] `Paris` 1.00
        destination = "PAR" [3..4] `Paris` 1.00"#]],
    );
}

#[test]
fn a_number_within_something_longer_is_not_said_twice() {
    check(
        "en",
        "transfer 5 euros tomorrow at nine to DE89 3704 0044 0532 0130 00",
        expect![[r#"
            13 words
            money = {"amount":5.0,"currency":"EUR"} [1..3] `5 euros` 1.00
            datetime = "2026-03-05T08:00:00Z" [3..6] `tomorrow at nine` 1.00
            date = "2026-03-05" [3..4] `tomorrow` 1.00
            time = "09:00" [4..6] `at nine` 1.00
            iban = "DE89370400440532013000" [7..13] `DE89 3704 0044 0532 0130 00` 1.00
            last4 = "3704" [8..9] `3704` 1.00
            last4 = "0044" [9..10] `0044` 1.00
            last4 = "0532" [10..11] `0532` 1.00
            last4 = "0130" [11..12] `0130` 1.00"#]],
    );
    check(
        "en",
        "card 4711, twenty-one days, 2 hours",
        expect![[r#"
        6 words
        last4 = "4711" [1..2] `4711` 1.00
        number = 4711 [1..2] `4711` 1.00
        duration = "PT504H" [2..4] `twenty-one days` 1.00
        duration = "PT2H" [4..6] `2 hours` 1.00"#]],
    );
}

#[test]
fn a_bare_number_is_what_was_asked_for() {
    expect![[r#"
        1 words
        time = "09:00" [0..1] `9` 1.00"#]]
    .assert_eq(&read("en", "9", Some((ValueType::Time, "time"))));
    expect![[r#"
        2 words
        phone = "4711222" [0..2] `4711 222` 1.00
        last4 = "4711" [0..1] `4711` 1.00"#]]
    .assert_eq(&read("en", "4711 222", Some((ValueType::Phone, "phone"))));
}

#[test]
fn roles_days_and_numbers_stand_beside_each_other() {
    check(
        "en",
        "from Rome to Paris on Friday at half past three for two people",
        expect![[r#"
        13 words
        city = "ROM" [1..2] `Rome` 1.00
        origin = "ROM" [1..2] `Rome` 1.00
        city = "PAR" [3..4] `Paris` 1.00
        destination = "PAR" [3..4] `Paris` 1.00
        datetime = "2026-03-06T02:30:00Z" [5..10] `Friday at half past three` 1.00
        date = "2026-03-06" [5..6] `Friday` 1.00
        time = "03:30" [6..10] `at half past three` 1.00
        number = 2 [11..12] `two` 1.00"#]],
    );
    check(
        "de",
        "von Rom nach Paris am Freitag um halb vier für zwei Personen, heute in 14 Tagen zurück",
        expect![[r#"
        17 words
        city = "ROM" [1..2] `Rom` 1.00
        origin = "ROM" [1..2] `Rom` 1.00
        city = "PAR" [3..4] `Paris` 1.00
        destination = "PAR" [3..4] `Paris` 1.00
        datetime = "2026-03-06T02:30:00Z" [5..9] `Freitag um halb vier` 1.00
        date = "2026-03-06" [5..6] `Freitag` 1.00
        time = "03:30" [6..9] `um halb vier` 1.00
        number = 2 [10..11] `zwei` 1.00
        date = "2026-03-18" [12..16] `heute in 14 Tagen` 1.00"#]],
    );
}

#[test]
fn amounts_are_read_in_every_notation() {
    check(
        "en",
        "€1,234.56 or USD 40, 5 quid, forty euros, £12k",
        expect![[r#"
        9 words
        money = {"amount":1234.56,"currency":"EUR"} [0..1] `€1,234.56` 1.00
        money = {"amount":40.0,"currency":"USD"} [2..4] `USD 40` 1.00
        money = {"amount":5.0,"currency":"GBP"} [4..6] `5 quid` 1.00
        money = {"amount":40.0,"currency":"EUR"} [6..8] `forty euros` 1.00
        money = {"amount":12000.0,"currency":"GBP"} [8..9] `£12k` 1.00"#]],
    );
    check(
        "de",
        "1.234,56 € oder EUR 40, 12.000 Euro, vierzig Euro",
        expect![[r#"
        9 words
        money = {"amount":1234.56,"currency":"EUR"} [0..2] `1.234,56 €` 1.00
        money = {"amount":40.0,"currency":"EUR"} [3..5] `EUR 40` 1.00
        money = {"amount":12000.0,"currency":"EUR"} [5..7] `12.000 Euro` 1.00
        money = {"amount":40.0,"currency":"EUR"} [7..9] `vierzig Euro` 1.00"#]],
    );
}

#[test]
fn one_counts_where_a_number_is_asked() {
    expect![[r#"
        3 words
        number = 1 [2..3] `one` 1.00"#]]
    .assert_eq(&read(
        "en",
        "just the one",
        Some((ValueType::Int, "number")),
    ));
    expect!["3 words"].assert_eq(&read("en", "just the one", None));
    expect![[r#"
        2 words
        number = 1 [0..1] `eine` 1.00"#]]
    .assert_eq(&read("de", "eine bitte", Some((ValueType::Int, "number"))));
}

#[test]
fn odd_texts_are_read_quickly_and_without_a_panic() {
    for text in [
        "",
        " ",
        "👍👍",
        "\u{202e}abc\u{0}",
        "…",
        "1e400 -- 99999999999999999999999999999999",
    ] {
        read("en", text, None);
        read("de", text, None);
        read("xx", text, None);
    }
    read("en", &"5 euros tomorrow ".repeat(6_000), None);
}
