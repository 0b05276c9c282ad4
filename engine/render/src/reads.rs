//! Which variables a template reads, before it is ever said: so that a check can prove that they are set wherever it is said.

use std::collections::{BTreeMap, BTreeSet};

use dialog::Locale;

use crate::path::{Path, Start};
use crate::program::{At, BlockNames, Call, Expression, Node, Read};
use crate::templates::{Spot, Templates};

/// The names that a response gives to templates, and a check knows.
const ROOTS: [&str; 11] = [
    "slots", "result", "error", "event", "item", "index", "entity", "user", "desk", "locale", "now",
];

/// In a path: any item of the list before it.
const ITEM: &str = "[]";

/// A variable that a template reads.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadVariable {
    /// Its path: `["slots", "card", "label"]`. `"[]"` stands for any item of a list that `#each` goes over.
    pub path: Vec<String>,
    /// Other meanings of the name, inside `#each` and `#with`: it is looked for inside out, and one of them being set is enough.
    pub otherwise: Vec<Vec<String>>,
    /// Whether nobody has to prove that it is set: it stands in an `#if`, inside one that holds only if it is set, or inside
    /// the `#each` or `#with` that goes over it (which is a read of its own). Its path must still be one that exists.
    pub guarded: bool,
    /// Where it is read.
    pub place: ReadPlace,
}

/// Where a variable is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadPlace {
    /// The form's language.
    pub locale: Locale,
    /// The channel whose form it is; none = the form for all.
    pub channel: Option<String>,
    /// The variant, from 0.
    pub variant: usize,
    /// The field: `text`, `cards[0].title` ….
    pub field: String,
    /// The line inside the field's text, from 1. In a partial: the line of the `{{> …}}`.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
}

impl Templates {
    /// Every variable that a template reads, at every place and in every language. Empty for an unknown name.
    pub fn reads(&self, name: &str) -> Vec<ReadVariable> {
        let mut reads = Vec::new();
        for (_, locale, template) in self.all().filter(|(one, _, _)| *one == name) {
            for (spot, program) in template.programs() {
                let mut walk = Walk {
                    templates: self,
                    locale,
                    spot,
                    partial: None,
                    guards: Vec::new(),
                    reads: &mut reads,
                };
                walk.nodes(&program.nodes, &Frame::Root);
            }
        }
        reads
    }

    /// The paths whose values a response must carry for a template: [`dialog::TemplateDeclaration::reads`]. Sorted; lists whole.
    pub fn paths_read(&self, name: &str) -> Vec<Vec<String>> {
        let is_root = |path: &Vec<String>| {
            path.first()
                .is_some_and(|first| ROOTS.contains(&first.as_str()))
        };
        let mut paths: BTreeSet<Vec<String>> = BTreeSet::new();
        for read in self.reads(name) {
            let others = read.otherwise.into_iter().filter(is_root);
            paths.extend(
                [read.path]
                    .into_iter()
                    .chain(others)
                    .map(|path| path.into_iter().take_while(|name| name != ITEM).collect()),
            );
        }
        let whole = paths.clone();
        paths.retain(|path| !(1..path.len()).any(|length| whole.contains(&path[..length])));
        paths.into_iter().filter(|path| !path.is_empty()).collect()
    }
}

/// A block's names, while it is checked.
enum Frame<'f> {
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

struct Walk<'a> {
    templates: &'a Templates,
    locale: &'a str,
    spot: Spot,
    /// In a partial: the place of its tag.
    partial: Option<At>,
    /// Paths that are set here.
    guards: Vec<Vec<String>>,
    reads: &'a mut Vec<ReadVariable>,
}

