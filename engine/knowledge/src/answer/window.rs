//! What is quoted around a sentence: a piece that can be understood by itself.

use crate::language::Language;
use crate::text::sentence::Span;
use crate::text::word::Reader;

/// Characters of a quotation: what is read in a chat without scrolling.
pub const QUOTE_CHARS_MAX: usize = 420;

/// Where the quotation begins and ends, in bytes: the sentence with its paragraph, the line that introduces it, what it leans on and
/// the list it is in, as far as they fit.
pub(super) fn around(text: &str, spans: &[Span], at: usize, language: Language) -> Span {
    let mut window = Window {
        text,
        spans,
        first: at,
        last: at,
    };
    window.take_paragraph_start();
    window.take_introduction();
    window.take_what_it_leans_on(language);
    window.take_paragraph_end();
    window.take_list_end();
    (spans[window.first].0, spans[window.last].1)
}

struct Window<'a> {
    text: &'a str,
    spans: &'a [Span],
    first: usize,
    last: usize,
}

impl Window<'_> {
    fn sentence(&self, at: usize) -> &str {
        &self.text[self.spans[at].0..self.spans[at].1]
    }

    fn fits(&self, first: usize, last: usize) -> bool {
        let quote = &self.text[self.spans[first].0..self.spans[last].1];
        quote.chars().count() <= QUOTE_CHARS_MAX
    }

    /// Whether a line ends between two neighbours.
    fn is_parted(&self, before: usize) -> bool {
        self.text[self.spans[before].1..self.spans[before + 1].0].contains('\n')
    }

    fn take_paragraph_start(&mut self) {
        while self.first > 0
            && !self.is_parted(self.first - 1)
            && self.fits(self.first - 1, self.last)
        {
            self.first -= 1;
        }
    }

    /// An item of a list begins with the line that says what is listed.
    fn take_introduction(&mut self) {
        let mut first = self.first;
        while first > 0 && is_item(self.sentence(first)) && !introduces(self.sentence(first)) {
            first -= 1;
        }
        if self.fits(first, self.last) {
            self.first = first;
        }
    }

    fn take_what_it_leans_on(&mut self, language: Language) {
        while self.first > 0
            && leans(self.sentence(self.first), language)
            && self.fits(self.first - 1, self.last)
        {
            self.first -= 1;
        }
    }

    fn take_paragraph_end(&mut self) {
        while self.last + 1 < self.spans.len()
            && !self.is_parted(self.last)
            && self.fits(self.first, self.last + 1)
        {
            self.last += 1;
        }
    }

    fn take_list_end(&mut self) {
        while self.last + 1 < self.spans.len()
            && (introduces(self.sentence(self.last))
                || is_item(self.sentence(self.last)) && is_item(self.sentence(self.last + 1)))
            && self.fits(self.first, self.last + 1)
        {
            self.last += 1;
        }
    }
}

fn introduces(sentence: &str) -> bool {
    sentence.ends_with(':')
}

/// A line that is no sentence: an item of a list, a row of a table, a line that introduces them.
fn is_item(sentence: &str) -> bool {
    let ends = sentence.trim_end_matches(['"', '”', '“', ')', '»', '’', '\'']);
    !ends.ends_with(['.', '!', '?', '…', '。', '！', '？'])
        || sentence.starts_with(char::is_lowercase)
}

/// Whether a sentence can't be understood without the one before.
fn leans(sentence: &str, language: Language) -> bool {
    let words = Reader::new(language).words(sentence);
    let first = words.first().map(|word| word.folded.as_str());
    first.is_some_and(|first| language.table().leaning.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentence::sentences;

    fn quoted(text: &str, at: usize) -> &str {
        let (from, to) = around(text, &sentences(text, Language::En), at, Language::En);
        &text[from..to]
    }

    #[test]
    fn a_paragraph_is_quoted_and_its_neighbours_are_not() {
        let text = "Cards are free. A spare one costs ten euros.\nThe post takes five days.";
        assert_eq!(
            quoted(text, 1),
            "Cards are free. A spare one costs ten euros."
        );
        assert_eq!(quoted(text, 2), "The post takes five days.");
    }

    #[test]
    fn what_a_sentence_leans_on_comes_first() {
        let text = "A standing order pays the rent.\nIt is free.\nThen it ends.";
        assert_eq!(quoted(text, 2), text);
    }

    #[test]
    fn a_list_stays_with_the_line_that_introduces_it() {
        let text = "Be quick.\nYou need:\na passport,\na phone.\nThat is all.";
        assert_eq!(quoted(text, 2), "You need:\na passport,\na phone.");
        assert_eq!(quoted(text, 1), "You need:\na passport,\na phone.");
    }

    #[test]
    fn a_long_paragraph_is_cut_between_sentences_and_keeps_the_one_that_is_meant() {
        let text = "A sentence that says nothing much at all. ".repeat(30) + "This one is meant.";
        let quote = quoted(&text, 30);
        assert!(quote.ends_with("This one is meant.") && quote.starts_with("A sentence"));
        assert!(quote.chars().count() <= QUOTE_CHARS_MAX);
    }

    #[test]
    fn one_sentence_that_is_too_long_is_quoted_whole() {
        let text = format!("It goes {}on.", "on and ".repeat(100));
        assert_eq!(quoted(&text, 0), text);
    }
}
