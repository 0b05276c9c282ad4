//! Sentences: what is checked, quoted and said one by one.

use crate::language::Language;

/// A sentence's place in its text, in bytes, without white space at its ends.
pub(crate) type Span = (usize, usize);

/// Splits a text into sentences. A line of its own, such as a list's item, is at least one.
pub(crate) fn sentences(text: &str, language: Language) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, one)) = chars.next() {
        let after = at + one.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        if one == '\n'
            || (ends(one, next) && !is_abbreviation(&text[from..at], one, &text[after..], language))
        {
            push(text, from, after, &mut spans);
            from = after;
        }
    }
    push(text, from, text.len(), &mut spans);
    spans
}

/// Whether a sentence can end here: behind its mark stands a space, a closing mark or nothing.
fn ends(one: char, next: Option<char>) -> bool {
    let mark = matches!(one, '.' | '!' | '?' | '…' | '。' | '！' | '？');
    let closing = matches!(one, '"' | '”' | '“' | ')' | '»');
    (mark && next.is_none_or(char::is_whitespace)) || (closing && next.is_none())
}

fn is_abbreviation(before: &str, mark: char, after: &str, language: Language) -> bool {
    if mark != '.' {
        return false;
    }
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let word = word.trim_start_matches(['(', '"', '“', '„']).to_lowercase();
    let letters = word.chars().filter(|one| one.is_alphabetic()).count();
    let initial = letters == 1
        && word.chars().count() == 1
        && before.chars().last().is_some_and(char::is_uppercase);
    // German ordinals: `am 3. Mai`, `die 2. Rate`; at a line's beginning the number of a list's item.
    let ordinal =
        !word.is_empty() && word.len() <= 2 && word.bytes().all(|one| one.is_ascii_digit());
    let listed = ordinal && before.trim().len() == word.len();
    let german_ordinal =
        ordinal && language == Language::De && after.trim_start().starts_with(char::is_alphabetic);
    initial || listed || german_ordinal || language.table().abbreviations.contains(&word.as_str())
}

fn push(text: &str, from: usize, to: usize, spans: &mut Vec<Span>) {
    let part = &text[from..to];
    let start = from + (part.len() - part.trim_start().len());
    let end = from + part.trim_end().len();
    if start < end && text[start..end].chars().any(char::is_alphanumeric) {
        spans.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(language: Language, text: &str) -> Vec<&str> {
        sentences(text, language)
            .into_iter()
            .map(|(from, to)| &text[from..to])
            .collect()
    }

    #[test]
    fn marks_and_lines_end_sentences() {
        assert_eq!(
            split(
                Language::En,
                "It is free. Is it? Yes!\n- one item\n- another"
            ),
            ["It is free.", "Is it?", "Yes!", "- one item", "- another"]
        );
    }

    #[test]
    fn abbreviations_figures_and_ordinals_do_not() {
        assert_eq!(
            split(Language::En, "It costs 0.5% e.g. for Dr. Who at 4.5 a day."),
            ["It costs 0.5% e.g. for Dr. Who at 4.5 a day."]
        );
        assert_eq!(
            split(Language::De, "Am 3. Mai, z.B. um 8.30 Uhr. Danach nicht."),
            ["Am 3. Mai, z.B. um 8.30 Uhr.", "Danach nicht."]
        );
        assert_eq!(
            split(Language::En, "1. Open the app.\n2. Pay."),
            ["1. Open the app.", "2. Pay."]
        );
        assert_eq!(
            split(Language::En, "It arrived in 1954. Then it left."),
            ["It arrived in 1954.", "Then it left."]
        );
    }
}
