//! From a character of a scalar's text back to its place in the file, through quotes, escapes and folded lines.

use super::{Node, NodeKind, Style};
use crate::place::{Place, Sources};

/// The place of the character at `offset` (in characters of the scalar's text). Blanks are not counted, as folding changes
/// them: both texts are walked from one visible character to the next.
pub(crate) fn place_within(sources: &Sources, node: &Node, offset: usize, length: usize) -> Place {
    let NodeKind::Scalar(scalar) = &node.kind else {
        return node.place;
    };
    let visible = scalar
        .text
        .chars()
        .take(offset)
        .filter(|c| !c.is_whitespace())
        .count();
    let start = sources.byte(node.place);
    let raw = &sources.text(node.place.file)[start..];
    let body = body(raw, scalar.style);
    let at = body + skip(&raw[body..], visible, scalar.style);
    sources.place(
        node.place.file,
        start + at,
        crate::place::number(length.max(1)),
    )
}

/// Where the text itself begins behind quotes or a block's header.
fn body(raw: &str, style: Style) -> usize {
    match style {
        Style::Plain => 0,
        Style::Single | Style::Double => 1,
        Style::Literal | Style::Folded if raw.starts_with(['|', '>']) => {
            raw.find('\n').map_or(raw.len(), |at| at + 1)
        }
        Style::Literal | Style::Folded => 0,
    }
}

/// The byte of the visible character with that number.
fn skip(raw: &str, visible: usize, style: Style) -> usize {
    let mut seen = 0;
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        if seen == visible {
            return at;
        }
        seen += 1;
        let escaped = match style {
            Style::Double if c == '\\' => true,
            Style::Single if c == '\'' => matches!(chars.peek(), Some((_, '\''))),
            _ => false,
        };
        if escaped
            && let Some((_, hidden)) = chars.next()
            && hidden == 'n'
        {
            seen -= 1;
        }
    }
    raw.len()
}
