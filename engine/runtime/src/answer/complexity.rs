//! How complex a question is: whether a larger model is worth asking. A score of what stands in the text, the same every time.

/// From here a question is complex.
const COMPLEX_MIN: f64 = 2.0;
/// So many words are one point: what people ask of a service desk in one breath.
const WORDS_A_POINT: f64 = 15.0;
/// The most that length alone is worth: a long story is not yet a hard question.
const LENGTH_MAX: f64 = 1.5;
/// What each is worth: a further question mark, a clause, a comparison, a further wish.
const QUESTION: f64 = 1.0;
const CLAUSE: f64 = 0.5;
const COMPARISON: f64 = 1.0;

/// Words that join clauses or set conditions, in English and German.
const CLAUSES: &[&str] = &[
    "and", "but", "because", "if", "unless", "although", "while", "whether", "which", "after",
    "before", "then", "und", "aber", "weil", "wenn", "falls", "obwohl", "während", "ob", "welche",
    "welcher", "welches", "nachdem", "bevor", "dann",
];
/// Words that compare or weigh.
const COMPARISONS: &[&str] = &[
    "compare",
    "compared",
    "comparison",
    "difference",
    "differences",
    "differ",
    "versus",
    "vs",
    "better",
    "cheaper",
    "cheapest",
    "best",
    "rather",
    "than",
    "instead",
    "either",
    "pros",
    "cons",
    "vergleich",
    "vergleiche",
    "vergleichen",
    "unterschied",
    "unterschiede",
    "unterscheiden",
    "besser",
    "günstiger",
    "günstigste",
    "beste",
    "lieber",
    "entweder",
    "vorteile",
    "nachteile",
    "why",
    "warum",
    "explain",
    "erkläre",
    "erklären",
];

/// Whether a question is complex.
pub(super) fn is_complex(question: &str) -> bool {
    score(question) >= COMPLEX_MIN
}

fn score(question: &str) -> f64 {
    let words: Vec<String> = question
        .split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let among = |list: &[&str]| {
        words
            .iter()
            .filter(|word| list.contains(&word.as_str()))
            .count() as f64
    };
    let length = (words.len() as f64 / WORDS_A_POINT).min(LENGTH_MAX);
    let questions = question.matches(['?', '？']).count().saturating_sub(1) as f64;
    let commas = question.matches([',', ';']).count() as f64;
    length
        + QUESTION * questions
        + CLAUSE * (among(CLAUSES) + commas)
        + COMPARISON * among(COMPARISONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_is_simple_and_several_or_a_comparison_are_complex() {
        for simple in [
            "How long does a card take?",
            "Who supervises the bank?",
            "What does a transfer to the United States cost, please?",
            "Wie lange dauert eine neue Karte?",
        ] {
            assert!(!is_complex(simple), "{simple}: {}", score(simple));
        }
        for complex in [
            "What is the difference between the debit and the credit card, and which is better for travelling?",
            "If I close my account before the month ends, do I still pay the fee? And what happens to my savings space?",
            "Was ist der Unterschied zwischen den beiden Konten, und welches ist günstiger, wenn ich viel reise?",
        ] {
            assert!(is_complex(complex), "{complex}: {}", score(complex));
        }
    }
}
