//! What an expression at some place can read.

use std::collections::BTreeMap;

use dialog::{FlowId, ValueType};

use super::{Fact, Facts, Ty};

/// The names at a place, besides those that every place has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The flow around it, if there is one.
    pub(crate) flow: Option<FlowId>,
    /// `result`.
    pub(crate) result: Option<Ty>,
    /// `error`.
    pub(crate) error: bool,
    /// `event`, by its fields.
    pub(crate) event: Option<BTreeMap<String, ValueType>>,
    /// `value`: in a collect's `accept`.
    pub(crate) value: Option<ValueType>,
    /// `item` and `index`: in a label.
    pub(crate) item: Option<Ty>,
    /// `knowledge`: in the router.
    pub(crate) knowledge: bool,
    /// `in_state`, `entered`: in properties.
    pub(crate) property: bool,
    /// What holds whatever the flow did: an entity whose handler this is.
    pub(crate) facts: Facts,
}

impl Scope {
    /// Outside every flow.
    pub(crate) fn bot() -> Self {
        Self::default()
    }

    /// In a flow.
    pub(crate) fn of_flow(flow: FlowId) -> Self {
        Self {
            flow: Some(flow),
            ..Self::default()
        }
    }

    /// The same with a result.
    pub(crate) fn with_result(&self, result: Ty) -> Self {
        Self {
            result: Some(result),
            ..self.clone()
        }
    }

    /// The same with an error.
    pub(crate) fn with_error(&self) -> Self {
        Self {
            error: true,
            ..self.clone()
        }
    }

    /// The same with an event's data.
    pub(crate) fn with_event(&self, fields: BTreeMap<String, ValueType>) -> Self {
        Self {
            event: Some(fields),
            ..self.clone()
        }
    }

    /// The same where an entity was found.
    pub(crate) fn with_entity(&self, name: &str) -> Self {
        let mut scope = self.clone();
        scope.facts.insert(Fact::Set(format!("entity.{name}")));
        scope
    }
}
