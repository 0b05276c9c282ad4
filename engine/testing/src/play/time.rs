//! Time, which only the test moves, and waiting until nothing else can happen.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use runtime::Runtime;

use super::{PlayError, Player};
use crate::world::World;

/// How often the others may run in a row; who is not at rest by then works beside them, as the check of an answer does.
const YIELDS_MAX: usize = 10_000;
/// How long that may take before a test counts as one that never comes to rest: so many looks, one after each pause.
const LOOKS_MAX: usize = 30_000;
const PAUSE: Duration = Duration::from_millis(1);
/// The most wake-ups of one step: a day of minutes, twice over.
const WAKES_MAX: usize = 3_000;
/// A deadline that stays after it has passed must not stop the clock.
const STUCK_DEADLINE_STEP: SignedDuration = SignedDuration::from_mins(1);

impl Player<'_> {
    /// Moves the clock through everything that falls due, in order.
    pub(super) fn advance(&mut self, time: SignedDuration) -> Result<(), PlayError> {
        let until = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
        self.settle()?;
        for _ in 0..WAKES_MAX {
            let Some(next) = self.next_deadline()?.filter(|next| *next <= until) else {
                break;
            };
            let now = self.now();
            let stuck = now
                .checked_add(STUCK_DEADLINE_STEP)
                .unwrap_or(Timestamp::MAX);
            self.world
                .clock
                .set(if next > now { next } else { stuck.min(until) });
            self.settle()?;
            if self.now() >= until {
                break;
            }
        }
        self.world.clock.set(until);
        Ok(())
    }

    /// The next moment at which something happens by itself.
    fn next_deadline(&self) -> Result<Option<Timestamp>, PlayError> {
        let runtime = self.runtime();
        let timer = self.threads().block_on(runtime.next_deadline())?;
        Ok([timer, self.world.next_wake()].into_iter().flatten().min())
    }

    /// Waits until nothing is outstanding but calls that are held back. Calls that take their time get it.
    pub(super) fn settle(&mut self) -> Result<(), PlayError> {
        for _ in 0..WAKES_MAX {
            self.come_to_rest()?;
            let Some(wake) = self.world.next_wake() else {
                return Ok(());
            };
            let timer = self.next_deadline()?.filter(|next| *next > self.now());
            self.world
                .clock
                .set(timer.map_or(wake, |timer| timer.min(wake)));
        }
        Err(PlayError::Impossible(
            "the step never comes to its end".to_owned(),
        ))
    }

    fn come_to_rest(&self) -> Result<(), PlayError> {
        let (runtime, world) = (self.runtime(), self.world.clone());
        self.threads().block_on(async {
            loop {
                rest(&runtime, &world).await?;
                if !runtime.fire().await? {
                    return Ok(());
                }
            }
        })
    }
}

/// Lets all others run until only the test can make anything happen.
async fn rest(runtime: &Runtime, world: &World) -> Result<(), PlayError> {
    for look in 0..YIELDS_MAX + LOOKS_MAX {
        match look < YIELDS_MAX {
            true => tokio::task::yield_now().await,
            false => tokio::time::sleep(PAUSE).await,
        }
        if runtime.outstanding() == world.waiting() {
            return Ok(());
        }
    }
    Err(PlayError::Impossible(
        "the bot never comes to rest".to_owned(),
    ))
}