impl Walk<'_> {
    fn nodes(&mut self, nodes: &[Node], frame: &Frame<'_>) {
        for node in nodes {
            self.node(node, frame);
        }
    }

    fn node(&mut self, node: &Node, frame: &Frame<'_>) {
        match node {
            Node::Text(_) => {}
            Node::Say(expression) => self.expression(expression, false, frame),
            Node::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                self.expression(condition, true, frame);
                self.guarded(set_by(condition, frame), |walk| walk.nodes(then, frame));
                self.nodes(otherwise, frame);
            }
            Node::Each {
                list: over,
                names,
                body,
                otherwise,
            } => self.block(over, Some(ITEM), names, body, otherwise.as_deref(), frame),
            Node::With {
                value: over,
                names,
                body,
                otherwise,
            } => self.block(over, None, names, body, otherwise.as_deref(), frame),
            Node::Partial {
                name,
                at,
                context,
                with,
            } => self.partial(name, *at, context.as_ref(), with, frame),
        }
    }

    fn block(
        &mut self,
        over: &Expression,
        item: Option<&str>,
        names: &BlockNames,
        body: &[Node],
        otherwise: Option<&[Node]>,
        frame: &Frame<'_>,
    ) {
        self.expression(over, otherwise.is_some(), frame);
        let base = path_of(over, frame).map(|mut path| {
            path.extend(item.map(str::to_owned));
            path
        });
        let inner = Frame::Block {
            base,
            names,
            outer: frame,
        };
        self.guarded(set_by(over, frame), |walk| walk.nodes(body, &inner));
        self.nodes(otherwise.unwrap_or_default(), frame);
    }

    fn partial(
        &mut self,
        name: &str,
        at: At,
        context: Option<&Expression>,
        with: &[(String, Expression)],
        frame: &Frame<'_>,
    ) {
        context
            .into_iter()
            .chain(with.iter().map(|(_, value)| value))
            .for_each(|value| self.expression(value, false, frame));
        let unnamed = BlockNames::default();
        let inside = context.map(|context| Frame::Block {
            base: path_of(context, frame),
            names: &unnamed,
            outer: frame,
        });
        let names = with
            .iter()
            .map(|(name, value)| (name.as_str(), path_of(value, frame)))
            .collect();
        let named = Frame::Named {
            names,
            outer: inside.as_ref().unwrap_or(frame),
        };
        let Some((_, template)) = self.templates.in_locale(name, self.locale) else {
            return;
        };
        let outermost = self.partial;
        self.partial = outermost.or(Some(at));
        for form in template
            .variants
            .iter()
            .chain(template.channels.values().flatten())
        {
            self.nodes(&form.text.nodes, &named);
        }
        self.partial = outermost;
    }

    fn guarded(&mut self, set: Vec<Vec<String>>, inside: impl FnOnce(&mut Self)) {
        let before = self.guards.len();
        self.guards.extend(set);
        inside(self);
        self.guards.truncate(before);
    }

    /// `may_be_unset`: whether a variable that stands here by itself need not be set.
    fn expression(&mut self, expression: &Expression, may_be_unset: bool, frame: &Frame<'_>) {
        match expression {
            Expression::Literal(_) => {}
            Expression::Read(read) => self.read(read, may_be_unset, frame),
            Expression::Call(call) => {
                let may_be_unset = matches!(call.as_ref(), Call::Eq(..));
                call.arguments()
                    .into_iter()
                    .for_each(|argument| self.expression(argument, may_be_unset, frame));
            }
        }
    }

    fn read(&mut self, read: &Read, may_be_unset: bool, frame: &Frame<'_>) {
        let mut meanings = meanings(&read.path, frame);
        if meanings.is_empty() {
            return;
        }
        let path = meanings.remove(likely(&meanings));
        let at = self.partial.unwrap_or(read.at);
        self.reads.push(ReadVariable {
            guarded: may_be_unset || self.guards.iter().any(|guard| implies(guard, &path)),
            path,
            otherwise: meanings,
            place: ReadPlace {
                locale: self.locale.into(),
                channel: self.spot.channel.clone(),
                variant: self.spot.variant,
                field: self.spot.field.clone(),
                line: at.line,
                column: at.column,
            },
        });
    }
}

/// Whether one path being set says that the other is: a field's map is set; a map's fields are all required.
fn implies(set: &[String], path: &[String]) -> bool {
    set.len() > 1 && path.starts_with(set) || set.starts_with(path)
}

/// The paths that are set where a condition holds.
fn set_by(condition: &Expression, frame: &Frame<'_>) -> Vec<Vec<String>> {
    match condition {
        Expression::Call(call) => match call.as_ref() {
            Call::Eq(left, right) => [left, right]
                .into_iter()
                .filter_map(|side| path_of(side, frame))
                .collect(),
            _ => Vec::new(),
        },
        other => path_of(other, frame).into_iter().collect(),
    }
}

/// The likeliest path of an expression that is a variable.
fn path_of(expression: &Expression, frame: &Frame<'_>) -> Option<Vec<String>> {
    let Expression::Read(read) = expression else {
        return None;
    };
    let mut meanings = meanings(&read.path, frame);
    (!meanings.is_empty()).then(|| meanings.remove(likely(&meanings)))
}

/// Of several meanings: the one that begins with a name that every response has; else the innermost.
fn likely(meanings: &[Vec<String>]) -> usize {
    let known = |path: &Vec<String>| {
        path.first()
            .is_some_and(|first| ROOTS.contains(&first.as_str()))
    };
    match meanings.last() {
        Some(outermost) if known(outermost) && meanings.len() > 1 => meanings.len() - 1,
        _ => 0,
    }
}

/// What a name can mean, innermost first.
fn meanings(path: &Path, frame: &Frame<'_>) -> Vec<Vec<String>> {
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
