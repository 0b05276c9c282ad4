//! The intents that every bot knows, with what people write for them: `affirm deny maybe cancel skip repeat back done help
//! correct talk_to_person`; and those of bots that remember people: `about_me forget_me`.

use dialog::Locale;

use crate::training::{Example, IntentExamples};

/// Languages with examples: the tag's first part, and a file of `# intent` headings with an example a line.
type Languages = [(&'static str, &'static str); 2];

const LANGUAGES: Languages = [
    ("en", include_str!("en.txt")),
    ("de", include_str!("de.txt")),
];

const MEMORY_LANGUAGES: Languages = [
    ("en", include_str!("memory.en.txt")),
    ("de", include_str!("memory.de.txt")),
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
    examples(&LANGUAGES, locale)
}

/// Those of the intents that bots know which remember people: `about_me` and `forget_me`.
pub fn memory_examples(locale: &Locale) -> Vec<IntentExamples> {
    examples(&MEMORY_LANGUAGES, locale)
}

fn examples(languages: &Languages, locale: &Locale) -> Vec<IntentExamples> {
    let language = locale.as_str().split(['-', '_']).next().unwrap_or_default();
    let file = languages
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
            let mut intents = built_in_examples(&language.into());
            let names: Vec<_> = intents.iter().map(|of| of.intent.as_str()).collect();
            assert_eq!(names, NAMES);
            intents.extend(memory_examples(&language.into()));
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
            let own = built_in_examples(&language.into());
            for of in own.into_iter().chain(memory_examples(&language.into())) {
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
