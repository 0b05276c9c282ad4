//! Example sentences: too few, or the same for two intents.

use std::collections::BTreeMap;

use understand::IntentExamples;

use super::Checked;
use crate::built_in;
use crate::place::Place;
use crate::rule;

/// Below this an intent is hardly told from others.
const EXAMPLES_MIN: usize = 5;

pub(super) fn check(checked: &Checked<'_>) {
    let built_in = built_in::examples(checked.declared);
    too_few(checked, &built_in);
    in_two_intents(checked, &built_in);
}

fn too_few(checked: &Checked<'_>, built_in: &[IntentExamples]) {
    let mut counts: BTreeMap<(&str, &str), (usize, Place)> = BTreeMap::new();
    for intent in &checked.declared.intents {
        let entry = counts
            .entry((&intent.name, intent.locale.as_str()))
            .or_insert((0, intent.place));
        entry.0 += intent.examples.len();
    }
    for ((name, locale), (count, place)) in counts {
        let more = built_in
            .iter()
            .any(|of| of.intent == name && of.locale.as_str() == locale);
        if count < EXAMPLES_MIN && !more {
            checked.cx.findings.add_with_help(
                &rule::TOO_FEW_EXAMPLES,
                place,
                format!("the intent `{name}` has {count} examples in `{locale}`; below {EXAMPLES_MIN} it is hardly told from others"),
                "write down how customers really say it",
            );
        }
    }
}

fn in_two_intents(checked: &Checked<'_>, built_in: &[IntentExamples]) {
    let mut seen: BTreeMap<(&str, String), (&str, Option<Place>)> = BTreeMap::new();
    for of in built_in {
        let texts = of.examples.iter().map(|example| plain(&example.text));
        seen.extend(texts.map(|text| ((of.locale.as_str(), text), (of.intent.as_str(), None))));
    }
    for intent in &checked.declared.intents {
        for example in &intent.examples {
            let id = (intent.locale.as_str(), plain(&example.example.text));
            match seen.get(&id) {
                Some((other, place)) if *other != intent.name => {
                    let other = named(checked, other, *place);
                    checked.cx.findings.add_with_help(
                        &rule::EXAMPLE_IN_TWO_INTENTS,
                        example.place(),
                        format!("this example stands under {other} too, so neither can be told from the other by it"),
                        way_out(*place),
                    );
                }
                Some(_) => {}
                None => drop(seen.insert(id, (&intent.name, Some(example.place())))),
            }
        }
    }
}

/// The other intent, and where the example of it stands.
pub(super) fn named(checked: &Checked<'_>, intent: &str, place: Option<Place>) -> String {
    match place {
        Some(place) => {
            let file = checked.cx.sources.name(place.file);
            format!("`{intent}` ({file}:{})", place.line)
        }
        None => format!("the built-in `{intent}`"),
    }
}

/// What can be done about an example that another intent has; without a place that intent is built in.
pub(super) fn way_out(place: Option<Place>) -> &'static str {
    match place {
        Some(_) => "leave one of them, where it belongs",
        None => {
            "leave it out, or write your examples under the built-in intent; with `built_in: false` it has only those"
        }
    }
}

/// Without case, punctuation and double blanks.
pub(super) fn plain(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    kept.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}
