//! A small bot's model: what it understands, that it is always the same, how it is kept, and what bad input does to it.

use dialog::{Bands, Choice, ChoiceId, Entry, Expected, Locale, Several, Understanding};
use jiff::Zoned;
use understand::{Example, IntentExamples, Model, ModelError, Reading, TrainingData};

fn intent(name: &str, locale: &str, examples: &[&str]) -> IntentExamples {
    IntentExamples {
        intent: name.to_owned(),
        locale: locale.into(),
        examples: examples.iter().map(|text| Example::from(*text)).collect(),
    }
}

fn data() -> TrainingData {
    let lost = [
        "I lost my card",
        "my card is gone",
        "my card was stolen",
        "someone took my credit card",
        "I can't find my card",
        "card lost",
        "please block my stolen card",
        "my wallet with the card is missing",
    ];
    let lost_de = [
        "ich habe meine Karte verloren",
        "meine Karte ist weg",
        "meine Karte wurde gestohlen",
        "Karte sperren, sie wurde geklaut",
        "ich finde meine Karte nicht mehr",
    ];
    let rate = [
        "what is the exchange rate",
        "how many dollars do I get for a euro",
        "exchange rate for pounds",
        "current rate euro dollar",
        "which rate do you use for currencies",
    ];
    let hours = [
        "when are you open",
        "what are your opening hours",
        "are you open on sunday",
        "until when can I call you",
        "opening times",
    ];
    TrainingData {
        locales: vec!["en".into(), "de".into()],
        intents: vec![
            intent("lost_card", "en", &lost),
            intent("lost_card", "de", &lost_de),
            intent("exchange_rate", "en", &rate),
            intent("opening_hours", "en", &hours),
        ],
        entities: Vec::new(),
    }
    .with_built_in()
}

fn train() -> Model {
    Model::train(&data(), &mut |_| ())
}

fn understand(model: &Model, text: &str) -> Understanding {
    understand_expecting(model, text, &Expected::default())
}

fn understand_expecting(model: &Model, text: &str, expected: &Expected) -> Understanding {
    let locale = Locale::from("en");
    let now: Zoned = "2026-03-02T09:00:00+01:00[Europe/Berlin]"
        .parse()
        .expect("a moment");
    let bands = Bands {
        accept: 0.75,
        confirm: 0.4,
        several: Several::InTurn,
    };
    model.understand(
        text,
        &Reading {
            locale: &locale,
            now,
            expected,
            bands,
        },
    )
}

fn best(model: &Model, text: &str) -> String {
    model
        .classify(text)
        .intents
        .first()
        .map(|best| best.intent.clone())
        .unwrap_or_default()
}

#[test]
fn the_bots_and_the_built_in_intents_are_told_apart() {
    let model = train();
    let expected = [
        ("somebody stole my card!", "lost_card"),
        ("Meine Karte ist verschwunden, bitte sperren", "lost_card"),
        ("what rate do I get for dollars", "exchange_rate"),
        ("Are you open on Saturday?", "opening_hours"),
        ("yes", "affirm"),
        ("Yes please!", "affirm"),
        ("no thanks", "deny"),
        ("Nein, danke.", "deny"),
        ("ja", "affirm"),
        ("stop", "cancel"),
        ("I want to speak to a real person", "talk_to_person"),
        (
            "kann ich bitte mit einem Mitarbeiter reden",
            "talk_to_person",
        ),
        ("can you repeat that?", "repeat"),
        ("das war's, danke", "done"),
    ];
    for (text, intent) in expected {
        assert_eq!(
            best(&model, text),
            intent,
            "{text}: {:?}",
            model.classify(text).intents
        );
    }
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(train().to_bytes(), train().to_bytes());
}

#[test]
fn a_kept_model_understands_as_before() {
    let model = train();
    let kept = Model::from_bytes(&model.to_bytes()).expect("it was just written");
    assert_eq!(kept.hash(), data().content_hash());
    for text in ["I lost my card", "open on sunday?", "xyzzy"] {
        assert_eq!(understand(&kept, text), understand(&model, text));
    }
}

