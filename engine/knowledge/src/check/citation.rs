//! Citations: `[1]`, `[2, 3]`, the numbers of the passages that a sentence rests on.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

static CITATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]").expect("the pattern is ours"));
static WITH_SPACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[ \t]*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]").expect("the pattern is ours")
});

/// Where citations stand, in bytes.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    CITATION.find_iter(text).map(|one| one.range()).collect()
}

/// The numbers that a text cites, in its order.
pub fn citations(text: &str) -> Vec<usize> {
    CITATION
        .captures_iter(text)
        .flat_map(|found| {
            let numbers = found[1].split(',');
            numbers
                .filter_map(|one| one.trim().parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The text as a customer reads it.
pub fn without_citations(text: &str) -> String {
    WITH_SPACE.replace_all(text, "").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_read_and_taken_away() {
        let text = "It takes 5 days [1]. It is free [2, 3].";
        assert_eq!(citations(text), [1, 2, 3]);
        assert_eq!(without_citations(text), "It takes 5 days. It is free.");
        assert_eq!(citations("an array[i] of [words]"), [0_usize; 0]);
    }
}
