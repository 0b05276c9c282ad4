//! What an expression is worth: CEL's rules on our ordered values.
//!
//! `author` has checked the types, so a mismatch here means a value from outside that slipped through: an error, never a
//! guess. What fails makes its transition not hold.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::{BinaryOperator, Expression, Function, ListMacro, UnaryOperator, Value, Variable};

/// What an expression can see.
pub trait Bindings {
    /// The value of a name; none = unset. `now` and `today` are not asked for.
    fn read(&self, variable: &Variable) -> Option<Cow<'_, Value>>;
    /// The event's time.
    fn now(&self) -> Timestamp;
    /// The user's zone, else the bot's.
    fn tz(&self) -> &TimeZone;
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// It reads something that is not set.
    #[error("{0} is not set")]
    Unset(String),
    /// An index that the list does not have.
    #[error("the list has no item at {0}")]
    Index(i64),
    /// `a / 0` or `a % 0`.
    #[error("division by zero")]
    DivisionByZero,
    /// A number or time beyond what can be held.
    #[error("the result is too large")]
    Overflow,
    /// A list longer than [`Value::LIST_MAX`].
    #[error("the list is longer than {}", Value::LIST_MAX)]
    TooLong,
    /// An operation on values that it is not defined for.
    #[error("{0} is not defined for these values")]
    Undefined(&'static str),
    /// A text that cannot be read as what is wanted.
    #[error("the text is no {0}")]
    Unreadable(&'static str),
}

use EvaluationError as Error;

type Evaluated<'v> = Result<Cow<'v, Value>, Error>;

impl Expression {
    /// Its value.
    ///
    /// # Errors
    /// When it reads what is unset, or an operation has no result.
    pub fn evaluate(&self, scope: &dyn Bindings) -> Result<Value, EvaluationError> {
        self.value(scope, None).map(Cow::into_owned)
    }

    /// Whether it is true.
    ///
    /// # Errors
    /// As [`Expression::evaluate`], and when it is no bool.
    pub fn holds(&self, scope: &dyn Bindings) -> Result<bool, EvaluationError> {
        truth(self.value(scope, None))
    }

    fn value<'v>(&'v self, scope: &'v dyn Bindings, item: Option<&'v Value>) -> Evaluated<'v> {
        match self {
            Expression::Literal(value) => Ok(Cow::Borrowed(value)),
            Expression::Variable(variable) => read(variable, scope),
            Expression::Item => item
                .map(Cow::Borrowed)
                .ok_or(Error::Undefined("a list's item")),
            Expression::Field(base, name) => field(base.value(scope, item)?, name),
            Expression::Index(base, index) => {
                at(base.value(scope, item)?, &*index.value(scope, item)?)
            }
            Expression::List(items) => {
                let items: Result<Vec<Value>, Error> = items
                    .iter()
                    .map(|one| one.value(scope, item).map(Cow::into_owned))
                    .collect();
                list(items?)
            }
            Expression::Map(fields) => fields
                .iter()
                .map(|(name, one)| Ok((name.clone(), one.value(scope, item)?.into_owned())))
                .collect::<Result<_, Error>>()
                .map(|map| Cow::Owned(Value::Map(map))),
            Expression::Unary(operator, operand) => unary(*operator, &*operand.value(scope, item)?),
            Expression::Binary(BinaryOperator::And, one, other) => {
                decided(false, truth(one.value(scope, item)), || {
                    truth(other.value(scope, item))
                })
            }
            Expression::Binary(BinaryOperator::Or, one, other) => {
                decided(true, truth(one.value(scope, item)), || {
                    truth(other.value(scope, item))
                })
            }
            Expression::Binary(operator, one, other) => binary(
                *operator,
                &*one.value(scope, item)?,
                &*other.value(scope, item)?,
            ),
            Expression::Conditional(test, one, other) => {
                if truth(test.value(scope, item))? {
                    one.value(scope, item)
                } else {
                    other.value(scope, item)
                }
            }
            Expression::Call(function, arguments) => call(*function, arguments, scope, item),
            Expression::Matches(text, pattern) => match &*text.value(scope, item)? {
                Value::Text(text) => owned(Value::Bool(pattern.regex().is_match(text))),
                _ => Err(Error::Undefined("`matches`")),
            },
            Expression::Macro(which, over, body) => {
                let over = over.value(scope, item)?;
                each(*which, &over, |one| {
                    body.value(scope, Some(one)).map(Cow::into_owned)
                })
                .map(Cow::Owned)
            }
        }
    }
}

fn owned<'v>(value: Value) -> Evaluated<'v> {
    Ok(Cow::Owned(value))
}

fn list<'v>(items: Vec<Value>) -> Evaluated<'v> {
    if items.len() > Value::LIST_MAX {
        return Err(Error::TooLong);
    }
    owned(Value::List(items))
}

