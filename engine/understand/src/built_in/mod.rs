//! The intents that every bot knows, with what people write for them: `affirm deny maybe cancel skip repeat back done help
//! correct talk_to_person`.

use dialog::Locale;

use crate::training::{Example, IntentExamples};

/// Languages with examples: the tag's first part, and a file of `# intent` headings with an example a line.
const LANGUAGES: [(&str, &str); 2] = [
    ("en", include_str!("en.txt")),
    ("de", include_str!("de.txt")),
];

/// Their names.
pub(crate) const NAMES: [&str; 11] = [
    "affirm",
    "deny",
    "maybe",
    "cancel",
    "skip",
    "repeat",
    "back",
    "done",
    "help",
    "correct",
    "talk_to_person",
];

/// The built-in intents' examples in a language (`de-CH` has those of `de`); none for a language that is not shipped.
///
/// ```
/// let intents = understand::built_in_examples(&"en".into());
/// assert!(intents.iter().any(|of| of.intent == "affirm" && of.examples.len() >= 30));
/// ```
pub fn built_in_examples(locale: &Locale) -> Vec<IntentExamples> {
    let language = locale.as_str().split(['-', '_']).next().unwrap_or_default();
    let file = LANGUAGES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(language));
    file.map_or_else(Vec::new, |(_, text)| parse(text, locale))
}

fn parse(text: &str, locale: &Locale) -> Vec<IntentExamples> {
    let mut intents: Vec<IntentExamples> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("# "), intents.last_mut()) {
            (Some(intent), _) => intents.push(IntentExamples {
                intent: intent.to_owned(),
                locale: locale.clone(),
                examples: Vec::new(),
            }),
            (None, Some(of)) => of.examples.push(Example::from(line)),
            (None, None) => {}
        }
    }
    intents
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_language_has_thirty_examples_of_every_intent() {
        for language in ["en", "de", "de-CH"] {
            let intents = built_in_examples(&language.into());
            assert_eq!(
                intents
                    .iter()
                    .map(|of| of.intent.as_str())
                    .collect::<Vec<_>>(),
                NAMES
            );
            for of in &intents {
                let different: BTreeSet<&str> =
                    of.examples.iter().map(|e| e.text.as_str()).collect();
                assert!(
                    different.len() >= 30,
                    "{} has {} in {language}",
                    of.intent,
                    different.len()
                );
            }
        }
    }

    #[test]
    fn no_example_stands_under_two_intents() {
        for language in ["en", "de"] {
            let mut seen = BTreeSet::new();
            for of in built_in_examples(&language.into()) {
                for example in of.examples {
                    assert!(
                        seen.insert(example.text.to_lowercase()),
                        "{language}: {}",
                        example.text
                    );
                }
            }
        }
    }

    #[test]
    fn another_language_has_none() {
        assert!(built_in_examples(&"xx".into()).is_empty());
    }
}
