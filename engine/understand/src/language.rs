//! Which of the bot's languages a message is in.
//!
//! Learned from the bot's own examples, so that it knows no other languages and every one that the bot has: how often words,
//! and runs of two and three letters in them, stand in one language rather than in another. It answers only where the
//! difference is clear; a name, a number or "ok" is in no language.

use dialog::Locale;

use crate::TrainingData;
use crate::cue::Cues;
use crate::entity::language::{Language, tag};
use crate::normalise::{normalise, tokens};

/// A run that was hardly seen says hardly anything: this much is added to each share.
const FLOOR: f64 = 2e-5;
/// How clear the difference must be at least, as a logarithm. Runs within a word depend on each other, so this is less than
/// it looks: chosen on the `dev` half of our messages in `data/entities`, where it takes none for the other language.
const CLEAR_MIN: f32 = 12.0;
/// The same with fewer examples of some language than this: a few sentences leave many words to chance.
const FEW: usize = 200;
const CLEAR_OF_FEW: f32 = 20.0;
/// Above what is needed on examples that the table had not seen, in case customers differ from examples.
const CLEARER: f32 = 2.0;
/// Every so-manieth example is held out to see what is clear.
const HELD_OUT: usize = 5;
/// Of the held-out examples, so many may be taken for another language.
const WRONG_MAX: f64 = 0.001;
/// With fewer examples of a language nothing can be said of it.
const EXAMPLES_MIN: usize = 10;
/// Of a message so many words are looked at: the language shows in the first sentence.
const WORDS_MAX: usize = 40;

/// The words of a locale's language that stand in every second sentence, whatever it is about.
const FREQUENT: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "i", "you", "the", "a", "an", "is", "are", "was", "be", "have", "has", "had", "do",
            "does", "did", "can", "could", "will", "would", "should", "my", "your", "me", "it",
            "this", "that", "what", "where", "when", "why", "how", "who", "which", "not", "no",
            "yes", "please", "help", "want", "need", "get", "to", "of", "in", "on", "for", "with",
            "from", "at", "by", "and", "or", "but", "if", "there", "here", "hello", "thanks",
        ],
    ),
    (
        "de",
        &[
            "ich", "du", "sie", "wir", "der", "die", "das", "den", "dem", "ein", "eine", "einen",
            "ist", "sind", "war", "habe", "hat", "hatte", "kann", "können", "könnte", "wird",
            "würde", "soll", "mein", "meine", "meinen", "mir", "mich", "es", "was", "wo", "wann",
            "warum", "wie", "wer", "welche", "nicht", "kein", "keine", "nein", "ja", "bitte",
            "hilfe", "möchte", "will", "brauche", "zu", "von", "in", "auf", "für", "mit", "aus",
            "bei", "und", "oder", "aber", "wenn", "hallo", "danke", "noch", "schon",
        ],
    ),
];

/// The bot's languages, told apart. Immutable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Languages {
    /// One locale of each language, as in the bot's list.
    pub(crate) locales: Vec<Locale>,
    /// Hashes of words and runs of letters, ascending.
    pub(crate) grams: Vec<u32>,
    /// By gram, then by locale: the logarithm of its share in the language.
    pub(crate) shares: Vec<f32>,
    /// How much more probable the best language must be than the second, as a logarithm.
    pub(crate) clear: f32,
}

impl Languages {
    /// Learns to tell a bot's languages apart; none when it has only one, or too few examples of one.
    pub(crate) fn train(data: &TrainingData) -> Option<Self> {
        let locales = one_of_each(&data.locales);
        let texts: Vec<Vec<&str>> = locales.iter().map(|one| texts(data, one)).collect();
        if locales.len() < 2 || texts.iter().any(|texts| texts.len() < EXAMPLES_MIN) {
            return None;
        }
        let is_held_out = |index: usize| index % HELD_OUT == HELD_OUT - 1;
        let kept = |texts: &Vec<&str>| -> Vec<String> {
            let kept = texts.iter().enumerate().filter(|(i, _)| !is_held_out(*i));
            kept.map(|(_, text)| (*text).to_owned()).collect()
        };
        let trial = Self::of(&locales, &texts.iter().map(kept).collect::<Vec<_>>());
        let held_out = texts.iter().enumerate().flat_map(|(language, texts)| {
            let held_out = texts.iter().enumerate().filter(|(i, _)| is_held_out(*i));
            held_out.map(move |(_, text)| (language, *text))
        });
        let few = texts.iter().any(|texts| texts.len() < FEW);
        let least = if few { CLEAR_OF_FEW } else { CLEAR_MIN };
        let clear = trial.clear_on(held_out).max(least);
        let all = |texts: &Vec<&str>| texts.iter().map(|text| (*text).to_owned()).collect();
        let whole = Self::of(&locales, &texts.iter().map(all).collect::<Vec<_>>());
        Some(Self { clear, ..whole })
    }

