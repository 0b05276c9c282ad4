//! What the tests share: one template, one response, one message.

use std::collections::BTreeMap;

use dialog::{Message, Response, Value};
use jiff::tz::TimeZone;
use render::{
    Form, Format, Labels, RenderError, Target, TemplateProblem, TemplateSource, Templates,
};

pub(crate) fn json(text: &str) -> BTreeMap<String, Value> {
    match Value::from_json(&serde_json::from_str(text).expect("JSON")) {
        Some(Value::Map(map)) => map,
        other => panic!("not a map: {other:?}"),
    }
}

pub(crate) fn labels() -> BTreeMap<dialog::Locale, Labels> {
    let group = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(value, text)| (value.to_string(), text.to_string()))
            .collect()
    };
    let card_type = group(&[("debit", "debit"), ("credit", "credit card")]);
    let status = group(&[("active", "in use"), ("blocked", "*blocked*")]);
    let groups = BTreeMap::from([
        ("card_type".to_owned(), card_type),
        ("status".to_owned(), status),
    ]);
    let choices = group(&[("affirm", "Yes, please")]);
    BTreeMap::from([("en".into(), Labels { groups, choices })])
}

pub(crate) fn compile(sources: &[TemplateSource]) -> Result<Templates, Vec<TemplateProblem>> {
    let locales = ["en", "de", "fr", "pl", "ar"].map(Into::into);
    Templates::compile(sources, &labels(), &locales)
}

pub(crate) fn templates(sources: &[TemplateSource]) -> Templates {
    compile(sources).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(crate) fn form(name: &str, form: Form) -> TemplateSource {
    TemplateSource {
        name: name.to_owned(),
        locale: "en".into(),
        variants: vec![form],
        channels: BTreeMap::new(),
    }
}

pub(crate) fn response(template: &str, locale: &str, values: &str) -> Response {
    Response {
        template: template.to_owned(),
        locale: locale.into(),
        variant: 0,
        values: json(values),
        choices: Vec::new(),
        pause: None,
    }
}

pub(crate) fn render_as(
    templates: &Templates,
    response: &Response,
    format: Format,
) -> Result<Message, RenderError> {
    let tz = TimeZone::get("Europe/Berlin").expect("a zone");
    templates.render(
        response,
        &Target {
            channel: "widget",
            format,
            tz: &tz,
        },
    )
}

/// One text in one language, rendered as plain text.
pub(crate) fn say_in(locale: &str, text: &str, values: &str) -> Result<String, RenderError> {
    let templates = templates(&[TemplateSource::texts("t", locale, &[text])]);
    render_as(&templates, &response("t", locale, values), Format::Plain).map(|message| message.text)
}

pub(crate) fn say(text: &str, values: &str) -> String {
    say_in("en", text, values).unwrap_or_else(|error| format!("error: {error}"))
}

/// What is wrong with one English text.
pub(crate) fn problems(text: &str) -> Vec<String> {
    let problems = compile(&[TemplateSource::texts("t", "en", &[text])])
        .err()
        .unwrap_or_default();
    problems
        .iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.sentence))
        .collect()
}
