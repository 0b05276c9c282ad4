//! Which variables a template reads, before it is ever said: so that a check can prove that they are set wherever it is said.

use std::collections::BTreeSet;

use dialog::Locale;

use crate::program::{At, BlockNames, Call, Expression, Node, Read};
use crate::templates::{Spot, Templates};

mod meaning;

use meaning::{Frame, likely, meanings, path_of};

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
        let mut paths: BTreeSet<Vec<String>> = BTreeSet::new();
        for read in self.reads(name) {
            let others = read
                .otherwise
                .into_iter()
                .filter(|path| meaning::is_known(path));
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
