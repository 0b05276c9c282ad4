//! What the checks need to know beyond the bot itself: places, and what is read and said where.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use dialog::{FlowId, StateId, TemplateId, TransitionId, TransitionInfo};

use crate::context::Cx;
use crate::expression::{Facts, Lowered, Need, Scope};
use crate::place::Place;

/// Where in the bot something is evaluated or said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// Outside every flow.
    Bot,
    /// A transition, at some point of taking it.
    Transition(TransitionId, Point),
    /// A state.
    State(FlowId, StateId, Point),
    /// One of a collect's questions.
    Question(FlowId, StateId, usize, Point),
    /// A flow as a whole: what it says when it goes on.
    Flow(FlowId),
}

/// At which point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    /// While the guard is evaluated.
    Guard,
    /// When the transition is taken, before anything is changed.
    Effects,
    /// When the state is entered.
    Enter,
    /// When its question is asked.
    Ask,
}

/// An expression that fails unless something holds.
#[derive(Debug)]
pub(crate) struct Use {
    /// Where it is evaluated.
    pub(crate) spot: Spot,
    /// What it needs.
    pub(crate) needs: Vec<Need>,
}

/// A template that is said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Which.
    pub(crate) template: TemplateId,
    /// Where it is said.
    pub(crate) spot: Spot,
    /// What is known there.
    pub(crate) scope: Scope,
    /// Values that are given along.
    pub(crate) with: Vec<String>,
    /// As people name the place.
    pub(crate) label: String,
}

/// Everything recorded.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// By [`TransitionId`].
    pub(crate) transitions: Vec<TransitionInfo>,
    /// By [`TransitionId`].
    pub(crate) transition_places: Vec<Place>,
    /// What holds when a guard was true, and when it was false.
    pub(crate) guards: BTreeMap<TransitionId, (Facts, Facts)>,
    /// What holds when a question's `when` is true.
    pub(crate) questions: BTreeMap<(FlowId, StateId, usize), Facts>,
    /// Needs of expressions.
    pub(crate) uses: Vec<Use>,
    /// What is said where.
    pub(crate) said: Vec<Said>,
    /// Places of other references to templates: prompts, labels of choices, consent.
    pub(crate) templates: BTreeSet<TemplateId>,
    /// Where handlers' keys stand, by the transitions under them.
    pub(crate) handler_keys: BTreeMap<TransitionId, Place>,
    /// Where choices are offered.
    pub(crate) choices: Vec<ChoicePlace>,
    /// Where slots, entities and so on are asked for: `entity.x` in an expression or a handler.
    pub(crate) entities: BTreeSet<dialog::EntityId>,
    /// Where each `when`, `attempts` and other keys of states stand.
    pub(crate) state_keys: BTreeMap<(FlowId, StateId, &'static str), Place>,
}

/// A choice that a state offers.
#[derive(Debug)]
pub(crate) struct ChoicePlace {
    /// The state.
    pub(crate) state: (FlowId, StateId),
    /// Its key.
    pub(crate) key: String,
    /// Where it stands.
    pub(crate) place: Place,
}

/// What the second pass works with.
pub(crate) struct Decoder<'a> {
    /// Files, findings, names.
    pub(crate) cx: Cx<'a>,
    /// What is recorded on the way.
    pub(crate) records: RefCell<Records>,
}

impl<'a> Decoder<'a> {
    /// Nothing recorded yet.
    pub(crate) fn new(cx: Cx<'a>) -> Self {
        Self {
            cx,
            records: RefCell::default(),
        }
    }

    /// Notes what an expression needs.
    pub(super) fn note(&self, spot: Spot, lowered: &Lowered) {
        for variable in lowered.expression.reads() {
            if let dialog::Variable::Entity(entity) = variable {
                self.records.borrow_mut().entities.insert(entity);
            }
        }
        if !lowered.needs.is_empty() {
            self.records.borrow_mut().uses.push(Use {
                spot,
                needs: lowered.needs.clone(),
            });
        }
    }

    /// Gives a written transition its id.
    pub(crate) fn transition(&self, info: TransitionInfo, place: Place) -> TransitionId {
        let mut records = self.records.borrow_mut();
        records.transitions.push(info);
        records.transition_places.push(place);
        TransitionId::from(records.transitions.len() - 1)
    }
}
