//! saphyr's events → the tree. What the language does not have (tags, aliases, empty values, keys that are no texts) is
//! reported here once, with its place, so that nothing later has to think of it.

use std::collections::BTreeSet;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{Key, Node, NodeKind, Scalar, Style, traps};
use crate::diagnostic::Findings;
use crate::place::{FileId, Place, Sources, number};
use crate::rule;

/// How deep values may be nested: real bots stay below 12, and everything after this walks the tree by recursion.
const DEPTH_MAX: usize = 48;

/// The longest line: places are counted along it, so without a bound one line of a megabyte would take minutes.
const LINE_BYTES_MAX: usize = 20_000;

/// The most values of one file: a megabyte of `[,,,]` would otherwise become a tree of a hundred.
const NODES_MAX: usize = 200_000;

/// The tree of a file, or nothing when it has no content or cannot be read; then there is a finding.
pub(crate) fn parse(sources: &Sources, file: FileId, findings: &Findings) -> Option<Node> {
    let text = sources.text(file);
    if let Some(number) = long_line(text) {
        let place = Place {
            line: number,
            ..Place::start_of(file)
        };
        let sentence = format!("this line is longer than {LINE_BYTES_MAX} bytes");
        findings.add_with_help(
            &rule::FILE_BOUNDS,
            place,
            sentence,
            "write it over several lines",
        );
        return None;
    }
    let mut builder = Builder {
        sources,
        file,
        findings,
        open: Vec::new(),
        root: None,
        documents: 0,
        nodes: 0,
    };
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => {
                let at = error.marker();
                traps::report_syntax(
                    sources,
                    file,
                    (number(at.line()), number(at.col() + 1)),
                    error.info(),
                    builder.findings,
                );
                return None;
            }
        }
    }
    builder.root
}

/// The first line that is too long, from 1.
fn long_line(text: &str) -> Option<u32> {
    text.split('\n')
        .position(|line| line.len() > LINE_BYTES_MAX)
        .map(|at| number(at + 1))
}

struct Builder<'a> {
    sources: &'a Sources,
    file: FileId,
    findings: &'a Findings,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
}

/// A list or map whose end has not come yet.
enum Open {
    List(Place, Vec<Node>),
    Map {
        place: Place,
        entries: Vec<(Key, Node)>,
        seen: BTreeSet<String>,
        key: Option<Node>,
    },
}

impl Builder<'_> {
    /// Takes one event; `None` when reading on makes no sense.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let place = self.place(span);
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let sentence = format!("the file holds more than {NODES_MAX} values");
            self.findings.add(&rule::FILE_BOUNDS, place, sentence);
            return None;
        }
        match event {
            Event::DocumentStart(_) => return self.begin_document(place),
            Event::Scalar(text, style, _, tag) => {
                let kind = if tag.is_some() {
                    traps::report_tag(self.sources, place, self.findings);
                    NodeKind::Broken
                } else {
                    self.scalar(&text, style, place, span)
                };
                self.put(Node { kind, place });
            }
            Event::Alias(_) => {
                traps::report_alias(place, self.findings);
                self.put(Node {
                    kind: NodeKind::Broken,
                    place,
                });
            }
            Event::SequenceStart(_, tag) => {
                self.begin(place, tag.is_some(), Open::List(place, Vec::new()))?;
            }
            Event::MappingStart(_, tag) => {
                let map = Open::Map {
                    place,
                    entries: Vec::new(),
                    seen: BTreeSet::new(),
                    key: None,
                };
                self.begin(place, tag.is_some(), map)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Some(())
    }

    fn begin_document(&mut self, place: Place) -> Option<()> {
        self.documents += 1;
        if self.documents > 1 {
            self.findings.add_with_help(
                &rule::YAML_SYNTAX,
                place,
                "a second document begins here (`---`), but a file holds one",
                "put it into a file of its own",
            );
            return None;
        }
        Some(())
    }

    fn begin(&mut self, place: Place, tagged: bool, open: Open) -> Option<()> {
        if tagged {
            traps::report_tag(self.sources, place, self.findings);
        }
        if self.open.len() >= DEPTH_MAX {
            let sentence = format!("values are nested more than {DEPTH_MAX} deep here");
            self.findings.add(&rule::FILE_BOUNDS, place, sentence);
            return None;
        }
        self.open.push(open);
        Some(())
    }

    fn end(&mut self) {
        let node = match self.open.pop() {
            Some(Open::List(place, items)) => Node {
                kind: NodeKind::List(items),
                place,
            },
            Some(Open::Map { place, entries, .. }) => Node {
                kind: NodeKind::Map(entries),
                place,
            },
            None => return,
        };
        self.put(node);
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => {
                if !is_empty(&node) {
                    items.push(node);
                } else {
                    report_empty(node.place, self.findings);
                }
            }
            Some(Open::Map {
                key,
                entries,
                place,
                seen,
            }) => match key.take() {
                None => *key = Some(node),
                Some(name) => {
                    let flow = is_flow(self.sources, *place);
                    let entry = entry(name, node, flow, self.sources, self.findings);
                    entries.extend(entry.filter(|(key, _)| is_new(key, seen, self.findings)));
                }
            },
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, place: Place, span: Span) -> NodeKind {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        if style == Style::Plain {
            traps::report_comment(self.sources, place, span, self.findings);
        }
        NodeKind::Scalar(Scalar {
            text: text.to_owned(),
            style,
        })
    }

    fn place(&self, span: Span) -> Place {
        let (start, end) = (span.start, span.end);
        let length = if end.line() == start.line() {
            end.col().saturating_sub(start.col())
        } else {
            1
        };
        Place {
            file: self.file,
            line: number(start.line()),
            column: number(start.col() + 1),
            length: number(length.max(1)),
        }
    }
}

/// An entry of a map, unless its key or value is not one of the language.
fn entry(
    name: Node,
    value: Node,
    flow: bool,
    sources: &Sources,
    findings: &Findings,
) -> Option<(Key, Node)> {
    let place = name.place;
    let text = match name.kind {
        NodeKind::Scalar(scalar) => scalar.text,
        NodeKind::Broken => return None,
        _ => {
            traps::report_key(sources, place, findings);
            return None;
        }
    };
    if !is_empty(&value) {
        return Some((Key { text, place }, value));
    }
    if flow {
        traps::report_comma(place, &text, findings);
    } else {
        report_empty_key(place, &text, findings);
    }
    None
}

/// Whether a key stands in its map for the first time.
fn is_new(key: &Key, seen: &mut BTreeSet<String>, findings: &Findings) -> bool {
    let new = seen.insert(key.text.clone());
    if !new {
        findings.add(
            &rule::DUPLICATE_KEY,
            key.place,
            format!("the key `{}` stands twice in the same map", key.text),
        );
    }
    new
}

fn is_flow(sources: &Sources, place: Place) -> bool {
    sources.text(place.file).as_bytes().get(sources.byte(place)) == Some(&b'{')
}

/// A plain scalar that YAML reads as "nothing".
fn is_empty(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar(Scalar { text, style: Style::Plain })
        if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
}

fn report_empty_key(place: Place, key: &str, findings: &Findings) {
    findings.add_with_help(
        &rule::EMPTY_VALUE,
        place,
        format!("`{key}` has no value"),
        "write one, `{}` for an empty map, or leave the key out",
    );
}

fn report_empty(place: Place, findings: &Findings) {
    findings.add_with_help(
        &rule::EMPTY_VALUE,
        place,
        "an entry of this list is empty",
        "write a value or delete the line",
    );
}
