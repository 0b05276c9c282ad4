//! Example sentences with their annotations: `I lost my [visa](card_type)`.

use understand::{Annotation, Example};

use super::keys;
use crate::context::Cx;
use crate::place::Place;
use crate::rule;
use crate::yaml::{Node, NodeKind, place_within};

/// An example with its place.
#[derive(Debug)]
pub(crate) struct PlacedExample {
    /// What is trained on.
    pub(crate) example: Example,
    /// Where it stands: the list's item, or the text and the line within it.
    place: Where,
}

#[derive(Debug)]
enum Where {
    Item(Place),
    Line(Place),
}

impl PlacedExample {
    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        match self.place {
            Where::Item(place) | Where::Line(place) => place,
        }
    }
}

/// Reads `examples`: a list, or a text with one a line; an empty line and a leading `- ` mean nothing.
pub(super) fn examples(cx: Cx<'_>, node: &Node) -> Vec<PlacedExample> {
    match &node.kind {
        NodeKind::List(items) => items
            .iter()
            .filter_map(|item| {
                let text = keys::text(cx.findings, item, "an example")?;
                let annotate = |at, length| place_within(cx.sources, item, at, length);
                Some(PlacedExample {
                    example: annotated(cx, text, annotate)?,
                    place: Where::Item(item.place),
                })
            })
            .collect(),
        NodeKind::Scalar(_) => lines(cx, node),
        _ => {
            let _ = keys::text(cx.findings, node, "`examples`");
            Vec::new()
        }
    }
}

fn lines(cx: Cx<'_>, node: &Node) -> Vec<PlacedExample> {
    let text = node.as_text().unwrap_or_default();
    let first = first_line(cx, node);
    text.lines()
        .enumerate()
        .filter_map(|(number, line)| {
            let line = line.trim();
            let line = line.strip_prefix("- ").unwrap_or(line);
            if line.is_empty() {
                return None;
            }
            let place = line_place(cx, node, first, number, line);
            let annotate = |at, length: usize| Place {
                column: place.column + crate::place::number(at),
                length: crate::place::number(length),
                ..place
            };
            Some(PlacedExample {
                example: annotated(cx, line, annotate)?,
                place: Where::Line(place),
            })
        })
        .collect()
}

/// The line of a text's first line: behind the `|` of a block.
fn first_line(cx: Cx<'_>, node: &Node) -> u32 {
    let raw = &cx.sources.text(node.place.file)[cx.sources.byte(node.place)..];
    node.place.line + u32::from(raw.starts_with(['|', '>']))
}

fn line_place(cx: Cx<'_>, node: &Node, first: u32, number: usize, line: &str) -> Place {
    let row = first + crate::place::number(number);
    let raw = cx.sources.line(node.place.file, row);
    let column = raw.find(line).map_or(0, |at| raw[..at].chars().count());
    Place {
        file: node.place.file,
        line: row,
        column: crate::place::number(column + 1),
        length: crate::place::number(line.chars().count().max(1)),
    }
}

/// Takes the marks out of an example. `[x]` without `(…)` behind it is text.
fn annotated(cx: Cx<'_>, line: &str, place: impl Fn(usize, usize) -> Place) -> Option<Example> {
    let mut text = String::with_capacity(line.len());
    let mut annotations = Vec::new();
    let mut rest = line;
    while let Some((before, words, mark, after)) = next_mark(rest) {
        text.push_str(before);
        let start = text.len();
        text.push_str(words);
        let (entity, value) = match mark.split_once('=') {
            Some((entity, value)) => (entity, Some(value.to_owned())),
            None => (mark, None),
        };
        if cx.names.entity(entity).is_some() {
            annotations.push(Annotation {
                start,
                end: text.len(),
                entity: entity.to_owned(),
                value,
            });
        } else {
            let known = cx.names.entities.iter().map(|(one, _)| one.name.as_str());
            let at = line[..line.len() - after.len() - mark.len() - 1]
                .chars()
                .count();
            keys::report_unknown_name(
                cx,
                &rule::UNKNOWN_ENTITY,
                place(at, entity.chars().count()),
                format!("no entity `{entity}`"),
                entity,
                known,
            );
        }
        rest = after;
    }
    text.push_str(rest);
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(Example { text, annotations })
}

/// The text before a mark, the marked words, the mark, and what follows.
fn next_mark(text: &str) -> Option<(&str, &str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("](") {
        let middle = from + found;
        let open = text[..middle].rfind('[');
        let close = text[middle..].find(')').map(|at| middle + at);
        if let (Some(open), Some(close)) = (open, close) {
            return Some((
                &text[..open],
                &text[open + 1..middle],
                &text[middle + 2..close],
                &text[close + 1..],
            ));
        }
        from = middle + 2;
    }
    None
}
