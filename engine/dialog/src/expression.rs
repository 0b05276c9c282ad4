//! Expressions, lowered: a closed set that the core evaluates itself.
//!
//! `author` parses CEL, checks its types and lowers it to this; cel's own interpreter is the judge in a differential test.

use std::collections::BTreeSet;

use crate::{EntityId, Pattern, SlotRef, Value};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A value as written.
    Literal(Value),
    /// A name of the language.
    Variable(Variable),
    /// A variable of the list macro around it (macros are not nested).
    Item,
    /// `base.field`; fails if the field is not there.
    Field(Box<Expression>, String),
    /// `base[index]`: an item of a list by number, a field of a map by text; fails if it is not there.
    Index(Box<Expression>, Box<Expression>),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{"a": x}`; keys are texts.
    Map(Vec<(String, Expression)>),
    /// `!a`, `-a`.
    Unary(UnaryOperator, Box<Expression>),
    /// `a + b` and the like.
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// `a ? b : c`.
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// A function of the language.
    Call(Function, Vec<Expression>),
    /// `text.matches('…')` with a literal pattern.
    Matches(Box<Expression>, Pattern),
    /// `list.exists(x, …)` and the like.
    Macro(ListMacro, Box<Expression>, Box<Expression>),
}

/// What an expression can read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// `slots.x`.
    Slot(SlotRef),
    /// `entity.x`: its value in the message.
    Entity(EntityId),
    /// `result`: what the call, flow or model returned.
    Result,
    /// `error`: `kind`, and for some kinds `status` and `code`.
    Error,
    /// `event`: the data of the event, and what the core adds (`wanted`).
    Event,
    /// `user`: `id`, `first` (no earlier conversation), `tz` where known, and what the long-term memory holds.
    User,
    /// `locale`.
    Locale,
    /// `now`: the event's time.
    Now,
    /// `today`: the event's day in the user's or bot's zone, as `2026-03-02`.
    Today,
    /// `attempts`: how many misses the active state has counted.
    Attempts,
    /// `knowledge`: `support`.
    Knowledge,
    /// `desk`: a map of desks, each with `open` and `waiting`.
    Desk,
    /// `value`: the one being given, in a collect's `accept`.
    Value,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!a`
    Not,
    /// `-a`
    Negate,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOperator {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
}

/// Functions of the language, and those of CEL that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `has(a.b)`: whether it is set. Its argument is a [`Expression::Field`] or a variable.
    Has,
    /// `or(a, default)`: `a`, or the default where `a` is unset.
    Or,
    /// `next("09:00")`: the next moment with this time of day in the user's or bot's zone.
    Next,
    /// `lower(text)`.
    Lower,
    /// `size(text | list | map)`.
    Size,
    /// `text.contains(part)`.
    Contains,
    /// `text.startsWith(part)`.
    StartsWith,
    /// `text.endsWith(part)`.
    EndsWith,
    /// `int(x)`.
    Int,
    /// `double(x)`, also written `number(x)`.
    Number,
    /// `string(x)`, also written `text(x)`.
    Text,
    /// `timestamp("…")`.
    Timestamp,
    /// `duration("5m")`.
    Duration,
    /// `in_state("flow.state")`: only in properties. The argument is a literal.
    InState,
    /// `entered("flow.state")`: only in properties. The argument is a literal.
    Entered,
}

/// CEL's list macros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are CEL's")]
pub enum ListMacro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

impl Expression {
    /// Everything that it may read, on any path through it.
    pub fn reads(&self) -> BTreeSet<Variable> {
        let mut reads = BTreeSet::new();
        self.each_read(&mut |variable| {
            reads.insert(variable.clone());
        });
        reads
    }

    /// Calls `found` with everything that it may read; a variable that stands twice in it comes twice.
    pub(crate) fn each_read(&self, found: &mut impl FnMut(&Variable)) {
        match self {
            Expression::Literal(_) | Expression::Item => {}
            Expression::Variable(variable) => found(variable),
            Expression::Field(base, _)
            | Expression::Unary(_, base)
            | Expression::Matches(base, _) => {
                base.each_read(found);
            }
            Expression::Index(one, other)
            | Expression::Binary(_, one, other)
            | Expression::Macro(_, one, other) => {
                one.each_read(found);
                other.each_read(found);
            }
            Expression::List(items) | Expression::Call(_, items) => {
                items.iter().for_each(|item| item.each_read(found));
            }
            Expression::Map(fields) => fields.iter().for_each(|(_, value)| value.each_read(found)),
            Expression::Conditional(test, one, other) => {
                test.each_read(found);
                one.each_read(found);
                other.each_read(found);
            }
        }
    }
}
