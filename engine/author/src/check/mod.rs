//! Checks over the whole bot, one file each.

mod after_beyond_session;
mod attempts;
mod channels;
mod choices;
mod cycles;
mod digressions;
mod entities;
mod environment;
mod examples;
mod facts;
mod graph;
mod intents;
mod labels;
mod leaves_call;
mod loops;
mod media;
mod memory;
mod person;
mod prompts;
mod reachable;
mod recursion;
mod shadowed;
mod stolen;
mod template_variables;
mod templates;
mod twins;
mod unset;
mod way_out;

use std::collections::BTreeMap;

use dialog::{AnswerKind, Bot, Flow, FlowId, StateId, Transition, Transitions};

use crate::Catalogue;
use crate::context::Cx;
use crate::decode::{Channel, Declared, Records, Tree};
use crate::files::{FileKind, Files};
use crate::place::Place;

/// What a check looks at.
pub(crate) struct Checked<'a> {
    /// Files, findings, names.
    pub(crate) cx: Cx<'a>,
    /// The bot, whole but perhaps wrong.
    pub(crate) bot: &'a Bot,
    /// What is declared, with places.
    pub(crate) declared: &'a Declared<'a>,
    /// The files' trees.
    pub(crate) trees: &'a [Tree],
    /// What is said and read where.
    pub(crate) records: &'a Records,
    /// The compiled templates, if they compile.
    pub(crate) templates: Option<&'a render::Templates>,
    /// What the place can do.
    pub(crate) catalogue: &'a Catalogue,
    /// The bot's channels.
    pub(crate) channels: &'a BTreeMap<String, Channel>,
    /// All files.
    pub(crate) files: &'a Files,
}

/// Runs every check. Those that say what is missing look only at files that were read as a whole: else they would report the
/// same mistake in other words.
pub(crate) fn all(checked: &Checked<'_>) {
    after_beyond_session::check(checked);
    attempts::check(checked);
    channels::check(checked);
    digressions::check(checked);
    environment::check(checked);
    examples::check(checked);
    labels::check(checked);
    leaves_call::check(checked);
    media::check(checked);
    memory::check(checked);
    prompts::check(checked);
    recursion::check(checked);
    shadowed::check(checked);
    stolen::check(checked);
    templates::check_locales(checked);
    twins::check(checked);
    unset::check(checked);
    choices::check(checked);
    cycles::check(checked);
    loops::check(checked);
    person::check(checked);
    reachable::check(checked);
    way_out::check(checked);
    if checked.flows_are_read() {
        intents::check(checked);
        templates::check_used(checked);
    }
    if checked.flows_are_read() && checked.cx.findings.expressions_are_whole() {
        entities::check(checked);
    }
}

impl Checked<'_> {
    /// All flows with their ids, but for those without a state, of which nothing more can be said.
    fn flows(&self) -> impl Iterator<Item = (FlowId, &Flow)> {
        self.bot
            .flows
            .iter()
            .enumerate()
            .map(|(number, flow)| (FlowId::from(number), flow))
            .filter(|(_, flow)| !flow.states.is_empty())
    }

    /// Those flows whose files were read without a mistake.
    fn whole_flows(&self) -> impl Iterator<Item = (FlowId, &Flow)> {
        self.flows().filter(|(id, _)| {
            let file = self.cx.names.flows[id.index()].place.file;
            self.cx.findings.is_whole(file)
        })
    }

    /// Whether every file that can refer to intents and templates was read.
    fn flows_are_read(&self) -> bool {
        let broken = &self.cx.names.broken;
        !broken.contains(&FileKind::Flow) && !broken.contains(&FileKind::Bot)
    }

    /// Where a state's name stands.
    fn state_place(&self, flow: FlowId, state: StateId) -> Place {
        self.cx.names.flows[flow.index()].states[state.index()].place
    }

    /// Where a key of a state stands, else its name.
    fn key_place(&self, flow: FlowId, state: StateId, key: &'static str) -> Place {
        let key = self.records.state_keys.get(&(flow, state, key));
        key.copied()
            .unwrap_or_else(|| self.state_place(flow, state))
    }

    /// Where a transition stands.
    fn transition_place(&self, transition: &Transition) -> Place {
        self.records.transition_places[transition.id.index()]
    }
}

/// Lists of transitions that belong to no flow.
fn lists_outside_flows(bot: &Bot) -> Vec<&Transitions> {
    let anywhere = bot.anywhere.0.iter().map(|(_, list)| list);
    let desks = bot
        .desks
        .iter()
        .flat_map(|desk| [&desk.closed, &desk.gave_up, &desk.after]);
    let models = bot
        .models
        .iter()
        .flat_map(|model| [&model.on_fail, &model.check.on_low]);
    let answers = bot
        .answers
        .values()
        .filter_map(|answer| match &answer.kind {
            AnswerKind::Call { error, .. } => Some(error),
            AnswerKind::Say(_) | AnswerKind::Generate(_) => None,
        });
    anywhere
        .chain(desks)
        .chain(models)
        .chain(answers)
        .chain([
            &bot.session.greet_first,
            &bot.session.greet_returning,
            &bot.on_failed,
        ])
        .collect()
}

/// Lists of transitions of a flow: of its states and of itself.
fn lists_of_flow(flow: &Flow) -> Vec<&Transitions> {
    flow.states
        .iter()
        .flat_map(graph::lists)
        .chain(graph::flow_lists(flow))
        .map(|tried| tried.list)
        .collect()
}

/// Every transition of a bot.
fn every_transition(bot: &Bot) -> impl Iterator<Item = &Transition> {
    let flows = bot.flows.iter().flat_map(lists_of_flow);
    flows.chain(lists_outside_flows(bot)).flatten()
}
