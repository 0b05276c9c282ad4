//! Functions and list macros.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr};
use dialog::{Expression, Function, ListMacro, Pattern, Value, ValueType};

use super::lower::{Lowered, Lowering, path, told_by_needs};
use super::ty::Family;
use super::{Fact, Facts, Ty};
use crate::names::did_you_mean;
use crate::rule;

/// All functions, for "did you mean".
const FUNCTIONS: &[&str] = &[
    "has",
    "or",
    "next",
    "lower",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "double",
    "number",
    "string",
    "text",
    "timestamp",
    "duration",
    "in_state",
    "entered",
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
];

impl Lowering<'_> {
    /// A function, a method or a list macro.
    pub(super) fn function(&self, part: &IdedExpr, call: &CallExpr) -> Option<Lowered> {
        let target = call.target.as_deref();
        match (call.func_name.as_str(), target, call.args.as_slice()) {
            ("has", None, [a]) => self.has(part, a),
            ("or", None, [a, b]) => self.or_default(part, a, b),
            ("size", None, [a]) | ("size", Some(a), []) => {
                self.one(part, Function::Size, a, SIZED, ValueType::Int)
            }
            ("lower", None, [a]) => self.one(part, Function::Lower, a, TEXT, ValueType::Text),
            ("next", None, [a]) => {
                self.check_literal(a, is_time_of_day, "a time of day like '09:00'");
                self.one(part, Function::Next, a, TEXT, ValueType::Datetime)
            }
            ("contains", Some(a), [b]) => self.two(part, Function::Contains, a, b),
            ("startsWith", Some(a), [b]) => self.two(part, Function::StartsWith, a, b),
            ("endsWith", Some(a), [b]) => self.two(part, Function::EndsWith, a, b),
            ("matches", Some(a), [pattern]) => self.matches(part, a, pattern),
            ("int", None, [a]) => self.one(part, Function::Int, a, CONVERTED, ValueType::Int),
            ("double" | "number", None, [a]) => {
                self.one(part, Function::Number, a, CONVERTED, ValueType::Number)
            }
            ("string" | "text", None, [a]) => {
                self.one(part, Function::Text, a, CONVERTED, ValueType::Text)
            }
            ("timestamp", None, [a]) => {
                self.check_literal(a, is_timestamp, "a moment like '2026-03-02T09:00:00+01:00'");
                self.one(part, Function::Timestamp, a, TEXT, ValueType::Datetime)
            }
            ("duration", None, [a]) => {
                self.check_literal(a, is_duration, "a duration like '5m' or '24h'");
                self.one(part, Function::Duration, a, TEXT, ValueType::Duration)
            }
            ("in_state", None, [a]) => self.asks_state(part, Function::InState, a),
            ("entered", None, [a]) => self.asks_state(part, Function::Entered, a),
            (name, Some(list), [item, body]) if list_macro(name).is_some() => {
                self.list_macro(part, list_macro(name)?, list, item, body)
            }
            (name, ..) => self.unknown_function(part, name),
        }
    }

    fn unknown_function(&self, part: &IdedExpr, name: &str) -> Option<Lowered> {
        let sentence = if FUNCTIONS.contains(&name) {
            format!("`{name}` is not called like that")
        } else {
            format!(
                "there is no function `{name}`{}",
                did_you_mean(name, FUNCTIONS.iter().copied())
            )
        };
        self.report(part, &rule::UNKNOWN_NAME, sentence);
        None
    }

    fn has(&self, part: &IdedExpr, a: &IdedExpr) -> Option<Lowered> {
        let path = path(a);
        if path.is_none() || matches!(&a.expr, Expr::Call(_)) {
            self.report(a, &rule::TYPE_ERROR, "`has` asks for a name like `slots.x`");
            return None;
        }
        let lowered = self.lower(a)?;
        let mut yes = Facts::new();
        yes.extend(lowered.needs.iter().map(|need| need.fact.clone()));
        yes.extend(path.map(Fact::Set));
        Some(Lowered {
            expression: Expression::Call(Function::Has, vec![lowered.expression]),
            yes,
            ..self.plain(part, Expression::Item, Ty::Of(ValueType::Bool))
        })
    }

    fn or_default(&self, part: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Option<Lowered> {
        let a = self.lower(a);
        let b = self.lower(b);
        let (a, b) = (a?, b?);
        let ty = a.ty.join(&b.ty);
        if ty == Ty::Any && a.ty != Ty::Any && b.ty != Ty::Any {
            self.report(
                part,
                &rule::TYPE_ERROR,
                format!(
                    "`or` needs two values of one kind, not {} and {}",
                    a.ty.describe(),
                    b.ty.describe()
                ),
            );
        }
        Some(Lowered {
            expression: Expression::Call(Function::Or, vec![a.expression, b.expression]),
            needs: b.needs,
            ..self.plain(part, Expression::Item, ty)
        })
    }

    fn one(
        &self,
        part: &IdedExpr,
        function: Function,
        a: &IdedExpr,
        wanted: &[Family],
        result: ValueType,
    ) -> Option<Lowered> {
        let a = self.lower(a)?;
        let family = a.ty.family();
        if family != Family::Any && !wanted.contains(&family) {
            self.report(
                part,
                &rule::TYPE_ERROR,
                format!("this function cannot be used on {}", a.ty.describe()),
            );
            return None;
        }
        Some(told_by_needs(Lowered {
            expression: Expression::Call(function, vec![a.expression]),
            needs: a.needs,
            ..self.plain(part, Expression::Item, Ty::Of(result))
        }))
    }

    fn two(
        &self,
        part: &IdedExpr,
        function: Function,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Option<Lowered> {
        let (a, b) = (self.lower(a), self.lower(b));
        let (a, b) = (a?, b?);
        for one in [&a, &b] {
            if !matches!(one.ty.family(), Family::Text | Family::Any) {
                self.cx.findings.add(
                    &rule::TYPE_ERROR,
                    one.place,
                    format!("this function needs a text, not {}", one.ty.describe()),
                );
                return None;
            }
        }
        Some(told_by_needs(Lowered {
            expression: Expression::Call(function, vec![a.expression, b.expression]),
            needs: [a.needs, b.needs].concat(),
            ..self.plain(part, Expression::Item, Ty::Of(ValueType::Bool))
        }))
    }

    fn matches(&self, part: &IdedExpr, a: &IdedExpr, pattern: &IdedExpr) -> Option<Lowered> {
        let a = self.lower(a)?;
        let Some(source) = literal_text(pattern) else {
            self.report(
                pattern,
                &rule::TYPE_ERROR,
                "`matches` needs a pattern in quotes",
            );
            return None;
        };
        match Pattern::new(&source) {
            Ok(pattern) => Some(told_by_needs(Lowered {
                expression: Expression::Matches(Box::new(a.expression), pattern),
                needs: a.needs,
                ..self.plain(part, Expression::Item, Ty::Of(ValueType::Bool))
            })),
            Err(error) => {
                self.report(
                    pattern,
                    &rule::WRONG_VALUE,
                    format!("the pattern cannot be read: {}", pattern_problem(&error)),
                );
                None
            }
        }
    }

    fn asks_state(&self, part: &IdedExpr, function: Function, a: &IdedExpr) -> Option<Lowered> {
        if !self.scope.property {
            self.report(
                part,
                &rule::NOT_AVAILABLE_HERE,
                "`in_state` and `entered` can only be asked in properties",
            );
            return None;
        }
        let Some(path) = literal_text(a) else {
            self.report(
                a,
                &rule::TYPE_ERROR,
                "the state is written in quotes: \"flow.state\"",
            );
            return None;
        };
        let known = path.split_once('.').is_some_and(|(flow, state)| {
            self.cx.names.flow(flow).is_some_and(|flow| {
                let flow = &self.cx.names.flows[flow.index()];
                flow.states.iter().any(|one| one.path == state)
            })
        });
        if !known && self.cx.names.broken.contains(&crate::files::FileKind::Flow) {
            return None;
        }
        if !known {
            let all: Vec<String> = self
                .cx
                .names
                .flows
                .iter()
                .flat_map(|flow| {
                    flow.states
                        .iter()
                        .map(|state| format!("{}.{}", flow.name, state.path))
                })
                .collect();
            let near = did_you_mean(&path, all.iter().map(String::as_str));
            self.report(a, &rule::UNKNOWN_STATE, format!("no state `{path}`{near}"));
            return None;
        }
        let argument = Expression::Literal(Value::Text(path));
        Some(self.plain(
            part,
            Expression::Call(function, vec![argument]),
            Ty::Of(ValueType::Bool),
        ))
    }

    fn list_macro(
        &self,
        part: &IdedExpr,
        kind: ListMacro,
        list: &IdedExpr,
        item: &IdedExpr,
        body: &IdedExpr,
    ) -> Option<Lowered> {
        let Expr::Ident(name) = &item.expr else {
            self.report(
                item,
                &rule::EXPRESSION_SYNTAX,
                "a name for the item is wanted here",
            );
            return None;
        };
        if self.item.borrow().is_some() {
            self.report(
                part,
                &rule::EXPRESSION_SYNTAX,
                "list functions cannot be nested",
            );
            return None;
        }
        let list = self.lower(list)?;
        if !matches!(list.ty.family(), Family::List | Family::Any) {
            self.report(
                part,
                &rule::TYPE_ERROR,
                format!("this function needs a list, not {}", list.ty.describe()),
            );
            return None;
        }
        *self.item.borrow_mut() = Some((name.clone(), list.ty.item()));
        let body = self.lower(body);
        *self.item.borrow_mut() = None;
        let body = body?;
        let body = if kind == ListMacro::Map {
            body
        } else {
            self.want_bool(body)?
        };
        let ty = macro_type(kind, &list.ty, &body.ty);
        Some(told_by_needs(Lowered {
            expression: Expression::Macro(
                kind,
                Box::new(list.expression),
                Box::new(body.expression),
            ),
            needs: [list.needs, body.needs].concat(),
            ..self.plain(part, Expression::Item, ty)
        }))
    }

    fn check_literal(&self, part: &IdedExpr, holds: fn(&str) -> bool, wanted: &str) {
        if let Some(text) = literal_text(part)
            && !holds(&text)
        {
            self.report(
                part,
                &rule::WRONG_VALUE,
                format!("`{text}` is not {wanted}"),
            );
        }
    }
}

const TEXT: &[Family] = &[Family::Text];
const SIZED: &[Family] = &[Family::Text, Family::List, Family::Map];
const CONVERTED: &[Family] = &[
    Family::Text,
    Family::Number,
    Family::Bool,
    Family::Moment,
    Family::Duration,
];

fn macro_type(kind: ListMacro, list: &Ty, body: &Ty) -> Ty {
    match (kind, body) {
        (ListMacro::All | ListMacro::Exists | ListMacro::ExistsOne, _) => Ty::Of(ValueType::Bool),
        (ListMacro::Filter, _) => list.clone(),
        (ListMacro::Map, Ty::Of(of)) => Ty::Of(ValueType::List {
            of: Box::new(of.clone()),
            max: Value::LIST_MAX,
        }),
        (ListMacro::Map, Ty::Any) => Ty::Any,
    }
}

fn list_macro(name: &str) -> Option<ListMacro> {
    Some(match name {
        "all" => ListMacro::All,
        "exists" => ListMacro::Exists,
        "exists_one" | "existsOne" => ListMacro::ExistsOne,
        "filter" => ListMacro::Filter,
        "map" => ListMacro::Map,
        _ => return None,
    })
}

/// The path of `x` in `size(x)`.
pub(super) fn size_of(part: &IdedExpr) -> Option<String> {
    let Expr::Call(call) = &part.expr else {
        return None;
    };
    match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
        ("size", None, [a]) => path(a),
        ("size", Some(a), []) => path(a),
        _ => None,
    }
}

fn literal_text(part: &IdedExpr) -> Option<String> {
    match &part.expr {
        Expr::Literal(cel::common::ast::LiteralValue::String(text)) => {
            Some(text.inner().to_owned())
        }
        _ => None,
    }
}

fn is_time_of_day(text: &str) -> bool {
    text.parse::<jiff::civil::Time>().is_ok() && text.contains(':')
}

fn is_timestamp(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

fn is_duration(text: &str) -> bool {
    dialog::parse_duration(text).is_some()
}

/// A regex error in one line.
pub(crate) fn pattern_problem(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    text.lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned()
}
