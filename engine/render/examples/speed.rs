//! How long a message takes: `cargo run --release -p render --example speed`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use dialog::{Locale, Response, Value};
use jiff::tz::TimeZone;
use render::{Format, Labels, Target, TemplateSource, Templates};

const TEMPLATES: [(&str, &str); 4] = [
    ("words", "Which card is it?"),
    (
        "variables",
        "I will block your {{label slots.card_type}} card ending in {{slots.last4}}. Shall I?",
    ),
    (
        "helpers",
        "{{plural slots.n one='day' other='days'}}, {{money slots.price}}, until {{date slots.day}}, {{number slots.n}}",
    ),
    (
        "loop",
        "{{#each slots.cards}}{{#if (eq status 'active')}}{{label}}, {{label status}}\n{{/if}}{{/each}}",
    ),
];

const VALUES: &str = r#"{"slots": {
    "card_type": "debit", "last4": "••11", "n": 1500, "day": "2026-03-02", "price": {"amount": 12.5, "currency": "EUR"},
    "cards": [
        {"label": "Visa", "status": "active"}, {"label": "Girokarte", "status": "blocked"},
        {"label": "Mastercard", "status": "active"}, {"label": "Prepaid", "status": "active"}
    ]
}}"#;

const ROUNDS: u32 = 200_000;

fn main() {
    let templates = compiled();
    for (name, _) in TEMPLATES {
        let response = response(name);
        let target = Target {
            channel: "widget",
            format: Format::Markdown,
            tz: &TimeZone::UTC,
        };
        let took = seconds(ROUNDS, || {
            drop(black_box(
                templates
                    .render(black_box(&response), &target)
                    .expect("all is set"),
            ))
        });
        println!("render {name:10} {:6.2} µs", took * 1e6 / f64::from(ROUNDS));
    }
    let sources: Vec<TemplateSource> = (0..250)
        .flat_map(|index| {
            TEMPLATES
                .map(|(name, text)| TemplateSource::texts(&format!("{name}{index}"), "en", &[text]))
        })
        .collect();
    let took = seconds(1, || {
        drop(black_box(Templates::compile(
            &sources,
            &labels(),
            &["en".into()],
        )))
    });
    println!("compile 1,000 templates {:6.1} ms", took * 1e3);
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn seconds(rounds: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..rounds {
        work();
    }
    start.elapsed().as_secs_f64()
}

fn compiled() -> Templates {
    let sources = TEMPLATES.map(|(name, text)| TemplateSource::texts(name, "en", &[text]));
    Templates::compile(&sources, &labels(), &["en".into()]).expect("they are correct")
}

fn labels() -> BTreeMap<Locale, Labels> {
    let group = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(value, text)| ((*value).to_owned(), (*text).to_owned()))
            .collect()
    };
    let groups = BTreeMap::from([
        ("card_type".to_owned(), group(&[("debit", "debit")])),
        (
            "status".to_owned(),
            group(&[("active", "in use"), ("blocked", "blocked")]),
        ),
    ]);
    BTreeMap::from([(
        "en".into(),
        Labels {
            groups,
            ..Labels::default()
        },
    )])
}

fn response(template: &str) -> Response {
    let values = serde_json::from_str(VALUES).expect("JSON");
    let Some(Value::Map(values)) = Value::from_json(&values) else {
        unreachable!("it is a map")
    };
    Response {
        template: template.to_owned(),
        locale: "en".into(),
        variant: 0,
        values,
        choices: Vec::new(),
        pause: None,
    }
}
