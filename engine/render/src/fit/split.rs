//! A long text in several, cut where a reader would pause: at a paragraph, a line, a sentence, a word.

use icu::segmenter::options::SentenceBreakInvariantOptions;
use icu::segmenter::{GraphemeClusterSegmenter, SentenceSegmenter};

use crate::escape::Format;

/// A cut at a weaker place is better than a message that fills less than this part of its room.
const FILLED_PART: usize = 3;

/// The longest entity that HTML texts contain in practice (`&thetasym;`).
const ENTITY_BYTES_MAX: usize = 10;

/// The text in parts of at most `text_max` characters (at least one). Only white space at the cuts is left out.
pub(super) fn split(text: &str, text_max: usize, format: Format) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(room) = beyond(rest, text_max.max(1)) {
        let cut = cut(rest, room, format);
        let part = rest[..cut].trim_end();
        if !part.is_empty() {
            parts.push(part.to_owned());
        }
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// The byte behind the first `count` characters, if there are more.
fn beyond(text: &str, count: usize) -> Option<usize> {
    text.char_indices().nth(count).map(|(index, _)| index)
}

/// Where to cut a text of which the first `room` bytes fit: the strongest pause that leaves the message well filled, else a
/// word's end, else between two characters as people see them, else anywhere.
fn cut(text: &str, room: usize, format: Format) -> usize {
    let filled = |cut: &usize| *cut >= room / FILLED_PART;
    let may_cut = |cut: &usize| *cut > 0 && *cut <= room && is_outside_markup(text, *cut, format);
    let last = |pause: &str| {
        text[..room]
            .rmatch_indices(pause)
            .map(|(at, _)| at)
            .find(may_cut)
    };
    let paragraph = || last("\n\n").filter(filled);
    let line = || last("\n").filter(filled);
    let sentence = || {
        sentences(text, room)
            .into_iter()
            .rev()
            .find(may_cut)
            .filter(filled)
    };
    let word = || {
        text[..room]
            .rmatch_indices(char::is_whitespace)
            .map(|(at, _)| at)
            .find(may_cut)
    };
    let word = || {
        if text[room..].starts_with(char::is_whitespace) && may_cut(&room) {
            Some(room)
        } else {
            word()
        }
    };
    let character = || characters(text, room).into_iter().rev().find(may_cut);
    paragraph()
        .or_else(line)
        .or_else(sentence)
        .or_else(word)
        .or_else(character)
        .unwrap_or(room)
}

/// The ends of sentences up to `room`, as Unicode has them (UAX 29).
fn sentences(text: &str, room: usize) -> Vec<usize> {
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let end = text[room..]
        .chars()
        .next()
        .map_or(room, |next| room + next.len_utf8());
    // The text's own end is a break too, but not a sentence's.
    segmenter
        .segment_str(&text[..end])
        .filter(|cut| *cut <= room)
        .collect()
}

/// The ends of characters as people see them, up to `room`: a flag or a letter with its accents stays whole.
fn characters(text: &str, room: usize) -> Vec<usize> {
    let end = text[room..]
        .chars()
        .next()
        .map_or(room, |next| room + next.len_utf8());
    GraphemeClusterSegmenter::new()
        .segment_str(&text[..end])
        .filter(|cut| *cut <= room)
        .collect()
}

/// Whether a cut leaves tags, entities and escapes whole.
fn is_outside_markup(text: &str, cut: usize, format: Format) -> bool {
    let before = &text[..cut];
    match format {
        Format::Plain => true,
        Format::Markdown => (before.len() - before.trim_end_matches('\\').len()).is_multiple_of(2),
        Format::Html => {
            let in_tag = before.rfind('<') > before.rfind('>');
            let entity = before
                .rfind('&')
                .filter(|start| !before[*start..].contains(';'));
            !in_tag && entity.is_none_or(|start| cut - start > ENTITY_BYTES_MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, text_max: usize) -> Vec<String> {
        split(text, text_max, Format::Plain)
    }

    #[test]
    fn a_text_is_cut_where_a_reader_pauses() {
        assert_eq!(plain("", 5), [""]);
        assert_eq!(plain("12345", 5), ["12345"]);
        assert_eq!(
            plain("First one. Second one. Third.", 24),
            ["First one. Second one.", "Third."]
        );
        assert_eq!(
            plain("A line\nanother. One more", 17),
            ["A line", "another. One more"]
        );
        assert_eq!(
            plain("A par.\n\nB par.\nC par.", 16),
            ["A par.", "B par.\nC par."]
        );
        assert_eq!(plain("one two three", 7), ["one two", "three"]);
        assert_eq!(plain("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(
            plain("第一句。第二句。第三句。", 9),
            ["第一句。第二句。", "第三句。"]
        );
    }

    #[test]
    fn what_people_see_as_one_character_stays_whole() {
        assert_eq!(plain("ab🇩🇪cd", 3), ["ab", "🇩🇪c", "d"]);
        assert_eq!(plain("🇩🇪", 1).len(), 2);
    }

    #[test]
    fn markup_stays_whole() {
        let link = r#"<a href="https://example.org/a b">there</a>"#;
        assert_eq!(
            split(&format!("Go to {link}"), 45, Format::Html),
            ["Go to", link]
        );
        assert_eq!(
            split("abc&amp;def", 6, Format::Html),
            ["abc", "&amp;d", "ef"]
        );
        assert_eq!(split(r"abc\*d", 4, Format::Markdown), ["abc", r"\*d"]);
    }
}
