//! What came of the tests, for people.

use std::fmt::Write;
use std::time::Duration;

use dialog::{Bot, Refusal};

use crate::compare::{Mismatch, owner_name};
use crate::coverage::Coverage;
use crate::observe::Observed;
use crate::test::{At, Step, Test};

/// What came of all tests.
#[derive(Debug)]
pub struct Report {
    /// By file.
    pub outcomes: Vec<Outcome>,
    /// What of the bot they went through.
    pub coverage: Coverage,
    /// How long they took, together.
    pub took: Duration,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its file.
    pub file: String,
    /// What it shows.
    pub name: String,
    /// How many steps were played.
    pub steps: usize,
    /// What failed; none = it passed.
    pub failures: Vec<Failure>,
    /// How long it took.
    pub took: Duration,
}

/// A step that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The test's file.
    pub file: String,
    /// Where the step is written.
    pub at: At,
    /// The step, in a few words.
    pub step: String,
    /// Expectations that did not hold.
    pub mismatches: Vec<Mismatch>,
    /// What else must not happen.
    pub problems: Vec<String>,
    /// What happened, line by line.
    pub happened: Vec<String>,
}

/// Intents that are shown of a message.
const INTENTS_SHOWN: usize = 3;
/// Refused transitions that are shown of a step.
const REFUSED_SHOWN: usize = 8;
/// Characters that are shown of a text.
const TEXT_SHOWN: usize = 160;

impl Report {
    /// How many tests passed.
    pub fn passed(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|one| one.failures.is_empty())
            .count()
    }

    /// How many failed.
    pub fn failed(&self) -> usize {
        self.outcomes.len() - self.passed()
    }

    /// How many steps were played.
    pub fn steps(&self) -> usize {
        self.outcomes.iter().map(|one| one.steps).sum()
    }

    /// What failed and why, how fast it went, and as the last line how many passed and failed.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for outcome in self.outcomes.iter().filter(|one| !one.failures.is_empty()) {
            out.push_str(&outcome.print());
        }
        let seconds = self.took.as_secs_f64().max(f64::EPSILON);
        let speed = self.steps() as f64 / seconds;
        let _ = writeln!(
            out,
            "{} steps in {seconds:.2} s ({speed:.0} steps/s)",
            self.steps()
        );
        let _ = writeln!(out, "{} passed, {} failed", self.passed(), self.failed());
        out
    }
}

impl Outcome {
    /// What failed, and why.
    pub fn print(&self) -> String {
        let mut out = format!("FAILED  {}\n", self.name);
        for failure in &self.failures {
            failure.print(&mut out);
        }
        out.push('\n');
        out
    }
}

impl Failure {
    pub(crate) fn of_test(test: &Test, problem: &str) -> Self {
        Self {
            file: test.file.clone(),
            at: At { line: 1, column: 1 },
            step: test.name.clone(),
            mismatches: Vec::new(),
            problems: vec![problem.to_owned()],
            happened: Vec::new(),
        }
    }

    pub(crate) fn of_step(test: &Test, step: &Step, problem: &str) -> Self {
        Self {
            at: step.at,
            step: step.action.label(),
            ..Self::of_test(test, problem)
        }
    }

    pub(crate) fn of_observed(
        test: &Test,
        step: &Step,
        mismatches: Vec<Mismatch>,
        observed: &Observed,
        bot: &Bot,
    ) -> Self {
        Self {
            mismatches,
            problems: observed.problems.clone(),
            happened: happened(observed, bot),
            ..Self::of_step(test, step, "")
        }
    }

    fn print(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "  {}:{}:{}  {}",
            self.file, self.at.line, self.at.column, self.step
        );
        for mismatch in &self.mismatches {
            let _ = writeln!(out, "    {}, line {}", mismatch.key, mismatch.at.line);
            let _ = writeln!(out, "      - {}", mismatch.expected);
            let _ = writeln!(out, "      + {}", mismatch.got);
        }
        for problem in self.problems.iter().filter(|problem| !problem.is_empty()) {
            let _ = writeln!(out, "    {problem}");
        }
        for line in &self.happened {
            let _ = writeln!(out, "    | {line}");
        }
    }
}

fn happened(observed: &Observed, bot: &Bot) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, what: String| {
        if !what.is_empty() {
            lines.push(format!("{name:10} {what}"));
        }
    };
    for turn in &observed.turns {
        // What a model said comes before the templates, and has none.
        let by_model = turn.messages.len().saturating_sub(turn.trace.says.len());
        let unnamed = std::iter::repeat_n("-", by_model);
        let templates = unnamed.chain(turn.trace.says.iter().map(String::as_str));
        for (template, said) in templates.zip(&turn.messages) {
            line("said", format!("{template}: {}", shortened(&said.text)));
        }
    }
    line("understood", understood(observed));
    line("route", observed.routes().join(", "));
    line("entered", observed.entered().join(", "));
    line("owner", owner_name(&observed.owner).to_owned());
    for note in observed.notes() {
        line("note", note);
    }
    for refused in refused(observed, bot) {
        line("refused", refused);
    }
    lines
}

fn understood(observed: &Observed) -> String {
    let ranked = observed.intents().iter().take(INTENTS_SHOWN);
    let ranked: Vec<String> = ranked
        .map(|one| format!("{} {:.2}", one.intent, one.confidence.0))
        .collect();
    ranked.join(", ")
}

fn refused(observed: &Observed, bot: &Bot) -> Vec<String> {
    let refused = observed.considered.iter().filter_map(|considered| {
        let why = match considered.refused.as_ref()? {
            Refusal::Guard => "its guard was false".to_owned(),
            Refusal::Evaluation(why) => format!("it could not be evaluated: {why}"),
            Refusal::Confidence => "the intent was not sure enough".to_owned(),
            Refusal::NoFlow => "no flow runs that could be cancelled".to_owned(),
        };
        let info = bot.transitions.get(considered.transition.index())?;
        Some(format!(
            "{} ({}:{}): {why}",
            info.label, info.file, info.line
        ))
    });
    refused.take(REFUSED_SHOWN).collect()
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(TEXT_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
