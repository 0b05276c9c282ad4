//! A text that is still growing, cut into sentences as soon as they are whole.

use crate::language::Language;
use crate::text::sentence::sentences;

/// Cuts a text that comes in pieces. What it gives, put together, is the text: white space stays with the sentence before it.
#[derive(Clone, Debug)]
pub struct Sentences {
    language: Language,
    /// What was not given yet.
    rest: String,
}

impl Sentences {
    /// For a text in this language.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            rest: String::new(),
        }
    }

    /// Adds a piece; gives the sentences that are whole by now. One is when the next has begun: before that it may go on
    /// (`3.` may become `3.5`).
    pub fn push(&mut self, piece: &str) -> Vec<String> {
        self.rest.push_str(piece);
        let spans = sentences(&self.rest, self.language);
        let starts: Vec<usize> = spans.iter().skip(1).map(|(start, _)| *start).collect();
        self.cut(&starts)
    }

    /// The last sentence, at the text's end.
    pub fn end(self) -> Option<String> {
        Some(self.rest).filter(|rest| !rest.trim().is_empty())
    }

    fn cut(&mut self, starts: &[usize]) -> Vec<String> {
        let mut given = Vec::new();
        let mut from = 0;
        for start in starts {
            given.push(self.rest[from..*start].to_owned());
            from = *start;
        }
        self.rest.drain(..from);
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_come_when_the_next_begins_and_nothing_is_lost() {
        let text = "Cards take 5.5 days. They are free!\n- In the app\n- At the desk [1]";
        for size in 1..text.len() {
            let mut sentences = Sentences::new(Language::En);
            let bytes: Vec<char> = text.chars().collect();
            let mut given: Vec<String> = bytes
                .chunks(size)
                .flat_map(|piece| sentences.push(&piece.iter().collect::<String>()))
                .collect();
            given.extend(sentences.end());
            assert_eq!(given.concat(), text, "in pieces of {size}");
            assert_eq!(given.len(), 4, "in pieces of {size}: {given:?}");
        }
    }
}
