//! Random conversations: thousands of them on a real bot, to find the one in which it gets stuck, falls silent, orders what
//! nobody confirmed, or breaks an invariant. They run on the pure core with the real model and templates, without runtime
//! and store, so that twenty thousand take about a minute; what each finds can be played again from its seed.

mod law;
mod life;
mod random;
mod value;
mod wish;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::Deployment;
use understand::TrainingData;

use law::Laws;
use life::{Act, Life, Move};
use random::Random;

/// Moves of one conversation: long enough for the demo bot's longest flow with a digression in it.
const MOVES_MAX: usize = 30;
/// So many turns may pass between asking for the end and getting it: one for each flow on the deepest stack.
const ENDING_TURNS_MAX: usize = 12;
/// Failures that are looked at more closely; more are counted only.
const SHRUNK_MAX: usize = 5;
const THREADS: usize = 2;

/// What the random conversations came to.
#[derive(Clone, Debug)]
pub struct Fuzzed {
    /// The seed: with it the same conversations come again.
    pub seed: u64,
    /// How many there were.
    pub conversations: usize,
    /// How many events, in all of them.
    pub events: usize,
    /// How many broke a law.
    pub failed: usize,
    /// The shortest of some that did, one for each law.
    pub failures: Vec<FuzzFailure>,
}

/// A random conversation that broke a law.
#[derive(Clone, Debug)]
pub struct FuzzFailure {
    /// Which of them.
    pub number: usize,
    /// The law.
    pub law: String,
    /// What happened, as short as it could be made.
    pub log: Vec<String>,
}

/// Runs so many random conversations from a seed.
pub fn fuzz(
    deployment: &Deployment,
    training: &TrainingData,
    seed: u64,
    conversations: usize,
) -> Fuzzed {
    let examples = examples(training);
    let laws = Laws::new(&deployment.bot);
    let ground = Ground {
        deployment,
        examples: &examples,
        laws: &laws,
        seed,
    };
    let next = AtomicUsize::new(0);
    let events = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= conversations {
                        return;
                    }
                    let moves = moves(seed, number);
                    let played = ground.play(number, &moves);
                    events.fetch_add(played.log.len() / 2, Ordering::Relaxed);
                    if let Some(law) = played.broken {
                        failed
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push((number, law));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort();
    Fuzzed {
        seed,
        conversations,
        events: events.into_inner(),
        failed: failed.len(),
        failures: ground.shortest(&failed),
    }
}

struct Ground<'a> {
    deployment: &'a Deployment,
    examples: &'a BTreeMap<String, Vec<String>>,
    laws: &'a Laws,
    seed: u64,
}

struct Played {
    broken: Option<String>,
    log: Vec<String>,
}

impl Ground<'_> {
    fn play(&self, number: usize, moves: &[Move]) -> Played {
        let seed = self.seed ^ (number as u64).wrapping_mul(0x2545_F491_4F6C_DD1D);
        let mut life = Life::new(self.deployment, self.examples, self.laws.clone(), seed);
        let lived = moves.iter().try_for_each(|step| life.happen(*step));
        let broken = lived.and_then(|()| life.end(ENDING_TURNS_MAX)).err();
        Played {
            broken,
            log: std::mem::take(&mut life.log),
        }
    }

    /// One conversation for each law that was broken, as short as it gets.
    fn shortest(&self, failed: &[(usize, String)]) -> Vec<FuzzFailure> {
        let mut by_law: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, law) in failed {
            by_law.entry(law).or_insert(*number);
        }
        by_law
            .into_iter()
            .take(SHRUNK_MAX)
            .map(|(law, number)| FuzzFailure {
                number,
                law: law.to_owned(),
                log: self.shrunk(number, law),
            })
            .collect()
    }

    /// Leaves out moves, in ever smaller stretches, as long as the same law is broken.
    fn shrunk(&self, number: usize, law: &str) -> Vec<String> {
        let breaks = |moves: &[Move]| self.play(number, moves).broken.as_deref() == Some(law);
        let mut moves = moves(self.seed, number);
        let mut stretch = moves.len().div_ceil(2);
        while stretch > 0 {
            let mut start = 0;
            while start < moves.len() {
                let mut fewer = moves.clone();
                fewer.drain(start..(start + stretch).min(moves.len()));
                if breaks(&fewer) {
                    moves = fewer;
                } else {
                    start += stretch;
                }
            }
            stretch /= 2;
        }
        self.play(number, &moves).log
    }
}

/// What happens in a conversation, by its number.
fn moves(seed: u64, number: usize) -> Vec<Move> {
    let mut random = Random::new(seed.wrapping_add((number as u64) << 20));
    let length = 3 + random.below(MOVES_MAX - 3);
    (0..length)
        .map(|_| Move {
            act: act(&mut random),
            seed: random.next(),
        })
        .collect()
}

/// Results are as likely as messages: an act that has nothing to act on is no move.
fn act(random: &mut Random) -> Act {
    match random.below(100) {
        0..40 => Act::Write,
        40..52 => Act::Click,
        52..78 => Act::Return,
        78..81 => Act::Answer,
        81..87 => Act::Due,
        87..92 => Act::Desk,
        92..94 => Act::Outside,
        94..97 => Act::Wait,
        _ => Act::Crash,
    }
}

/// What customers write, by language.
fn examples(training: &TrainingData) -> BTreeMap<String, Vec<String>> {
    let mut examples: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for intent in &training.intents {
        let of_locale = examples
            .entry(intent.locale.as_str().to_owned())
            .or_default();
        of_locale.extend(intent.examples.iter().map(|example| example.text.clone()));
    }
    examples
}

impl fmt::Display for Fuzzed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(
                f,
                "conversation {} of seed {}: {}",
                failure.number, self.seed, failure.law
            )?;
            for line in &failure.log {
                writeln!(f, "    {line}")?;
            }
        }
        let Self {
            seed,
            conversations,
            events,
            failed,
            ..
        } = self;
        write!(
            f,
            "{conversations} random conversations with {events} events from seed {seed}: {failed} broke a law"
        )
    }
}
