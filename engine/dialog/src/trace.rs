//! Why a turn went as it did.

use serde::{Deserialize, Serialize};

use crate::TransitionId;

/// What a step considered and did. The short part is stored with the turn; `considered` is derived again by replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// States entered, in order, as `flow.state`.
    pub entered: Vec<String>,
    /// Transitions taken, in order.
    pub taken: Vec<TransitionId>,
    /// Templates said, in order.
    pub says: Vec<String>,
    /// Which rule took the event.
    pub route: Option<Route>,
    /// The answer that was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<String>,
    /// What else is worth knowing, in sentences: why nothing was said, what was dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Every transition considered, in order.
    #[serde(skip)]
    pub considered: Vec<Considered>,
}

/// Which rule took an event. The numbers are those of the language's specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Route {
    Exact,
    Correction,
    YesNoAgain,
    State,
    Anywhere,
    Verbatim,
    Fill,
    Answer,
    FlowStart,
    Text,
    NoMatch,
    Clarify,
    Generate,
    RouterSay,
    RouterHandoff,
    Choice,
    Clarified,
    Offer,
    Relayed,
    Busy,
    Result,
    Timer,
    Outside,
    Desk,
    Session,
    Ignored,
}

/// A transition that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// Which.
    pub transition: TransitionId,
    /// Why it was not taken; none = it was.
    pub refused: Option<Refusal>,
}

/// Why a transition was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its guard was false.
    Guard,
    /// Its guard or another of its expressions could not be evaluated.
    Evaluation(String),
    /// The intent's confidence was too low for it.
    Confidence,
    /// It cancels a flow, and none runs.
    NoFlow,
}
