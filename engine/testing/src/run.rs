//! Runs tests, several at a time, and gathers what came.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dialog::Considered;
use runtime::Deployment;

use crate::compare::{Mismatch, compare};
use crate::coverage::Coverage;
use crate::observe::Observed;
use crate::play::{PlayError, Player};
use crate::report::{Failure, Outcome, Report};
use crate::test::{Step, Test};

/// How tests are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many run at a time; each has its own bot and its own store.
    pub threads: usize,
    /// Goes on after a step that failed: for `--update`, which must see all of them.
    pub keep_going: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 2,
            keep_going: false,
        }
    }
}

/// Runs tests against a deployment, whose tools are replaced by what each test says. `progress` is told of each test that ended.
pub fn run(
    deployment: &Deployment,
    tests: &[Test],
    options: &Options,
    progress: &(dyn Fn(&Outcome) + Sync),
) -> Report {
    let began = now();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.threads.clamp(1, tests.len().max(1)) {
            scope.spawn(|| {
                while let Some((index, test)) = take(&next, tests) {
                    let ran = run_one(deployment, test, options);
                    progress(&ran.outcome);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((index, ran));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    let mut coverage = Coverage::new(&deployment.bot);
    let mut outcomes = Vec::new();
    for (_, ran) in done {
        coverage.add(&deployment.bot, &ran.seen);
        outcomes.push(ran.outcome);
    }
    Report {
        outcomes,
        coverage,
        took: now().duration_since(began),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long it took is told, nothing depends on it"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn take<'t>(next: &AtomicUsize, tests: &'t [Test]) -> Option<(usize, &'t Test)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, tests.get(index)?))
}

/// What one test came to, and what it went through.
struct Ran {
    outcome: Outcome,
    seen: Went,
}

/// What a test went through, for the coverage.
#[derive(Default)]
pub(crate) struct Went {
    pub(crate) entered: Vec<String>,
    pub(crate) considered: Vec<Considered>,
    pub(crate) answered: Vec<String>,
    pub(crate) routes: Vec<String>,
}

fn run_one(deployment: &Deployment, test: &Test, options: &Options) -> Ran {
    let began = now();
    let mut course = Course::default();
    let played = catch_unwind(AssertUnwindSafe(|| course.play(deployment, test, options)));
    if played.is_err() {
        course.failures.push(Failure::of_test(
            test,
            "the runner panicked; that is a bug of the engine",
        ));
    }
    Ran {
        outcome: Outcome {
            file: test.file.clone(),
            name: test.name.clone(),
            steps: course.steps,
            failures: course.failures,
            took: took(began),
        },
        seen: course.went,
    }
}

fn took(began: std::time::Instant) -> Duration {
    now().duration_since(began)
}

/// A test on its way.
#[derive(Default)]
struct Course {
    steps: usize,
    failures: Vec<Failure>,
    went: Went,
    state: Option<String>,
}

impl Course {
    fn play(&mut self, deployment: &Deployment, test: &Test, options: &Options) {
        let mut player = match Player::new(test, deployment) {
            Ok(player) => player,
            Err(error) => {
                self.failures
                    .push(Failure::of_test(test, &error.to_string()));
                return;
            }
        };
        for step in &test.steps {
            self.step(&mut player, test, step, options);
            if !self.failures.is_empty() && !options.keep_going {
                return;
            }
        }
    }

    fn step(&mut self, player: &mut Player<'_>, test: &Test, step: &Step, options: &Options) {
        self.steps += 1;
        let calls_before = player.calls();
        match self.play_step(player, test, step, options) {
            Ok(observed) => {
                let observed = observed.since(&calls_before);
                let mismatches = compare(&step.expect, &observed, self.state.as_deref());
                self.judge(player, test, step, mismatches, &observed);
            }
            Err(error) => self
                .failures
                .push(Failure::of_step(test, step, &error.to_string())),
        }
    }

    /// The step itself, then what happens during it, then what comes of it when its calls are answered.
    fn play_step(
        &mut self,
        player: &mut Player<'_>,
        test: &Test,
        step: &Step,
        options: &Options,
    ) -> Result<Observed, PlayError> {
        player.act(step)?;
        let observed = self.look(player)?;
        if step.during.is_empty() {
            return Ok(observed);
        }
        for inner in &step.during {
            self.step(player, test, inner, options);
        }
        player.let_go()?;
        Ok(observed.then(self.look(player)?))
    }

    /// What happened since the last look, noted in the order in which it happened.
    fn look(&mut self, player: &mut Player<'_>) -> Result<Observed, PlayError> {
        let observed = player.look()?;
        self.note(&observed);
        Ok(observed)
    }

    fn note(&mut self, observed: &Observed) {
        if let Some(state) = observed.entered().pop() {
            self.state = Some(state);
        }
        self.went.entered.extend(observed.entered());
        self.went
            .considered
            .extend(observed.considered.iter().cloned());
        self.went.answered.extend(observed.answered());
        self.went.routes.extend(observed.routes());
    }

    fn judge(
        &mut self,
        player: &Player<'_>,
        test: &Test,
        step: &Step,
        mismatches: Vec<Mismatch>,
        observed: &Observed,
    ) {
        if !mismatches.is_empty() || !observed.problems.is_empty() {
            let failure = Failure::of_observed(test, step, mismatches, observed, player.bot());
            self.failures.push(failure);
        }
    }
}
