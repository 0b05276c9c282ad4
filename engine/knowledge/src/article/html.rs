//! HTML: the text of a page without its furniture.
//!
//! Read as a row of tags and texts, not as a tree: a page may nest a hundred thousand elements or close none of them, and takes
//! no more time or memory for it.

use html5gum::{StartTag, Token, Tokenizer};

use super::piece::{Content, Piece, row, tidy};

type Tag = StartTag<()>;

/// Elements that say nothing of their own: scripts, and what stands on every page.
const LEFT_OUT: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "nav", "header", "footer", "aside", "button",
    "select", "iframe", "textarea",
];
/// Elements that begin and end lines.
const BLOCKS: &[&str] = &[
    "p",
    "li",
    "div",
    "section",
    "article",
    "main",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "pre",
    "br",
    "hr",
    "table",
    "caption",
    "figcaption",
    "summary",
    "details",
    "form",
    "body",
    "tr",
];
/// Where a page says that its own text is, the likeliest first.
const BODIES: &[&str] = &["main", "article", "body"];

/// Reads a page. What is broken in it costs only itself.
pub(super) fn read(text: &str) -> Content {
    let mut reader = Reader {
        body: body(text),
        ..Reader::default()
    };
    for Ok(token) in Tokenizer::new(text) {
        match token {
            Token::StartTag(tag) => reader.open(&name(&tag.name), &tag),
            Token::EndTag(tag) => reader.close(&name(&tag.name)),
            Token::String(text) => reader.said.push_str(&String::from_utf8_lossy(&text.value)),
            _ => {}
        }
    }
    // A page may end in the middle of a table.
    reader.end_row();
    reader.end_line();
    Content {
        title: reader.main_heading.or(reader.title),
        link: reader.link,
        pieces: reader.pieces,
    }
}

fn name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The element that the page's own text is in; none = all of it.
fn body(text: &str) -> Option<&'static str> {
    let mut found = BODIES.len();
    for Ok(token) in Tokenizer::new(text) {
        if let Token::StartTag(tag) = token {
            let place = BODIES
                .iter()
                .position(|one| one.as_bytes() == tag.name.as_slice());
            found = place.map_or(found, |place| place.min(found));
        }
    }
    BODIES.get(found).copied()
}

#[derive(Default)]
struct Reader {
    body: Option<&'static str>,
    /// How often the body was begun and not ended.
    inside: usize,
    /// The element that is left out, and how often it was begun and not ended.
    skipped: Option<(String, usize)>,
    /// What was said since the last line, cell or heading ended.
    said: String,
    anchor: Option<String>,
    heads: Vec<String>,
    cells: Vec<String>,
    in_cell: bool,
    only_heads: bool,
    title: Option<String>,
    main_heading: Option<String>,
    link: Option<String>,
    pieces: Vec<Piece>,
}

impl Reader {
    fn open(&mut self, name: &str, tag: &Tag) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(skipped == name);
            return;
        }
        self.inside += usize::from(self.body == Some(name));
        match name {
            "link" => self.take_link(tag),
            "table" => self.begin_table(),
            "tr" => self.begin_row(),
            "td" | "th" => self.begin_cell(name),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_line();
                self.anchor = attribute(tag, "id");
            }
            "title" => self.said.clear(),
            name if LEFT_OUT.contains(&name) && !tag.self_closing => {
                self.end_line();
                self.skipped = Some((name.to_owned(), 1));
            }
            name if BLOCKS.contains(&name) => self.end_line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth -= usize::from(skipped == name);
            if *depth == 0 {
                self.skipped = None;
                self.said.clear();
            }
            return;
        }
        match name {
            "title" => self.title = Some(self.take_said()).filter(|title| !title.is_empty()),
            "td" | "th" => self.end_cell(),
            "tr" => self.end_row(),
            "h1" => self.end_main_heading(),
            "h2" | "h3" | "h4" | "h5" | "h6" => self.end_heading(name),
            "table" => self.end_row(),
            name if BLOCKS.contains(&name) => self.end_line(),
            _ => {}
        }
        self.inside -= usize::from(self.body == Some(name) && self.inside > 0);
    }

    fn take_link(&mut self, tag: &Tag) {
        if attribute(tag, "rel").as_deref() == Some("canonical") {
            self.link = attribute(tag, "href");
        }
    }

    fn begin_table(&mut self) {
        self.end_line();
        self.heads.clear();
    }

    fn begin_row(&mut self) {
        self.end_row();
        self.end_line();
        self.only_heads = true;
    }

    fn begin_cell(&mut self, name: &str) {
        // The one before may not have been ended.
        self.end_cell();
        self.said.clear();
        self.only_heads &= name == "th";
        self.in_cell = true;
    }

    fn end_cell(&mut self) {
        if std::mem::take(&mut self.in_cell) {
            let said = self.take_said();
            self.cells.push(said);
        }
    }

    /// The first row of `th` names the columns.
    fn end_row(&mut self) {
        self.end_cell();
        let cells = std::mem::take(&mut self.cells);
        if self.only_heads && self.heads.is_empty() {
            self.heads = cells;
        } else if self.is_inside() {
            self.pieces
                .extend(row(&self.heads, &cells).map(Piece::Line));
        }
    }

    fn end_main_heading(&mut self) {
        let said = self.take_said();
        if self.main_heading.is_none() && !said.is_empty() {
            self.main_heading = Some(said);
        }
    }

    fn end_heading(&mut self, name: &str) {
        let text = self.take_said();
        if self.is_inside() && !text.is_empty() {
            let level = name.as_bytes()[1] - b'0';
            self.pieces.push(Piece::Heading {
                level,
                text,
                anchor: self.anchor.take(),
            });
        }
    }

    fn end_line(&mut self) {
        let line = self.take_said();
        if line.is_empty() {
            return;
        }
        if self.in_cell {
            self.said = line + " ";
        } else if self.is_inside() {
            self.pieces.push(Piece::Line(line));
        }
    }

    fn is_inside(&self) -> bool {
        self.body.is_none() || self.inside > 0
    }

    fn take_said(&mut self) -> String {
        tidy(&std::mem::take(&mut self.said))
    }
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(&value.value).into_owned()).filter(|value| !value.is_empty())
}
