//! Operators: what they can be used on, and what is known after them.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedEntryExpr, LiteralValue};
use dialog::{BinaryOperator, Expression, Function, UnaryOperator, Value, ValueType};

use super::facts::{Fact, Facts, common};
use super::lower::{Lowered, Lowering, path, told_by_needs};
use super::ty::Family;
use super::{Ty, functions};
use crate::names::did_you_mean;
use crate::rule;

impl Lowering<'_> {
    /// An operator or a function.
    pub(super) fn call(&self, part: &IdedExpr, call: &CallExpr) -> Option<Lowered> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            ("_&&_", [a, b]) => self.and(part, a, b),
            ("_||_", [a, b]) => self.or(part, a, b),
            ("_?_:_", [condition, a, b]) => self.conditional(part, condition, a, b),
            ("!_", [a]) => self.not(part, a),
            ("-_", [a]) => self.negate(part, a),
            ("_[_]", [list, index]) => self.index(part, list, index),
            (name, [a, b]) if operator(name).is_some() => self.binary(part, operator(name)?, a, b),
            _ => self.function(part, call),
        }
    }

    fn and(&self, part: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Option<Lowered> {
        let a = self.boolean(a);
        let facts = a.as_ref().map(|a| a.yes.clone()).unwrap_or_default();
        let b = self
            .lower_knowing(b, &facts)
            .and_then(|b| self.want_bool(b));
        let (a, b) = (a?, b?);
        Some(Lowered {
            expression: binary(BinaryOperator::And, &a, &b),
            yes: a.yes.union(&b.yes).cloned().collect(),
            no: common(&a.no, &b.no),
            needs: [a.needs, b.needs].concat(),
            ..self.plain(part, Expression::Item, Ty::Of(ValueType::Bool))
        })
    }

    fn or(&self, part: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Option<Lowered> {
        let a = self.boolean(a);
        let facts = a.as_ref().map(|a| a.no.clone()).unwrap_or_default();
        let b = self
            .lower_knowing(b, &facts)
            .and_then(|b| self.want_bool(b));
        let (a, b) = (a?, b?);
        Some(Lowered {
            expression: binary(BinaryOperator::Or, &a, &b),
            yes: common(&a.yes, &b.yes),
            no: a.no.union(&b.no).cloned().collect(),
            needs: [a.needs, b.needs].concat(),
            ..self.plain(part, Expression::Item, Ty::Of(ValueType::Bool))
        })
    }

    fn not(&self, part: &IdedExpr, a: &IdedExpr) -> Option<Lowered> {
        let a = self.boolean(a)?;
        let mut yes = a.no;
        yes.extend(a.needs.iter().map(|need| need.fact.clone()));
        Some(Lowered {
            expression: Expression::Unary(UnaryOperator::Not, Box::new(a.expression)),
            yes,
            no: a.yes,
            needs: a.needs,
            ..self.plain(part, Expression::Item, Ty::Of(ValueType::Bool))
        })
    }

    fn negate(&self, part: &IdedExpr, a: &IdedExpr) -> Option<Lowered> {
        let a = self.lower(a)?;
        if !matches!(
            a.ty.family(),
            Family::Number | Family::Duration | Family::Any
        ) {
            self.report(
                part,
                &rule::TYPE_ERROR,
                format!("`-` needs a number, not {}", a.ty.describe()),
            );
            return None;
        }
        Some(Lowered {
            expression: Expression::Unary(UnaryOperator::Negate, Box::new(a.expression)),
            ..Lowered {
                place: self.place(part),
                ..told_by_needs(Lowered {
                    expression: Expression::Item,
                    yes: Facts::new(),
                    no: Facts::new(),
                    ..a
                })
            }
        })
    }

    fn conditional(
        &self,
        part: &IdedExpr,
        condition: &IdedExpr,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Option<Lowered> {
        let condition = self.boolean(condition);
        let (yes, no) = condition
            .as_ref()
            .map(|condition| (condition.yes.clone(), condition.no.clone()))
            .unwrap_or_default();
        let a = self.lower_knowing(a, &yes);
        let b = self.lower_knowing(b, &no);
        let (condition, a, b) = (condition?, a?, b?);
        let ty = a.ty.join(&b.ty);
        Some(Lowered {
            expression: Expression::Conditional(
                Box::new(condition.expression),
                Box::new(a.expression),
                Box::new(b.expression),
            ),
            needs: [condition.needs, a.needs, b.needs].concat(),
            ..self.plain(part, Expression::Item, ty)
        })
    }

    fn index(&self, part: &IdedExpr, list: &IdedExpr, index: &IdedExpr) -> Option<Lowered> {
        let base = self.lower(list);
        let at = self.lower(index);
        let (base, at) = (base?, at?);
        let mut needs = [base.needs, at.needs].concat();
        let ty = match (base.ty.family(), at.ty.family()) {
            (Family::List | Family::Any, Family::Number | Family::Any) => {
                let size = match &at.expression {
                    Expression::Literal(Value::Int(i)) => i + 1,
                    _ => 1,
                };
                if let Some(path) = path(list) {
                    needs.extend(self.need(Fact::SizeAtLeast(path, size), self.place(part)));
                }
                base.ty.item()
            }
            (Family::Map, Family::Text) => Ty::Any,
            _ => {
                self.report(
                    part,
                    &rule::TYPE_ERROR,
                    format!(
                        "`[…]` needs a list and a number, not {} and {}",
                        base.ty.describe(),
                        at.ty.describe()
                    ),
                );
                return None;
            }
        };
        Some(told_by_needs(Lowered {
            expression: Expression::Index(Box::new(base.expression), Box::new(at.expression)),
            needs,
            ..self.plain(part, Expression::Item, ty)
        }))
    }

    fn binary(
        &self,
        part: &IdedExpr,
        operator: BinaryOperator,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Option<Lowered> {
        let a = self.lower(left);
        let b = self.lower(right);
        let (a, b) = (a?, b?);
        let ty = self.result_type(part, operator, &a, &b)?;
        let (a, b) = same_numbers(operator, a, b);
        let mut needs = [a.needs.clone(), b.needs.clone()].concat();
        if matches!(operator, BinaryOperator::Divide | BinaryOperator::Remainder) {
            needs.extend(self.divisor_needs(right, &b));
        }
        let (yes, no) = told_by_comparison(operator, left, &b.expression);
        let mut lowered = told_by_needs(Lowered {
            expression: binary(operator, &a, &b),
            needs,
            ..self.plain(part, Expression::Item, ty)
        });
        lowered.yes.extend(yes);
        lowered.no.extend(no);
        Some(lowered)
    }

    fn divisor_needs(&self, part: &IdedExpr, divisor: &Lowered) -> Vec<super::Need> {
        let literal = match &divisor.expression {
            Expression::Literal(value) => value.as_number(),
            _ => None,
        };
        match literal {
            Some(number) if number != 0.0 => Vec::new(),
            _ => {
                let path = path(part).unwrap_or_else(|| "the divisor".to_owned());
                self.need(Fact::NotZero(path), self.place(part))
            }
        }
    }

    fn result_type(
        &self,
        part: &IdedExpr,
        operator: BinaryOperator,
        a: &Lowered,
        b: &Lowered,
    ) -> Option<Ty> {
        use BinaryOperator as Op;
        let bool = Ty::Of(ValueType::Bool);
        let families = (a.ty.family(), b.ty.family());
        let found = match operator {
            Op::Equal | Op::NotEqual => {
                self.check_values(a, b);
                comparable(families).then_some(bool)
            }
            Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
                (comparable(families) && ordered(families.0) && ordered(families.1)).then_some(bool)
            }
            Op::In => match families.1 {
                Family::List => {
                    self.check_values_in(a, b);
                    comparable((families.0, b.ty.item().family())).then_some(bool)
                }
                Family::Map | Family::Any => Some(bool),
                _ => None,
            },
            Op::Add => sum(&a.ty, &b.ty),
            Op::Subtract => difference(&a.ty, &b.ty),
            Op::Multiply | Op::Divide | Op::Remainder => number(&a.ty, &b.ty),
            Op::And | Op::Or => Some(bool),
        };
        if found.is_none() {
            self.report(
                part,
                &rule::TYPE_ERROR,
                format!(
                    "`{}` does not go between {} and {}",
                    symbol(operator),
                    a.ty.describe(),
                    b.ty.describe()
                ),
            );
        }
        found
    }

    /// A comparison with a value that the other side never has.
    fn check_values(&self, a: &Lowered, b: &Lowered) {
        for (one, other) in [(a, b), (b, a)] {
            let (Ty::Of(ValueType::Enum(values)), Expression::Literal(Value::Text(text))) =
                (&one.ty, &other.expression)
            else {
                continue;
            };
            self.check_value(values, text, other);
        }
    }

    fn check_value(&self, values: &[String], text: &str, literal: &Lowered) {
        if !values.iter().any(|value| value == text) {
            let near = did_you_mean(text, values.iter().map(String::as_str));
            self.cx.findings.add(
                &rule::UNKNOWN_VALUE,
                literal.place,
                format!(
                    "it is never `{text}`, only one of {}{near}",
                    values.join(", ")
                ),
            );
        }
    }

    fn check_values_in(&self, a: &Lowered, list: &Lowered) {
        let (Ty::Of(ValueType::Enum(values)), Expression::List(items)) = (&a.ty, &list.expression)
        else {
            return;
        };
        for item in items {
            if let Expression::Literal(Value::Text(text)) = item {
                self.check_value(values, text, list);
            }
        }
    }

    fn boolean(&self, part: &IdedExpr) -> Option<Lowered> {
        self.lower(part).and_then(|lowered| self.want_bool(lowered))
    }

    /// A part that must be true or false; a bool that is read tells by being true only that it is set.
    pub(super) fn want_bool(&self, lowered: Lowered) -> Option<Lowered> {
        if matches!(lowered.ty.family(), Family::Bool | Family::Any) {
            return Some(lowered);
        }
        self.cx.findings.add_with_help(
            &rule::TYPE_ERROR,
            lowered.place,
            format!(
                "true or false is wanted here, not {}",
                lowered.ty.describe()
            ),
            "compare it with something, or write `has(…)` to ask whether it is set",
        );
        None
    }

    /// `[a, b]`.
    pub(super) fn list(&self, part: &IdedExpr, elements: &[IdedExpr]) -> Option<Lowered> {
        let items: Vec<Option<Lowered>> = elements.iter().map(|item| self.lower(item)).collect();
        let items: Vec<Lowered> = items.into_iter().collect::<Option<_>>()?;
        let joined = items
            .iter()
            .map(|item| item.ty.clone())
            .reduce(|a, b| a.join(&b));
        let ty = match joined {
            Some(Ty::Of(of)) => Ty::Of(ValueType::List {
                of: Box::new(of),
                max: items.len(),
            }),
            _ => Ty::Any,
        };
        let needs = items.iter().flat_map(|item| item.needs.clone()).collect();
        let expression = Expression::List(items.into_iter().map(|item| item.expression).collect());
        Some(told_by_needs(Lowered {
            needs,
            expression,
            ..self.plain(part, Expression::Item, ty)
        }))
    }

    /// `{"a": x}`.
    pub(super) fn map(&self, part: &IdedExpr, entries: &[IdedEntryExpr]) -> Option<Lowered> {
        let mut needs = Vec::new();
        let mut fields = Vec::new();
        let mut types = Some(std::collections::BTreeMap::new());
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return None;
            };
            let Expr::Literal(LiteralValue::String(key)) = &entry.key.expr else {
                self.report(
                    &entry.key,
                    &rule::TYPE_ERROR,
                    "a map's key is a text in quotes",
                );
                return None;
            };
            let value = self.lower(&entry.value)?;
            needs.extend(value.needs);
            match (&mut types, value.ty) {
                (Some(types), Ty::Of(value_type)) => {
                    types.insert(key.inner().to_owned(), value_type);
                }
                _ => types = None,
            }
            fields.push((key.inner().to_owned(), value.expression));
        }
        let ty = types.map_or(Ty::Any, |types| Ty::Of(ValueType::Map(types)));
        Some(told_by_needs(Lowered {
            needs,
            expression: Expression::Map(fields),
            ..self.plain(part, Expression::Item, ty)
        }))
    }
}

