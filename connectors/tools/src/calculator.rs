//! The built-in `calculator`: the value of an arithmetic expression, so that no model has to guess one.
//!
//! Takes `expression`, gives `{ value: number }`. Numbers, `+ - * / %`, `^` (right to left), signs and parentheses.

use std::collections::BTreeMap;

use dialog::{ErrorKind, ToolDeclaration, ToolError, ToolOutcome, Value};

use crate::{Call, CallFuture, Tool};

/// A longer expression is no question for a pocket calculator.
const EXPRESSION_CHARS_MAX: usize = 500;
/// Each level is a few stack frames of ours.
const DEPTH_MAX: usize = 32;

/// The calculator.
pub(crate) struct Calculator(pub(crate) ToolDeclaration);

impl Tool for Calculator {
    fn declaration(&self) -> &ToolDeclaration {
        &self.0
    }

    fn call(&self, call: Call) -> CallFuture<'_> {
        Box::pin(async move {
            let expression = call.args.get("expression").and_then(Value::as_text);
            outcome(expression.and_then(calculate))
        })
    }
}

fn outcome(value: Option<f64>) -> ToolOutcome {
    match value {
        Some(value) => ToolOutcome::Returned {
            result: Value::Map(BTreeMap::from([("value".to_owned(), Value::Number(value))])),
        },
        None => ToolOutcome::Failed(ToolError {
            kind: ErrorKind::Invalid,
            status: None,
            code: None,
        }),
    }
}

/// The value, or none where the text is no expression or has no finite value.
fn calculate(text: &str) -> Option<f64> {
    if text.chars().count() > EXPRESSION_CHARS_MAX {
        return None;
    }
    let mut reader = Reader {
        rest: text.trim_start(),
        depth: 0,
    };
    let value = reader.sum()?;
    (reader.rest.is_empty() && value.is_finite()).then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn sum(&mut self) -> Option<f64> {
        let mut left = self.product()?;
        loop {
            if self.take("+") {
                left += self.product()?;
            } else if self.take("-") {
                left -= self.product()?;
            } else {
                return Some(left);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut left = self.signed()?;
        loop {
            if self.take("*") {
                left *= self.signed()?;
            } else if self.take("/") {
                left /= self.signed()?;
            } else if self.take("%") {
                left %= self.signed()?;
            } else {
                return Some(left);
            }
        }
    }

    fn signed(&mut self) -> Option<f64> {
        self.deeper(|reader| {
            if reader.take("-") {
                Some(-reader.signed()?)
            } else {
                reader.power()
            }
        })
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.operand()?;
        if self.take("^") {
            Some(base.powf(self.signed()?))
        } else {
            Some(base)
        }
    }

    fn operand(&mut self) -> Option<f64> {
        if self.take("(") {
            let value = self.sum()?;
            return self.take(")").then_some(value);
        }
        self.number()
    }

    fn number(&mut self) -> Option<f64> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(self.rest.len());
        let value = self.rest[..end].parse().ok()?;
        self.rest = self.rest[end..].trim_start();
        Some(value)
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Option<f64>) -> Option<f64> {
        if self.depth == DEPTH_MAX {
            return None;
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::calculate;

    #[test]
    fn arithmetic_follows_its_usual_rules() {
        for (text, value) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("2 ^ 3 ^ 2", 512.0),
            ("-2 ^ 2", -4.0),
            ("10 - 4 - 3", 3.0),
            ("7 % 4 / 2", 1.5),
            (" 0.5*-4 ", -2.0),
        ] {
            assert_eq!(calculate(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_has_no_finite_value_has_none() {
        let deep = "(".repeat(400);
        for text in [
            "", "1 +", "1 / 0", "(1", "1)", "2 x", "1..2", "9^9^9^9", &deep,
        ] {
            assert_eq!(calculate(text), None, "{text}");
        }
    }
}