fn truth(value: Evaluated<'_>) -> Result<bool, Error> {
    match &*value? {
        Value::Bool(b) => Ok(*b),
        _ => Err(Error::Undefined("a condition")),
    }
}

/// `&&` and `||`: the side that decides does, even when the other fails.
fn decided<'v>(
    decisive: bool,
    one: Result<bool, Error>,
    other: impl FnOnce() -> Result<bool, Error>,
) -> Evaluated<'v> {
    if one == Ok(decisive) {
        return owned(Value::Bool(decisive));
    }
    match other() {
        Ok(b) if b == decisive => owned(Value::Bool(decisive)),
        Ok(_) => one.map(|b| Cow::Owned(Value::Bool(b))),
        Err(error) => Err(one.err().unwrap_or(error)),
    }
}

fn read<'v>(variable: &Variable, scope: &'v dyn Bindings) -> Evaluated<'v> {
    match variable {
        Variable::Now => owned(Value::Time(scope.now())),
        Variable::Today => {
            let day = scope.now().to_zoned(scope.tz().clone()).date();
            owned(Value::Text(day.to_string()))
        }
        _ => scope
            .read(variable)
            .ok_or_else(|| Error::Unset(variable.to_string())),
    }
}

fn field<'v>(base: Cow<'v, Value>, name: &str) -> Evaluated<'v> {
    let unset = || Error::Unset(format!("the field `{name}`"));
    match base {
        Cow::Borrowed(base) => base.field(name).map(Cow::Borrowed).ok_or_else(unset),
        Cow::Owned(Value::Map(mut map)) => map.remove(name).map(Cow::Owned).ok_or_else(unset),
        Cow::Owned(_) => Err(Error::Undefined("a field")),
    }
}

fn at<'v>(base: Cow<'v, Value>, index: &Value) -> Evaluated<'v> {
    match (&*base, index) {
        (Value::Map(_), Value::Text(name)) => field(base, name),
        (Value::List(items), Value::Int(index)) => {
            let found = usize::try_from(*index).ok().and_then(|i| items.get(i));
            found
                .map(|item| Cow::Owned(item.clone()))
                .ok_or(Error::Index(*index))
        }
        _ => Err(Error::Undefined("an index")),
    }
}

fn unary<'v>(operator: UnaryOperator, operand: &Value) -> Evaluated<'v> {
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

fn binary<'v>(operator: BinaryOperator, one: &Value, other: &Value) -> Evaluated<'v> {
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
pub(crate) fn equal(one: &Value, other: &Value) -> bool {
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

fn call<'v>(
    function: Function,
    arguments: &'v [Expression],
    scope: &'v dyn Bindings,
    item: Option<&'v Value>,
) -> Evaluated<'v> {
    let argument = |index: usize| match arguments.get(index) {
        Some(argument) => argument.value(scope, item),
        None => Err(Error::Undefined("a function without this argument")),
    };
    match function {
        Function::Has => match argument(0) {
            Ok(_) => owned(Value::Bool(true)),
            Err(Error::Unset(_)) => owned(Value::Bool(false)),
            Err(error) => Err(error),
        },
        Function::Or => match argument(0) {
            Err(Error::Unset(_)) => argument(1),
            value => value,
        },
        Function::Contains => texts(&*argument(0)?, &*argument(1)?, |a, b| a.contains(b)),
        Function::StartsWith => texts(&*argument(0)?, &*argument(1)?, |a, b| a.starts_with(b)),
        Function::EndsWith => texts(&*argument(0)?, &*argument(1)?, |a, b| a.ends_with(b)),
        Function::Next => next(&*argument(0)?, scope),
        Function::Lower => match &*argument(0)? {
            Value::Text(text) => owned(Value::Text(text.to_lowercase())),
            _ => Err(Error::Undefined("`lower`")),
        },
        Function::Size => size(&*argument(0)?),
        Function::Int => to_int(&*argument(0)?),
        Function::Number => to_number(&*argument(0)?),
        Function::Text => to_text(&*argument(0)?),
        Function::Timestamp => match &*argument(0)? {
            time @ Value::Time(_) => owned(time.clone()),
            Value::Text(text) => text
                .parse()
                .map(|time| Cow::Owned(Value::Time(time)))
                .map_err(|_| Error::Unreadable("moment")),
            _ => Err(Error::Undefined("`timestamp`")),
        },
        Function::Duration => match &*argument(0)? {
            duration @ Value::Duration(_) => owned(duration.clone()),
            Value::Text(text) => crate::parse_duration(text)
                .map(|duration| Cow::Owned(Value::Duration(duration)))
                .ok_or(Error::Unreadable("length of time")),
            _ => Err(Error::Undefined("`duration`")),
        },
        Function::InState | Function::Entered => {
            Err(Error::Undefined("what only properties can ask"))
        }
    }
}

fn texts<'v>(one: &Value, other: &Value, test: fn(&str, &str) -> bool) -> Evaluated<'v> {
    match (one, other) {
        (Value::Text(a), Value::Text(b)) => owned(Value::Bool(test(a, b))),
        _ => Err(Error::Undefined("a test of texts")),
    }
}

/// The next moment after now with this time of day; in a gap of the clocks, the moment after it.
fn next<'v>(time: &Value, scope: &dyn Bindings) -> Evaluated<'v> {
    let unreadable = || Error::Unreadable("time of day");
    let time: jiff::civil::Time = time
        .as_text()
        .and_then(|text| text.parse().ok())
        .ok_or_else(unreadable)?;
    let now = scope.now();
    let mut day = now.to_zoned(scope.tz().clone()).date();
    // Today's may be over; tomorrow's cannot be, whatever the clocks do.
    for _ in 0..2 {
        let moment = day
            .to_datetime(time)
            .to_zoned(scope.tz().clone())
            .map_err(|_| Error::Overflow)?
            .timestamp();
        if moment > now {
            return owned(Value::Time(moment));
        }
        day = day.checked_add(1.day()).map_err(|_| Error::Overflow)?;
    }
    Err(Error::Overflow)
}

fn size<'v>(value: &Value) -> Evaluated<'v> {
    let size = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        _ => return Err(Error::Undefined("`size`")),
    };
    owned(Value::Int(size as i64))
}

