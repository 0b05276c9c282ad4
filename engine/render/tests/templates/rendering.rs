//! Templates become messages: variables, blocks, partials, languages, channels, and what can go wrong.

use std::collections::BTreeMap;

use crate::common::{form, problems, render_as, response, say, say_in, templates};
use dialog::{Label, OfferedChoice};
use expect_test::expect;
use render::{AttachmentForm, CardForm, Form, Format, LinkForm, RenderError, TemplateSource};

const CARDS: &str = r#"{"slots": {"cards": [
    {"id": "c1", "label": "Visa", "status": "active"},
    {"id": "c2", "label": "Girokarte", "status": "blocked"}
], "card_type": "credit", "n": 1, "nobody": []}}"#;

#[test]
fn variables_are_inserted() {
    assert_eq!(
        say(
            "Ends in {{slots.last4}}.",
            r#"{"slots": {"last4": "0042"}}"#
        ),
        "Ends in 0042."
    );
    assert_eq!(
        say("{{slots.cards.0.label}}/{{slots.cards.[1].id}}", CARDS),
        "Visa/c2"
    );
    assert_eq!(
        say("{{a}} {{b}} {{c}}", r#"{"a": true, "b": 12345, "c": 0.5}"#),
        "true 12345 0.5"
    );
    assert_eq!(say("{{list}}", r#"{"list": ["a", "b", 3]}"#), "a, b, and 3");
    assert_eq!(
        say(
            "{{price}}",
            r#"{"price": {"amount": 5, "currency": "EUR"}}"#
        ),
        "€5.00"
    );
}

#[test]
fn three_braces_mean_the_same_as_two() {
    let templates = templates(&[TemplateSource::texts("t", "en", &["{{x}} {{{x}}} {{&x}}"])]);
    let message = render_as(
        &templates,
        &response("t", "en", r#"{"x": "<b>"}"#),
        Format::Html,
    )
    .unwrap();
    assert_eq!(message.text, "&lt;b&gt; &lt;b&gt; &lt;b&gt;");
}

#[test]
fn what_is_not_set_is_an_error_with_its_name() {
    let error = say_in("en", "Hello {{slots.nickname}}", r#"{"slots": {}}"#).unwrap_err();
    assert_eq!(
        error,
        RenderError::Unset {
            template: "t".to_owned(),
            variable: "slots.nickname".to_owned()
        }
    );
    for text in [
        "{{label slots.x}}",
        "{{#each slots.x}}{{/each}}",
        "{{plural slots.x other='y'}}",
        "{{lookup slots 'x'}}",
    ] {
        assert!(
            matches!(
                say_in("en", text, r#"{"slots": {}}"#),
                Err(RenderError::Unset { .. })
            ),
            "{text}"
        );
    }
}

#[test]
fn a_map_is_not_a_text() {
    let error = say_in(
        "en",
        "{{slots.card}}",
        r#"{"slots": {"card": {"id": "c1"}}}"#,
    )
    .unwrap_err();
    expect!["The template `t` needs a text or number, not a map: name one of its fields where it has `slots.card`."].assert_eq(&error.to_string());
}

#[test]
fn conditions_may_ask_for_what_is_not_set() {
    let text = "{{#if slots.x}}has {{slots.x}}{{else if (eq slots.y 'b')}}b{{else}}none{{/if}}{{#unless slots.z}}!{{/unless}}";
    assert_eq!(say(text, r#"{"slots": {}}"#), "none!");
    assert_eq!(say(text, r#"{"slots": {"x": "it"}}"#), "has it!");
    assert_eq!(say(text, r#"{"slots": {"y": "b", "z": true}}"#), "b");
    assert_eq!(
        say("{{#if n}}some{{else}}none{{/if}}", r#"{"n": 0}"#),
        "none"
    );
    assert_eq!(
        say(
            "{{#if n includeZero=true}}some{{else}}none{{/if}}",
            r#"{"n": 0}"#
        ),
        "some"
    );
    assert_eq!(say("{{#if (eq n 2)}}two{{/if}}", r#"{"n": 2.0}"#), "two");
}

#[test]
fn loops_look_names_up_outward() {
    let nested = "{{#each m}}{{#each this}}{{../this.0}}{{this}} {{/each}}{{/each}}";
    assert_eq!(say(nested, r#"{"m": [["x"], ["y", "z"]]}"#), "xx yy yz");
    let text = "{{#each slots.cards}}{{@index}} {{label}} {{this.id}} {{slots.card_type}} {{#if @last}}end{{else}}- {{/if}}{{/each}}";
    assert_eq!(
        say(text, CARDS),
        "0 Visa c1 credit - 1 Girokarte c2 credit end"
    );
    let text = "{{#each slots.cards as |card i|}}{{i}}{{card.label}}{{#each ../slots.nobody}}{{else}}{{card.id}} {{/each}}{{/each}}";
    assert_eq!(say(text, CARDS), "0Visac1 1Girokartec2");
    assert_eq!(
        say("{{#each slots.nobody}}x{{else}}nobody{{/each}}", CARDS),
        "nobody"
    );
    assert_eq!(
        say(
            "{{#each m}}{{@key}}={{this}} {{/each}}",
            r#"{"m": {"b": 2, "a": 1}}"#
        ),
        "a=1 b=2"
    );
    assert_eq!(
        say(
            "{{#each m}}{{#each this}}{{@../index}}{{@index}} {{/each}}{{/each}}",
            r#"{"m": [["x"], ["y", "z"]]}"#
        ),
        "00 10 11"
    );
    assert_eq!(
        say(
            "{{#with slots.cards.0}}{{label}} {{@root.slots.n}}{{/with}}",
            CARDS
        ),
        "Visa 1"
    );
    assert_eq!(
        say("{{#with slots.gone}}x{{else}}gone{{/with}}", CARDS),
        "gone"
    );
    assert_eq!(
        say(
            "{{lookup slots.cards slots.n}}",
            r#"{"slots": {"cards": ["a", "b"], "n": 1}}"#
        ),
        "b"
    );
}

#[test]
fn standing_lines_and_comments_leave_no_trace() {
    let text = "Your cards:\n{{#each slots.cards}}\n- {{label}}\n{{/each}}\n{{!-- that's all --}}\nWhich one?\n";
    assert_eq!(
        say(text, CARDS),
        "Your cards:\n- Visa\n- Girokarte\nWhich one?"
    );
    assert_eq!(
        say(r"{{~#if slots.n ~}}  x  {{~/if}} \{{y}}", CARDS),
        "x {{y}}"
    );
}

#[test]
fn labels_are_the_authors_words() {
    assert_eq!(say("{{label slots.card_type}}", CARDS), "credit card");
    assert_eq!(
        say("{{#each slots.cards}}{{label status}} {{/each}}", CARDS),
        "in use *blocked*"
    );
    assert_eq!(
        say(
            "{{label 'affirm'}} {{label 'deny'}} {{label 'unknown'}}",
            "{}"
        ),
        "Yes, please No unknown"
    );
    assert_eq!(say("{{label x 'status'}}", r#"{"x": "active"}"#), "in use");
    assert_eq!(
        say(
            "{{label slots.card_type}}",
            r#"{"slots": {"card_type": "gift"}}"#
        ),
        "gift"
    );
    assert_eq!(
        say(
            "{{#each slots.card_type}}{{label this}} {{/each}}",
            r#"{"slots": {"card_type": ["debit", "credit"]}}"#
        ),
        "debit credit card"
    );
    assert_eq!(
        say(
            "{{label slots.card_type}}",
            r#"{"slots": {"card_type": ["debit", "credit"]}}"#
        ),
        "debit and credit card"
    );
}

#[test]
fn partials_are_the_bots_own_templates() {
    let templates = templates(&[
        TemplateSource::texts("line", "en", &["{{label}} ({{what}}, {{slots.n}})"]),
        TemplateSource::texts(
            "all",
            "en",
            &[
                "{{#each slots.cards}}{{> line what=id}}; {{/each}}{{> line slots.cards.0 what='x'}}",
            ],
        ),
    ]);
    let message = render_as(&templates, &response("all", "en", CARDS), Format::Plain).unwrap();
    assert_eq!(message.text, "Visa (c1, 1); Girokarte (c2, 1); Visa (x, 1)");
}

#[test]
fn a_language_falls_back_to_its_parent_then_to_the_default() {
    let templates = templates(&[
        TemplateSource::texts("t", "en", &["en {{number 1234.5}}"]),
        TemplateSource::texts("t", "de", &["de {{number 1234.5}}"]),
    ]);
    let text = |locale| {
        render_as(&templates, &response("t", locale, "{}"), Format::Plain)
            .unwrap()
            .text
    };
    assert_eq!(
        [text("de"), text("de-AT"), text("fr"), text("xx")],
        ["de 1.234,5", "de 1.234,5", "en 1,234.5", "en 1,234.5"]
    );
}

#[test]
fn the_variant_and_the_channel_choose_the_form() {
    let mut source = TemplateSource::texts("t", "en", &["one", "two", "three"]);
    source.channels = BTreeMap::from([("whatsapp".to_owned(), vec![Form::text("short")])]);
    let templates = templates(&[source]);
    let text = |variant, channel| {
        let response = dialog::Response {
            variant,
            ..response("t", "en", "{}")
        };
        let target = render::Target {
            channel,
            format: Format::Plain,
            tz: &jiff::tz::TimeZone::UTC,
        };
        templates.render(&response, &target).unwrap().text
    };
    assert_eq!(
        [
            text(0, "widget"),
            text(4, "widget"),
            text(u32::MAX, "widget")
        ],
        ["one", "two", "one"]
    );
    assert_eq!(text(1, "whatsapp"), "short");
}

#[test]
fn values_are_escaped_for_the_channel_but_the_authors_words_are_not() {
    let templates = templates(&[TemplateSource::texts(
        "t",
        "en",
        &["**Hi** {{slots.name}} & {{label slots.status}}"],
    )]);
    let response = response(
        "t",
        "en",
        r#"{"slots": {"name": "*A* <i>", "status": "blocked"}}"#,
    );
    let text = |format| render_as(&templates, &response, format).unwrap().text;
    assert_eq!(text(Format::Plain), "**Hi** *A* <i> & *blocked*");
    assert_eq!(text(Format::Markdown), r"**Hi** \*A\* \<i\> & *blocked*");
    assert_eq!(text(Format::Html), "**Hi** *A* &lt;i&gt; & *blocked*");
}

fn card() -> CardForm {
    CardForm {
        title: "{{item.label}}".to_owned(),
        text: "{{#if item.note}}{{item.note}}{{/if}}".to_owned(),
        image: Some("media/{{item.id}}.png".to_owned()),
        links: vec![
            LinkForm {
                label: "Open".to_owned(),
                url: "https://example.org/?q={{item.label}}".to_owned(),
            },
            LinkForm {
                label: "Shop".to_owned(),
                url: "{{#if item.url}}{{item.url}}{{/if}}".to_owned(),
            },
        ],
    }
}

#[test]
fn cards_and_attachments_are_rendered_and_empty_parts_left_out() {
    let image = AttachmentForm {
        name: "card.png".to_owned(),
        mime: "image/png".to_owned(),
        url: "media/{{item.id}}.png".to_owned(),
        alt: "A {{item.label}}".to_owned(),
    };
    let nothing = AttachmentForm {
        url: "{{#if item.file}}{{item.file}}{{/if}}".to_owned(),
        ..AttachmentForm::default()
    };
    let templates = templates(&[form(
        "t",
        Form {
            text: "Look:".to_owned(),
            cards: vec![card()],
            attachments: vec![image, nothing],
        },
    )]);
    let message = render_as(
        &templates,
        &response(
            "t",
            "en",
            r#"{"item": {"id": "a/b", "label": "Visa & Co"}}"#,
        ),
        Format::Html,
    )
    .unwrap();
    expect![[r#"
        {
          "text": "Look:",
          "cards": [
            {
              "title": "Visa &amp; Co",
              "image": "media/a%2Fb.png",
              "links": [
                {
                  "label": "Open",
                  "url": "https://example.org/?q=Visa%20%26%20Co"
                }
              ]
            }
          ],
          "attachments": [
            {
              "name": "card.png",
              "mime": "image/png",
              "url": "media/a%2Fb.png",
              "alt": "A Visa & Co"
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&message).unwrap());
}

#[test]
fn an_address_that_runs_something_is_refused() {
    let templates = templates(&[form(
        "t",
        Form {
            cards: vec![card()],
            ..Form::default()
        },
    )]);
    let error = |url: &str| {
        let values = format!(r#"{{"item": {{"id": "1", "label": "x", "url": "{url}"}}}}"#);
        render_as(&templates, &response("t", "en", &values), Format::Plain)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(error("https://example.org"), None);
    assert_eq!(error("tel:+4930123"), None);
    assert!(
        error("javascript:alert(1)")
            .unwrap()
            .contains("javascript:")
    );
    assert!(error("JavaScript:alert(1)").is_some());
    assert!(error("data:text/html,x").is_some());
}

#[test]
fn choices_get_plain_labels() {
    let templates = templates(&[
        TemplateSource::texts("t", "en", &["Which?"]),
        TemplateSource::texts(
            "card_label",
            "en",
            &["{{item.label}}, {{label item.status}}"],
        ),
    ]);
    let item = crate::common::json(r#"{"item": {"label": "Visa *", "status": "active"}}"#);
    let labels = [
        Label::Template {
            template: "card_label".to_owned(),
            values: item,
        },
        Label::Choice("affirm".to_owned()),
        Label::Choice("later".to_owned()),
        Label::Value {
            group: "card_type".to_owned(),
            value: "credit".to_owned(),
        },
        Label::Value {
            group: "gone".to_owned(),
            value: "x".to_owned(),
        },
        Label::Text("4 < 5".to_owned()),
    ];
    let choices = labels
        .into_iter()
        .map(|label| OfferedChoice {
            id: "1.x".parse().expect("an id"),
            label,
        })
        .collect();
    let response = dialog::Response {
        choices,
        ..response("t", "en", "{}")
    };
    let message = render_as(&templates, &response, Format::Html).unwrap();
    let labels: Vec<&str> = message
        .choices
        .iter()
        .map(|choice| choice.label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "Visa *, in use",
            "Yes, please",
            "later",
            "credit card",
            "x",
            "4 < 5"
        ]
    );
}

#[test]
fn built_in_templates_can_be_replaced() {
    let own = TemplateSource::texts("failed", "en", &["Oops."]);
    let templates = templates(&[own]);
    let text = |name, locale| {
        render_as(&templates, &response(name, locale, "{}"), Format::Plain)
            .unwrap()
            .text
    };
    assert_eq!(text("failed", "en"), "Oops.");
    assert_eq!(
        text("failed", "de"),
        "Entschuldigung, bei uns ist etwas schiefgegangen."
    );
    assert_eq!(text("cancelled", "en"), "All right, I have stopped that.");
    for name in [
        "failed",
        "busy",
        "interrupted",
        "too_late",
        "cancelled",
        "refused",
        "offer",
        "clarify",
        "handing_over",
        "choice_gone",
        "did_that_help",
        "glad_to_help",
        "may_i",
        "not_done",
        "call_failed",
        "call_unclear",
    ] {
        assert!(templates.has(name), "{name}");
    }
    assert_eq!(
        render_as(&templates, &response("gone", "en", "{}"), Format::Plain),
        Err(RenderError::NoTemplate {
            template: "gone".to_owned()
        })
    );
}

#[test]
fn endless_work_ends_in_an_error() {
    let loops = "{{#each l}}".repeat(5) + &"{{/each}}".repeat(5);
    let list = format!(r#"{{"l": [{}0]}}"#, "0,".repeat(999));
    assert!(matches!(
        say_in("en", &loops, &list),
        Err(RenderError::WrongKind { .. } | RenderError::TooLong { .. })
    ));
    let loops = "{{#each @root.l}}".repeat(5) + "x" + &"{{/each}}".repeat(5);
    assert!(matches!(
        say_in("en", &loops, &list),
        Err(RenderError::TooLong { .. })
    ));
}

#[test]
fn mistakes_are_sentences_with_a_place() {
    let all: Vec<String> = [
        "{{mony slots.x}}",
        "Hi {{#fi slots.x}}{{/fi}}",
        "{{if slots.x}}",
        "{{#label x}}{{/label}}",
        "line\n  {{date slots.day styl='long'}}",
        "{{date slots.day style='lang'}}",
        "{{plural slots.n one='day'}}",
        "{{plural slots.n few='x' other='days'}}",
        "{{label this}}",
        "{{@level}}",
        "{{#if a b}}{{/if}}",
        "{{#if a}}",
        "{{#if a}}{{/each}}",
        "{{> gone}}",
        "{{> faild}}",
        "{{money 1 2 3}}",
        "{{number slots.x digits='2'}}",
        "{{eq a}}",
        "{{else}}",
        "{{x null}}",
        "{{label (eq a b)}}",
        "{{}}",
        "{{a b=1}} and {{date style='long'}}",
    ]
    .into_iter()
    .flat_map(|text| {
        problems(text)
            .into_iter()
            .map(move |problem| format!("{text:?}\n    {problem}\n"))
    })
    .collect();
    expect![[r#"
        "{{mony slots.x}}"
            1:1 There is no helper `mony`; did you mean `money`?
        "Hi {{#fi slots.x}}{{/fi}}"
            1:4 There is no block `#fi`; did you mean `if`?
        "{{if slots.x}}"
            1:1 `if` is written `{{#if …}} … {{/if}}`.
        "{{#label x}}{{/label}}"
            1:1 `label` is no block: write `{{label …}}` without `#`.
        "line\n  {{date slots.day styl='long'}}"
            2:3 `date` has no option `styl`; did you mean `style`?
        "{{date slots.day style='lang'}}"
            1:1 `style` is one of short, medium, long, full, not `lang`; did you mean `long`?
        "{{plural slots.n one='day'}}"
            1:1 `plural` needs `other`: `{{plural n one='day' other='days'}}`.
        "{{plural slots.n few='x' other='days'}}"
            1:1 This language has no plural form `few`, only one, other.
        "{{label this}}"
            1:1 `this` only means something inside `{{#each …}}` or `{{#with …}}`.
        "{{@level}}"
            1:1 `@level` is not known; there are `@index`, `@key`, `@first`, `@last` and `@root`.
        "{{#if a b}}{{/if}}"
            1:1 `#if` takes one value, not 2; for a comparison write `(eq a b)`.
        "{{#if a}}"
            1:10 This is not Handlebars: is a tag, a quote or a `{{/…}}` missing or mistyped?
        "{{#if a}}{{/each}}"
            1:10 `{{#if}}` is closed by `{{/each}}`; close it by `{{/if}}`.
        "{{> gone}}"
            1:1 There is no template `gone`.
        "{{> faild}}"
            1:1 There is no template `faild`; did you mean `failed`?
        "{{money 1 2 3}}"
            1:1 `money` takes an amount, or a number and a currency, not 3 values.
        "{{number slots.x digits='2'}}"
            1:1 `digits` is a number from 0 to 15: `digits=2`.
        "{{eq a}}"
            1:1 `eq` takes two values, not 1.
        "{{else}}"
            1:3 This is not Handlebars: is a tag, a quote or a `{{/…}}` missing or mistyped?
        "{{x null}}"
            1:1 There is no helper `x`.
        "{{label (eq a b)}}"
            1:1 `label` can't tell whose labels are meant: name the group, `{{label x 'status'}}`.
        "{{}}"
            1:3 This is not Handlebars: is a tag, a quote or a `{{/…}}` missing or mistyped?
        "{{a b=1}} and {{date style='long'}}"
            1:1 There is no helper `a`.
        "{{a b=1}} and {{date style='long'}}"
            1:15 `date` takes one value, not 0.
    "#]]
    .assert_eq(&all.concat());
}

#[test]
fn a_partial_in_a_circle_is_a_mistake() {
    let sources = [
        TemplateSource::texts("a", "en", &["{{> b}}"]),
        TemplateSource::texts("b", "en", &["x {{> a}}"]),
    ];
    let problems = crate::common::compile(&sources).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|problem| problem.sentence.contains("contains itself")),
        "{problems:?}"
    );
    // Each level doubles what is said: 2^40 pieces.
    let doubling: Vec<TemplateSource> = (0..40)
        .map(|level| {
            TemplateSource::texts(
                &format!("p{level}"),
                "en",
                &[&format!("{{{{> p{0}}}}}{{{{> p{0}}}}}", level + 1)],
            )
        })
        .chain([TemplateSource::texts("p40", "en", &["x"])])
        .collect();
    assert!(
        crate::common::compile(&doubling).unwrap_err()[0]
            .sentence
            .contains("so many others")
    );
}
