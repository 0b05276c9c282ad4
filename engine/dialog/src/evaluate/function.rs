//! The functions of the language.

use std::borrow::Cow;

use jiff::ToSpan;

use super::{Bindings, Error, Evaluated, owned};
use crate::{Expression, Function, Value};

pub(super) fn call<'v>(
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
