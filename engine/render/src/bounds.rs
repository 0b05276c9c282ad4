//! A look at a template before Handlebars sees it: its parser recurses, and 5,000 nested parentheses would overflow its stack.
//!
//! The scan divides a text into tags, strings, brackets and comments exactly as the parser does, and refuses whatever the two
//! could read differently (a brace or a second `{{` inside a tag, a quote inside brackets, raw blocks). So what it counts is
//! an upper bound of how deep the parser goes. It also refuses the parts of Handlebars that bots don't have.

use crate::program::At;

/// The longest text of a form. A message is a few hundred bytes; the longest prompt of a model a few thousand.
pub const TEMPLATE_BYTES_MAX: usize = 64_000;

/// How deep blocks, `else if` chains and parentheses nest together. Nobody reads deeper ones, and stacks are finite.
pub const DEPTH_MAX: usize = 32;

/// How many tags a text may have: the parser counts its lines anew for each, and no message has as many.
pub const TAGS_MAX: usize = 300;

/// How many backslashes may stand in a row: the parser goes over the rest of them at each.
const BACKSLASHES_MAX: usize = 100;

/// What the scan found, and where (a byte's index).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The byte at which it begins.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) sentence: String,
}

/// Refuses a text that is too long, too deep, or not plain enough for the parser.
pub(crate) fn check(source: &str) -> Result<(), Fault> {
    if source.len() > TEMPLATE_BYTES_MAX {
        return fault(
            0,
            format!("This text is longer than {} kB.", TEMPLATE_BYTES_MAX / 1000),
        );
    }
    Scan {
        source,
        at: 0,
        blocks: Vec::new(),
        tags: 0,
    }
    .run()
}

/// Where the lines of a text begin: its places, without reading it from the start for each.
pub(crate) struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(source: &'a str) -> Self {
        let behind = source.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            source,
            starts: [0].into_iter().chain(behind).collect(),
        }
    }

    /// The place of a byte.
    pub(crate) fn place(&self, at: usize) -> At {
        let at = self.source.floor_char_boundary(at);
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        At {
            line,
            column: 1 + self.source[start..at].chars().count(),
        }
    }

    /// The byte of a place; the text's end for one behind it.
    pub(crate) fn byte(&self, place: At) -> usize {
        let start = self
            .starts
            .get(place.line.saturating_sub(1))
            .copied()
            .unwrap_or(self.source.len());
        let column = self.source[start..]
            .char_indices()
            .nth(place.column.saturating_sub(1));
        column.map_or(self.source.len(), |(index, _)| start + index)
    }
}

struct Scan<'a> {
    source: &'a str,
    at: usize,
    /// For each open block: 1, and 1 more for each `else if` of it, because the parser nests these.
    blocks: Vec<usize>,
    tags: usize,
}

impl Scan<'_> {
    fn run(mut self) -> Result<(), Fault> {
        if let Some(at) = self.source.find(&"\\".repeat(BACKSLASHES_MAX + 1)) {
            return fault(
                at,
                format!("More than {BACKSLASHES_MAX} backslashes in a row."),
            );
        }
        while let Some(found) = self.rest().find("{{") {
            let start = self.at + found;
            match backslashes_before(&self.source[self.at..start]) {
                1 => self.at = start + escaped_length(&self.source[start..]),
                _ => self.tag(start)?,
            }
        }
        Ok(())
    }

    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    /// Goes over the tag that begins at `start`, and to behind it.
    fn tag(&mut self, start: usize) -> Result<(), Fault> {
        self.tags += 1;
        if self.tags > TAGS_MAX {
            return fault(
                start,
                format!(
                    "This text has more than {TAGS_MAX} tags; divide it into several templates."
                ),
            );
        }
        let tag = &self.source[start..];
        if tag.starts_with("{{{{") {
            return fault(
                start,
                "Raw blocks (`{{{{`) are not used here; write `\\{{` for two braces as text.",
            );
        }
        if tag.starts_with("{{!") {
            self.at = start + comment_length(tag).ok_or_else(|| unclosed(start, "comment"))?;
            return Ok(());
        }
        let (open, close) = if tag.starts_with("{{{") {
            (3, "}}}")
        } else {
            (2, "}}")
        };
        self.count_block(start, &tag[open..])?;
        self.at = start + open;
        self.inside(start, close)
    }

    /// Keeps count of the blocks that a tag opens, continues or closes; `inner` begins behind its braces.
    fn count_block(&mut self, start: usize, inner: &str) -> Result<(), Fault> {
        let inner = inner.trim_start().trim_start_matches('~').trim_start();
        if inner.starts_with('*') || inner.starts_with("#*") || inner.starts_with("# *") {
            return fault(start, "Decorators (`{{*`) are not used here.");
        }
        if let Some(block) = inner.strip_prefix('#') {
            if block.trim_start().starts_with(['>', '*']) {
                return fault(
                    start,
                    "Partial blocks (`{{#>`) are not used here; write `{{> name}}`.",
                );
            }
            self.blocks.push(1);
        } else if inner.starts_with('/') {
            self.blocks.pop();
        } else if let Some(rest) = inner
            .strip_prefix("else")
            .or_else(|| inner.strip_prefix('^'))
            && !rest.trim_start().trim_start_matches('~').starts_with("}}")
            && let Some(block) = self.blocks.last_mut()
        {
            *block += 1;
        }
        self.check_depth(start, 0)
    }

    fn check_depth(&self, at: usize, parentheses: usize) -> Result<(), Fault> {
        if self.blocks.iter().sum::<usize>() + parentheses > DEPTH_MAX {
            return fault(
                at,
                format!(
                    "This nests deeper than {DEPTH_MAX} levels; divide it into several templates."
                ),
            );
        }
        Ok(())
    }

    /// Goes from behind a tag's opening braces to behind its closing ones.
    fn inside(&mut self, start: usize, close: &str) -> Result<(), Fault> {
        let is_partial = self
            .rest()
            .trim_start()
            .trim_start_matches('~')
            .trim_start()
            .starts_with('>');
        let mut parentheses = 0_usize;
        while let Some(next) = self.rest().chars().next() {
            match next {
                '}' if self.rest().starts_with(close) => {
                    self.at += close.len();
                    return Ok(());
                }
                '{' | '}' => {
                    return fault(
                        self.at,
                        format!(
                            "A single `{next}` inside `{{{{ … }}}}`: is the tag before it closed?"
                        ),
                    );
                }
                '\\' if is_partial => {
                    return fault(self.at, "The name of a partial can't contain a backslash.");
                }
                '"' | '\'' => {
                    let length = quoted_length(self.rest(), is_partial)
                        .ok_or_else(|| unclosed(self.at, "quote"))?;
                    self.at += length;
                    continue;
                }
                '[' => {
                    let length = bracketed_length(self.rest())
                        .ok_or_else(|| unclosed(self.at, "bracket"))?;
                    self.at += length;
                    continue;
                }
                '(' => parentheses += 1,
                ')' => parentheses = parentheses.saturating_sub(1),
                _ => {}
            }
            self.check_depth(self.at, parentheses)?;
            self.at += next.len_utf8();
        }
        Err(unclosed(start, "tag `{{`"))
    }
}

