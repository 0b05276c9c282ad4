//! Templates in templates: each is one of the bot's own, none contains itself, and together they stay readable.

use std::collections::BTreeMap;

use crate::compile::problem;
use crate::evaluate::PARTIALS_MAX;
use crate::lower::Mistake;
use crate::program::{At, Node};
use crate::source::TemplateProblem;
use crate::suggest::did_you_mean;
use crate::templates::Templates;

/// How many pieces a template may have with all its partials: what a reader could never oversee, and a checker would walk for ever.
const PIECES_MAX: usize = 20_000;

/// Reports every partial that is unknown, contains itself, or grows beyond reading.
pub(crate) fn check(templates: &Templates, problems: &mut Vec<TemplateProblem>) {
    let mut sizes = Sizes {
        templates,
        known: BTreeMap::new(),
    };
    for (name, locale, template) in templates.all() {
        for (spot, program) in template.programs() {
            for (partial, at) in partials(&program.nodes) {
                if let Some(sentence) = sizes.mistake(name, partial) {
                    problems.push(problem(name, locale, &spot, Mistake { at, sentence }));
                }
            }
        }
    }
}

/// How large a template is with its partials.
#[derive(Clone, Copy)]
enum Size {
    /// Being counted: to meet it again is a circle.
    Open,
    Circle,
    Counted {
        depth: usize,
        pieces: usize,
    },
}

struct Sizes<'a> {
    templates: &'a Templates,
    known: BTreeMap<&'a str, Size>,
}

impl<'a> Sizes<'a> {
    fn mistake(&mut self, name: &str, partial: &'a str) -> Option<String> {
        if !self.templates.has(partial) {
            let hint = did_you_mean(partial, self.templates.names());
            return Some(format!("There is no template `{partial}`{hint}"));
        }
        match self.of(partial) {
            Size::Open | Size::Circle => Some(format!(
                "The partial `{partial}` contains itself, so `{name}` would never end."
            )),
            Size::Counted { depth, pieces } if depth >= PARTIALS_MAX || pieces > PIECES_MAX => {
                Some(format!(
                    "The partial `{partial}` contains so many others that nobody could read `{name}`."
                ))
            }
            Size::Counted { .. } => None,
        }
    }

    fn of(&mut self, name: &'a str) -> Size {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        self.known.insert(name, Size::Open);
        let size = self.count(name);
        self.known.insert(name, size);
        size
    }

    fn count(&mut self, name: &'a str) -> Size {
        let mut whole = (0, 0_usize);
        for program in self.templates.texts(name) {
            whole.1 = whole.1.saturating_add(count(&program.nodes));
            for (partial, _) in partials(&program.nodes) {
                match self.of(partial) {
                    Size::Open | Size::Circle => return Size::Circle,
                    Size::Counted { depth, pieces } => {
                        whole = (whole.0.max(depth + 1), whole.1.saturating_add(pieces))
                    }
                }
            }
        }
        Size::Counted {
            depth: whole.0,
            pieces: whole.1,
        }
    }
}

/// The partials of a text, with their places.
fn partials(nodes: &[Node]) -> Vec<(&str, At)> {
    let mut found = Vec::new();
    for node in nodes {
        if let Node::Partial { name, at, .. } = node {
            found.push((name.as_str(), *at));
        }
        node.parts().for_each(|part| found.extend(partials(part)));
    }
    found
}

fn count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| 1 + node.parts().map(count).sum::<usize>())
        .sum()
}
