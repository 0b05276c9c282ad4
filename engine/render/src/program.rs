//! A template after compiling: a small tree that is checked and walked. Everything an author can get wrong without a customer
//! (unknown helpers, options, partials) is gone from it.

use std::collections::BTreeMap;

use dialog::Value;

use crate::path::Path;
use crate::words::{ListKind, Moment, Style};

/// One text of a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Program {
    /// Said one after the other.
    pub(crate) nodes: Vec<Node>,
}

/// The place of a tag in its text, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    /// The line.
    pub(crate) line: usize,
    /// The column, in characters.
    pub(crate) column: usize,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// The author's words.
    Text(String),
    /// `{{…}}`.
    Say(Expression),
    /// `#if`, or `#unless` with its parts exchanged.
    If {
        condition: Expression,
        /// Whether the number 0 counts as yes.
        include_zero: bool,
        then: Vec<Node>,
        otherwise: Vec<Node>,
    },
    /// `#each`.
    Each {
        list: Expression,
        names: BlockNames,
        body: Vec<Node>,
        otherwise: Option<Vec<Node>>,
    },
    /// `#with`.
    With {
        value: Expression,
        names: BlockNames,
        body: Vec<Node>,
        otherwise: Option<Vec<Node>>,
    },
    /// `{{> name}}`.
    Partial {
        name: String,
        at: At,
        context: Option<Expression>,
        with: Vec<(String, Expression)>,
    },
}

/// The names in `as |card index|`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct BlockNames {
    /// For the item or value.
    pub(crate) item: Option<String>,
    /// For its index or key.
    pub(crate) key: Option<String>,
}

/// What has a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// A literal.
    Literal(Value),
    /// A variable.
    Read(Read),
    /// A helper.
    Call(Box<Call>),
}

/// A variable, as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Read {
    /// Its name, taken apart.
    pub(crate) path: Path,
    /// Its name, as written.
    pub(crate) raw: String,
    /// Where.
    pub(crate) at: At,
}

/// A helper with what it is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    Eq(Expression, Expression),
    Lookup(Expression, Expression),
    Label {
        value: Expression,
        /// The slot's, field's or entity's name; none = a choice's label.
        group: Option<String>,
    },
    Plural {
        number: Expression,
        /// By category, in CLDR's order.
        forms: BTreeMap<PluralForm, String>,
        /// Where the number is written.
        count: Count,
    },
    Moment {
        kind: Moment,
        value: Expression,
        style: Style,
    },
    Money {
        amount: Expression,
        currency: Option<Expression>,
    },
    Number {
        number: Expression,
        /// Exactly so many digits after the separator.
        digits: Option<u8>,
    },
    List {
        items: Expression,
        kind: ListKind,
        /// Of items that are maps: the field that is said.
        field: Option<String>,
        /// Of items that are enum values: the group of their labels.
        labels: Option<String>,
    },
}

/// Where `plural` writes its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// "5 days": before the word.
    Before,
    /// "all # days": one of the forms says where.
    Inside,
    /// "days": `no_number=true`.
    Unsaid,
}

/// A plural category of CLDR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PluralForm {
    Zero,
    One,
    Two,
    Few,
    Many,
    Other,
}

impl PluralForm {
    /// All of them, with the names that authors write.
    pub(crate) const NAMES: [(&str, PluralForm); 6] = [
        ("zero", PluralForm::Zero),
        ("one", PluralForm::One),
        ("two", PluralForm::Two),
        ("few", PluralForm::Few),
        ("many", PluralForm::Many),
        ("other", PluralForm::Other),
    ];
}

impl Expression {
    /// What an author would call it in a sentence.
    pub(crate) fn named(&self) -> String {
        match self {
            Expression::Literal(value) => value.to_json().to_string(),
            Expression::Read(read) => read.raw.clone(),
            Expression::Call(call) => format!("({} …)", call.name()),
        }
    }
}

impl Call {
    /// The helper's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Call::Eq(..) => "eq",
            Call::Lookup(..) => "lookup",
            Call::Label { .. } => "label",
            Call::Plural { .. } => "plural",
            Call::Moment { kind, .. } => kind.helper(),
            Call::Money { .. } => "money",
            Call::Number { .. } => "number",
            Call::List { .. } => "list",
        }
    }

    /// The expressions that it is given.
    pub(crate) fn arguments(&self) -> Vec<&Expression> {
        match self {
            Call::Eq(left, right) | Call::Lookup(left, right) => vec![left, right],
            Call::Label { value, .. } | Call::Moment { value, .. } => vec![value],
            Call::Plural { number, .. } | Call::Number { number, .. } => vec![number],
            Call::Money { amount, currency } => [amount].into_iter().chain(currency).collect(),
            Call::List { items, .. } => vec![items],
        }
    }
}

impl Node {
    /// The parts inside a block.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[Node]> {
        let (first, second): (&[Node], &[Node]) = match self {
            Node::Text(_) | Node::Say(_) | Node::Partial { .. } => (&[], &[]),
            Node::If {
                then, otherwise, ..
            } => (then, otherwise),
            Node::Each {
                body, otherwise, ..
            }
            | Node::With {
                body, otherwise, ..
            } => (body, otherwise.as_deref().unwrap_or_default()),
        };
        [first, second].into_iter()
    }
}
