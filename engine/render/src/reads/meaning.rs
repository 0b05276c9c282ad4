//! What a name means inside blocks, where it may stand for several things.

use std::collections::BTreeMap;

use crate::path::{Path, Start};
use crate::program::{BlockNames, Expression};

/// The names that a response gives to templates, and a check knows.
const ROOTS: [&str; 11] = [
    "slots", "result", "error", "event", "item", "index", "entity", "user", "desk", "locale", "now",
];

/// A block's names, while it is checked.
pub(super) enum Frame<'f> {
    Root,
    /// `#each` and `#with`: the path of the item or value, if it has one.
    Block {
        base: Option<Vec<String>>,
        names: &'f BlockNames,
        outer: &'f Frame<'f>,
    },
    /// What a partial is given by name: each with its path, if it has one.
    Named {
        names: BTreeMap<&'f str, Option<Vec<String>>>,
        outer: &'f Frame<'f>,
    },
}

/// Whether a path begins with a name that every response has.
pub(super) fn is_known(path: &[String]) -> bool {
    path.first()
        .is_some_and(|first| ROOTS.contains(&first.as_str()))
}

/// The likeliest path of an expression that is a variable.
pub(super) fn path_of(expression: &Expression, frame: &Frame<'_>) -> Option<Vec<String>> {
    let Expression::Read(read) = expression else {
        return None;
    };
    let mut meanings = meanings(&read.path, frame);
    (!meanings.is_empty()).then(|| meanings.remove(likely(&meanings)))
}

/// Of several meanings: the one that begins with a name that every response has; else the innermost.
pub(super) fn likely(meanings: &[Vec<String>]) -> usize {
    match meanings.last() {
        Some(outermost) if is_known(outermost) && meanings.len() > 1 => meanings.len() - 1,
        _ => 0,
    }
}

/// What a name can mean, innermost first.
pub(super) fn meanings(path: &Path, frame: &Frame<'_>) -> Vec<Vec<String>> {
    match path.start {
        Start::Root => vec![path.names.clone()],
        Start::Loop(_) => Vec::new(),
        Start::This => outward(frame, path.up)
            .and_then(base)
            .map(|base| joined(&base, &path.names))
            .into_iter()
            .collect(),
        Start::Name => {
            outward(frame, path.up).map_or_else(Vec::new, |frame| by_name(&path.names, frame))
        }
    }
}

fn by_name(names: &[String], frame: &Frame<'_>) -> Vec<Vec<String>> {
    let Some((first, rest)) = names.split_first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut here = frame;
    loop {
        match here {
            Frame::Root => {
                found.push(names.to_vec());
                return found;
            }
            Frame::Block {
                base,
                names: block,
                outer,
            } => {
                if block.item.as_ref() == Some(first) {
                    found.extend(base.as_ref().map(|base| joined(base, rest)));
                    return found;
                }
                if block.key.as_ref() == Some(first) {
                    return found;
                }
                found.extend(base.as_ref().map(|base| joined(base, names)));
                here = outer;
            }
            Frame::Named {
                names: named,
                outer,
            } => {
                if let Some(given) = named.get(first.as_str()) {
                    found.extend(given.as_ref().map(|base| joined(base, rest)));
                    return found;
                }
                here = outer;
            }
        }
    }
}

fn joined(base: &[String], names: &[String]) -> Vec<String> {
    [base, names].concat()
}

/// The path of the innermost block's item or value.
fn base(frame: &Frame<'_>) -> Option<Vec<String>> {
    match frame {
        Frame::Root => None,
        Frame::Block { base, .. } => base.clone(),
        Frame::Named { outer, .. } => self::base(outer),
    }
}

fn outward<'f>(frame: &'f Frame<'f>, up: usize) -> Option<&'f Frame<'f>> {
    match (frame, up) {
        (_, 0) => Some(frame),
        (Frame::Root, _) => None,
        (Frame::Block { outer, .. }, up) => outward(outer, up - 1),
        (Frame::Named { outer, .. }, up) => outward(outer, up),
    }
}