#[test]
fn bytes_that_are_no_model_are_refused_by_name() {
    let bytes = train().to_bytes();
    assert_eq!(
        Model::from_bytes(b"PK\x03\x04 something else").err(),
        Some(ModelError::Foreign)
    );
    assert_eq!(Model::from_bytes(&[]).err(), Some(ModelError::Foreign));
    for length in [8, 12, 100, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(
            Model::from_bytes(&bytes[..length]).err(),
            Some(ModelError::Damaged),
            "{length}"
        );
    }
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert_eq!(Model::from_bytes(&changed).err(), Some(ModelError::Damaged));
    let mut newer = bytes;
    newer[8] = 99;
    assert_eq!(
        Model::from_bytes(&newer).err(),
        Some(ModelError::Version { found: 99 })
    );
}

#[test]
fn foreign_messages_score_lower_than_the_bots_own() {
    let model = train();
    let own = model.classify("I have lost my card").in_scope;
    let foreign = model.classify("how tall was napoleon bonaparte").in_scope;
    assert!(
        own.0 > 0.9 && foreign.0 < own.0 - 0.3,
        "own {own:?}, foreign {foreign:?}"
    );
}

#[test]
fn a_model_without_intents_answers_too() {
    let model = Model::train(&TrainingData::default(), &mut |_| ());
    assert_eq!(understand(&model, "hello").intents, []);
    let one = TrainingData {
        intents: vec![intent("only", "en", &["the only one"])],
        ..TrainingData::default()
    };
    assert_eq!(
        best(&Model::train(&one, &mut |_| ()), "the only one"),
        "only"
    );
}

#[test]
fn any_text_gets_an_answer() {
    let model = train();
    let long = "card ".repeat(20_000);
    let word = "x".repeat(100_000);
    let commas = ", and ".repeat(15_000);
    let texts = [
        "",
        " ",
        "\n\t",
        "🙂🙂🙂",
        "👍",
        "12345",
        "\u{0}\u{1}\u{7f}",
        "\u{202e}drac ym tsol\u{202c}",
        "\u{feff}yes",
        "ﷺ",
        "e\u{301}\u{301}\u{301}",
        "?!.,;",
        "日本語のテキスト",
        "مرحبا",
        &long,
        &word,
        &commas,
    ];
    for text in texts {
        let understood = understand(&model, text);
        assert!(
            understood
                .intents
                .iter()
                .all(|of| (0.0..=1.0).contains(&of.confidence.0)),
            "{text:.20}"
        );
        assert!((0.0..=1.0).contains(&understood.in_scope.0));
    }
    assert_eq!(understand(&model, "").words, 0);
}

#[test]
fn two_wishes_are_parts_in_the_order_of_the_text() {
    let model = train();
    let text = "I lost my card, and what is the exchange rate for dollars?";
    let understood = understand(&model, text);
    let parts: Vec<_> = understood
        .parts
        .iter()
        .map(|part| {
            (
                part.intents[0].intent.as_str(),
                part.words.start,
                part.words.end,
            )
        })
        .collect();
    assert_eq!(parts, [("lost_card", 0, 4), ("exchange_rate", 5, 12)]);
    for single in [
        "I lost my card and I don't know why",
        "I lost my card, my card is gone",
        "card lost",
        "",
    ] {
        assert_eq!(understand(&model, single).parts, [], "{single}");
    }
}

#[test]
fn an_answer_before_a_wish_is_a_part() {
    let model = train();
    let understood = understand(&model, "no thanks, when are you open?");
    let intents: Vec<_> = understood
        .parts
        .iter()
        .map(|part| part.intents[0].intent.as_str())
        .collect();
    assert_eq!(intents, ["deny", "opening_hours"]);
}

#[test]
fn negation_correction_and_the_named_choice_are_told() {
    let model = train();
    let choice = |key: &str, label: &str| Choice {
        id: ChoiceId {
            entry: Entry(3),
            key: key.to_owned(),
        },
        label: label.to_owned(),
    };
    let expected = Expected {
        choices: vec![
            choice("debit", "Debit card"),
            choice("credit", "Credit card"),
        ],
        ..Expected::default()
    };
    let read = |text: &str| understand_expecting(&model, text, &expected);
    assert_eq!(read("the second one").choices, ["credit"]);
    assert_eq!(read("debit card please").choices, ["debit"]);
    assert_eq!(read("both").choices, ["debit", "credit"]);
    assert_eq!(read("what is a debit card?").choices, Vec::<String>::new());
    assert!(read("no, not the debit card").negation);
    assert!(read("I meant the debit card").correction);
    assert!(!read("the debit card").correction);
}
