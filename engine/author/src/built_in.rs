//! The examples that a bot has without writing them: those of the built-in intents, in its languages.

use dialog::Locale;
use understand::IntentExamples;

use crate::decode::Declared;

/// What stands in a sentence about them as the way to be rid of them.
pub(crate) const KEY: &str = "built_in";

/// All that count: an author's own examples of a built-in intent stand beside them, unless a file says `built_in: false`.
pub(crate) fn examples(declared: &Declared<'_>) -> Vec<IntentExamples> {
    let locales = declared.names.locales.iter();
    let all = locales.flat_map(|locale| {
        let mut known = understand::built_in_examples(locale);
        if declared.names.keeps_memory {
            known.extend(understand::memory_examples(locale));
        }
        known
    });
    all.filter(|of| !is_left_out(declared, &of.intent, &of.locale))
        .collect()
}

/// Whether the author wants only their own.
pub(crate) fn is_left_out(declared: &Declared<'_>, intent: &str, locale: &Locale) -> bool {
    declared
        .intents
        .iter()
        .any(|one| !one.built_in && one.name == intent && one.locale == *locale)
}
