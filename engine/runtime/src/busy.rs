//! How much is going on: for tests that wait until nothing is outstanding, and for a shutdown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The gauge of turns and calls that wait or run.
const OUTSTANDING: &str = "switchboard_outstanding";

/// Counts jobs and calls that are not done.
#[derive(Clone, Default)]
pub(crate) struct Busy(Arc<Count>);

#[derive(Default)]
struct Count {
    now: AtomicUsize,
    idle: Notify,
}

/// One thing that is going on, until it is dropped.
pub(crate) struct BusyGuard(Arc<Count>);

impl Busy {
    pub(crate) fn begin(&self) -> BusyGuard {
        self.0.now.fetch_add(1, Ordering::SeqCst);
        metrics::gauge!(OUTSTANDING).increment(1);
        BusyGuard(self.0.clone())
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.now.load(Ordering::SeqCst)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.count() == 0
    }

    /// Ends when nothing is going on.
    pub(crate) async fn idle(&self) {
        loop {
            let notified = self.0.idle.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.is_idle() {
                return;
            }
            notified.await;
        }
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        metrics::gauge!(OUTSTANDING).decrement(1);
        if self.0.now.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}