fn fault<T>(at: usize, sentence: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        at,
        sentence: sentence.into(),
    })
}

fn unclosed(at: usize, what: &str) -> Fault {
    Fault {
        at,
        sentence: format!("This {what} is never closed, or contains what it can't."),
    }
}

/// One backslash makes `{{` text; two or more are backslashes before a tag.
fn backslashes_before(text: &str) -> usize {
    text.len() - text.trim_end_matches('\\').len()
}

/// The braces that one backslash made text: two, or four.
fn escaped_length(text: &str) -> usize {
    if text.starts_with("{{{{") { 4 } else { 2 }
}

fn comment_length(tag: &str) -> Option<usize> {
    let inner = &tag[3..];
    let spaced = inner.trim_start();
    if spaced.len() < inner.len() && spaced.starts_with("--") {
        return None; // the parser reads `{{! --` as `{{!--`, people don't
    }
    let long = inner.starts_with("--").then(|| tag.find("--}}")).flatten();
    match long {
        Some(end) if end >= 5 => Some(end + 4),
        Some(_) => None, // `{{!--}}`: its dashes would be both
        None => tag.find("}}").map(|end| end + 2),
    }
}

/// The length of a quoted text with its quotes. A backslash takes the next character with it, but not in a partial's name.
fn quoted_length(text: &str, is_partial: bool) -> Option<usize> {
    let quote = text.as_bytes()[0];
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if is_partial => return None,
            b'\\' => drop(bytes.next()),
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of `[a name]`. Inside, only what can't begin anything else.
fn bracketed_length(text: &str) -> Option<usize> {
    let inner = &text[1..];
    let end = inner.find(|c| "[](){}\"'\\".contains(c))?;
    inner[end..].starts_with(']').then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(open: &str, close: &str, count: usize) -> String {
        format!("{}{}", open.repeat(count), close.repeat(count))
    }

    #[test]
    fn plain_templates_pass() {
        for source in [
            "",
            "New cards take {{plural 5 one='day' other='days'}}.",
            r"Two braces: \{{ and a backslash: \\{{slots.x}}",
            "{{!-- a }} comment --}}{{! it's fine }}{{slots.[a name].x}}",
            "{{#if a}}{{#each b as |c|}}{{{c}}}{{else}}-{{/each}}{{else if d}}{{> e f='}}'}}{{/if}}",
        ] {
            assert_eq!(check(source), Ok(()), "{source}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        let parentheses = format!("{{{{x {}}}}}", depth("(eq 1 ", ")", DEPTH_MAX));
        assert_eq!(check(&parentheses), Ok(()));
        let deeper = format!("{{{{x {}}}}}", depth("(eq 1 ", ")", 5_000));
        assert!(check(&deeper).unwrap_err().sentence.contains("deeper"));
        let blocks = depth("{{#if a}}", "{{/if}}", DEPTH_MAX);
        assert_eq!(check(&blocks), Ok(()));
        assert!(check(&depth("{{#if a}}", "{{/if}}", DEPTH_MAX + 1)).is_err());
        let chain = format!(
            "{{{{#if a}}}}{}{{{{/if}}}}",
            "{{else if b}}".repeat(DEPTH_MAX)
        );
        assert!(check(&chain).is_err());
    }

    #[test]
    fn what_the_parser_might_read_otherwise_is_refused() {
        for source in [
            "{{{{raw}}}} {{{{/raw}}}}",
            "{{! -- }} ((( --}}",
            "{{!--}}",
            "{{a \"}}",
            "{{a {\"b\": 1}}}",
            "{{a [\"(\"]}}",
            r"{{> 'a\'}}",
            "{{#> layout}}{{/layout}}",
            "{{#*inline 'x'}}{{/inline}}",
            "{{*decorate}}",
            "{{a {{b}}",
            "{{a",
        ] {
            assert!(check(source).is_err(), "{source}");
        }
    }

    #[test]
    fn places_count_characters() {
        let lines = Lines::of("ä\nöü{{");
        assert_eq!(lines.place(5), At { line: 2, column: 2 });
        assert_eq!(lines.byte(At { line: 2, column: 2 }), 5);
        assert_eq!(lines.place(0), At { line: 1, column: 1 });
    }
}
