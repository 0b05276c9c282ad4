//! The default store: sled, one tree, one writer, one flush for all turns that wait.

mod chores;
mod compact;
mod copy;
mod counters;
mod folder;
mod group;
mod keys;
mod place;
mod progress;
mod read;
mod removal;
mod seen;
mod turn;
mod writer;

use std::collections::BTreeMap;
use std::future::ready;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use dialog::{ConversationId, EffectId, Turn, UserId};
use jiff::Timestamp;
use sled::{Db, Tree};
use tracing::warn;

pub use self::compact::Compacted;
use self::counters::Counters;
use self::folder::Folder;
use self::group::{Group, broken};
use self::progress::{About, Progress};
use self::read::View;
use self::writer::Line;
use crate::{
    Bundle, Commit, CommitOutcome, Cursor, DeadLetter, DueTimer, Erased, FeedEntry, Filter, Mark,
    MessageKey, OutboxRow, Page, Removed, Reply, Retention, Scheduled, ScheduledKey, Seen, Status,
    Store, StoreError, Stored, Summary, Term, TurnRecord,
};

/// Below this much free space, where nobody says otherwise, no new turn is taken: enough for a compaction of a small store, and for what runs to end.
pub const FREE_BYTES_MIN: u64 = 200 * 1024 * 1024;

/// How a store on the disk is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many bytes of rows sled keeps in memory. It uses about three times that.
    pub cache_bytes: u64,
    /// Below this much free space on the disk [`Store::healthy`] is false.
    pub free_bytes_min: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 16 * 1024 * 1024,
            free_bytes_min: FREE_BYTES_MIN,
        }
    }
}

/// A store in a folder. One process has it open at a time; within the process it is shared by an `Arc`.
///
/// Reads ask sled directly and take microseconds, or a few milliseconds when rows come from the disk; nothing here blocks on
/// a flush but the writer's own thread.
pub struct Sled {
    // The order matters: the line ends first, after it wrote what waits; then the database; the folder is given up last.
    line: Line,
    tree: Tree,
    progress: Arc<Progress>,
    _db: Db,
    folder: Folder,
    free_bytes_min: u64,
}

impl Sled {
    /// Opens the store in a folder, which is made if need be.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        Self::open_in(Folder::take(path.as_ref())?, options)
    }

    fn open_in(folder: Folder, options: Options) -> Result<Self, StoreError> {
        let db = open_database(&folder.database(), options)?;
        let tree = (*db).clone();
        let counters = View(&tree)
            .record::<Counters>(keys::COUNTERS)?
            .unwrap_or_default();
        warn_of_waste(&counters.status(folder.disk_bytes()));
        let progress = Arc::new(Progress::new(counters));
        let line = Line::start(db.clone(), Arc::clone(&progress))?;
        Ok(Self {
            line,
            tree,
            progress,
            _db: db,
            folder,
            free_bytes_min: options.free_bytes_min,
        })
    }

    /// The folder that it is in.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Gives the result of a read as soon as nothing in it can be lost any more.
    fn show<T: Send + 'static>(
        &self,
        about: &About,
        read: impl FnOnce(View<'_>) -> Result<T, StoreError>,
    ) -> Reply<T> {
        let result = read(View(&self.tree));
        match self.progress.wait_for(about) {
            None => Box::pin(ready(result)),
            Some(wait) => Box::pin(async move {
                wait.over().await?;
                result
            }),
        }
    }

    /// Changes something as the writer of a term.
    fn change<T: Send + 'static>(
        &self,
        term: Term,
        change: impl FnOnce(&mut Group<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        self.line.put(move |group| {
            group.check_term(term)?;
            change(group)
        })
    }
}

/// Says when most of what lies on the disk is no longer needed.
fn warn_of_waste(status: &Status) {
    if status.wants_compaction() {
        warn!(
            disk_bytes = status.disk_bytes,
            live_bytes = status.live_bytes,
            "The store takes more than five times the space that it needs. Stop the server and run `switchboard store compact`."
        );
    }
}

/// Opens a database of sled's.
fn open_database(path: &Path, options: Options) -> Result<Db, StoreError> {
    // Nothing may be written behind the writer's back: it flushes when it answers, and only then.
    let config = sled::Config::new()
        .path(path)
        .flush_every_ms(None)
        .cache_capacity(options.cache_bytes);
    let mut tries = REOPEN_TRIES;
    loop {
        match config.open() {
            // The folder is ours, so this is sled in this very process, which has not quite ended.
            Err(sled::Error::Io(why)) if why.kind() == ErrorKind::WouldBlock && tries > 0 => {
                tries -= 1;
                std::thread::sleep(REOPEN_PAUSE);
            }
            opened => return opened.map_err(broken),
        }
    }
}

/// How often a database that was closed a moment ago is tried again: ten seconds in all, where milliseconds are usual and a
/// machine that is busy with other things takes seconds.
const REOPEN_TRIES: u32 = 1_000;
const REOPEN_PAUSE: Duration = Duration::from_millis(10);

impl Store for Sled {
    fn take_over(&self) -> Reply<Term> {
        self.line.put(|group| group.take_over())
    }

    fn commit(&self, commit: Commit) -> Reply<CommitOutcome> {
        self.line.put(move |group| group.commit(commit))
    }

    fn load(&self, conversation: &ConversationId) -> Reply<Option<Stored>> {
        self.show(&About::One(keys::conversation(conversation)), |view| {
            view.load(conversation)
        })
    }

