//! Example sentences: too few, or the same for two intents.

use std::collections::BTreeMap;

use super::Checked;
use crate::place::Place;
use crate::rule;

/// Below this an intent is hardly told from others.
const EXAMPLES_MIN: usize = 5;

pub(super) fn check(checked: &Checked<'_>) {
    too_few(checked);
    in_two_intents(checked);
}

fn too_few(checked: &Checked<'_>) {
    let mut counts: BTreeMap<(&str, &str), (usize, Place)> = BTreeMap::new();
    for intent in &checked.declared.intents {
        let entry = counts
            .entry((&intent.name, intent.locale.as_str()))
            .or_insert((0, intent.place));
        entry.0 += intent.examples.len();
    }
    for ((name, locale), (count, place)) in counts {
        let built_in = crate::names::BUILT_IN_INTENTS.contains(&name);
        if count < EXAMPLES_MIN && !built_in {
            checked.cx.findings.add_with_help(
                &rule::TOO_FEW_EXAMPLES,
                place,
                format!("the intent `{name}` has {count} examples in `{locale}`; below {EXAMPLES_MIN} it is hardly told from others"),
                "write down how customers really say it",
            );
        }
    }
}

fn in_two_intents(checked: &Checked<'_>) {
    let mut seen: BTreeMap<(&str, String), (&str, Place)> = BTreeMap::new();
    for intent in &checked.declared.intents {
        for example in &intent.examples {
            let id = (intent.locale.as_str(), plain(&example.example.text));
            match seen.get(&id) {
                Some((other, place)) if *other != intent.name => checked.cx.findings.add_with_help(
                    &rule::EXAMPLE_IN_TWO_INTENTS,
                    example.place(),
                    format!(
                        "this example stands under `{other}` too ({}:{}), so neither can be told from the other by it",
                        checked.cx.sources.name(place.file),
                        place.line
                    ),
                    "leave it where it belongs",
                ),
                Some(_) => {}
                None => drop(seen.insert(id, (&intent.name, example.place()))),
            }
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
