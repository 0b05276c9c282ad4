//! What an expression is worth: CEL's rules on our ordered values.
//!
//! `author` has checked the types, so a mismatch here means a value from outside that slipped through: an error, never a
//! guess. What fails makes its transition not hold.

mod function;
mod operator;

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{BinaryOperator, Expression, ListMacro, Value, Variable};
use function::call;
use operator::{binary, unary};

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
