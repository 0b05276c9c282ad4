//! Markdown, with tables and the few lines of front matter that help centres write.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::piece::{Content, Piece, row, slug, tidy};

/// Reads a page. What a page hides (HTML, code's language) is left out; nothing in it is run.
pub(super) fn read(text: &str) -> Content {
    let (mut content, body) = front_matter(text);
    let mut reader = Reader::default();
    for event in Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        reader.take(event);
    }
    reader.end_line();
    content.pieces = reader.pieces;
    if content.title.is_none() {
        content.title = take_title(&mut content.pieces);
    }
    content
}

/// The first heading is the title if it is of the first level.
fn take_title(pieces: &mut Vec<Piece>) -> Option<String> {
    let Some(Piece::Heading { level: 1, .. }) = pieces.first() else {
        return None;
    };
    match pieces.remove(0) {
        Piece::Heading { text, .. } => Some(text),
        Piece::Line(_) => None,
    }
}

/// `title` and `link` of a block between two lines of `---`.
fn front_matter(text: &str) -> (Content, &str) {
    let mut content = Content::default();
    let Some(rest) = text.strip_prefix("---\n") else {
        return (content, text);
    };
    let Some((head, body)) = rest.split_once("\n---") else {
        return (content, text);
    };
    for line in head.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        match key.trim() {
            "title" => content.title = Some(value),
            "link" | "url" | "canonical" => content.link = Some(value),
            _ => {}
        }
    }
    (content, body)
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    line: String,
    heads: Vec<String>,
    cells: Vec<String>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.line.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.line.push(' '),
            Event::Start(tag) => self.begin(&tag),
            Event::End(tag) => self.end(tag),
            // HTML, rules, marks: nothing that is said.
            _ => {}
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::TableCell => self.line.clear(),
            Tag::Item | Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::List(_) => {
                self.end_line()
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let text = tidy(&std::mem::take(&mut self.line));
                let anchor = Some(slug(&text));
                self.pieces.push(Piece::Heading {
                    level: level as u8,
                    text,
                    anchor,
                });
            }
            TagEnd::TableCell => self.cells.push(tidy(&std::mem::take(&mut self.line))),
            TagEnd::TableHead => self.heads = std::mem::take(&mut self.cells),
            TagEnd::TableRow => {
                let cells = std::mem::take(&mut self.cells);
                self.pieces
                    .extend(row(&self.heads, &cells).map(Piece::Line));
            }
            TagEnd::Item | TagEnd::Paragraph | TagEnd::CodeBlock => self.end_line(),
            _ => {}
        }
    }

    fn end_line(&mut self) {
        let line = tidy(&std::mem::take(&mut self.line));
        if !line.is_empty() {
            self.pieces.push(Piece::Line(line));
        }
    }
}
