//! The small words of a language that say how a message is to be read: what joins two wishes, announces a correction, points
//! at an offered choice.
//!
//! A language is a table. A locale without a table has none of these words; punctuation and digits still count.

mod de;
mod en;

use dialog::Locale;

use crate::entity::language::{Language, tag};
use crate::normalise::{normalise, tokens};

/// The words of one language, all in lower case.
#[derive(Debug, Default)]
pub(crate) struct Cues {
    /// Between two wishes.
    pub(crate) conjunctions: &'static [&'static str],
    /// Announce that something said before is to be replaced. Words parted by single spaces, without punctuation.
    pub(crate) corrections: &'static [&'static str],
    /// Around the name of a choice, adding nothing: "the … please".
    pub(crate) courtesies: &'static [&'static str],
    /// Before the name of a choice: "*yes*, the first".
    pub(crate) yes: &'static [&'static str],
    /// Stand for the choice behind a position: "the second *one*".
    pub(crate) placeholders: &'static [&'static str],
    /// Two of two.
    pub(crate) both: &'static [&'static str],
    /// However many there are.
    pub(crate) all: &'static [&'static str],
    /// The one at the end.
    pub(crate) last: &'static [&'static str],
}

static NONE: Cues = Cues {
    conjunctions: &[],
    corrections: &[],
    courtesies: &[],
    yes: &[],
    placeholders: &[],
    both: &[],
    all: &[],
    last: &[],
};

impl Cues {
    /// The table of a locale's language.
    pub(crate) fn of(locale: &Locale) -> &'static Cues {
        match tag(locale).as_str() {
            "en" => &en::ENGLISH,
            "de" => &de::GERMAN,
            _ => &NONE,
        }
    }
}

/// The words of a text in the classifier's form.
pub(crate) fn words(text: &str) -> Vec<String> {
    tokens(&normalise(text)).map(str::to_owned).collect()
}

/// Whether something in the text is negated.
pub(crate) fn is_negated(words: &[String], locale: &Locale) -> bool {
    let negations = Language::of(locale).negations;
    words.iter().any(|word| negations.contains(&word.as_str()))
}

/// Whether the text announces a correction.
pub(crate) fn is_correction(words: &[String], locale: &Locale) -> bool {
    let text = format!(" {} ", words.join(" "));
    Cues::of(locale)
        .corrections
        .iter()
        .any(|cue| text.contains(&format!(" {cue} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str, locale: &str) -> (bool, bool) {
        let (words, locale) = (words(text), Locale::from(locale));
        (is_negated(&words, &locale), is_correction(&words, &locale))
    }

    #[test]
    fn negations_and_corrections_are_seen_in_both_languages() {
        let expected = [
            ("not the credit card", "en", true, false),
            ("No, the debit one!", "en", true, true),
            ("I meant the debit card", "en", false, true),
            ("Actually, make that two", "en", false, true),
            ("I lost my card", "en", false, false),
            ("the notary knows nothing", "en", false, false),
            ("nicht die Kreditkarte", "de", true, false),
            ("Nein, die Girokarte.", "de", false, true),
            ("ich meinte die andere", "de-AT", false, true),
            ("meine Karte ist weg", "de", false, false),
            ("no, the other one", "en", true, true),
            ("not the debit one", "en", true, false),
            ("sorry, I meant tomorrow", "en", false, true),
            ("no wait, make it 50", "en", true, true),
            ("could you change that to Friday", "en", false, true),
            ("nicht die, die andere", "de", true, true),
            ("nicht die, die zweite", "de", true, true),
            ("ups, ich meinte übermorgen", "de", false, true),
            ("doch lieber am Freitag", "de", false, true),
            ("das kenne ich nicht", "de", true, false),
        ];
        for (text, locale, negated, correction) in expected {
            assert_eq!(flags(text, locale), (negated, correction), "{text}");
        }
    }
}
