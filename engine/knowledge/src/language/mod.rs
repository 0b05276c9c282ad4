//! What the reading of texts knows of a language: its small words, its numbers in words, its ways to say no.
//!
//! A language without a table is read all the same, without stemming.

mod de;
mod en;
mod other;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// A language that texts are read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// Any other: words are compared as they stand.
    Other,
}

/// One language's words.
pub(crate) struct Table {
    /// Words that carry hardly any meaning of their own.
    pub(crate) small: &'static [&'static str],
    /// Words so frequent that meeting them in a source says little.
    pub(crate) common: &'static [&'static str],
    /// Words that deny.
    pub(crate) negations: &'static [&'static str],
    /// Words that bound or weigh a statement: changing one changes what is promised.
    pub(crate) bounds: &'static [&'static str],
    /// Words of somebody who speaks of themselves.
    pub(crate) first_person: &'static [&'static str],
    /// Words of taste and guess.
    pub(crate) opinion: &'static [&'static str],
    /// What is said to be polite and states nothing.
    pub(crate) courtesy: &'static [&'static str],
    /// Numbers in words.
    pub(crate) numbers: &'static [(&'static str, u32)],
    /// Months, in order; several names for one are separated by a space.
    pub(crate) months: [&'static str; 12],
    /// What ends with a full stop without ending a sentence.
    pub(crate) abbreviations: &'static [&'static str],
    /// What a sentence begins with that leans on the one before.
    pub(crate) leaning: &'static [&'static str],
    /// Beginnings of sentences that refuse or know nothing, in lower case.
    pub(crate) refusals: &'static [&'static str],
}

const EMPTY: Table = Table {
    small: &[],
    common: &[],
    negations: &[],
    bounds: &[],
    first_person: &[],
    opinion: &[],
    courtesy: &[],
    numbers: &[],
    months: [""; 12],
    abbreviations: &[],
    leaning: &[],
    refusals: &[],
};

/// What a word is in a language; a word may be several things.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Class {
    pub(crate) small: bool,
    pub(crate) common: bool,
    pub(crate) negation: bool,
    pub(crate) bound: bool,
    pub(crate) first_person: bool,
    pub(crate) opinion: bool,
    pub(crate) courtesy: bool,
    pub(crate) number: Option<u32>,
    /// 1 to 12.
    pub(crate) month: Option<u32>,
}

type Classes = BTreeMap<&'static str, Class>;

static CLASSES: LazyLock<[Classes; 2]> =
    LazyLock::new(|| [classes(&en::TABLE), classes(&de::TABLE)]);

impl Language {
    /// The language of a locale such as `en` or `de-AT`.
    pub fn of_locale(locale: &str) -> Self {
        match locale.split(['-', '_']).next() {
            Some("en") => Self::En,
            Some("de") => Self::De,
            _ => Self::Other,
        }
    }

    pub(crate) fn table(self) -> &'static Table {
        match self {
            Self::En => &en::TABLE,
            Self::De => &de::TABLE,
            Self::Other => &EMPTY,
        }
    }

    /// What a word in lower case is.
    pub(crate) fn class(self, word: &str) -> Class {
        let of = |classes: &Classes| classes.get(word).copied().unwrap_or_default();
        match self {
            Self::En => of(&CLASSES[0]),
            Self::De => of(&CLASSES[1]),
            Self::Other => Class::default(),
        }
    }

    /// What makes inflected forms of a word equal; none where no rules are known.
    pub(crate) fn stemmer(self) -> Option<Stemmer> {
        match self {
            Self::En => Some(Stemmer::create(Algorithm::English)),
            Self::De => Some(Stemmer::create(Algorithm::German)),
            Self::Other => None,
        }
    }
}

/// The language that a text's small words speak for; none when too few of them are known or two languages are as likely.
pub(crate) fn detect<'a>(words: impl Iterator<Item = &'a str>) -> Option<Detected> {
    let mut votes = [0_u32; other::LANGUAGES.len()];
    let mut count = 0_u32;
    for word in words {
        count += 1;
        for (vote, (_, small)) in votes.iter_mut().zip(other::LANGUAGES) {
            *vote += u32::from(small.contains(&word));
        }
    }
    let best = (0..votes.len()).max_by_key(|one| (votes[*one], usize::MAX - one))?;
    let second = (0..votes.len())
        .filter(|one| *one != best)
        .map(|one| votes[one])
        .max()?;
    let clear = votes[best] >= VOTES_MIN && votes[best] >= 2 * second && 8 * votes[best] >= count;
    clear.then(|| Detected {
        code: other::LANGUAGES[best].0,
        votes: votes[best],
    })
}

/// Small words that must speak for a language: fewer may be a name or a quotation.
const VOTES_MIN: u32 = 2;

/// What [`detect`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    /// `en`, `de`, `fr`, …
    pub(crate) code: &'static str,
    /// Small words that speak for it.
    pub(crate) votes: u32,
}

fn classes(table: &'static Table) -> Classes {
    let mut classes = Classes::new();
    let mut mark = |words: &'static [&'static str], set: fn(&mut Class)| {
        for word in words {
            set(classes.entry(word).or_default());
        }
    };
    mark(table.small, |class| class.small = true);
    mark(table.common, |class| class.common = true);
    mark(table.negations, |class| class.negation = true);
    mark(table.bounds, |class| class.bound = true);
    mark(table.first_person, |class| class.first_person = true);
    mark(table.opinion, |class| class.opinion = true);
    mark(table.courtesy, |class| class.courtesy = true);
    for (word, number) in table.numbers {
        classes.entry(word).or_default().number = Some(*number);
    }
    for (month, names) in (1..).zip(table.months) {
        for name in names.split_whitespace() {
            classes.entry(name).or_default().month = Some(month);
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(text: &str) -> Option<&'static str> {
        let words = text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect::<Vec<_>>();
        detect(words.iter().map(String::as_str)).map(|found| found.code)
    }

    #[test]
    fn a_language_is_known_by_its_small_words() {
        assert_eq!(
            detected("you can have it returned within eight weeks"),
            Some("en")
        );
        assert_eq!(
            detected("das Geld ist am nächsten Tag auf dem Konto"),
            Some("de")
        );
        assert_eq!(
            detected("vous pouvez le faire dans les huit semaines"),
            Some("fr")
        );
        assert_eq!(
            detected("no es posible con la tarjeta de crédito"),
            Some("es")
        );
        assert_eq!(detected("SWIFT TERNDEHHXXX"), None);
    }
}
