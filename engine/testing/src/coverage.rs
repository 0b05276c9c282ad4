//! What of a bot the tests have been through: states, transitions, guards both ways, timers, answers, the router.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use author::Files;
use dialog::{Bot, Flow, Refusal, RouterAction, StateKind, Transition, TransitionId};
use serde::Serialize;

use crate::run::Went;

/// What stands for all that belongs to no flow.
const OUTSIDE: &str = "(bot)";

/// What was covered, and what there is.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    entered: BTreeSet<String>,
    taken: BTreeSet<TransitionId>,
    /// Transitions whose guard was false at least once.
    refused: BTreeSet<TransitionId>,
    answered: BTreeSet<String>,
    routes: BTreeSet<String>,
}

/// One kind of thing in one flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// So many were covered.
    pub covered: usize,
    /// Of so many.
    pub total: usize,
}

/// A line of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The flow; `(bot)` for what belongs to none.
    pub flow: String,
    /// States that were entered.
    pub states: Share,
    /// Transitions that were taken.
    pub transitions: Share,
    /// Guards that were both true and false; each counts twice.
    pub guards: Share,
    /// Timers that fired.
    pub timers: Share,
}

/// Something that no test went through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missed {
    /// The file, from the bot's folder.
    pub file: String,
    /// The line.
    pub line: u32,
    /// What.
    pub what: String,
}

/// The whole coverage, for people and as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// A line a flow, then one for all that belongs to none.
    pub rows: Vec<Row>,
    /// All of them together.
    pub total: Row,
    /// Answers that were given.
    pub answers: Share,
    /// Steps of the router that were taken.
    pub router: Share,
    /// What no test went through, by file and line.
    pub missed: Vec<Missed>,
}

impl Coverage {
    pub(crate) fn new(_bot: &Bot) -> Self {
        Self::default()
    }

    pub(crate) fn add(&mut self, _bot: &Bot, went: &Went) {
        self.entered.extend(went.entered.iter().cloned());
        self.answered.extend(went.answered.iter().cloned());
        self.routes.extend(went.routes.iter().cloned());
        for considered in &went.considered {
            match considered.refused {
                None => self.taken.insert(considered.transition),
                Some(Refusal::Guard) => self.refused.insert(considered.transition),
                Some(Refusal::Evaluation(_) | Refusal::Confidence | Refusal::NoFlow) => false,
            };
        }
    }

    /// The table and what is missing. `files` are the bot's, for the places of states.
    pub fn summary(&self, bot: &Bot, files: &Files) -> Summary {
        let owners = owners(bot);
        let timers = timers(bot);
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        let mut missed = Vec::new();
        for flow in &bot.flows {
            let row = rows.entry(&flow.name).or_default();
            self.count_states(bot, flow, files, row, &mut missed);
        }
        for (index, info) in bot.transitions.iter().enumerate() {
            let id = TransitionId::from(index);
            let flow = owners.get(&id).copied().unwrap_or(OUTSIDE);
            let row = rows.entry(flow).or_default();
            let mut miss = |what: &str| {
                missed.push(Missed {
                    file: info.file.clone(),
                    line: info.line,
                    what: format!("{}: {what}", info.label),
                });
            };
            let is_taken = self.taken.contains(&id);
            if !row.transitions.count(is_taken) {
                miss("never taken");
            }
            if info.guard.is_some() {
                row.guards.count(is_taken);
                if !row.guards.count(self.refused.contains(&id)) {
                    miss("its guard was never false");
                }
            }
            if timers.contains(&id) {
                row.timers.count(is_taken);
            }
        }
        let answers = self.count_answers(bot, files, &mut missed);
        let router = self.count_router(bot, files, &mut missed);
        missed.sort();
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(flow, row)| Row {
                flow: flow.to_owned(),
                ..row
            })
            .collect();
        Summary {
            total: total(&rows),
            rows,
            answers,
            router,
            missed,
        }
    }

    fn count_states(
        &self,
        bot: &Bot,
        flow: &Flow,
        files: &Files,
        row: &mut Row,
        missed: &mut Vec<Missed>,
    ) {
        let file = format!("flows/{}.yaml", flow.name);
        let text = text(files, &file);
        for state in &flow.states {
            let name = format!("{}.{}", flow.name, state.path);
            let is_entered =
                self.entered.contains(&name) || self.is_parent_of_entered(bot, flow, &name);
            if !row.states.count(is_entered) {
                missed.push(Missed {
                    file: file.clone(),
                    line: line_of(text, &state.name),
                    what: format!("{name}: never entered"),
                });
            }
        }
    }

    /// A compound state is entered with any of its children.
    fn is_parent_of_entered(&self, _bot: &Bot, flow: &Flow, name: &str) -> bool {
        let state = flow
            .states
            .iter()
            .find(|state| name.ends_with(&format!(".{}", state.path)));
        let is_compound =
            state.is_some_and(|state| matches!(state.kind, StateKind::Compound { .. }));
        let inside = format!("{name}.");
        is_compound
            && self
                .entered
                .iter()
                .any(|entered| entered.starts_with(&inside))
    }

    fn count_answers(&self, bot: &Bot, files: &Files, missed: &mut Vec<Missed>) -> Share {
        let mut share = Share::default();
        for intent in bot.answers.keys() {
            let name = &bot.intents[intent.index()].name;
            if !share.count(self.answered.contains(name)) {
                let (file, line) = place_of_answer(files, name);
                let what = format!("answer {name}: never given");
                missed.push(Missed { file, line, what });
            }
        }
        share
    }

    fn count_router(&self, bot: &Bot, files: &Files, missed: &mut Vec<Missed>) -> Share {
        let mut share = Share::default();
        for (index, step) in bot.router.iter().enumerate() {
            let route = match step.action {
                RouterAction::Clarify { .. } => "clarify",
                RouterAction::Generate(_) => "generate",
                RouterAction::Say(_) => "router_say",
                RouterAction::Handoff { .. } => "router_handoff",
            };
            if !share.count(self.routes.contains(route)) {
                missed.push(Missed {
                    file: "bot.yaml".to_owned(),
                    line: line_of(text(files, "bot.yaml"), "router"),
                    what: format!("router #{} ({route}): never taken", index + 1),
                });
            }
        }
        share
    }
}

