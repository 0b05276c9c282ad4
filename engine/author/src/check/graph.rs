//! A flow as a graph: which transition leads from where to where, and when it is tried.

use dialog::{Flow, State, StateId, StateKind, Then, Transition, Transitions, Trigger};

/// When a list of transitions is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment<'a> {
    /// Something happened.
    On(&'a Trigger),
    /// Nothing needs to happen.
    Always,
    /// A time has passed.
    Timer,
    /// Too many misses.
    Attempts,
    /// What the state does is done.
    Done,
    /// It failed.
    Error,
}

/// A list of transitions and when it is tried.
#[derive(Clone, Copy)]
pub(super) struct Tried<'a> {
    /// When.
    pub(super) moment: Moment<'a>,
    /// In this order.
    pub(super) list: &'a Transitions,
}

/// All lists that a state itself has.
pub(super) fn lists(state: &State) -> Vec<Tried<'_>> {
    let handlers = state.on.0.iter().map(|(trigger, list)| Tried {
        moment: Moment::On(trigger),
        list,
    });
    let timers = state
        .after
        .iter()
        .chain(&state.no_input)
        .map(|timed| Tried {
            moment: Moment::Timer,
            list: &timed.then,
        });
    let attempts = state.attempts.iter().map(|attempts| Tried {
        moment: Moment::Attempts,
        list: &attempts.then,
    });
    let always = std::iter::once(Tried {
        moment: Moment::Always,
        list: &state.always,
    });
    always
        .chain(handlers)
        .chain(timers)
        .chain(attempts)
        .chain(outcomes(state))
        .filter(|tried| !tried.list.is_empty())
        .collect()
}

/// The lists for how what a state does ends.
pub(super) fn outcomes(state: &State) -> Vec<Tried<'_>> {
    let done = |list| Tried {
        moment: Moment::Done,
        list,
    };
    let error = |list| Tried {
        moment: Moment::Error,
        list,
    };
    match &state.kind {
        StateKind::Wait | StateKind::Final { .. } => Vec::new(),
        StateKind::Collect { done: list, .. }
        | StateKind::Handoff { done: list, .. }
        | StateKind::Compound { done: list, .. } => vec![done(list)],
        StateKind::Call {
            done: first,
            error: second,
            ..
        }
        | StateKind::Flow {
            done: first,
            error: second,
            ..
        }
        | StateKind::Generate {
            done: first,
            error: second,
            ..
        } => vec![done(first), error(second)],
    }
}

/// Handlers of the flow as a whole.
pub(super) fn flow_lists(flow: &Flow) -> Vec<Tried<'_>> {
    flow.on
        .0
        .iter()
        .map(|(trigger, list)| Tried {
            moment: Moment::On(trigger),
            list,
        })
        .collect()
}

/// The state that a transition leads to, if it leads to one.
pub(super) fn target(transition: &Transition) -> Option<StateId> {
    match transition.then {
        Then::Target(state) | Then::History(state) => Some(state),
        Then::Stay
        | Then::Handoff { .. }
        | Then::Cancel
        | Then::Flow { .. }
        | Then::Generate(_) => None,
    }
}

/// The state and those around it, inner first.
pub(super) fn around(flow: &Flow, state: StateId) -> Vec<StateId> {
    let mut all = vec![state];
    let mut at = state;
    while let Some(parent) = flow.states[at.index()].parent {
        all.push(parent);
        at = parent;
    }
    all
}

/// The states within a state, itself included.
pub(super) fn within(flow: &Flow, state: StateId) -> Vec<StateId> {
    ids(flow)
        .filter(|one| around(flow, *one).contains(&state))
        .collect()
}

/// The state that is really entered: the first within a compound one.
pub(super) fn entered(flow: &Flow, state: StateId) -> StateId {
    let mut at = state;
    while let StateKind::Compound { initial, .. } = flow.states[at.index()].kind {
        at = initial;
    }
    at
}

/// All states.
pub(super) fn ids(flow: &Flow) -> impl Iterator<Item = StateId> {
    (0..flow.states.len()).map(StateId::from)
}

/// All states that a state's own lists lead to, and the first within it.
pub(super) fn next(flow: &Flow, state: StateId) -> Vec<StateId> {
    let own = &flow.states[state.index()];
    let inner = match own.kind {
        StateKind::Compound { initial, .. } => Some(initial),
        _ => None,
    };
    lists(own)
        .iter()
        .flat_map(|tried| tried.list.iter().filter_map(target))
        .chain(inner)
        .collect()
}
