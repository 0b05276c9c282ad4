//! Which changes can be seen in the tree and could still be lost: a reader of those waits for their flush.
//!
//! Without this a subscriber could be shown a message that a crash takes back, and be given another one under the same number
//! afterwards.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::counters::Counters;
use super::keys::{self, Key};
use crate::{Scope, StoreError};

/// What a read is about.
pub(super) enum About {
    /// One conversation or user: the beginning of its keys.
    One(Key),
    /// More than that.
    Anything,
}

impl About {
    /// Whatever a message's id belongs to.
    pub(super) fn of_scope(scope: &Scope) -> Self {
        Self::One(match scope {
            Scope::Conversation(id) => keys::conversation(id),
            Scope::User(id) => keys::user(id),
        })
    }
}

/// How far the writer is.
pub(super) struct Progress {
    flight: Mutex<Flight>,
    /// The last durable group, or why there will be no other.
    landed: watch::Sender<Result<u64, StoreError>>,
}

/// The group that is applied and not yet flushed.
#[derive(Default)]
struct Flight {
    group: u64,
    concerns: BTreeSet<Key>,
    counters: Counters,
}

impl Progress {
    pub(super) fn new(counters: Counters) -> Self {
        let flight = Flight {
            counters,
            ..Flight::default()
        };
        Self {
            flight: Mutex::new(flight),
            landed: watch::Sender::new(Ok(0)),
        }
    }

    /// A group is about to be applied.
    pub(super) fn begins(&self, concerns: BTreeSet<Key>) {
        let mut flight = self.flight();
        flight.group += 1;
        flight.concerns = concerns;
    }

    /// The group is durable.
    pub(super) fn done(&self, counters: Counters) {
        let group = {
            let mut flight = self.flight();
            flight.concerns.clear();
            flight.counters = counters;
            flight.group
        };
        drop(self.landed.send_replace(Ok(group)));
    }

    /// The group could not be made durable; none will be after it.
    pub(super) fn breaks(&self, why: &StoreError) {
        drop(self.landed.send_replace(Err(why.clone())));
    }

    /// Why nothing can be written any more.
    pub(super) fn broken(&self) -> Option<StoreError> {
        self.landed.borrow().clone().err()
    }

    /// What was durable last.
    pub(super) fn counters(&self) -> Counters {
        self.flight().counters
    }

    /// What to wait for before the result of a read, made just now, may be shown; none = show it.
    pub(super) fn wait_for(&self, about: &About) -> Option<Wait> {
        let flight = self.flight();
        let waits = match about {
            About::One(key) => flight.concerns.contains(key),
            About::Anything => !flight.concerns.is_empty(),
        };
        waits.then(|| Wait {
            group: flight.group,
            landed: self.landed.subscribe(),
        })
    }

    fn flight(&self) -> MutexGuard<'_, Flight> {
        // Nothing that can panic happens under this lock.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a group.
pub(super) struct Wait {
    group: u64,
    landed: watch::Receiver<Result<u64, StoreError>>,
}

impl Wait {
    pub(super) async fn over(mut self) -> Result<(), StoreError> {
        let over = |landed: &Result<u64, StoreError>| {
            landed.as_ref().map_or(true, |group| *group >= self.group)
        };
        match self.landed.wait_for(over).await {
            Ok(landed) => landed.clone().map(drop),
            Err(_) => Err(StoreError::Broken("the store was closed".to_owned())),
        }
    }
}
