//! From Handlebars' tree to ours: every tag is checked here, so that rendering has nothing left to refuse but values.

use std::collections::BTreeMap;

use dialog::Value;
use handlebars::Template;
use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, Subexpression, TemplateElement,
};

use crate::bounds::Lines;
use crate::path::{Path, Start};
use crate::program::{At, BlockNames, Expression, Node, Program, Read};
use crate::suggest::did_you_mean;
use crate::words::Words;

mod call;
mod options;
mod parse;

use options::Options;

/// Helpers that stand in a text or in parentheses.
const HELPERS: [&str; 10] = [
    "date", "datetime", "eq", "label", "list", "lookup", "money", "number", "plural", "time",
];
/// Helpers that have a `#` and an end.
const BLOCKS: [&str; 4] = ["each", "if", "unless", "with"];

/// A mistake in one text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) at: At,
    pub(crate) sentence: String,
}

/// Compiles one text, or says everything that is wrong with it.
pub(crate) fn program(source: &str, words: &Words) -> Result<Program, Vec<Mistake>> {
    let tree = parse::parse(source).map_err(|mistake| vec![mistake])?;
    let mut lower = Lower {
        source,
        lines: Lines::of(source),
        words,
        tag: At { line: 1, column: 1 },
        groups: Vec::new(),
        mistakes: Vec::new(),
    };
    let nodes = lower.nodes(&tree);
    if lower.mistakes.is_empty() {
        return Ok(Program { nodes });
    }
    Err(lower.mistakes)
}

struct Lower<'a> {
    source: &'a str,
    lines: Lines<'a>,
    words: &'a Words,
    /// The tag that is being read.
    tag: At,
    /// For each open `#each` and `#with`: the last name of what it goes over, and the name it gives to its items.
    groups: Vec<(Option<String>, Option<String>)>,
    mistakes: Vec<Mistake>,
}