fn binary(operator: BinaryOperator, a: &Lowered, b: &Lowered) -> Expression {
    Expression::Binary(
        operator,
        Box::new(a.expression.clone()),
        Box::new(b.expression.clone()),
    )
}

fn operator(name: &str) -> Option<BinaryOperator> {
    use BinaryOperator as Op;
    Some(match name {
        "_==_" => Op::Equal,
        "_!=_" => Op::NotEqual,
        "_<_" => Op::Less,
        "_<=_" => Op::LessOrEqual,
        "_>_" => Op::Greater,
        "_>=_" => Op::GreaterOrEqual,
        "_+_" => Op::Add,
        "_-_" => Op::Subtract,
        "_*_" => Op::Multiply,
        "_/_" => Op::Divide,
        "_%_" => Op::Remainder,
        "@in" => Op::In,
        _ => return None,
    })
}

fn symbol(operator: BinaryOperator) -> &'static str {
    use BinaryOperator as Op;
    match operator {
        Op::And => "&&",
        Op::Or => "||",
        Op::Equal => "==",
        Op::NotEqual => "!=",
        Op::Less => "<",
        Op::LessOrEqual => "<=",
        Op::Greater => ">",
        Op::GreaterOrEqual => ">=",
        Op::Add => "+",
        Op::Subtract => "-",
        Op::Multiply => "*",
        Op::Divide => "/",
        Op::Remainder => "%",
        Op::In => "in",
    }
}

