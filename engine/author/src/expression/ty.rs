//! What an expression's value can be, as far as it is known before anything runs.

use dialog::ValueType;

/// A type, or "anything" where the author declared none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    /// Not known: everything fits.
    Any,
    /// A declared type.
    Of(ValueType),
}

/// The families within which values can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Not known.
    Any,
    /// True or false.
    Bool,
    /// Whole numbers and numbers.
    Number,
    /// Everything that is held as a text: dates and enums too.
    Text,
    /// Moments.
    Moment,
    /// Lengths of time.
    Duration,
    /// Lists.
    List,
    /// Maps, money and files.
    Map,
}

impl Ty {
    /// The family of its values.
    pub(crate) fn family(&self) -> Family {
        match self {
            Ty::Any => Family::Any,
            Ty::Of(value_type) => family(value_type),
        }
    }

    /// The type of a list's items.
    pub(crate) fn item(&self) -> Ty {
        match self {
            Ty::Of(ValueType::List { of, .. }) => Ty::Of((**of).clone()),
            _ => Ty::Any,
        }
    }

    /// What fits both.
    pub(crate) fn join(&self, other: &Ty) -> Ty {
        if self == other {
            return self.clone();
        }
        match (self.family(), other.family()) {
            (Family::Number, Family::Number) => Ty::Of(ValueType::Number),
            (Family::Text, Family::Text) => join_texts(self, other),
            _ => Ty::Any,
        }
    }

    /// As a sentence names it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Ty::Any => "a value".to_owned(),
            Ty::Of(value_type) => describe(value_type),
        }
    }
}

fn join_texts(a: &Ty, b: &Ty) -> Ty {
    match (a, b) {
        (Ty::Of(ValueType::Enum(a)), Ty::Of(ValueType::Enum(b))) => {
            let mut all = a.clone();
            all.extend(b.iter().filter(|value| !a.contains(value)).cloned());
            Ty::Of(ValueType::Enum(all))
        }
        _ => Ty::Of(ValueType::Text),
    }
}

fn family(value_type: &ValueType) -> Family {
    match value_type {
        ValueType::Bool => Family::Bool,
        ValueType::Int | ValueType::Number => Family::Number,
        ValueType::Text
        | ValueType::Date
        | ValueType::Time
        | ValueType::Email
        | ValueType::Phone
        | ValueType::Url
        | ValueType::Iban
        | ValueType::Enum(_) => Family::Text,
        ValueType::Datetime => Family::Moment,
        ValueType::Duration => Family::Duration,
        ValueType::List { .. } => Family::List,
        ValueType::Money | ValueType::File { .. } | ValueType::Map(_) => Family::Map,
    }
}

/// A type as a sentence names it.
pub(crate) fn describe(value_type: &ValueType) -> String {
    match value_type {
        ValueType::Bool => "true or false".into(),
        ValueType::Int => "a whole number".into(),
        ValueType::Number => "a number".into(),
        ValueType::Text => "a text".into(),
        ValueType::Date => "a date".into(),
        ValueType::Time => "a time of day".into(),
        ValueType::Datetime => "a moment".into(),
        ValueType::Duration => "a duration".into(),
        ValueType::Money => "an amount of money".into(),
        ValueType::Email => "an e-mail address".into(),
        ValueType::Phone => "a telephone number".into(),
        ValueType::Url => "a web address".into(),
        ValueType::Iban => "an IBAN".into(),
        ValueType::File { .. } => "a file".into(),
        ValueType::Enum(values) => format!("one of {}", values.join(", ")),
        ValueType::List { of, .. } => format!("a list (each item {})", describe(of)),
        ValueType::Map(_) => "a map of fields".into(),
    }
}

/// The type of a field, where the type has fields.
pub(crate) fn field(value_type: &ValueType, name: &str) -> Option<ValueType> {
    match (value_type, name) {
        (ValueType::Map(fields), _) => fields.get(name).cloned(),
        (ValueType::Money, "amount") => Some(ValueType::Number),
        (ValueType::Money, "currency") => Some(ValueType::Text),
        (ValueType::File { .. }, "size") => Some(ValueType::Int),
        (ValueType::File { .. }, "name" | "mime" | "ref") => Some(ValueType::Text),
        _ => None,
    }
}

/// The names of a type's fields.
pub(crate) fn field_names(value_type: &ValueType) -> Vec<&str> {
    match value_type {
        ValueType::Map(fields) => fields.keys().map(String::as_str).collect(),
        ValueType::Money => vec!["amount", "currency"],
        ValueType::File { .. } => vec!["name", "mime", "size", "ref"],
        _ => Vec::new(),
    }
}

/// Whether every value of one type is one of the other; literals are checked apart.
pub(crate) fn fits(from: &Ty, to: &ValueType) -> bool {
    let Ty::Of(from) = from else { return true };
    match (from, to) {
        (ValueType::Enum(values), ValueType::Enum(wanted)) => {
            values.iter().all(|value| wanted.contains(value))
        }
        (ValueType::Int, ValueType::Number) => true,
        (ValueType::List { of: from, .. }, ValueType::List { of: to, .. }) => {
            fits(&Ty::Of((**from).clone()), to)
        }
        (ValueType::File { .. }, ValueType::File { .. }) => true,
        (ValueType::Map(_) | ValueType::Money | ValueType::File { .. }, ValueType::Map(wanted)) => {
            wanted.iter().all(|(name, wanted)| {
                field(from, name).is_some_and(|given| fits(&Ty::Of(given), wanted))
            })
        }
        (ValueType::Map(_), ValueType::Money) => {
            field(from, "amount").is_some() && field(from, "currency").is_some()
        }
        (_, ValueType::Text) => family(from) == Family::Text,
        (
            ValueType::Text,
            ValueType::Date
            | ValueType::Time
            | ValueType::Email
            | ValueType::Phone
            | ValueType::Url
            | ValueType::Iban,
        ) => true,
        _ => from == to,
    }
}

/// The lists in `user`: what is kept of a person, and the notes of their past sessions. How long they are is the engine's business.
pub(crate) fn user_lists() -> [(&'static str, ValueType); 2] {
    let list = |fields: &[(&str, ValueType)]| {
        let fields = fields.iter().cloned();
        ValueType::List {
            of: Box::new(ValueType::Map(
                fields.map(|(name, of)| (name.to_owned(), of)).collect(),
            )),
            max: dialog::Value::LIST_MAX,
        }
    };
    let facts = list(&[
        ("name", ValueType::Text),
        ("value", ValueType::Text),
        ("at", ValueType::Datetime),
        ("until", ValueType::Datetime),
        ("confidence", ValueType::Number),
    ]);
    let episodes = list(&[("at", ValueType::Datetime), ("text", ValueType::Text)]);
    [("facts", facts), ("episodes", episodes)]
}
