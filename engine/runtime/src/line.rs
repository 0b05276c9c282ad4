//! One conversation is one line: what waits for it, and what is known of it while anything does.
//!
//! Jobs are pushed in the order in which they arrive and taken one at a time by one runner. Nobody waits with a lock held:
//! the lock guards a queue, the runner owns the conversation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dialog::{ConversationId, EffectId, Turn};
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;

use crate::TurnError;
use crate::config::{CONVERSATIONS_KEPT_MAX, SUBSCRIBER_LAG_MAX, WAITING_PER_CONVERSATION_MAX};
use crate::feed::FeedItem;
use crate::job::Job;
use crate::outbox::ReadyCall;
use crate::state::Loaded;

/// The lines are spread over so many maps, so that conversations rarely wait for each other's look-up.
const SHARDS: usize = 32;
/// So many lines are looked at for leaving when a new one comes; where all of them are in use, there are more than planned.
const LOOKS_MAX: usize = 16;

/// One conversation's place where everything about it meets.
pub(crate) struct Line {
    pub(crate) id: ConversationId,
    queue: Mutex<Queue>,
    pub(crate) calls: Mutex<Calls>,
    pub(crate) settled: watch::Sender<Settled>,
    live: Mutex<Option<broadcast::Sender<FeedItem>>>,
    last_turn: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    running: bool,
    kept: Option<Box<Loaded>>,
}

/// Calls of the conversation that run or wait for their turn.
#[derive(Default)]
pub(crate) struct Calls {
    pub(crate) running: BTreeMap<EffectId, AbortHandle>,
    pub(crate) waiting: VecDeque<ReadyCall>,
}

/// How the conversation stands after its last turn, for those who wait for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settled {
    pub(crate) turn: Turn,

    /// Turns that have caused something which has not answered yet.
    pub(crate) open: BTreeSet<Turn>,
}

impl Line {
    fn new(id: ConversationId) -> Self {
        Self {
            id,
            queue: Mutex::default(),
            calls: Mutex::default(),
            settled: watch::Sender::default(),
            live: Mutex::default(),
            last_turn: AtomicU64::new(0),
        }
    }

    /// Puts a job at the end. Whether a runner must be started for it.
    ///
    /// # Errors
    /// [`TurnError::Full`] for a job that may be refused, when too many wait.
    pub(crate) fn push(&self, job: Job) -> Result<bool, TurnError> {
        let mut queue = lock(&self.queue);
        if job.may_be_refused() && queue.jobs.len() >= WAITING_PER_CONVERSATION_MAX {
            return Err(TurnError::Full);
        }
        queue.jobs.push_back(job);
        Ok(!std::mem::replace(&mut queue.running, true))
    }

    /// The next job, with what was kept of the conversation; none = the runner ends.
    pub(crate) fn next(&self) -> Option<(Job, Option<Box<Loaded>>)> {
        let mut queue = lock(&self.queue);
        match queue.jobs.pop_front() {
            Some(job) => Some((job, queue.kept.take())),
            None => {
                queue.running = false;
                None
            }
        }
    }

    /// Keeps the conversation for the next job.
    pub(crate) fn keep(&self, loaded: Box<Loaded>) {
        self.note_turn(loaded.conversation.turn);
        lock(&self.queue).kept = Some(loaded);
    }

    /// Notes the last committed turn.
    pub(crate) fn note_turn(&self, turn: Turn) {
        self.last_turn.store(turn.0, Ordering::Release);
    }

    /// What was kept, for a runner that goes on with it in the same job.
    pub(crate) fn take_kept(&self) -> Option<Box<Loaded>> {
        lock(&self.queue).kept.take()
    }

    /// Forgets what was kept: the store knows better.
    pub(crate) fn forget(&self) {
        lock(&self.queue).kept = None;
    }

    /// A runner died: what waits is dropped, with its senders told by their closed channels.
    pub(crate) fn abandon(&self) {
        let mut queue = lock(&self.queue);
        *queue = Queue::default();
    }

    /// The last committed turn, if others are before a message that comes now: then it may answer an older question. While the
    /// conversation is being read for the first time, as after a restart, nothing is known; no message is late then.
    pub(crate) fn seen(&self) -> Option<Turn> {
        let last = Turn(self.last_turn.load(Ordering::Acquire));
        let is_known = last.0 > 0;
        (lock(&self.queue).running && is_known).then_some(last)
    }

    /// Tells live subscribers.
    pub(crate) fn tell(&self, item: impl FnOnce() -> FeedItem) {
        let mut live = lock(&self.live);
        if let Some(sender) = live.as_ref()
            && sender.send(item()).is_err()
        {
            *live = None;
        }
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<FeedItem> {
        lock(&self.live)
            .get_or_insert_with(|| broadcast::channel(SUBSCRIBER_LAG_MAX).0)
            .subscribe()
    }

    /// Cuts all live subscribers.
    pub(crate) fn hang_up(&self) {
        *lock(&self.live) = None;
    }

    fn is_idle(&self) -> bool {
        let queue = lock(&self.queue);
        !queue.running && queue.jobs.is_empty()
    }
}

/// All lines that are in memory.
pub(crate) struct Lines(Vec<Mutex<Shard>>);

#[derive(Default)]
struct Shard {
    lines: BTreeMap<ConversationId, Arc<Line>>,
    /// In the order in which they came, to be looked at for leaving.
    order: VecDeque<ConversationId>,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    /// The conversation's line, made if need be.
    pub(crate) fn get(&self, id: &ConversationId) -> Arc<Line> {
        let mut shard = self.shard(id);
        if let Some(line) = shard.lines.get(id) {
            return line.clone();
        }
        shard.make_room();
        let line = Arc::new(Line::new(id.clone()));
        shard.lines.insert(id.clone(), line.clone());
        shard.order.push_back(id.clone());
        line
    }

    /// Those that are in memory now.
    pub(crate) fn all(&self) -> Vec<Arc<Line>> {
        let shards = self.0.iter().map(lock);
        shards
            .flat_map(|shard| shard.lines.values().cloned().collect::<Vec<_>>())
            .collect()
    }

    fn shard(&self, id: &ConversationId) -> MutexGuard<'_, Shard> {
        let sum = id.as_str().bytes().fold(0usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        lock(&self.0[sum % SHARDS])
    }
}

impl Shard {
    /// Lets the oldest lines go that nobody uses; those in use stay, and are looked at again later.
    fn make_room(&mut self) {
        let mut looks = self.order.len().min(LOOKS_MAX);
        while self.lines.len() >= CONVERSATIONS_KEPT_MAX / SHARDS && looks > 0 {
            looks -= 1;
            let Some(id) = self.order.pop_front() else {
                return;
            };
            // Only the map holds it: no job, no call, no subscriber; nobody can take it while the shard is locked.
            let unused = self
                .lines
                .get(&id)
                .is_none_or(|line| Arc::strong_count(line) == 1 && line.is_idle());
            if unused {
                self.lines.remove(&id);
            } else {
                self.order.push_back(id);
            }
        }
    }
}

/// A lock whose holder panicked guards data that is whole all the same: every change under it is one assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
