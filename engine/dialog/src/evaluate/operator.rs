//! Operators, on values of every kind that they are defined for.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Error, Evaluated, list, owned};
use crate::{BinaryOperator, UnaryOperator, Value};

pub(super) fn unary<'v>(operator: UnaryOperator, operand: &Value) -> Evaluated<'v> {
    match (operator, operand) {
        (UnaryOperator::Not, Value::Bool(b)) => owned(Value::Bool(!b)),
        (UnaryOperator::Negate, Value::Int(i)) => i
            .checked_neg()
            .map(Value::Int)
            .map(Cow::Owned)
            .ok_or(Error::Overflow),
        (UnaryOperator::Negate, Value::Number(n)) => owned(Value::Number(-n)),
        (UnaryOperator::Negate, Value::Duration(d)) => d
            .checked_neg()
            .map(Value::Duration)
            .map(Cow::Owned)
            .ok_or(Error::Overflow),
        (UnaryOperator::Not, _) => Err(Error::Undefined("`!`")),
        (UnaryOperator::Negate, _) => Err(Error::Undefined("`-`")),
    }
}

pub(super) fn binary<'v>(operator: BinaryOperator, one: &Value, other: &Value) -> Evaluated<'v> {
    use BinaryOperator as Op;
    match operator {
        Op::And | Op::Or => {
            unreachable!("`&&` and `||` look at their second operand only if they must")
        }
        Op::Equal => owned(Value::Bool(equal(one, other))),
        Op::NotEqual => owned(Value::Bool(!equal(one, other))),
        Op::Less => compared(one, other, Ordering::is_lt),
        Op::LessOrEqual => compared(one, other, Ordering::is_le),
        Op::Greater => compared(one, other, Ordering::is_gt),
        Op::GreaterOrEqual => compared(one, other, Ordering::is_ge),
        Op::Add => add(one, other),
        Op::Subtract => subtract(one, other),
        Op::Multiply => arithmetic("`*`", one, other, i64::checked_mul, |a, b| a * b),
        Op::Divide => {
            not_zero(other)?;
            arithmetic("`/`", one, other, i64::checked_div, |a, b| a / b)
        }
        Op::Remainder => {
            not_zero(other)?;
            match (one, other) {
                (Value::Int(a), Value::Int(b)) => a
                    .checked_rem(*b)
                    .map(Value::Int)
                    .map(Cow::Owned)
                    .ok_or(Error::Overflow),
                _ => Err(Error::Undefined("`%`")),
            }
        }
        Op::In => contained(one, other),
    }
}

/// CEL's equality: numbers by their size, lists and maps by their parts, different kinds never.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Int(_), Value::Number(_)) | (Value::Number(_), Value::Int(_)) => {
            order(one, other) == Some(Ordering::Equal)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|((ka, a), (kb, b))| ka == kb && equal(a, b))
        }
        _ => one == other,
    }
}

fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Number(b)) => int_to_number(*a, *b),
        (Value::Number(a), Value::Int(b)) => int_to_number(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

/// Exact also beyond 2^53, where an i64 as f64 would round.
fn int_to_number(int: i64, number: f64) -> Option<Ordering> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    if number >= BOUND {
        return Some(Ordering::Less);
    }
    if number < -BOUND {
        return Some(Ordering::Greater);
    }
    let whole = number.trunc();
    let by_whole = int.cmp(&(whole as i64));
    Some(by_whole.then_with(|| {
        0.0_f64
            .partial_cmp(&(number - whole))
            .unwrap_or(Ordering::Equal)
    }))
}

fn compared<'v>(one: &Value, other: &Value, test: fn(Ordering) -> bool) -> Evaluated<'v> {
    order(one, other)
        .map(|ordering| Cow::Owned(Value::Bool(test(ordering))))
        .ok_or(Error::Undefined("a comparison"))
}

fn not_zero(divisor: &Value) -> Result<(), Error> {
    match divisor {
        Value::Int(0) => Err(Error::DivisionByZero),
        Value::Number(0.0) => Err(Error::DivisionByZero),
        _ => Ok(()),
    }
}

fn arithmetic<'v>(
    name: &'static str,
    one: &Value,
    other: &Value,
    ints: fn(i64, i64) -> Option<i64>,
    numbers: fn(f64, f64) -> f64,
) -> Evaluated<'v> {
    match (one, other) {
        (Value::Int(a), Value::Int(b)) => ints(*a, *b).map(Value::Int),
        (Value::Number(a), Value::Number(b)) => Some(numbers(*a, *b))
            .filter(|n| n.is_finite())
            .map(Value::Number),
        _ => return Err(Error::Undefined(name)),
    }
    .map(Cow::Owned)
    .ok_or(Error::Overflow)
}

fn add<'v>(one: &Value, other: &Value) -> Evaluated<'v> {
    match (one, other) {
        (Value::Text(a), Value::Text(b)) => owned(Value::Text(format!("{a}{b}"))),
        (Value::List(a), Value::List(b)) => list(a.iter().chain(b).cloned().collect()),
        (Value::Time(time), Value::Duration(d)) | (Value::Duration(d), Value::Time(time)) => {
            let sum = time.checked_add(*d).map_err(|_| Error::Overflow)?;
            owned(Value::Time(sum))
        }
        (Value::Duration(a), Value::Duration(b)) => a
            .checked_add(*b)
            .map(Value::Duration)
            .map(Cow::Owned)
            .ok_or(Error::Overflow),
        _ => arithmetic("`+`", one, other, i64::checked_add, |a, b| a + b),
    }
}

fn subtract<'v>(one: &Value, other: &Value) -> Evaluated<'v> {
    match (one, other) {
        (Value::Time(a), Value::Time(b)) => owned(Value::Duration(a.duration_since(*b))),
        (Value::Time(time), Value::Duration(d)) => {
            let difference = time.checked_sub(*d).map_err(|_| Error::Overflow)?;
            owned(Value::Time(difference))
        }
        (Value::Duration(a), Value::Duration(b)) => a
            .checked_sub(*b)
            .map(Value::Duration)
            .map(Cow::Owned)
            .ok_or(Error::Overflow),
        _ => arithmetic("`-`", one, other, i64::checked_sub, |a, b| a - b),
    }
}

fn contained<'v>(one: &Value, whole: &Value) -> Evaluated<'v> {
    match (one, whole) {
        (_, Value::List(items)) => owned(Value::Bool(items.iter().any(|item| equal(one, item)))),
        (Value::Text(name), Value::Map(map)) => owned(Value::Bool(map.contains_key(name))),
        _ => Err(Error::Undefined("`in`")),
    }
}
