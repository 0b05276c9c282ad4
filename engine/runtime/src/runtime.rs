//! The runtime itself: what it holds, how it starts and how it ends. What it can be told and asked stands with its subject.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use dialog::ConversationId;
use jiff::Timestamp;
use store::{Store, StoreError, Term};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::TurnError;
use crate::busy::Busy;
use crate::clock::Clock;
use crate::config::{CALLS_MAX, Config, DRAIN_MAX};
use crate::deployment::{Deployment, Versions};
use crate::desk::Board;
use crate::line::Lines;
use crate::wheel::{Fired, Wheel};

/// Runs conversations. A clone is another handle to the same.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) versions: Versions,
    pub(crate) reviving: tokio::sync::Mutex<()>,
    pub(crate) lines: Lines,
    pub(crate) board: Board,
    pub(crate) wheel: Wheel,
    pub(crate) calls: Semaphore,
    pub(crate) term: Term,
    pub(crate) busy: Busy,
    /// Ends the wheel and all subscriptions.
    pub(crate) closing: CancellationToken,
    pub(crate) draining: AtomicBool,
    broken: CancellationToken,
    pub(crate) watcher: OnceLock<Watcher>,
}

/// Is shown every step: the conversation after it, and its whole trace, of which only the short part is kept.
pub type Watcher = Box<dyn Fn(&dialog::Conversation, &dialog::Trace) + Send + Sync>;

impl Runtime {
    /// Takes the store over, takes up what the last process left there, and runs.
    ///
    /// # Errors
    /// The store's.
    pub async fn start(
        config: Config,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        deployment: Deployment,
    ) -> Result<Self, TurnError> {
        let inner = Inner::seize(config, store, clock, deployment).await?;
        inner.read_board().await?;
        inner.recover().await?;
        tokio::spawn(inner.clone().turn_wheel());
        if let Some(retention) = inner.config.retention {
            tokio::spawn(inner.clone().retain(retention));
        }
        Ok(Self { inner })
    }

    /// Opens the store to look at it and to change it on an operator's word: nothing is taken up, no timer fires.
    ///
    /// # Errors
    /// The store's.
    pub async fn look(
        config: Config,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        deployment: Deployment,
    ) -> Result<Self, TurnError> {
        let inner = Inner::seize(config, store, clock, deployment).await?;
        Ok(Self { inner })
    }

    /// Tries a dead letter again. Whether there was one.
    ///
    /// # Errors
    /// As [`Runtime::accept`]; then it stays.
    pub async fn redrive(
        &self,
        conversation: &ConversationId,
        letter: &str,
    ) -> Result<bool, TurnError> {
        self.inner.admit()?;
        self.inner.redrive(conversation, letter).await
    }

    /// The store, for an operator's chores.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The term under which this runtime writes.
    pub fn term(&self) -> Term {
        self.inner.term
    }

    /// The time that this runtime goes by.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Whether new turns are taken: not while it drains, the disk is nearly full, or the store broke.
    pub fn ready(&self) -> bool {
        self.inner.admit().is_ok()
    }

    /// Ends when the store can keep nothing any more: then the process must end with exit code 74.
    pub async fn broken(&self) {
        self.inner.broken.cancelled().await;
    }

    /// Fires what is due and waits until nothing is outstanding: no turn, no call. With a virtual clock, what a test waits for.
    ///
    /// # Errors
    /// The store's.
    pub async fn settle(&self) -> Result<(), TurnError> {
        loop {
            self.inner.busy.idle().await;
            let Fired { any, .. } = self.inner.fire_due().await?;
            if !any && self.inner.busy.is_idle() {
                return Ok(());
            }
        }
    }

    /// Shows every step from now on to this watcher. The first one stays.
    pub fn watch(&self, watcher: Watcher) {
        let _ = self.inner.watcher.set(watcher);
    }

    /// How many turns and calls are outstanding. For tests that hold a call back and wait for all else.
    pub fn outstanding(&self) -> usize {
        self.inner.busy.count()
    }

    /// Fires what is due; whether anything was.
    ///
    /// # Errors
    /// The store's.
    pub async fn fire(&self) -> Result<bool, TurnError> {
        Ok(self.inner.fire_due().await?.any)
    }

    /// When the next timer or scheduled event is due.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_deadline(&self) -> Result<Option<Timestamp>, TurnError> {
        Ok(self.inner.store.next_deadline().await?)
    }

    /// The orderly end: nothing new is taken, subscriptions end, what has begun is finished; what a call has not answered by
    /// then is taken up at the next start.
    pub async fn drain(&self) {
        self.inner.draining.store(true, Ordering::Release);
        self.inner.closing.cancel();
        if tokio::time::timeout(DRAIN_MAX, self.inner.busy.idle())
            .await
            .is_err()
        {
            warn!("Some calls did not answer in time; the next start takes them up.");
        }
    }
}

impl Inner {
    /// Takes the store over; nothing runs yet.
    async fn seize(
        config: Config,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        deployment: Deployment,
    ) -> Result<Arc<Self>, TurnError> {
        let term = store.take_over().await?;
        Ok(Arc::new(Self {
            config,
            store,
            clock,
            versions: Versions::new(deployment),
            reviving: tokio::sync::Mutex::default(),
            lines: Lines::new(),
            board: Board::default(),
            wheel: Wheel::new(),
            calls: Semaphore::new(CALLS_MAX),
            term,
            busy: Busy::default(),
            closing: CancellationToken::new(),
            draining: AtomicBool::new(false),
            broken: CancellationToken::new(),
            watcher: OnceLock::new(),
        }))
    }

    /// Whether something new can be taken.
    pub(crate) fn admit(&self) -> Result<(), TurnError> {
        if self.draining.load(Ordering::Acquire) {
            return Err(TurnError::Draining);
        }
        match self.store.healthy() {
            true => Ok(()),
            false => Err(TurnError::Unhealthy),
        }
    }

    /// Notes a store that broke.
    pub(crate) fn broke(&self, problem: StoreError) -> TurnError {
        if matches!(problem, StoreError::Broken(_)) {
            self.broken.cancel();
        }
        problem.into()
    }
}