    /// The table of these texts and of each language's frequent words.
    fn of(locales: &[Locale], texts: &[Vec<String>]) -> Self {
        let counted: Vec<Vec<(u32, usize)>> = locales
            .iter()
            .zip(texts)
            .map(|(locale, texts)| {
                let mut all: Vec<u32> = texts.iter().flat_map(|text| grams(text)).collect();
                all.extend(frequent(locale).flat_map(grams));
                counted(all)
            })
            .collect();
        let mut grams: Vec<u32> = counted.iter().flatten().map(|(gram, _)| *gram).collect();
        grams.sort_unstable();
        grams.dedup();
        let totals: Vec<f64> = counted
            .iter()
            .map(|counts| counts.iter().map(|(_, count)| *count as f64).sum())
            .collect();
        let share = |gram: &u32, language: usize| {
            let counts: &Vec<(u32, usize)> = &counted[language];
            let found = counts.binary_search_by_key(gram, |(gram, _)| *gram);
            let count = found.map_or(0, |index| counts[index].1);
            libm::log(count as f64 / totals[language] + FLOOR) as f32
        };
        let shares = grams
            .iter()
            .flat_map(|gram| (0..locales.len()).map(move |language| share(gram, language)))
            .collect();
        Self {
            locales: locales.to_vec(),
            grams,
            shares,
            clear: CLEAR_MIN,
        }
    }

    /// From where on hardly any of these messages is taken for one in another language than its own.
    fn clear_on<'a>(&self, messages: impl Iterator<Item = (usize, &'a str)>) -> f32 {
        let (mut wrong, mut count) = (Vec::new(), 0);
        for (language, text) in messages {
            let (best, by) = self.best(text);
            count += 1;
            if best != language {
                wrong.push(by);
            }
        }
        wrong.sort_unstable_by(|a, b| b.total_cmp(a));
        let allowed = (f64::from(count) * WRONG_MAX) as usize;
        let needed = wrong.get(allowed).copied().unwrap_or(0.0);
        needed + CLEARER
    }

    /// The language that a text is clearly in.
    pub(crate) fn find(&self, text: &str) -> Option<&Locale> {
        let (best, by) = self.best(text);
        (by >= self.clear).then(|| &self.locales[best])
    }

    /// The most probable language, and by how much.
    fn best(&self, text: &str) -> (usize, f32) {
        let count = self.locales.len();
        let mut sums = vec![0.0_f32; count];
        for gram in grams(text) {
            if let Ok(row) = self.grams.binary_search(&gram) {
                let shares = &self.shares[row * count..(row + 1) * count];
                sums.iter_mut()
                    .zip(shares)
                    .for_each(|(sum, share)| *sum += share);
            }
        }
        let best = (0..count).fold(
            0,
            |best, one| if sums[one] > sums[best] { one } else { best },
        );
        let others = (0..count).filter(|one| *one != best);
        let second = others
            .map(|one| sums[one])
            .fold(f32::NEG_INFINITY, f32::max);
        (best, sums[best] - second)
    }
}

/// The first locale of each language.
fn one_of_each(locales: &[Locale]) -> Vec<Locale> {
    let mut kept: Vec<Locale> = Vec::new();
    for locale in locales {
        if kept.iter().all(|one| tag(one) != tag(locale)) {
            kept.push(locale.clone());
        }
    }
    kept
}

