//! Templates that a language lacks, and templates that nobody says.

use std::collections::BTreeSet;

use dialog::Locale;

use super::Checked;
use crate::place::Place;
use crate::rule;

/// Every template in every language.
pub(super) fn check_locales(checked: &Checked<'_>) {
    let read = &checked.declared.templates;
    let Some(default) = checked.bot.locales.first() else {
        return;
    };
    for (name, place) in &checked.cx.names.templates {
        let Some(place) = place else { continue };
        let built_in = crate::names::BUILT_IN_TEMPLATES.contains(&name.as_str());
        let has = |locale: &Locale| {
            read.places.contains_key(&(name.clone(), locale.clone()))
                || read.places.contains_key(&(name.clone(), language(locale)))
        };
        if built_in {
            continue;
        }
        for locale in checked.bot.locales.iter().filter(|locale| !has(locale)) {
            report_missing(checked, *place, name, locale, default);
        }
    }
}

fn language(locale: &Locale) -> Locale {
    locale.0.split('-').next().unwrap_or_default().into()
}

fn report_missing(
    checked: &Checked<'_>,
    place: Place,
    name: &str,
    locale: &Locale,
    default: &Locale,
) {
    let help = format!("write it in templates/{locale}/");
    if locale == default {
        checked.cx.findings.add_with_help(
            &rule::TEMPLATE_MISSING_DEFAULT,
            place,
            format!("the template `{name}` is missing in `{locale}`, the default language"),
            help,
        );
    } else {
        checked.cx.findings.add_with_help(
            &rule::TEMPLATE_MISSING_LOCALE,
            place,
            format!(
                "the template `{name}` is missing in `{locale}`; it is said in `{default}` there"
            ),
            help,
        );
    }
}

/// Every template is said by something.
pub(super) fn check_used(checked: &Checked<'_>) {
    let mut used: BTreeSet<&str> = crate::names::BUILT_IN_TEMPLATES.iter().copied().collect();
    let ids = checked
        .records
        .said
        .iter()
        .map(|said| said.template)
        .chain(checked.records.templates.iter().copied());
    used.extend(ids.map(|id| checked.bot.templates[id.index()].name.as_str()));
    let slots = checked
        .bot
        .slots
        .iter()
        .chain(checked.bot.flows.iter().flat_map(|flow| &flow.slots));
    let consents = slots.filter_map(|slot| slot.consent);
    used.extend(consents.map(|id| checked.bot.templates[id.index()].name.as_str()));
    let asked = checked.bot.tools.iter().filter_map(|tool| tool.ask);
    used.extend(asked.map(|id| checked.bot.templates[id.index()].name.as_str()));
    used.extend(partials(checked));
    for (name, place) in &checked.cx.names.templates {
        if let (Some(place), false) = (place, used.contains(name.as_str())) {
            checked.cx.findings.add_with_help(
                &rule::TEMPLATE_UNUSED,
                *place,
                format!("nothing says the template `{name}`"),
                "say it somewhere, or delete it",
            );
        }
    }
}

/// The names in `{{> name}}` of all templates.
fn partials<'a>(checked: &'a Checked<'_>) -> impl Iterator<Item = &'a str> {
    checked
        .declared
        .templates
        .fields
        .values()
        .filter_map(|node| node.as_text())
        .flat_map(|text| {
            text.match_indices("{{>")
                .map(move |(at, _)| &text[at + 3..])
        })
        .filter_map(|rest| rest.trim_start().split([' ', '}']).next())
}