fn comparable((a, b): (Family, Family)) -> bool {
    a == b || a == Family::Any || b == Family::Any
}

fn ordered(family: Family) -> bool {
    matches!(
        family,
        Family::Any | Family::Number | Family::Text | Family::Moment | Family::Duration
    )
}

fn number(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a.family(), b.family()) {
        (Family::Number, Family::Number) => Some(a.join(b)),
        (Family::Any, Family::Number | Family::Any) | (Family::Number, Family::Any) => {
            Some(Ty::Any)
        }
        _ => None,
    }
}

fn sum(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a.family(), b.family()) {
        (Family::Text, Family::Text) => Some(Ty::Of(ValueType::Text)),
        (Family::List, Family::List) => Some(a.join(b)),
        (Family::Moment, Family::Duration) | (Family::Duration, Family::Moment) => {
            Some(Ty::Of(ValueType::Datetime))
        }
        (Family::Duration, Family::Duration) => Some(Ty::Of(ValueType::Duration)),
        (Family::Any, _) | (_, Family::Any) => Some(Ty::Any),
        _ => number(a, b),
    }
}

fn difference(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a.family(), b.family()) {
        (Family::Moment, Family::Moment) | (Family::Duration, Family::Duration) => {
            Some(Ty::Of(ValueType::Duration))
        }
        (Family::Moment, Family::Duration) => Some(Ty::Of(ValueType::Datetime)),
        (Family::Any, _) | (_, Family::Any) => Some(Ty::Any),
        _ => number(a, b),
    }
}

