//! The offered choices that a message names exactly: by key, label, number or ordinal.
//!
//! Only the whole text counts. What merely mentions a choice is left to the intents and entities.

use dialog::{Choice, Locale};

use crate::cue::{Cues, words};
use crate::entity::language::{Language, lookup};

/// Longer texts name no choice: the longest label that channels show has fewer words.
const WORDS_MAX: usize = 30;

/// The keys of the named choices, in the order in which they are named; empty when the text is anything else.
pub(crate) fn named(text: &str, choices: &[Choice], locale: &Locale) -> Vec<String> {
    let words = words(text);
    if choices.is_empty() || words.is_empty() || words.len() > WORDS_MAX {
        return exact(text, choices).into_iter().collect();
    }
    let offer = Offer {
        choices,
        cues: Cues::of(locale),
        language: Language::of(locale),
    };
    let keys = exact(text, choices)
        .or_else(|| offer.one(&words))
        .map(|key| vec![key])
        .or_else(|| offer.all(&words))
        .or_else(|| offer.several(text));
    keys.unwrap_or_default()
}

/// By the id or the key, as written.
fn exact(text: &str, choices: &[Choice]) -> Option<String> {
    let text = text.trim();
    let found = choices
        .iter()
        .find(|choice| choice.id.key == text || choice.id.to_string() == text);
    found.map(|choice| choice.id.key.clone())
}

/// What is offered, and the words to name it by.
struct Offer<'a> {
    choices: &'a [Choice],
    cues: &'static Cues,
    language: &'static Language,
}

impl Offer<'_> {
    /// The one choice that these words name.
    fn one(&self, words: &[String]) -> Option<String> {
        let bare = self.without_courtesies(words);
        self.labelled(words)
            .or_else(|| self.labelled(bare))
            .or_else(|| self.at(bare))
            .or_else(|| self.after_yes(bare))
    }

    /// "yes, the first".
    fn after_yes(&self, words: &[String]) -> Option<String> {
        let (first, rest) = words.split_first()?;
        let agrees = self.cues.yes.contains(&first.as_str());
        if agrees { self.one(rest) } else { None }
    }

    /// By label, or by the key's words. Two choices of the same label are not named by it.
    fn labelled(&self, named: &[String]) -> Option<String> {
        let fits = |choice: &&Choice| {
            let label = words(&choice.label);
            let key = words(&choice.id.key.replace('_', " "));
            [label.as_slice(), self.without_courtesies(&label), &key].contains(&named)
        };
        let mut fitting = self.choices.iter().filter(fits);
        let only = fitting.next().filter(|_| !named.is_empty())?;
        fitting.next().is_none().then(|| only.id.key.clone())
    }

    /// By position. A number that a label has in it means that label: "5" is "5 days", not the fifth.
    fn at(&self, words: &[String]) -> Option<String> {
        let words = match words {
            [position @ .., last]
                if !position.is_empty() && self.cues.placeholders.contains(&last.as_str()) =>
            {
                position
            }
            words => words,
        };
        let [word] = words else {
            return None;
        };
        if let Some(position) = self.ordinal(word) {
            return self.key(position);
        }
        let number = self.cardinal(word)?;
        let has_number = |choice: &&Choice| {
            let label = crate::cue::words(&choice.label);
            label
                .iter()
                .any(|of_label| self.cardinal(of_label) == Some(number))
        };
        let mut with_number = self.choices.iter().filter(has_number);
        match (with_number.next(), with_number.next()) {
            (None, _) => self.key(number),
            (Some(only), None) => Some(only.id.key.clone()),
            (Some(_), Some(_)) => None,
        }
    }

    /// "2nd", "second", "last".
    fn ordinal(&self, word: &str) -> Option<usize> {
        if self.cues.last.contains(&word) {
            return Some(self.choices.len());
        }
        let digits = self
            .language
            .ordinal_endings
            .iter()
            .find_map(|ending| word.strip_suffix(ending));
        let digits = digits
            .filter(|digits| !digits.is_empty())
            .and_then(|digits| digits.parse().ok());
        digits.or_else(|| usize::try_from(lookup(self.language.ordinals, word)?).ok())
    }

    /// "2", "two".
    fn cardinal(&self, word: &str) -> Option<usize> {
        word.parse()
            .ok()
            .or_else(|| usize::try_from(lookup(self.language.numbers, word)?).ok())
    }

    /// The choice at a position from 1.
    fn key(&self, position: usize) -> Option<String> {
        self.choices
            .get(position.checked_sub(1)?)
            .map(|choice| choice.id.key.clone())
    }

    /// "both", "all of them".
    fn all(&self, words: &[String]) -> Option<Vec<String>> {
        let text = self.without_courtesies(words).join(" ");
        let both = self.choices.len() == 2 && self.cues.both.contains(&text.as_str());
        let all = both || self.cues.all.contains(&text.as_str());
        all.then(|| {
            self.choices
                .iter()
                .map(|choice| choice.id.key.clone())
                .collect()
        })
    }

    /// "the first and the third", "1, 3".
    fn several(&self, text: &str) -> Option<Vec<String>> {
        let text = crate::normalise::normalise(text);
        let pieces = text.split([',', ';', '&', '+', '/']).flat_map(|piece| {
            let words = words(piece);
            let parts = words.split(|word| self.cues.conjunctions.contains(&word.as_str()));
            parts.map(<[String]>::to_vec).collect::<Vec<_>>()
        });
        let mut keys: Vec<String> = Vec::new();
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            let key = self.one(&piece)?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        (!keys.is_empty()).then_some(keys)
    }

    fn without_courtesies<'w>(&self, words: &'w [String]) -> &'w [String] {
        let is_courtesy = |word: &String| self.cues.courtesies.contains(&word.as_str());
        let start = words.iter().take_while(|word| is_courtesy(word)).count();
        let rest = &words[start..];
        &rest[..rest.len()
            - rest
                .iter()
                .rev()
                .take_while(|word| is_courtesy(word))
                .count()]
    }
}