impl Share {
    /// Counts one more; whether it is covered.
    fn count(&mut self, is_covered: bool) -> bool {
        self.total += 1;
        self.covered += usize::from(is_covered);
        is_covered
    }

    fn and(self, other: Share) -> Share {
        Share {
            covered: self.covered + other.covered,
            total: self.total + other.total,
        }
    }

    /// In hundredths, rounded down: 100 means all.
    pub fn percent(self) -> usize {
        (self.covered * 100).checked_div(self.total).unwrap_or(100)
    }

    fn cell(self) -> String {
        match self.total {
            0 => "-".to_owned(),
            _ => format!("{}/{} {:3}%", self.covered, self.total, self.percent()),
        }
    }
}

impl Summary {
    /// The table, and what is missing: at most so many lines of it.
    pub fn print(&self, missed_max: usize) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{:24} {:>14} {:>14} {:>14} {:>12}",
            "coverage", "states", "transitions", "guards", "timers"
        );
        for row in self.rows.iter().chain([&self.total]) {
            let cells = [row.states, row.transitions, row.guards, row.timers].map(Share::cell);
            let [states, transitions, guards, timers] = cells;
            let _ = writeln!(
                out,
                "{:24} {states:>14} {transitions:>14} {guards:>14} {timers:>12}",
                row.flow
            );
        }
        let _ = writeln!(
            out,
            "answers {}, router {}",
            self.answers.cell(),
            self.router.cell()
        );
        if !self.missed.is_empty() && missed_max > 0 {
            let _ = writeln!(out, "\nnever covered:");
        }
        for missed in self.missed.iter().take(missed_max) {
            let _ = writeln!(out, "  {}:{}  {}", missed.file, missed.line, missed.what);
        }
        if self.missed.len() > missed_max {
            let _ = writeln!(out, "  and {} more", self.missed.len() - missed_max);
        }
        out
    }
}

fn total(rows: &[Row]) -> Row {
    let start = Row {
        flow: "all".to_owned(),
        ..Row::default()
    };
    rows.iter().fold(start, |sum, row| Row {
        flow: sum.flow,
        states: sum.states.and(row.states),
        transitions: sum.transitions.and(row.transitions),
        guards: sum.guards.and(row.guards),
        timers: sum.timers.and(row.timers),
    })
}

/// Which flow each transition belongs to.
fn owners(bot: &Bot) -> BTreeMap<TransitionId, &str> {
    let mut owners = BTreeMap::new();
    for flow in &bot.flows {
        let mut own = |transitions: &[Transition]| {
            owners.extend(transitions.iter().map(|one| (one.id, flow.name.as_str())));
        };
        flow.on.0.iter().for_each(|(_, then)| own(then));
        for state in &flow.states {
            state.on.0.iter().for_each(|(_, then)| own(then));
            own(&state.always);
            state
                .after
                .iter()
                .chain(&state.no_input)
                .for_each(|timed| own(&timed.then));
            state
                .attempts
                .iter()
                .for_each(|attempts| own(&attempts.then));
            outcomes(&state.kind).into_iter().for_each(&mut own);
        }
    }
    owners
}

fn outcomes(kind: &StateKind) -> Vec<&[Transition]> {
    match kind {
        StateKind::Wait | StateKind::Final { .. } => Vec::new(),
        StateKind::Collect { done, .. }
        | StateKind::Handoff { done, .. }
        | StateKind::Compound { done, .. } => vec![done],
        StateKind::Call { done, error, .. }
        | StateKind::Flow { done, error, .. }
        | StateKind::Generate { done, error, .. } => vec![done, error],
    }
}

fn timers(bot: &Bot) -> BTreeSet<TransitionId> {
    let states = bot.flows.iter().flat_map(|flow| &flow.states);
    states
        .flat_map(|state| state.after.iter().chain(&state.no_input))
        .flat_map(|timed| &timed.then)
        .map(|one| one.id)
        .collect()
}

fn text<'f>(files: &'f Files, file: &str) -> &'f str {
    let bytes = files.get(file).map_or(&[][..], Vec::as_slice);
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The line on which a key stands first; the file's first where it can't be found.
fn line_of(text: &str, key: &str) -> u32 {
    let found = text.lines().position(|line| {
        let rest = line.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.starts_with(':'))
    });
    found.map_or(1, |line| u32::try_from(line + 1).unwrap_or(u32::MAX))
}

fn place_of_answer(files: &Files, intent: &str) -> (String, u32) {
    let flows = files.keys().filter(|path| path.starts_with("flows/"));
    for path in flows {
        let line = line_of(text(files, path), intent);
        if line > 1 {
            return (path.clone(), line);
        }
    }
    ("flows/answers.yaml".to_owned(), 1)
}
