//! Cutting an article into passages: one a section, several where a section is long.

use super::piece::Piece;
use super::{PASSAGES_MAX, Passage};
use crate::language::Language;
use crate::text::sentence::sentences;

/// Characters of a passage: about what an encoder reads at once, and what a customer reads without scrolling.
pub const PASSAGE_CHARS_MAX: usize = 1_000;

/// The headings above what comes next.
#[derive(Default)]
struct Place {
    /// With their levels, the outermost first.
    headings: Vec<(u8, String)>,
    anchor: Option<String>,
}

/// The passages, and whether there were more than are kept.
pub(super) fn passages(pieces: &[Piece]) -> (Vec<Passage>, bool) {
    let (mut passages, mut place, mut lines) = (Vec::new(), Place::default(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Heading {
                level,
                text,
                anchor,
            } => {
                flush(&place, &mut lines, &mut passages);
                place.headings.retain(|(other, _)| other < level);
                place.headings.push((*level, text.clone()));
                place.anchor = anchor.clone();
            }
            Piece::Line(line) => lines.push(line.clone()),
        }
    }
    flush(&place, &mut lines, &mut passages);
    let is_cut = passages.len() > PASSAGES_MAX;
    passages.truncate(PASSAGES_MAX);
    (passages, is_cut)
}

/// Makes passages of a section's lines.
fn flush(place: &Place, lines: &mut Vec<String>, passages: &mut Vec<Passage>) {
    let mut text = String::new();
    for line in lines.drain(..).flat_map(short) {
        if !text.is_empty() && text.chars().count() + line.chars().count() > PASSAGE_CHARS_MAX {
            push(place, std::mem::take(&mut text), passages);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    push(place, text, passages);
}

fn push(place: &Place, text: String, passages: &mut Vec<Passage>) {
    if !text.is_empty() {
        passages.push(Passage {
            headings: place
                .headings
                .iter()
                .map(|(_, text)| text.clone())
                .collect(),
            anchor: place.anchor.clone(),
            text,
        });
    }
}

/// A line that is too long as several: by sentences, and a sentence that is too long by words.
fn short(line: String) -> Vec<String> {
    if line.chars().count() <= PASSAGE_CHARS_MAX {
        return vec![line];
    }
    let spans = sentences(&line, Language::En);
    join(
        spans
            .into_iter()
            .flat_map(|(from, to)| split_words(&line[from..to])),
    )
}

/// A sentence in parts of words; a word that is too long is cut.
fn split_words(sentence: &str) -> Vec<String> {
    if sentence.chars().count() <= PASSAGE_CHARS_MAX {
        return vec![sentence.to_owned()];
    }
    let words = sentence
        .split_whitespace()
        .map(|word| word.chars().take(PASSAGE_CHARS_MAX).collect());
    join(words)
}

/// Neighbours joined as long as they fit.
fn join(parts: impl Iterator<Item = String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut length = usize::MAX;
    for part in parts {
        let chars = part.chars().count();
        match joined.last_mut() {
            Some(last) if length + 1 + chars <= PASSAGE_CHARS_MAX => {
                last.push(' ');
                last.push_str(&part);
                length += 1 + chars;
            }
            _ => {
                joined.push(part);
                length = chars;
            }
        }
    }
    joined
}