/// The examples of a language.
fn texts<'a>(data: &'a TrainingData, locale: &Locale) -> Vec<&'a str> {
    let of = data
        .intents
        .iter()
        .filter(|one| tag(&one.locale) == tag(locale));
    of.flat_map(|one| &one.examples)
        .map(|example| example.text.as_str())
        .collect()
}

/// Words that every message of a language may have.
fn frequent(locale: &Locale) -> impl Iterator<Item = &'static str> {
    let (language, cues) = (Language::of(locale), Cues::of(locale));
    let tag = tag(locale);
    let own = FREQUENT.iter().find(|(one, _)| *one == tag);
    let own = own.map_or(&[][..], |(_, words)| words);
    own.iter()
        .chain(language.negations)
        .chain(language.fillers)
        .chain(cues.courtesies)
        .chain(cues.conjunctions)
        .copied()
}

/// Each with how often it is there, ascending.
fn counted(mut grams: Vec<u32>) -> Vec<(u32, usize)> {
    grams.sort_unstable();
    let runs = grams.chunk_by(|a, b| a == b);
    runs.map(|run| (run[0], run.len())).collect()
}

/// The words of a text and their runs of two and three letters, the word's edges included. Words with digits are none.
fn grams(text: &str) -> Vec<u32> {
    let text = normalise(text);
    let words = tokens(&text).filter(|word| word.chars().all(|c| c.is_alphabetic() || c == '\''));
    let mut grams = Vec::new();
    for word in words.take(WORDS_MAX) {
        grams.push(hash(word.chars(), 1));
        let edged: Vec<char> = std::iter::once('<')
            .chain(word.chars())
            .chain(['>'])
            .collect();
        for length in [2, 3] {
            let runs = edged.windows(length);
            grams.extend(runs.map(|run| hash(run.iter().copied(), 0)));
        }
    }
    grams
}

/// FNV-1a over the characters, in 32 bits.
fn hash(chars: impl Iterator<Item = char>, kind: u32) -> u32 {
    chars.fold(0x811c_9dc5 ^ kind, |sum, c| {
        (sum ^ u32::from(c)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Example, IntentExamples};

    fn languages() -> Languages {
        let intent = |locale: &str, examples: &[&str]| IntentExamples {
            intent: "card".to_owned(),
            locale: locale.into(),
            examples: examples.iter().map(|text| Example::from(*text)).collect(),
        };
        let english = [
            "my card is gone",
            "where is my card",
            "I lost my wallet",
            "how do I get a new one",
            "the machine kept my card",
            "can you block it please",
            "what does it cost",
            "I would like to talk to somebody",
            "when will it arrive",
            "how long does that take",
        ];
        let german = [
            "meine Karte ist weg",
            "wo ist meine Karte",
            "ich habe meinen Geldbeutel verloren",
            "wie bekomme ich eine neue",
            "der Automat hat meine Karte behalten",
            "können Sie sie bitte sperren",
            "was kostet das",
            "ich möchte mit jemandem sprechen",
            "wann kommt sie an",
            "wie lange dauert das",
        ];
        let data = TrainingData {
            locales: vec!["en".into(), "de".into(), "de-AT".into()],
            intents: vec![intent("en", &english), intent("de", &german)],
            entities: Vec::new(),
        };
        Languages::train(&data).expect("there are two languages")
    }

    #[test]
    fn clear_messages_are_told_apart() {
        let languages = languages();
        let expected = [
            ("wo ist mein Geld geblieben", Some("de")),
            ("ich brauche Hilfe mit meinem Konto", Some("de")),
            ("where has my money gone", Some("en")),
            ("I need some help with my account", Some("en")),
            ("4711", None),
            ("ok", None),
            ("👍", None),
            ("", None),
            ("Привет", None),
        ];
        for (text, locale) in expected {
            let found = languages.find(text).map(Locale::as_str);
            assert_eq!(found, locale, "{text}");
        }
    }

    #[test]
    fn one_language_is_not_told_from_itself() {
        let data = TrainingData {
            locales: vec!["de".into(), "de-AT".into()],
            ..TrainingData::default()
        };
        assert_eq!(Languages::train(&data), None);
    }
}
