//! What holds for every template and every value.

use std::collections::BTreeMap;

use dialog::Value;
use handlebars::Handlebars;
use proptest::prelude::*;
use render::{Format, TAGS_MAX, TEMPLATE_BYTES_MAX, TemplateSource};

use crate::common::{compile, problems, render_as, response, templates};

/// Pieces that templates are made of, well-formed and not.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{"),
        Just("}}"),
        Just("{{{"),
        Just("}}}"),
        Just("{{#if x}}"),
        Just("{{else}}"),
        Just("{{else if y}}"),
        Just("{{/if}}"),
        Just("{{#each l}}"),
        Just("{{/each}}"),
        Just("{{#with m as |a|}}"),
        Just("{{/with}}"),
        Just("{{~"),
        Just("~}}"),
        Just("\\"),
        Just("\\{{"),
        Just("{{!"),
        Just("--"),
        Just("--}}"),
        Just("(eq "),
        Just("("),
        Just(")"),
        Just("'"),
        Just("\""),
        Just("["),
        Just("]"),
        Just("{{> t}}"),
        Just("{{>"),
        Just("x.y"),
        Just("../"),
        Just("@index"),
        Just("this"),
        Just("="),
        Just("|"),
        Just(" "),
        Just("\n"),
        Just("ä"),
        Just("{{label x 'g'}}"),
        Just("{{plural n other='#'}}"),
        Just("{{^}}"),
        Just("{{&x}}"),
        Just("{{*"),
        Just("{{#>"),
        Just("{{{{"),
        Just("5"),
        Just("-1.5e3"),
        Just("null"),
        Just("\\'"),
        Just("as |"),
        Just("{{date x style='full'}}"),
        Just("&"),
        Just("#"),
        Just("^"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        prop::num::f64::NORMAL.prop_map(Value::Number),
        "[a-z<*_&\"'\\n ]{0,8}|[0-9]{1,30}|2026-0[0-9]-[0-9]{2}|[0-9]{2}:[0-9]{2}"
            .prop_map(Value::Text),
        (-377_705_023_201_i64..253_402_207_200).prop_map(|second| Value::Time(
            jiff::Timestamp::from_second(second).expect("in range")
        )),
        any::<i64>().prop_map(|seconds| Value::Duration(jiff::SignedDuration::from_secs(seconds))),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            proptest::collection::btree_map("[a-c]|amount|currency|label", inner, 0..4)
                .prop_map(Value::Map),
        ]
    })
}

const EVERY_HELPER: &str = "{{#if x}}{{plural x one='#' other='many #'}}{{/if}}{{#if y}}{{date y}}{{/if}}{{#if z}}{{money z}}{{/if}}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_compiler_panic(text in pieces()) {
        let _ = compile(&[TemplateSource::texts("t", "en", &[&text])]);
    }

    #[test]
    fn no_value_makes_rendering_panic(x in any_value(), y in any_value(), helper in 0_usize..14) {
        let text = [
            EVERY_HELPER, "{{x}}", "{{number x digits=2}}", "{{money x}}", "{{money x y}}", "{{date x}}", "{{time x style='full'}}",
            "{{datetime x style='full'}}", "{{list x kind='or'}}", "{{list x field='a'}}", "{{label x 'status'}}", "{{lookup x y}}",
            "{{#each x}}{{@key}}{{this}}{{a}}{{/each}}", "{{#with x}}{{a}}{{else}}-{{/with}}{{eq x y}}",
        ][helper];
        let templates = templates(&[TemplateSource::texts("t", "en", &[text])]);
        let values = BTreeMap::from([("x".to_owned(), x), ("y".to_owned(), y)]);
        let response = dialog::Response { values, ..response("t", "en", "{}") };
        let _ = render_as(&templates, &response, Format::Markdown);
    }

    #[test]
    fn html_values_contain_no_markup(value in "\\PC{0,40}") {
        let said = said(&value, Format::Html);
        prop_assert!(!said.contains(['<', '>', '"', '\'']));
        let back = said.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
        prop_assert_eq!(back, value.trim());
    }

    /// A parser that we did not write reads an escaped value as nothing but its text.
    #[test]
    fn markdown_values_contain_no_markup(value in "[a-z0-9 .)(*_`#+=~|<>&!\\[\\]\\\\\n;:/-]{0,40}") {
        use pulldown_cmark::{Event, Options, Parser, Tag};
        let said = format!("x {}", said(&value, Format::Markdown));
        let mut read = String::new();
        for event in Parser::new_ext(&said, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES) {
            match event {
                Event::Text(text) => read.push_str(&text),
                Event::SoftBreak | Event::HardBreak => read.push(' '),
                Event::Start(Tag::Paragraph) | Event::End(_) => read.push(' '),
                other => prop_assert!(false, "{other:?} in {said:?}"),
            }
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&read), words(&format!("x {}", value.trim())), "{:?}", said);
    }
}

