//! Which variables a template reads is known before it is said.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use render::{AttachmentForm, Form, TemplateSource};

use crate::common::{form, templates};

/// `path | other meanings  (guarded)  line:column`, a line each.
fn shown(sources: &[TemplateSource], name: &str) -> String {
    let one = |read: render::ReadVariable| {
        let meanings: Vec<String> = [read.path]
            .into_iter()
            .chain(read.otherwise)
            .map(|path| path.join("."))
            .collect();
        let guarded = if read.guarded { " guarded" } else { "" };
        format!(
            "{}:{} {}{guarded}\n",
            read.place.line,
            read.place.column,
            meanings.join(" | ")
        )
    };
    templates(sources)
        .reads(name)
        .into_iter()
        .map(one)
        .collect()
}

fn reads(text: &str, expected: Expect) {
    expected.assert_eq(&shown(&[TemplateSource::texts("t", "en", &[text])], "t"));
}

#[test]
fn variables_have_paths_and_places() {
    reads(
        "Hi {{slots.name}},\nyour {{label  slots.card.type}} costs {{money slots.price 'EUR'}}.",
        expect![[r#"
            1:6 slots.name
            2:15 slots.card.type
            2:47 slots.price
        "#]],
    );
    reads(
        "{{#if (eq slots.a 'x')}}{{plural result.n other='days'}}{{/if}}{{slots.ab}} {{slots.b}}",
        expect![[r#"
            1:11 slots.a guarded
            1:34 result.n
            1:66 slots.ab
            1:79 slots.b
        "#]],
    );
}

#[test]
fn what_a_condition_asks_for_may_be_unset() {
    reads(
        "{{#if slots.a}}{{slots.a}} {{slots.a.b}}{{else}}{{slots.a}}{{/if}}",
        expect![[r#"
            1:7 slots.a guarded
            1:18 slots.a guarded
            1:30 slots.a.b guarded
            1:51 slots.a
        "#]],
    );
    reads(
        "{{#unless slots.a}}{{slots.a}}{{else}}{{slots.a}}{{/unless}}",
        expect![[r#"
            1:11 slots.a guarded
            1:41 slots.a guarded
            1:22 slots.a
        "#]],
    );
    reads(
        "{{#if slots.a.b}}{{slots.a.c}} {{slots.a}}{{else if (eq slots.d 1)}}{{slots.d}}{{/if}}{{slots.d}}",
        expect![[r#"
            1:7 slots.a.b guarded
            1:20 slots.a.c
            1:34 slots.a guarded
            1:57 slots.d guarded
            1:71 slots.d guarded
            1:89 slots.d
        "#]],
    );
    reads(
        "{{#with slots.a}}{{b}}{{else}}-{{/with}}{{#if (label slots.x)}}{{/if}}",
        expect![[r#"
            1:9 slots.a guarded
            1:20 slots.a.b | b guarded
            1:54 slots.x
        "#]],
    );
}

#[test]
fn loops_know_the_paths_of_their_items() {
    reads(
        "{{#each slots.cards}}{{label}} {{this.id}} {{@index}} {{../slots.a}} {{@root.slots.b}} {{slots.c}}{{/each}}",
        expect![[r#"
            1:9 slots.cards
            1:24 slots.cards.[].label | label guarded
            1:34 slots.cards.[].id guarded
            1:57 slots.a
            1:72 slots.b
            1:90 slots.c | slots.cards.[].slots.c
        "#]],
    );
    reads(
        "{{#each slots.cards as |card i|}}{{card.label}} {{i}} {{#each card.tags}}{{this}} {{../id}}{{/each}}{{else}}{{/each}}",
        expect![[r#"
            1:9 slots.cards guarded
            1:36 slots.cards.[].label guarded
            1:63 slots.cards.[].tags guarded
            1:76 slots.cards.[].tags.[] guarded
            1:85 slots.cards.[].id | id guarded
        "#]],
    );
}

#[test]
fn partials_read_what_they_are_given() {
    let sources = [
        TemplateSource::texts("line", "en", &["{{what}} {{label}} {{slots.n}}"]),
        TemplateSource::texts(
            "t",
            "en",
            &["x\n{{#each slots.cards}}{{> line what=id}}{{/each}}{{> line slots.card what='x'}}"],
        ),
    ];
    expect![[r#"
        2:9 slots.cards
        2:36 slots.cards.[].id | id guarded
        2:22 slots.cards.[].id guarded
        2:22 slots.cards.[].label | label guarded
        2:22 slots.n | slots.cards.[].slots.n
        2:58 slots.card
        2:49 slots.card.label | label
        2:49 slots.n | slots.card.slots.n
    "#]]
    .assert_eq(&shown(&sources, "t"));
}

#[test]
fn every_form_and_field_is_read() {
    let mut source = form(
        "t",
        Form {
            text: "{{slots.a}}".to_owned(),
            attachments: vec![AttachmentForm {
                url: "media/{{slots.b}}.png".to_owned(),
                ..AttachmentForm::default()
            }],
            ..Form::default()
        },
    );
    source.variants.push(Form::text("{{slots.c}}"));
    source.channels = BTreeMap::from([("sms".to_owned(), vec![Form::text("{{slots.d}}")])]);
    let german = TemplateSource::texts("t", "de", &["{{slots.e}}"]);
    let place = |read: render::ReadVariable| {
        let place = read.place;
        format!(
            "{} {}[{}] {} {}",
            read.path.join("."),
            place.locale,
            place.variant,
            place.channel.unwrap_or_default(),
            place.field
        )
    };
    let reads: Vec<String> = templates(&[source, german])
        .reads("t")
        .into_iter()
        .map(place)
        .collect();
    assert_eq!(
        reads,
        [
            "slots.e de[0]  text",
            "slots.a en[0]  text",
            "slots.b en[0]  attachments[0].url",
            "slots.c en[1]  text",
            "slots.d en[0] sms text",
        ]
    );
}

#[test]
fn a_response_carries_each_path_once() {
    let text = "{{slots.card.label}} {{#each slots.cards}}{{label}} {{index}} {{reason}}{{/each}}{{slots.card.label}} {{slots.a}} {{slots.a.b}} {{now}}";
    let paths = templates(&[TemplateSource::texts("t", "en", &[text])]).paths_read("t");
    let paths: Vec<String> = paths.into_iter().map(|path| path.join(".")).collect();
    assert_eq!(
        paths,
        ["index", "now", "slots.a", "slots.card.label", "slots.cards"]
    );
    assert_eq!(templates(&[]).reads("gone").len(), 0);
}