impl Lower<'_> {
    fn nodes(&mut self, template: &Template) -> Vec<Node> {
        let outer = self.tag;
        let mut nodes = Vec::with_capacity(template.elements.len());
        for (index, element) in template.elements.iter().enumerate() {
            self.tag = template.mapping.get(index).map_or(outer, |place| At {
                line: place.0,
                column: place.1,
            });
            nodes.extend(self.node(element));
        }
        self.tag = outer;
        nodes
    }

    /// The node of an element; none for a comment or a mistake.
    fn node(&mut self, element: &TemplateElement) -> Option<Node> {
        match element {
            TemplateElement::RawString(text) => {
                (!text.is_empty()).then(|| Node::Text(text.clone()))
            }
            TemplateElement::Comment(_) => None,
            // Three braces mean the same as two: what is inserted is escaped by the channel's format, always.
            TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => {
                self.tag(tag).map(Node::Say)
            }
            TemplateElement::HelperBlock(block) => self.block(block),
            TemplateElement::PartialExpression(partial) => self.partial(partial),
            _ => self.mistake("Decorators and partial blocks are not used here."),
        }
    }

    fn mistake<T>(&mut self, sentence: impl Into<String>) -> Option<T> {
        self.mistakes.push(Mistake {
            at: self.tag,
            sentence: sentence.into(),
        });
        None
    }

    /// A tag is a variable, or a helper with what it needs.
    fn tag(&mut self, tag: &HelperTemplate) -> Option<Expression> {
        if let Parameter::Subexpression(inner) = &tag.name {
            return self.subexpression(inner);
        }
        let Some(name) = tag.name.as_name() else {
            return self.mistake("A tag begins with the name of a variable or helper.");
        };
        // A bare `{{label}}` or `{{date}}` is a variable: items often have such a field, and a helper alone says nothing.
        if !tag.params.is_empty() || !tag.hash.is_empty() {
            return self.call(name, &tag.params, &tag.hash);
        }
        match name {
            "else" | "^" => self.mistake("This `{{else}}` belongs to no block."),
            _ if BLOCKS.contains(&name) => self.needs_hash(name),
            _ => self.read(name),
        }
    }

    fn needs_hash<T>(&mut self, name: &str) -> Option<T> {
        self.mistake(format!(
            "`{name}` is written `{{{{#{name} …}}}} … {{{{/{name}}}}}`."
        ))
    }

    fn subexpression(&mut self, inner: &Subexpression) -> Option<Expression> {
        match inner.as_element() {
            TemplateElement::Expression(tag) => self.tag(tag),
            _ => self.mistake("Parentheses hold a helper: `(eq slots.a 'b')`."),
        }
    }

    fn expression(&mut self, parameter: &Parameter) -> Option<Expression> {
        match parameter {
            Parameter::Name(name) => self.read(name),
            Parameter::Path(_) => self.read(parameter.as_name().unwrap_or_default()),
            Parameter::Literal(json) => match Value::from_json(json) {
                Some(value) => Some(Expression::Literal(value)),
                None => self.mistake("`null` is no value here; leave it out."),
            },
            Parameter::Subexpression(inner) => self.subexpression(inner),
            _ => self.mistake("This value is written in a way that is not used here."),
        }
    }

    fn read(&mut self, raw: &str) -> Option<Expression> {
        let Some(path) = Path::parse(raw) else {
            return self.mistake(format!(
                "`{raw}` is not known; there are `@index`, `@key`, `@first`, `@last` and `@root`."
            ));
        };
        if matches!(path.start, Start::This | Start::Loop(_)) && self.groups.len() <= path.up {
            return self.mistake(format!(
                "`{raw}` only means something inside `{{{{#each …}}}}` or `{{{{#with …}}}}`."
            ));
        }
        let at = self.place_of(raw);
        Some(Expression::Read(Read {
            path,
            raw: raw.to_owned(),
            at,
        }))
    }

    /// Where a name stands: the first time after the tag's beginning; the parser only tells the tag's place.
    fn place_of(&self, raw: &str) -> At {
        let start = self.lines.byte(self.tag);
        let found = self.source[start..]
            .match_indices(raw)
            .map(|(index, _)| start + index)
            .find(|index| {
                !self.source[..*index].ends_with(is_name_character)
                    && !self.source[index + raw.len()..].starts_with(is_name_character)
            });
        found.map_or(self.tag, |index| self.lines.place(index))
    }

    fn block(&mut self, block: &HelperTemplate) -> Option<Node> {
        let name = block.name.as_name().unwrap_or_default().to_owned();
        match name.as_str() {
            "if" => self.condition(block, false),
            "unless" => self.condition(block, true),
            "each" | "with" => self.scope(block, name == "each"),
            helper if HELPERS.contains(&helper) => self.mistake(format!(
                "`{helper}` is no block: write `{{{{{helper} …}}}}` without `#`."
            )),
            other => {
                let hint = did_you_mean(other, BLOCKS);
                self.mistake(format!("There is no block `#{other}`{hint}"))
            }
        }
    }

    fn condition(&mut self, block: &HelperTemplate, negated: bool) -> Option<Node> {
        let mut options = Options::new(&block.hash);
        let include_zero = options.flag(self, "includeZero");
        options.finish(self, if negated { "unless" } else { "if" });
        let condition = self.only_argument(block);
        let then = self.part(block.template.as_ref());
        let otherwise = self.part(block.inverse.as_ref());
        let (then, otherwise) = if negated {
            (otherwise, then)
        } else {
            (then, otherwise)
        };
        Some(Node::If {
            condition: condition?,
            include_zero: include_zero?.unwrap_or(false),
            then,
            otherwise,
        })
    }

    fn part(&mut self, template: Option<&Template>) -> Vec<Node> {
        template.map_or_else(Vec::new, |template| self.nodes(template))
    }

    fn scope(&mut self, block: &HelperTemplate, is_loop: bool) -> Option<Node> {
        Options::new(&block.hash).finish(self, if is_loop { "each" } else { "with" });
        let over = self.only_argument(block);
        let names = block_names(block.block_param.as_ref());
        self.groups.push((
            over.as_ref().and_then(|over| self.group_of(over)),
            names.item.clone(),
        ));
        let body = self.part(block.template.as_ref());
        self.groups.pop();
        let otherwise = block.inverse.as_ref().map(|inverse| self.nodes(inverse));
        Some(match is_loop {
            true => Node::Each {
                list: over?,
                names,
                body,
                otherwise,
            },
            false => Node::With {
                value: over?,
                names,
                body,
                otherwise,
            },
        })
    }

    fn only_argument(&mut self, block: &HelperTemplate) -> Option<Expression> {
        match block.params.as_slice() {
            [one] => self.expression(one),
            other => {
                let name = block.name.as_name().unwrap_or_default();
                self.mistake(format!(
                    "`#{name}` takes one value, not {}; for a comparison write `(eq a b)`.",
                    other.len()
                ))
            }
        }
    }

    /// The slot, field or entity whose labels fit a value: the last name of its path.
    fn group_of(&self, value: &Expression) -> Option<String> {
        let Expression::Read(read) = value else {
            return None;
        };
        let is_index = |name: &String| name.parse::<usize>().is_ok();
        if let Some(name) = read.path.names.iter().rev().find(|name| !is_index(name)) {
            let is_item = |group: &&(_, Option<String>)| group.1.as_ref() == Some(name);
            let single = read.path.names.len() == 1;
            return match self.groups.iter().rev().find(is_item).filter(|_| single) {
                Some((group, _)) => group.clone(),
                None => Some(name.clone()),
            };
        }
        let depth = self.groups.len().checked_sub(1 + read.path.up)?;
        self.groups[depth].0.clone()
    }

    fn partial(&mut self, partial: &DecoratorTemplate) -> Option<Node> {
        let Some(name) = partial
            .name
            .as_name()
            .map(|name| name.trim_matches('\'').to_owned())
        else {
            return self.mistake("The name of a partial is written as it is: `{{> name}}`.");
        };
        let context = match partial.params.as_slice() {
            [] => None,
            [one] => Some(self.expression(one)?),
            _ => return self.mistake(format!(
                "The partial `{name}` takes at most one value, and names: `{{{{> {name} a=b}}}}`."
            )),
        };
        let named: BTreeMap<&String, &Parameter> = partial.hash.iter().collect();
        let mut with = Vec::with_capacity(named.len());
        for (key, parameter) in named {
            with.push((key.clone(), self.expression(parameter)?));
        }
        Some(Node::Partial {
            name,
            at: self.tag,
            context,
            with,
        })
    }
}

fn block_names(params: Option<&BlockParam>) -> BlockNames {
    let name = |parameter: &Parameter| parameter.as_name().map(str::to_owned);
    match params {
        None => BlockNames::default(),
        Some(BlockParam::Single(item)) => BlockNames {
            item: name(item),
            key: None,
        },
        Some(BlockParam::Pair((item, key))) => BlockNames {
            item: name(item),
            key: name(key),
        },
        Some(_) => BlockNames::default(),
    }
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.' || c == '/' || c == '@' || c == '-'
}
