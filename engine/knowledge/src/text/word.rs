//! Words: what is compared when texts are.

use rust_stemmers::Stemmer;
use unicode_normalization::UnicodeNormalization as _;

use super::figure::values;
use crate::language::{Class, Language};

/// Longer words are cut: nobody writes them, and their stems would cost time.
const WORD_CHARS_MAX: usize = 60;

/// How much it says that a source has a word.
const WEIGHT: f64 = 1.0;
/// The same of a frequent word, and of one without a meaning of its own.
const WEIGHT_COMMON: f64 = 0.5;
const WEIGHT_SMALL: f64 = 0.12;

/// A word of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    /// In lower case, composed, apostrophes resolved (`didn't` is `did` and `not`).
    pub(crate) folded: String,
    /// Equal for inflected forms of one word.
    pub(crate) stem: String,
    /// How much it says that a source has it.
    pub(crate) weight: f64,
    pub(crate) class: Marks,
    /// Where it begins and ends in the text, in bytes.
    pub(crate) at: (usize, usize),
}

/// What a word is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) small: bool,
    pub(crate) negation: bool,
    pub(crate) bound: bool,
    pub(crate) first_person: bool,
    pub(crate) opinion: bool,
    pub(crate) courtesy: bool,
    /// Written with digits.
    pub(crate) digits: bool,
    /// Begins with a capital letter and not the text.
    pub(crate) capital: bool,
}

/// Splits texts of one language into words.
pub(crate) struct Reader {
    language: Language,
    stemmer: Option<Stemmer>,
}

impl Reader {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            language,
            stemmer: language.stemmer(),
        }
    }

    pub(crate) fn words(&self, text: &str) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for (from, to) in spans(text) {
            self.read(&text[from..to], (from, to), &mut words);
        }
        words
    }

    /// One run of letters and digits, which may be several words.
    fn read(&self, raw: &str, at: (usize, usize), words: &mut Vec<Word>) {
        let capital = !words.is_empty() && raw.chars().next().is_some_and(char::is_uppercase);
        let folded: String = raw
            .nfkc()
            .flat_map(char::to_lowercase)
            .take(WORD_CHARS_MAX)
            .collect();
        let folded = folded.replace('’', "'");
        let base = folded.strip_suffix("n't").unwrap_or(&folded);
        let denied = base.len() < folded.len();
        let base = match base {
            "ca" if denied => "can",
            "wo" if denied => "will",
            other => other.split('\'').next().unwrap_or_default(),
        };
        if !base.is_empty() {
            words.push(self.word(base, at, capital));
        }
        if denied {
            words.push(self.word("not", at, false));
        }
    }

    fn word(&self, folded: &str, at: (usize, usize), capital: bool) -> Word {
        let class = self.language.class(folded);
        let digits = folded.chars().any(|one| one.is_ascii_digit());
        Word {
            stem: if digits {
                number_or(folded)
            } else {
                self.stem(folded, class.number)
            },
            folded: folded.to_owned(),
            weight: weight(class),
            class: Marks {
                small: class.small,
                negation: class.negation,
                bound: class.bound,
                first_person: class.first_person,
                opinion: class.opinion,
                courtesy: class.courtesy,
                digits,
                capital,
            },
            at,
        }
    }

    /// A number in words has the stem of the same number in digits, unless it is also an article.
    fn stem(&self, folded: &str, number: Option<u32>) -> String {
        match number {
            Some(number) if number > 1 => number.to_string(),
            _ => match &self.stemmer {
                Some(stemmer) => stemmer.stem(folded).into_owned(),
                None => folded.to_owned(),
            },
        }
    }
}

/// A number in the one spelling in which all are compared: `15,00` is `15`, `1,000` is `1000`.
fn number_or(folded: &str) -> String {
    let is_number = folded
        .bytes()
        .all(|one| one.is_ascii_digit() || one == b'.' || one == b',');
    match values(folded).first() {
        Some(value) if is_number => value.to_string(),
        _ => folded.to_owned(),
    }
}

fn weight(class: Class) -> f64 {
    match class {
        Class { negation: true, .. } => WEIGHT,
        Class { small: true, .. } => WEIGHT_SMALL,
        Class { common: true, .. } | Class { courtesy: true, .. } => WEIGHT_COMMON,
        _ => WEIGHT,
    }
}

/// Runs of letters and digits; a point, comma or apostrophe between two of them belongs to the run where it belongs to a number
/// or to a contraction.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut spans = Vec::new();
    let mut from = None;
    for (index, (at, one)) in chars.iter().enumerate() {
        let inside = one.is_alphanumeric() || (from.is_some() && joins(&chars, index));
        match (inside, from) {
            (true, None) => from = Some(*at),
            (false, Some(start)) => {
                spans.push((start, *at));
                from = None;
            }
            _ => {}
        }
    }
    if let Some(start) = from {
        spans.push((start, text.len()));
    }
    spans
}

fn joins(chars: &[(usize, char)], index: usize) -> bool {
    let near = |by: usize| chars.get(by).map_or(' ', |(_, one)| *one);
    let (before, one, after) = (near(index - 1), near(index), near(index + 1));
    match one {
        '.' | ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        '\'' | '’' => before.is_alphabetic() && after.is_alphabetic(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(language: Language, text: &str) -> Vec<String> {
        Reader::new(language)
            .words(text)
            .into_iter()
            .map(|word| word.stem)
            .collect()
    }

    #[test]
    fn forms_of_a_word_are_equal() {
        assert_eq!(
            stems(Language::En, "Cards were blocked"),
            stems(Language::En, "card were blocking")
        );
        assert_eq!(
            stems(Language::De, "gesperrten Karten"),
            stems(Language::De, "gesperrte Karte")
        );
        assert_eq!(
            stems(Language::En, "five days"),
            stems(Language::En, "5 day")
        );
    }

    #[test]
    fn a_contraction_is_two_words_and_a_number_one() {
        assert_eq!(
            stems(Language::En, "can't pay 1,000.50 now"),
            ["can", "not", "pay", "1000.5", "now"]
        );
        assert_eq!(stems(Language::En, "do n't"), ["do", "not"]);
    }

    #[test]
    fn odd_texts_have_words_or_none() {
        assert!(stems(Language::De, "\u{0}🙂 …—").is_empty());
        assert_eq!(stems(Language::Other, "日本語"), ["日本語"]);
        assert_eq!(
            stems(Language::En, &"x".repeat(500))[0].len(),
            WORD_CHARS_MAX
        );
    }
}
