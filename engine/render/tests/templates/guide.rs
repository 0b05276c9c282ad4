//! The author's guide is true: every example in `docs/templates.md` says what stands behind its arrow.

use std::collections::BTreeMap;

use dialog::Locale;
use render::{Format, Labels, TemplateSource, Templates};

use crate::common::{render_as, response};

const GUIDE: &str = include_str!("../../../../docs/templates.md");

/// The texts of the guide's blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    GUIDE
        .split(&fence)
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .collect()
}

/// As the guide gives them, under "The examples have these labels".
fn labels() -> BTreeMap<Locale, Labels> {
    let group = |pairs: [(&str, &str); 2]| {
        pairs
            .map(|(value, text)| (value.to_owned(), text.to_owned()))
            .into()
    };
    let groups = BTreeMap::from([
        (
            "card_type".to_owned(),
            group([("debit", "debit card"), ("credit", "credit card")]),
        ),
        (
            "status".to_owned(),
            group([("active", "in use"), ("blocked", "blocked")]),
        ),
    ]);
    BTreeMap::from([(
        "en".into(),
        Labels {
            groups,
            choices: BTreeMap::new(),
        },
    )])
}

#[test]
fn every_example_says_what_the_guide_shows() {
    let values = blocks("json")[0];
    let examples: Vec<(&str, &str)> = blocks("handlebars")
        .iter()
        .flat_map(|block| block.lines())
        .filter_map(|line| line.split_once(" → "))
        .collect();
    assert!(examples.len() > 25, "the guide's examples are found");
    for (template, expected) in examples {
        let source = TemplateSource::texts("t", "en", &[template]);
        let templates = Templates::compile(&[source], &labels(), &["en".into()])
            .unwrap_or_else(|problems| panic!("{template}: {problems:?}"));
        let message = render_as(&templates, &response("t", "en", values), Format::Plain)
            .unwrap_or_else(|error| panic!("{template}: {error}"));
        assert_eq!(
            message.text.replace('\u{202f}', " "),
            expected,
            "{template}"
        );
    }
}
