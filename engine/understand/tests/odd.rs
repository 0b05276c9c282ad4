//! Whatever is written is read in bounded time, without a panic, and what is found lies in the text.

use std::time::{Duration, Instant};

use dialog::{Bands, Expected, Locale, Several, Understanding};
use proptest::prelude::*;
use understand::{Annotation, Example, IntentExamples, Model, Reading, TrainingData};

/// No message takes longer, whatever its length: a page is read, and what is behind it costs nothing.
const BOUND: Duration = Duration::from_millis(50);
/// The best of so many tries counts: other programs run on the machine, too.
const TRIES: usize = 10;

fn model() -> Model {
    let intent = |name: &str, locale: &str, lines: &[&str]| IntentExamples {
        intent: name.to_owned(),
        locale: locale.into(),
        examples: lines.iter().map(|line| Example::from(*line)).collect(),
    };
    let marked = IntentExamples {
        intent: "moved".to_owned(),
        locale: "en".into(),
        examples: vec![Example {
            text: "I moved to Baker Street".to_owned(),
            annotations: vec![Annotation {
                start: 11,
                end: 23,
                entity: "street".to_owned(),
                value: None,
            }],
        }],
    };
    let street = understand::EntityDefinition {
        name: "street".to_owned(),
        kind: understand::EntityKind::Learned,
        fuzzy: 0,
    };
    let data = TrainingData {
        locales: vec!["en".into(), "de".into()],
        intents: vec![
            intent(
                "lost",
                "en",
                &["I lost my card", "my card is gone", "card stolen"],
            ),
            intent(
                "lost",
                "de",
                &["Karte weg", "meine Karte ist weg", "Karte verloren"],
            ),
            intent(
                "hours",
                "en",
                &["when are you open", "opening hours", "open today"],
            ),
            marked,
        ],
        entities: vec![street],
    };
    Model::train(&data.with_built_in(), &mut |_| ())
}

fn read(model: &Model, locale: &str, text: &str) -> Understanding {
    let locale = Locale::from(locale);
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
    let understood = model.understand(text, &reading);
    check(text, &understood);
    understood
}

/// What must hold of every message.
#[track_caller]
fn check(text: &str, understood: &Understanding) {
    let sure = |confidence: f32| (0.0..=1.0).contains(&confidence);
    assert!(sure(understood.in_scope.0));
    assert!(understood.intents.iter().all(|one| sure(one.confidence.0)));
    for entity in &understood.entities {
        assert!(sure(entity.confidence.0));
        assert!(entity.words.start < entity.words.end, "{entity:?}");
        assert!(entity.words.end <= understood.words, "{entity:?}");
        assert!(text.contains(&entity.text), "{entity:?}");
    }
    for part in &understood.parts {
        assert!(part.words.start < part.words.end && part.words.end <= understood.words);
    }
}

/// Texts that nobody should write, each long.
fn odd() -> Vec<(&'static str, String)> {
    let long = |piece: &str| piece.repeat(100_000 / piece.len() + 1);
    vec![
        ("nothing", String::new()),
        ("white space", long(" \t\n\u{3000}")),
        ("emoji", long("👍🏽👨‍👩‍👧")),
        ("digits", long("7")),
        ("numbers", long("12,345.67 ")),
        ("control characters", long("\u{0}\u{1}\u{7f}a")),
        ("direction marks", long("\u{202e}abc\u{2066}")),
        ("zero width", long("c\u{200b}a\u{200d}r\u{feff}d ")),
        (
            "combining marks",
            long("e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}"),
        ),
        ("one letter, many marks", format!("a{}", long("\u{301}"))),
        ("Chinese", long("我的卡在哪里")),
        ("Arabic", long("أين بطاقتي ")),
        ("punctuation", "?!.,;:-()[]{}\"'/\\".repeat(600)),
        ("one long word", long("a")),
        ("hundreds", long("hundert")),
        ("dashes and digits", long("1-")),
        ("slashes", long("1/2/")),
        ("letters and digits", long("a1")),
        ("e-mail signs", long("a@b.")),
        ("plus signs", long("+1 ")),
        ("wishes", long("my card is gone and ")),
        ("days", long("tomorrow at nine ")),
        ("amounts", long("5 euros 50 ")),
        ("ands", long("two hundred and ")),
        ("IBAN", long("DE89 3704 0044 0532 0130 00 ")),
        ("foreign bytes read as text", long("Ã¤Ã¶\u{fffd}")),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a bound on time needs a clock")]
fn a_hundred_kilobytes_of_anything_take_no_longer_than_the_bound() {
    let model = model();
    for (what, text) in odd() {
        for locale in ["en", "de", "xx"] {
            let mut least = Duration::MAX;
            for _ in 0..TRIES {
                let start = Instant::now();
                read(&model, locale, &text);
                model.language(&text);
                least = least.min(start.elapsed());
                if least <= BOUND {
                    break;
                }
            }
            assert!(least <= BOUND, "{what} in {locale}: {least:?}");
        }
    }
}

#[test]
fn what_cannot_be_seen_changes_nothing() {
    let model = model();
    let plain = read(&model, "en", "I lost my card");
    for text in [
        "I lo\u{200b}st my ca\u{ad}rd",
        "\u{202e}I lost my card\u{202c}",
        "\u{feff}I lost my card",
    ] {
        assert_eq!(read(&model, "en", text).intents, plain.intents, "{text:?}");
    }
}

/// Pieces that readers look for, between anything.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "tomorrow",
        "half past",
        "nine",
        "€",
        "5",
        "1.234,56",
        "2026-03-04",
        "31.2.",
        "DE89",
        "in",
        "two",
        "weeks",
        "ago",
        "not",
        "and",
        "first",
        "@",
        ".com",
        "+49",
        "-",
        "/",
        "übermorgen",
        "halb",
        "vor",
        "Uhr",
        "einhalb",
        "\u{301}",
        "\u{200d}",
        "👍",
        "\u{202e}",
        "ß",
        "İ",
        "ﬁ",
    ]);
    let piece = prop_oneof![3 => pieces.prop_map(str::to_owned), 1 => any::<String>()];
    let gap = prop::sample::select(vec!["", " ", ", ", "\n", "\u{a0}"]);
    prop::collection::vec((piece, gap), 0..30)
        .prop_map(|all| all.into_iter().map(|(piece, gap)| piece + gap).collect())
}

proptest! {
    #[test]
    fn any_text_is_read_alike_twice_and_what_is_found_lies_in_it(text in texts(), german in any::<bool>()) {
        thread_local!(static MODEL: Model = model());
        let locale = if german { "de" } else { "en" };
        MODEL.with(|model| {
            prop_assert_eq!(read(model, locale, &text), read(model, locale, &text));
            Ok(())
        })?;
    }
}