#[cfg(test)]
mod tests {
    use dialog::{ChoiceId, Entry};

    use super::*;

    fn offered(labels: &[(&str, &str)]) -> Vec<Choice> {
        let choice = |(key, label): &(&str, &str)| Choice {
            id: ChoiceId {
                entry: Entry(12),
                key: (*key).to_owned(),
            },
            label: (*label).to_owned(),
        };
        labels.iter().map(choice).collect()
    }

    #[track_caller]
    fn check(choices: &[Choice], locale: &str, expected: &[(&str, &[&str])]) {
        for (text, keys) in expected {
            assert_eq!(named(text, choices, &locale.into()), *keys, "{text}");
        }
    }

    #[test]
    fn a_choice_is_named_by_key_label_number_or_ordinal() {
        let cards = offered(&[
            ("c1", "Visa, active"),
            ("c2", "Mastercard, active"),
            ("c3", "Girokarte"),
        ]);
        check(
            &cards,
            "en",
            &[
                ("c2", &["c2"]),
                ("12.c2", &["c2"]),
                ("visa active", &["c1"]),
                ("The girokarte, please!", &["c3"]),
                ("2", &["c2"]),
                ("#2", &["c2"]),
                ("number two", &["c2"]),
                ("the second one", &["c2"]),
                ("2nd", &["c2"]),
                ("I'll take the last one", &["c3"]),
                ("the first and the third", &["c1", "c3"]),
                ("yes, the first", &["c1"]),
                ("yes the second one please", &["c2"]),
                ("the latter", &["c3"]),
                ("1, 3", &["c1", "c3"]),
                ("1 and 3 please", &["c1", "c3"]),
                ("all of them", &["c1", "c2", "c3"]),
            ],
        );
        check(
            &cards,
            "de",
            &[
                ("die zweite bitte", &["c2"]),
                ("Nummer 3", &["c3"]),
                ("die erste und die letzte", &["c1", "c3"]),
                ("ja, die erste", &["c1"]),
                ("ja genau, die zweite bitte", &["c2"]),
                ("die letztere", &["c3"]),
                ("alle", &["c1", "c2", "c3"]),
                ("Girokarte", &["c3"]),
            ],
        );
    }

    #[test]
    fn two_are_named_by_both() {
        let two = offered(&[("a", "Debit"), ("b", "Credit")]);
        check(
            &two,
            "en",
            &[("both", &["a", "b"]), ("both please", &["a", "b"])],
        );
        check(
            &two,
            "de",
            &[("beide", &["a", "b"]), ("bitte beide", &["a", "b"])],
        );
        let three = offered(&[("a", "A1"), ("b", "B1"), ("c", "C1")]);
        check(&three, "en", &[("both", &[])]);
    }

    #[test]
    fn a_number_means_the_label_that_has_it() {
        let days = offered(&[("five", "5 days"), ("ten", "10 days"), ("one", "1 day")]);
        check(
            &days,
            "en",
            &[
                ("5", &["five"]),
                ("1", &["one"]),
                ("ten", &["ten"]),
                ("the first", &["five"]),
            ],
        );
    }

    #[test]
    fn what_only_mentions_a_choice_names_none() {
        let cards = offered(&[("c1", "Visa"), ("c2", "Mastercard")]);
        let texts = [
            "I lost my visa",
            "visa or mastercard?",
            "4",
            "0",
            "not the second one",
            "",
            "…",
            "third",
        ];
        for text in texts {
            check(&cards, "en", &[(text, &[])]);
        }
        let same = offered(&[("c1", "Visa"), ("c2", "Visa")]);
        check(&same, "en", &[("visa", &[]), ("2", &["c2"])]);
        assert_eq!(named("visa", &[], &"en".into()), Vec::<String>::new());
    }
}
