//! Walks a compiled text over the values of a response. Never panics, ends soon, and names what is missing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use dialog::Value;
use jiff::tz::TimeZone;

use crate::error::RenderError;
use crate::escape::Escape;
use crate::program::{BlockNames, Expression, Node, Program};
use crate::templates::Templates;
use crate::words::Words;

mod call;
mod scope;

pub(crate) use scope::Scope;

/// The longest text that a form may make: as long as a template, as no channel shows more.
pub(crate) const TEXT_BYTES_MAX: usize = 64_000;

/// How many pieces of a template are walked at most: ten nested loops over long lists would take for ever without saying a word.
const NODES_MAX: usize = 100_000;

/// How deep partials may stand in partials. `compile` finds circles; this is for the stack.
pub(crate) const PARTIALS_MAX: usize = 16;

/// What a text is rendered for.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) templates: &'a Templates,
    /// The template that is said.
    pub(crate) template: &'a str,
    pub(crate) locale: &'a str,
    pub(crate) words: &'a Words,
    pub(crate) channel: &'a str,
    pub(crate) variant: u32,
    pub(crate) tz: &'a TimeZone,
    pub(crate) escape: Escape,
}

/// What an expression is worth.
pub(super) enum Worth<'v> {
    /// A variable that is not set.
    Unset,
    /// A value of the response.
    Is(&'v Value),
    /// A value that was computed.
    Made(Value),
    /// A text that was made from values.
    Spoken(String),
    /// The author's own words, which are never escaped.
    Words(Cow<'v, str>),
}

impl<'v> Worth<'v> {
    fn value(&self) -> Option<&Value> {
        match self {
            Worth::Is(value) => Some(value),
            Worth::Made(value) => Some(value),
            Worth::Unset | Worth::Spoken(_) | Worth::Words(_) => None,
        }
    }

    fn into_value(self) -> Option<Cow<'v, Value>> {
        Some(match self {
            Worth::Unset => return None,
            Worth::Is(value) => Cow::Borrowed(value),
            Worth::Made(value) => Cow::Owned(value),
            Worth::Spoken(text) => Cow::Owned(Value::Text(text)),
            Worth::Words(text) => Cow::Owned(Value::Text(text.into_owned())),
        })
    }

    fn holds(&self, include_zero: bool) -> bool {
        match self {
            Worth::Unset => false,
            Worth::Spoken(text) => !text.is_empty(),
            Worth::Words(text) => !text.is_empty(),
            Worth::Is(value) => holds(value, include_zero),
            Worth::Made(value) => holds(value, include_zero),
        }
    }
}

/// As in Handlebars: false, nothing, an empty text or list and the number 0 don't hold.
fn holds(value: &Value, include_zero: bool) -> bool {
    match value {
        Value::Bool(holds) => *holds,
        Value::Int(int) => include_zero || *int != 0,
        Value::Number(number) => include_zero || *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Time(_) | Value::Duration(_) | Value::Map(_) => true,
    }
}

/// Renders one text.
pub(crate) fn text(
    program: &Program,
    values: &BTreeMap<String, Value>,
    around: Surroundings<'_>,
) -> Result<String, RenderError> {
    let mut run = Run {
        around,
        out: String::new(),
        nodes_left: NODES_MAX,
        partials: 0,
    };
    run.nodes(&program.nodes, &Scope::root(values))?;
    Ok(run.out)
}

struct Run<'a> {
    around: Surroundings<'a>,
    out: String,
    nodes_left: usize,
    partials: usize,
}

impl<'a> Run<'a> {
    fn nodes(&mut self, nodes: &'a [Node], scope: &Scope<'_>) -> Result<(), RenderError> {
        nodes.iter().try_for_each(|node| self.node(node, scope))
    }

