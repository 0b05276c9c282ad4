//! Expressions as authors write them.

use dialog::{
    BinaryOperator as Op, Expression as E, Function, ListMacro, Pattern, SlotRef, UnaryOperator,
    Value, Variable,
};

/// Resolves `slots.x` and `entity.x`.
pub trait Names {
    fn slot(&self, name: &str) -> SlotRef;
    fn entity(&self, name: &str) -> dialog::EntityId;
}

/// The expression that the text is.
pub fn parse(text: &str, names: &dyn Names) -> E {
    let mut parser = Parser {
        text,
        at: 0,
        names,
        item: None,
    };
    let expression = parser.conditional();
    parser.space();
    assert_eq!(
        parser.at,
        text.len(),
        "the rest of `{text}` is not understood"
    );
    expression
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    names: &'t dyn Names,
    /// The name of the list macro's variable.
    item: Option<String>,
}

const LEVELS: [&[(&str, Op)]; 5] = [
    &[("||", Op::Or)],
    &[("&&", Op::And)],
    &[
        ("==", Op::Equal),
        ("!=", Op::NotEqual),
        ("<=", Op::LessOrEqual),
        (">=", Op::GreaterOrEqual),
        ("<", Op::Less),
        (">", Op::Greater),
        ("in ", Op::In),
    ],
    &[("+", Op::Add), ("-", Op::Subtract)],
    &[("*", Op::Multiply), ("/", Op::Divide), ("%", Op::Remainder)],
];

impl Parser<'_> {
    fn conditional(&mut self) -> E {
        let test = self.binary(0);
        if !self.eat("?") {
            return test;
        }
        let one = self.conditional();
        assert!(self.eat(":"), "`:` is missing in `{}`", self.text);
        let other = self.conditional();
        E::Conditional(Box::new(test), Box::new(one), Box::new(other))
    }

    fn binary(&mut self, level: usize) -> E {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1);
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            let right = self.binary(level + 1);
            left = E::Binary(*operator, Box::new(left), Box::new(right));
        }
        left
    }

    fn unary(&mut self) -> E {
        if self.eat("!") {
            return E::Unary(UnaryOperator::Not, Box::new(self.unary()));
        }
        if self.eat("-") {
            return E::Unary(UnaryOperator::Negate, Box::new(self.unary()));
        }
        let mut base = self.primary();
        loop {
            if self.eat("[") {
                let index = self.conditional();
                assert!(self.eat("]"));
                base = E::Index(Box::new(base), Box::new(index));
            } else if self.eat(".") {
                let name = self.word();
                base = if self.eat("(") {
                    self.method(base, &name)
                } else {
                    E::Field(Box::new(base), name)
                };
            } else {
                return base;
            }
        }
    }

    fn method(&mut self, base: E, name: &str) -> E {
        let list_macro = match name {
            "all" => Some(ListMacro::All),
            "exists" => Some(ListMacro::Exists),
            "exists_one" => Some(ListMacro::ExistsOne),
            "filter" => Some(ListMacro::Filter),
            "map" => Some(ListMacro::Map),
            _ => None,
        };
        if let Some(list_macro) = list_macro {
            self.item = Some(self.word());
            assert!(self.eat(","));
            let body = self.conditional();
            assert!(self.eat(")"));
            self.item = None;
            return E::Macro(list_macro, Box::new(base), Box::new(body));
        }
        let argument = self.conditional();
        assert!(self.eat(")"));
        let function = match name {
            "contains" => Function::Contains,
            "startsWith" => Function::StartsWith,
            "endsWith" => Function::EndsWith,
            "matches" => {
                let E::Literal(Value::Text(pattern)) = &argument else {
                    panic!("a literal")
                };
                return E::Matches(Box::new(base), Pattern::new(pattern).expect("a pattern"));
            }
            other => panic!("no method `{other}`"),
        };
        E::Call(function, vec![base, argument])
    }

    fn primary(&mut self) -> E {
        self.space();
        if self.eat("(") {
            let inner = self.conditional();
            assert!(self.eat(")"));
            return inner;
        }
        if self.eat("[") {
            return E::List(self.arguments("]"));
        }
        let rest = &self.text[self.at..];
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let end = rest[1..].find(quote).expect("a closed text") + 1;
                self.at += end + 1;
                E::Literal(Value::Text(rest[1..end].to_owned()))
            }
            Some(c) if c.is_ascii_digit() => self.number(),
            _ => self.name(),
        }
    }

    fn number(&mut self) -> E {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        self.at += end;
        let text = &rest[..end];
        E::Literal(match text.parse() {
            Ok(int) => Value::Int(int),
            Err(_) => Value::Number(text.parse().expect("a number")),
        })
    }

    fn name(&mut self) -> E {
        let word = self.word();
        if self.item.as_ref() == Some(&word) {
            return E::Item;
        }
        if self.eat("(") {
            let function = match word.as_str() {
                "has" => Function::Has,
                "or" => Function::Or,
                "next" => Function::Next,
                "lower" => Function::Lower,
                "size" => Function::Size,
                "int" => Function::Int,
                "number" => Function::Number,
                "text" => Function::Text,
                "timestamp" => Function::Timestamp,
                "duration" => Function::Duration,
                other => panic!("no function `{other}`"),
            };
            return E::Call(function, self.arguments(")"));
        }
        E::Variable(match word.as_str() {
            "true" | "false" => return E::Literal(Value::Bool(word == "true")),
            "slots" => {
                assert!(self.eat("."));
                Variable::Slot(self.names.slot(&self.word()))
            }
            "entity" => {
                assert!(self.eat("."));
                Variable::Entity(self.names.entity(&self.word()))
            }
            "result" => Variable::Result,
            "error" => Variable::Error,
            "event" => Variable::Event,
            "user" => Variable::User,
            "locale" => Variable::Locale,
            "now" => Variable::Now,
            "today" => Variable::Today,
            "attempts" => Variable::Attempts,
            "knowledge" => Variable::Knowledge,
            "desk" => Variable::Desk,
            "value" => Variable::Value,
            other => panic!("no variable `{other}` in `{}`", self.text),
        })
    }

    fn arguments(&mut self, end: &str) -> Vec<E> {
        let mut arguments = Vec::new();
        while !self.eat(end) {
            arguments.push(self.conditional());
            self.eat(",");
        }
        arguments
    }

    fn word(&mut self) -> String {
        self.space();
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        assert!(end > 0, "a name is wanted at `{rest}` in `{}`", self.text);
        self.at += end;
        rest[..end].to_owned()
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.space();
        let found = self.text[self.at..].starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }
}
