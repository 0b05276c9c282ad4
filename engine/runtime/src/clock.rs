//! Time, as an argument: the system's clock, and a virtual one that moves only when it is told to.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// A wait that ends at some time.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A wait is cut into pieces of this length, so that a clock that was set, or a machine that slept, is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Where all of the runtime takes the time from.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Ends when [`Clock::now`] is `at` or later.
    fn sleep_until(&self, at: Timestamp) -> Sleep<'_>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the wall clock is read"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep<'_> {
        Box::pin(async move {
            loop {
                let left = at.duration_since(self.now());
                let Ok(left) = Duration::try_from(left) else {
                    return;
                };
                if left.is_zero() {
                    return;
                }
                // A timer that is rounded down would wake a moment too early and spin.
                tokio::time::sleep(left.min(SLEEP_MAX) + Duration::from_millis(1)).await;
            }
        })
    }
}

/// A clock that stands still until it is moved: for conversation tests.
#[derive(Debug)]
pub struct VirtualClock(watch::Sender<Timestamp>);

impl VirtualClock {
    /// A clock that stands at this time.
    pub fn new(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Moves it forward; a time that is past changes nothing.
    pub fn set(&self, at: Timestamp) {
        self.0.send_if_modified(|now| {
            let later = at > *now;
            *now = at.max(*now);
            later
        });
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep<'_> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            time.wait_for(|now| *now >= at)
                .await
                .expect("the sender is in self, which outlives this");
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[tokio::test]
    async fn a_virtual_clock_moves_only_when_told() {
        let start: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let clock = VirtualClock::new(start);
        assert_eq!(clock.now(), start);
        let mut sleep = clock.sleep_until(start + 5.minutes());
        assert!(futures_poll(&mut sleep).await.is_none());
        clock.set(start + 4.minutes());
        assert!(futures_poll(&mut sleep).await.is_none());
        clock.set(start + 5.minutes());
        sleep.await;
        clock.set(start);
        assert_eq!(clock.now(), start + 5.minutes());
    }

    /// One look at a future.
    async fn futures_poll(sleep: &mut Sleep<'_>) -> Option<()> {
        std::future::poll_fn(|cx| {
            std::task::Poll::Ready(match sleep.as_mut().poll(cx) {
                std::task::Poll::Ready(()) => Some(()),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