    fn seen(&self, key: &MessageKey, now: Timestamp) -> Reply<Option<Seen>> {
        self.show(&About::of_scope(&key.scope), |view| view.seen(key, now))
    }

    fn list(&self, filter: Filter, after: Option<Cursor>, limit: usize) -> Reply<Page<Summary>> {
        self.show(&About::Anything, |view| {
            view.list(&filter, after.as_ref(), limit)
        })
    }

    fn turns(
        &self,
        conversation: &ConversationId,
        from: Turn,
        limit: usize,
    ) -> Reply<Vec<TurnRecord>> {
        self.show(&About::One(keys::conversation(conversation)), |view| {
            view.turns(conversation, from, limit)
        })
    }

    fn feed(
        &self,
        conversation: &ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Reply<Vec<FeedEntry>> {
        self.show(&About::One(keys::conversation(conversation)), |view| {
            view.feed(conversation, after_seq, limit)
        })
    }

    fn outbox(&self, after: Option<EffectId>, limit: usize) -> Reply<Vec<OutboxRow>> {
        self.show(&About::Anything, |view| view.outbox(after.as_ref(), limit))
    }

    fn outbox_of(&self, conversation: &ConversationId) -> Reply<Vec<OutboxRow>> {
        self.show(&About::One(keys::outbox_of(conversation)), |view| {
            view.outbox_of(conversation)
        })
    }

    fn mark_begun(&self, term: Term, effect: &EffectId) -> Reply<Mark> {
        let effect = effect.clone();
        self.change(term, move |group| group.mark_begun(&effect))
    }

    fn acknowledge(&self, term: Term, effects: Vec<EffectId>) -> Reply<()> {
        self.change(term, move |group| group.acknowledge(&effects))
    }

    fn due_timers(&self, until: Timestamp, limit: usize) -> Reply<Vec<DueTimer>> {
        self.show(&About::Anything, |view| view.due_timers(until, limit))
    }

    fn due_scheduled(&self, until: Timestamp, limit: usize) -> Reply<Vec<Scheduled>> {
        self.show(&About::Anything, |view| view.due_scheduled(until, limit))
    }

    fn next_deadline(&self) -> Reply<Option<Timestamp>> {
        self.show(&About::Anything, |view| view.next_deadline())
    }

    fn scheduled_of(&self, user: &UserId) -> Reply<Vec<Scheduled>> {
        self.show(&About::One(keys::user(user)), |view| {
            view.scheduled_of(user)
        })
    }

    fn unschedule(&self, term: Term, key: ScheduledKey) -> Reply<()> {
        self.change(term, move |group| group.unschedule(&key))
    }

    fn memory(&self, user: &UserId) -> Reply<BTreeMap<String, Vec<u8>>> {
        self.show(&About::One(keys::user(user)), |view| view.memory(user))
    }

    fn remember(
        &self,
        term: Term,
        user: &UserId,
        changes: BTreeMap<String, Option<Vec<u8>>>,
    ) -> Reply<()> {
        let user = user.clone();
        self.change(term, move |group| group.remember(&user, changes))
    }

    fn bury(&self, term: Term, letter: DeadLetter) -> Reply<()> {
        self.change(term, move |group| group.bury(&letter))
    }

    fn dead_letters(&self, after: Option<Cursor>, limit: usize) -> Reply<Page<DeadLetter>> {
        self.show(&About::Anything, |view| {
            view.dead_letters(after.as_ref(), limit)
        })
    }

    fn redrive(
        &self,
        term: Term,
        conversation: &ConversationId,
        id: &str,
    ) -> Reply<Option<DeadLetter>> {
        let (conversation, id) = (conversation.clone(), id.to_owned());
        self.change(term, move |group| group.redrive(&conversation, &id))
    }

    fn discard(&self, term: Term, conversation: &ConversationId, id: &str) -> Reply<()> {
        let key = keys::dead_letter(conversation, id);
        self.change(term, move |group| group.remove(key))
    }

    fn document(&self, name: &str) -> Reply<Option<Vec<u8>>> {
        self.show(&About::Anything, |view| view.document(name))
    }

    fn documents(&self, prefix: &str) -> Reply<Vec<String>> {
        self.show(&About::Anything, |view| view.documents(prefix))
    }

    fn keep(&self, term: Term, name: &str, document: Option<Vec<u8>>) -> Reply<()> {
        let name = name.to_owned();
        self.change(term, move |group| group.keep(&name, document))
    }

    fn retain(&self, term: Term, retention: Retention) -> Reply<Removed> {
        self.change(term, move |group| group.retain(retention))
    }

    fn erase(&self, term: Term, user: &UserId) -> Reply<Erased> {
        let user = user.clone();
        self.change(term, move |group| group.erase(&user))
    }

    fn status(&self) -> Reply<Status> {
        let status = self.progress.counters().status(self.folder.disk_bytes());
        Box::pin(ready(Ok(status)))
    }

    fn healthy(&self) -> bool {
        self.progress.broken().is_none()
            && self
                .folder
                .free_bytes()
                .is_none_or(|free| free >= self.free_bytes_min)
    }

    fn bundles(&self, after: Option<Cursor>) -> Reply<Page<Bundle>> {
        // In the writer's line, so that no turn comes between the rows of a conversation.
        self.line.put(move |group| group.bundles(after.as_ref()))
    }

    fn restore(&self, bundles: Vec<Bundle>) -> Reply<()> {
        self.line.put(move |group| {
            bundles
                .into_iter()
                .try_for_each(|bundle| group.restore(bundle))
        })
    }
}