fn to_int<'v>(value: &Value) -> Evaluated<'v> {
    let int = match value {
        Value::Int(i) => *i,
        Value::Number(n) if n.abs() < 9_223_372_036_854_775_807.0 => *n as i64,
        Value::Number(_) => return Err(Error::Overflow),
        Value::Text(text) => text
            .parse()
            .map_err(|_| Error::Unreadable("whole number"))?,
        Value::Time(time) => time.as_second(),
        _ => return Err(Error::Undefined("`int`")),
    };
    owned(Value::Int(int))
}

fn to_number<'v>(value: &Value) -> Evaluated<'v> {
    let number = match value {
        Value::Int(i) => *i as f64,
        Value::Number(n) => *n,
        Value::Text(text) => text
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
            .ok_or(Error::Unreadable("number"))?,
        _ => return Err(Error::Undefined("`number`")),
    };
    owned(Value::Number(number))
}

fn to_text<'v>(value: &Value) -> Evaluated<'v> {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Time(time) => time.to_string(),
        // CEL writes a length of time in seconds.
        Value::Duration(d) => format!("{}s", d.as_secs_f64()),
        Value::List(_) | Value::Map(_) => return Err(Error::Undefined("`text`")),
    };
    owned(Value::Text(text))
}

fn each(
    which: ListMacro,
    over: &Value,
    mut body: impl FnMut(&Value) -> Result<Value, Error>,
) -> Result<Value, Error> {
    let Value::List(items) = over else {
        return Err(Error::Undefined("a list macro"));
    };
    if items.len() > Value::LIST_MAX {
        return Err(Error::TooLong);
    }
    let mut test = |one: &Value| match body(one)? {
        Value::Bool(b) => Ok(b),
        _ => Err(Error::Undefined("a condition")),
    };
    match which {
        ListMacro::All => any(items, |one| test(one).map(|b| !b)).map(|found| Value::Bool(!found)),
        ListMacro::Exists => any(items, test).map(Value::Bool),
        ListMacro::ExistsOne => {
            let mut count = 0;
            for one in items {
                count += usize::from(test(one)?);
            }
            Ok(Value::Bool(count == 1))
        }
        ListMacro::Filter => {
            let mut kept = Vec::new();
            for one in items {
                if test(one)? {
                    kept.push(one.clone());
                }
            }
            Ok(Value::List(kept))
        }
        ListMacro::Map => items
            .iter()
            .map(body)
            .collect::<Result<_, _>>()
            .map(Value::List),
    }
}

/// Whether the test is true for an item; one that fails counts only if no item decides.
fn any(
    items: &[Value],
    mut test: impl FnMut(&Value) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let mut failed = None;
    for one in items {
        match test(one) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(false), Err)
}

impl std::fmt::Display for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Variable::Slot(_) => "a slot",
            Variable::Entity(_) => "an entity",
            Variable::Result => "`result`",
            Variable::Error => "`error`",
            Variable::Event => "`event`",
            Variable::User => "`user`",
            Variable::Locale => "`locale`",
            Variable::Now => "`now`",
            Variable::Today => "`today`",
            Variable::Attempts => "`attempts`",
            Variable::Knowledge => "`knowledge`",
            Variable::Desk => "`desk`",
            Variable::Value => "`value`",
        })
    }
}
