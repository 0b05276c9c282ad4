//! Where names are looked for: in the block, then outward, at last in the response's values.

use std::collections::BTreeMap;

use dialog::Value;

use crate::path::{self, Path, Start};
use crate::program::BlockNames;

use super::Worth;

/// The names of one block, and those around it.
pub(crate) struct Scope<'v> {
    here: Here<'v>,
    outer: Option<&'v Scope<'v>>,
}

enum Here<'v> {
    /// The response's values.
    Root(&'v BTreeMap<String, Value>),
    /// An item or value.
    Value {
        value: &'v Value,
        names: &'v BlockNames,
        turn: Option<Loop<'v>>,
    },
    /// What a partial was given by name.
    Named(&'v BTreeMap<String, Value>),
}

/// Where a loop is.
#[derive(Clone, Copy)]
pub(super) struct Loop<'v> {
    index: usize,
    key: Option<&'v str>,
    count: usize,
}

impl<'v> Loop<'v> {
    pub(super) fn of_list(index: usize, count: usize) -> Self {
        Self {
            index,
            key: None,
            count,
        }
    }

    pub(super) fn of_map(key: &'v str, index: usize, count: usize) -> Self {
        Self {
            index,
            key: Some(key),
            count,
        }
    }

    fn key(&self) -> Value {
        match self.key {
            Some(key) => Value::from(key),
            None => Value::Int(self.index as i64),
        }
    }

    fn worth(&self, of: path::Loop) -> Value {
        match of {
            path::Loop::Index => Value::Int(self.index as i64),
            path::Loop::Key => self.key(),
            path::Loop::First => Value::Bool(self.index == 0),
            path::Loop::Last => Value::Bool(self.index + 1 == self.count),
        }
    }
}

impl<'v> Scope<'v> {
    pub(crate) fn root(values: &'v BTreeMap<String, Value>) -> Self {
        Self {
            here: Here::Root(values),
            outer: None,
        }
    }

    pub(super) fn item<'i>(
        &'i self,
        value: &'i Value,
        names: &'i BlockNames,
        turn: Loop<'i>,
    ) -> Scope<'i> {
        Scope {
            here: Here::Value {
                value,
                names,
                turn: Some(turn),
            },
            outer: Some(self),
        }
    }

    pub(super) fn with<'i>(&'i self, value: &'i Value, names: &'i BlockNames) -> Scope<'i> {
        Scope {
            here: Here::Value {
                value,
                names,
                turn: None,
            },
            outer: Some(self),
        }
    }

    pub(super) fn named<'i>(&'i self, values: &'i BTreeMap<String, Value>) -> Scope<'i> {
        Scope {
            here: Here::Named(values),
            outer: Some(self),
        }
    }

    /// What a variable is worth here.
    pub(super) fn read(&self, path: &Path) -> Worth<'_> {
        let found = match path.start {
            Start::Root => {
                return self
                    .root_values()
                    .map_or(Worth::Unset, |values| in_values(values, &path.names));
            }
            Start::Loop(of) => {
                return self
                    .turn(path.up)
                    .map_or(Worth::Unset, |turn| Worth::Made(turn.worth(of)));
            }
            Start::This => self
                .block(path.up)
                .map(|value| (value, path.names.as_slice())),
            Start::Name => {
                return self
                    .outward(path.up)
                    .map_or(Worth::Unset, |scope| scope.name(&path.names));
            }
        };
        found
            .and_then(|(value, names)| follow(value, names))
            .map_or(Worth::Unset, Worth::Is)
    }

    /// A name, looked for here and outward.
    fn name(&self, names: &[String]) -> Worth<'_> {
        let Some((first, rest)) = names.split_first() else {
            return Worth::Unset;
        };
        let mut scope = Some(self);
        while let Some(here) = scope {
            match here.own(first) {
                Some(Own::Value(value)) => {
                    return follow(value, rest).map_or(Worth::Unset, Worth::Is);
                }
                Some(Own::Key(key)) => {
                    return if rest.is_empty() {
                        Worth::Made(key)
                    } else {
                        Worth::Unset
                    };
                }
                None => scope = here.outer,
            }
        }
        Worth::Unset
    }

    /// What this block itself knows by that name.
    fn own(&self, name: &str) -> Option<Own<'_>> {
        match &self.here {
            Here::Root(values) | Here::Named(values) => values.get(name).map(Own::Value),
            Here::Value { value, names, turn } => {
                if names.item.as_deref() == Some(name) {
                    return Some(Own::Value(value));
                }
                if names.key.as_deref() == Some(name) {
                    return turn.map(|turn| Own::Key(turn.key()));
                }
                value.field(name).map(Own::Value)
            }
        }
    }

    fn root_values(&self) -> Option<&BTreeMap<String, Value>> {
        match (&self.here, self.outer) {
            (Here::Root(values), _) => Some(values),
            (_, outer) => outer?.root_values(),
        }
    }

    /// The innermost item or value, or one `up` blocks further out.
    fn block(&self, up: usize) -> Option<&Value> {
        match (&self.here, up) {
            (Here::Value { value, .. }, 0) => Some(value),
            (Here::Value { .. }, up) => self.outer?.block(up - 1),
            _ => self.outer?.block(up),
        }
    }

    /// The innermost loop, or one `up` loops further out.
    fn turn(&self, up: usize) -> Option<Loop<'_>> {
        match (&self.here, up) {
            (
                Here::Value {
                    turn: Some(turn), ..
                },
                0,
            ) => Some(*turn),
            (Here::Value { turn: Some(_), .. }, up) => self.outer?.turn(up - 1),
            _ => self.outer?.turn(up),
        }
    }

    /// The scope that `../` leads to.
    fn outward(&self, up: usize) -> Option<&Scope<'_>> {
        match (&self.here, up) {
            (_, 0) => Some(self),
            (Here::Value { .. }, up) => self.outer?.outward(up - 1),
            (_, up) => self.outer?.outward(up),
        }
    }
}

enum Own<'v> {
    Value(&'v Value),
    Key(Value),
}

fn in_values<'v>(values: &'v BTreeMap<String, Value>, names: &[String]) -> Worth<'v> {
    let found = names
        .split_first()
        .and_then(|(first, rest)| follow(values.get(first)?, rest));
    found.map_or(Worth::Unset, Worth::Is)
}

/// A field of a field, an item of a list.
fn follow<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names
        .iter()
        .try_fold(value, |value, name| field_or_item(value, name))
}

/// A map's field, or a list's item by its number from 0.
pub(super) fn field_or_item<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Map(fields) => fields.get(name),
        Value::List(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}