/// CEL has no sum of a whole number and one with a fraction: the whole one is converted.
fn same_numbers(operator: BinaryOperator, a: Lowered, b: Lowered) -> (Lowered, Lowered) {
    use BinaryOperator as Op;
    let arithmetic = matches!(
        operator,
        Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder
    );
    let (int, number) = (Ty::Of(ValueType::Int), Ty::Of(ValueType::Number));
    let convert = |lowered: Lowered| Lowered {
        expression: Expression::Call(Function::Number, vec![lowered.expression]),
        ty: Ty::Of(ValueType::Number),
        ..lowered
    };
    if arithmetic && a.ty == int && b.ty == number {
        (convert(a), b)
    } else if arithmetic && a.ty == number && b.ty == int {
        (a, convert(b))
    } else {
        (a, b)
    }
}

/// What a comparison with a number tells: `size(x) > 0`, `n != 0`.
fn told_by_comparison(
    operator: BinaryOperator,
    left: &IdedExpr,
    right: &Expression,
) -> (Facts, Facts) {
    use BinaryOperator as Op;
    let mut facts = (Facts::new(), Facts::new());
    let Expression::Literal(value) = right else {
        return facts;
    };
    if let (Some(list), Value::Int(n)) = (functions::size_of(left), value) {
        let (yes, no) = match operator {
            Op::Equal | Op::GreaterOrEqual => (*n, i64::from(*n == 0 && operator == Op::Equal)),
            Op::Greater => (n + 1, 0),
            Op::NotEqual => (i64::from(*n == 0), *n),
            Op::Less => (0, *n),
            Op::LessOrEqual => (0, n + 1),
            _ => (0, 0),
        };
        facts.0.insert(Fact::SizeAtLeast(list.clone(), yes));
        facts.1.insert(Fact::SizeAtLeast(list, no));
    }
    if let (Some(path), Some(n)) = (path(left), value.as_number()) {
        let (yes, no) = match operator {
            Op::NotEqual => (n == 0.0, n != 0.0),
            Op::Equal => (n != 0.0, n == 0.0),
            Op::Greater => (n >= 0.0, false),
            Op::GreaterOrEqual => (n > 0.0, false),
            Op::Less => (n <= 0.0, n > 0.0),
            Op::LessOrEqual => (n < 0.0, n >= 0.0),
            _ => (false, false),
        };
        if yes {
            facts.0.insert(Fact::NotZero(path.clone()));
        }
        if no {
            facts.1.insert(Fact::NotZero(path));
        }
    }
    facts
}