fn said(value: &str, format: Format) -> String {
    let templates = templates(&[TemplateSource::texts("t", "en", &["{{x}}"])]);
    let values = BTreeMap::from([("x".to_owned(), Value::from(value))]);
    render_as(
        &templates,
        &dialog::Response {
            values,
            ..response("t", "en", "{}")
        },
        format,
    )
    .expect("a text is always said")
    .text
}

/// Templates of the part of Handlebars that both it and we have, over values that are all set.
fn common_template() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z .\n]{0,6}",
        Just("{{s.a}}".to_owned()),
        Just("{{ s.b }}".to_owned()),
        Just("{{@root.s.n}}".to_owned()),
        Just("{{lookup @root.l 1}}".to_owned()),
        Just("{{@root.l.[0]}}".to_owned()),
        Just("{{!-- no }} word --}}".to_owned()),
        Just(r"\{{x}}".to_owned()),
    ]
    .prop_map(|leaf| {
        leaf.replace("{{s.", "{{@root.s.")
            .replace("{{ s.", "{{~ @root.s.")
    });
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = proptest::collection::vec(inner, 1..4).prop_map(|parts| parts.concat());
        prop_oneof![
            several.clone(),
            (several.clone(), several.clone()).prop_map(|(then, otherwise)| format!("{{{{#if @root.s.yes}}}}{then}{{{{else}}}}{otherwise}{{{{/if}}}}")),
            (several.clone(), several.clone()).prop_map(|(then, otherwise)| format!("{{{{#if @root.s.no}}}}{then}{{{{else if @root.s.n}}}}{otherwise}{{{{/if}}}}")),
            several.clone().prop_map(|part| format!("{{{{#unless @root.s.no ~}}}}\n{part}\n{{{{~/unless}}}}")),
            several.clone().prop_map(|part| format!("{{{{#each @root.l}}}}{{{{@index}}}}{{{{this}}}}{{{{#if @last}}}}.{{{{/if}}}}{part}{{{{/each}}}}")),
            several.clone().prop_map(|part| format!("{{{{#each @root.l as |item i|}}}}\n{{{{i}}}}{{{{item}}}}\n{part}{{{{/each}}}}")),
            several.prop_map(|part| format!("{{{{#with @root.s}}}}{{{{a}}}}{part}{{{{/with}}}}")),
        ]
    })
}

const VALUES: &str =
    r#"{"s": {"a": "A", "b": "<b>", "n": 3, "yes": true, "no": false}, "l": ["p", "q", "r"]}"#;

proptest! {
    /// The judge is the crate whose parser we use, with its own renderer.
    #[test]
    fn we_say_what_handlebars_says(template in common_template()) {
        let mut judge = Handlebars::new();
        judge.register_escape_fn(handlebars::no_escape);
        let values: serde_json::Value = serde_json::from_str(VALUES).expect("JSON");
        let expected = judge.render_template(&template, &values).expect("a template of the common part");
        let templates = templates(&[TemplateSource::texts("t", "en", &[&template])]);
        let message = render_as(&templates, &response("t", "en", VALUES), Format::Plain).expect("all is set");
        prop_assert_eq!(message.text, expected.trim());
    }
}

#[test]
fn hostile_templates_end_in_a_problem() {
    let deep = |open: &str, close: &str, count: usize| {
        format!("{}{}", open.repeat(count), close.repeat(count))
    };
    for hostile in [
        format!("{{{{x {}}}}}", deep("(", ")", 5_000)),
        format!("{{{{x {}}}}}", deep("(eq 1 ", ")", 5_000)),
        format!("{{{{x {}}}}}", deep("[", "]", 5_000)),
        format!("{{{{x {}", "(eq ".repeat(10_000)),
        deep("{{#if x}}", "{{/if}}", 3_000),
        "{{#if x}}".repeat(5_000),
        format!("{{{{#if x}}}}{}{{{{/if}}}}", "{{else if y}}".repeat(4_000)),
        "{{/if}}".repeat(5_000),
        "{".repeat(60_000),
        "}".repeat(30_000) + "{{",
        "{{!--".repeat(10_000),
        "{{x \"".repeat(10_000),
        "\\".repeat(60_000),
        "{{x}}\n".repeat(TAGS_MAX + 1),
        "x".repeat(TEMPLATE_BYTES_MAX + 1),
        format!("{{{{{}}}}}", "a.".repeat(20_000)),
    ] {
        let found = problems(&hostile);
        assert!(!found.is_empty(), "{}…", &hostile[..40]);
    }
    // Long but harmless ones compile.
    for harmless in [
        "{{x}}".repeat(TAGS_MAX),
        "{{#if x}}y{{/if}}".repeat(TAGS_MAX / 2),
        "}".repeat(60_000),
        r"\{{".repeat(10_000),
    ] {
        assert_eq!(problems(&harmless), Vec::<String>::new());
    }
}
