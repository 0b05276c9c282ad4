//! What goes by itself as time passes: conversations that are old, and ids of messages that nobody repeats any more.
//!
//! The store says what is old enough and removes it in small steps, so that turns go on in between; here is when, and that
//! nobody goes on with what is gone.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::{DUPLICATES_KEPT, Removed};
use tracing::{info, warn};

use crate::TurnError;
use crate::runtime::Inner;

/// How often it is looked for what is old. The store goes by whole days, so a day's share goes in its first hour.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How long conversations are kept. Ids of messages have their own time, [`DUPLICATES_KEPT`]; a conversation that goes
/// earlier takes its own along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// After its last turn. One that waits for a person, or has one, stays.
    pub idle: SignedDuration,
    /// After its last turn, one that has ended.
    pub ended: SignedDuration,
}

impl Retention {
    /// What the store removes at this time.
    fn at(self, now: Timestamp) -> store::Retention {
        let before = |kept: SignedDuration| now.checked_sub(kept).ok();
        store::Retention {
            ended_before: before(self.ended),
            idle_before: before(self.idle),
            duplicates_before: before(DUPLICATES_KEPT),
        }
    }
}

impl Inner {
    /// Removes what is old, now and then again, until the runtime closes.
    pub(crate) async fn retain(self: Arc<Self>, retention: Retention) {
        while !self.closing.is_cancelled() {
            match self.retain_now(retention).await {
                Ok(removed) => tell(removed),
                Err(problem) => {
                    warn!(%problem, "What is old could not be removed; trying again in an hour.");
                }
            }
            let next = self
                .clock
                .now()
                .checked_add(EVERY)
                .unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = self.closing.cancelled() => {}
                () = self.clock.sleep_until(next) => {}
            }
        }
    }

    /// Removes all that is old by now, a step of the store's at a time.
    async fn retain_now(&self, retention: Retention) -> Result<Removed, TurnError> {
        let old = retention.at(self.clock.now());
        let mut all = Removed::default();
        loop {
            let removed = self.store.retain(self.term, old).await;
            let removed = removed.map_err(|problem| self.broke(problem))?;
            all.conversations += removed.conversations;
            all.duplicates += removed.duplicates;
            if !removed.more || self.closing.is_cancelled() {
                break;
            }
        }
        if all.conversations > 0 {
            self.let_go().await?;
        }
        Ok(all)
    }

    /// Cuts the subscribers of conversations that are gone, and forgets what was kept of them in memory.
    async fn let_go(&self) -> Result<(), TurnError> {
        for line in self.lines.all() {
            if self.store.load(&line.id).await?.is_none() {
                line.forget();
                line.hang_up();
            }
        }
        Ok(())
    }
}

fn tell(removed: Removed) {
    let Removed {
        conversations,
        duplicates,
        ..
    } = removed;
    metrics::counter!("switchboard_retention_removed_total", "what" => "conversation")
        .increment(conversations);
    metrics::counter!("switchboard_retention_removed_total", "what" => "message_id")
        .increment(duplicates);
    if conversations + duplicates > 0 {
        info!(
            conversations,
            message_ids = duplicates,
            "What was older than retention is removed."
        );
    }
}