    fn node(&mut self, node: &'a Node, scope: &Scope<'_>) -> Result<(), RenderError> {
        self.nodes_left = self
            .nodes_left
            .checked_sub(1)
            .ok_or_else(|| self.too_long())?;
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Say(expression) => self.say(expression, scope)?,
            Node::If {
                condition,
                include_zero,
                then,
                otherwise,
            } => {
                let holds = self.worth(condition, scope)?.holds(*include_zero);
                self.nodes(if holds { then } else { otherwise }, scope)?;
            }
            Node::Each {
                list,
                names,
                body,
                otherwise,
            } => {
                self.each(list, names, body, otherwise.as_deref(), scope)?;
            }
            Node::With {
                value,
                names,
                body,
                otherwise,
            } => {
                self.with(value, names, body, otherwise.as_deref(), scope)?;
            }
            Node::Partial {
                name,
                context,
                with,
                ..
            } => self.partial(name, context.as_ref(), with, scope)?,
        }
        if self.out.len() > TEXT_BYTES_MAX {
            return Err(self.too_long());
        }
        Ok(())
    }

    fn say(&mut self, expression: &'a Expression, scope: &Scope<'_>) -> Result<(), RenderError> {
        let escape = self.around.escape;
        match self.worth(expression, scope)? {
            Worth::Unset => return Err(self.unset(expression)),
            Worth::Words(text) => self.out.push_str(&text),
            Worth::Spoken(text) => escape.append(&mut self.out, &text),
            Worth::Is(Value::Text(text)) => escape.append(&mut self.out, text),
            Worth::Is(value) => {
                let text = self.spoken(value, expression)?;
                escape.append(&mut self.out, &text);
            }
            Worth::Made(value) => {
                let text = self.spoken(&value, expression)?;
                escape.append(&mut self.out, &text);
            }
        }
        Ok(())
    }

    fn each(
        &mut self,
        list: &'a Expression,
        names: &'a BlockNames,
        body: &'a [Node],
        otherwise: Option<&'a [Node]>,
        scope: &Scope<'_>,
    ) -> Result<(), RenderError> {
        let worth = self.worth(list, scope)?;
        if matches!(worth, Worth::Unset) && otherwise.is_none() {
            return Err(self.unset(list));
        }
        match worth.value() {
            Some(Value::List(items)) if !items.is_empty() => {
                items.iter().enumerate().try_for_each(|(index, item)| {
                    self.nodes(
                        body,
                        &scope.item(item, names, scope::Loop::of_list(index, items.len())),
                    )
                })
            }
            Some(Value::Map(fields)) if !fields.is_empty() => fields
                .iter()
                .enumerate()
                .try_for_each(|(index, (key, field))| {
                    self.nodes(
                        body,
                        &scope.item(field, names, scope::Loop::of_map(key, index, fields.len())),
                    )
                }),
            Some(Value::List(_) | Value::Map(_)) | None => {
                self.nodes(otherwise.unwrap_or_default(), scope)
            }
            Some(_) => Err(self.wrong_kind(list, "a list")),
        }
    }

    fn with(
        &mut self,
        value: &'a Expression,
        names: &'a BlockNames,
        body: &'a [Node],
        otherwise: Option<&'a [Node]>,
        scope: &Scope<'_>,
    ) -> Result<(), RenderError> {
        match (self.worth(value, scope)?.into_value(), otherwise) {
            (Some(inner), None) => self.nodes(body, &scope.with(&inner, names)),
            (Some(inner), Some(_)) if holds(&inner, false) => {
                self.nodes(body, &scope.with(&inner, names))
            }
            (_, Some(otherwise)) => self.nodes(otherwise, scope),
            (None, None) => Err(self.unset(value)),
        }
    }

    fn partial(
        &mut self,
        name: &'a str,
        context: Option<&'a Expression>,
        with: &'a [(String, Expression)],
        scope: &Scope<'_>,
    ) -> Result<(), RenderError> {
        let around = self.around;
        let form = around
            .templates
            .form(name, around.locale, around.channel, around.variant);
        let form = form.ok_or_else(|| RenderError::NoTemplate {
            template: name.to_owned(),
        })?;
        if self.partials == PARTIALS_MAX {
            return Err(self.too_long());
        }
        let mut named = BTreeMap::new();
        for (key, expression) in with {
            let value = self
                .worth(expression, scope)?
                .into_value()
                .ok_or_else(|| self.unset(expression))?;
            named.insert(key.clone(), value.into_owned());
        }
        let context = match context {
            Some(expression) => Some(
                self.worth(expression, scope)?
                    .into_value()
                    .ok_or_else(|| self.unset(expression))?,
            ),
            None => None,
        };
        self.partials += 1;
        let names = BlockNames::default();
        let inner = context.as_ref().map(|context| scope.with(context, &names));
        let result = self.nodes(
            &form.text.nodes,
            &inner.as_ref().unwrap_or(scope).named(&named),
        );
        self.partials -= 1;
        result
    }

    fn unset(&self, expression: &Expression) -> RenderError {
        RenderError::Unset {
            template: self.around.template.to_owned(),
            variable: expression.named(),
        }
    }

    fn wrong_kind(&self, expression: &Expression, needs: &'static str) -> RenderError {
        RenderError::WrongKind {
            template: self.around.template.to_owned(),
            variable: expression.named(),
            needs,
        }
    }

    fn too_long(&self) -> RenderError {
        RenderError::TooLong {
            template: self.around.template.to_owned(),
        }
    }
}
