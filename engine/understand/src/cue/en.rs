//! English.

use super::Cues;

pub(super) static ENGLISH: Cues = Cues {
    conjunctions: &[
        "and",
        "also",
        "plus",
        "then",
        "but",
        "besides",
        "additionally",
    ],
    corrections: &[
        "i meant",
        "i mean",
        "meant to say",
        "actually",
        "correction",
        "rather",
        "instead",
        "make that",
        "make it",
        "scratch that",
        "my mistake",
        "i misspoke",
        "i mistyped",
        "the other one",
        "no the",
        "no my",
        "no it's",
        "no it is",
        "no that's",
        "not that one",
        "oops",
    ],
    courtesies: &[
        "the", "a", "my", "please", "option", "number", "no", "nr", "choice", "answer", "i",
        "i'll", "i'd", "want", "take", "choose", "pick", "like", "would", "have", "with", "for",
        "ok", "okay", "um", "well",
    ],
    placeholders: &["one", "ones", "option", "choice"],
    both: &["both", "both of them", "the two"],
    all: &[
        "all",
        "all of them",
        "everything",
        "every one",
        "all of these",
        "all of those",
    ],
    last: &["last"],
};
