//! The one thread that writes: it takes what waits, applies it as one batch, flushes once, and only then answers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use sled::{Db, Tree};
use tokio::sync::oneshot;
use tracing::error;

use super::group::Group;
use super::progress::Progress;
use crate::{Reply, StoreError};

/// Most writes of one flush: beyond this a flush serves so many that waiting for more only adds latency.
const GROUP_MAX: usize = 128;

/// Most writes that wait. About a quarter of a second of work: longer than that, a sender is better told to come again.
pub(super) const WAITING_MAX: usize = 2048;

/// A write that waits: changes the group, and gives what answers its caller once the group is durable.
type Write = Box<dyn FnOnce(&mut Group<'_>) -> Answer + Send>;

/// Answers a caller, with the group's failure if it had one.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The line in which writes wait. Dropping it ends the thread, after what waits is written.
pub(super) struct Line {
    sender: Option<SyncSender<Write>>,
    thread: Option<JoinHandle<()>>,
}

impl Line {
    /// Starts the thread.
    pub(super) fn start(db: Db, progress: Arc<Progress>) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let writer = Writer {
            tree: (*db).clone(),
            db,
            progress,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.work(&receiver));
        let thread = thread.map_err(|why| StoreError::File {
            what: "The store's thread could not be started".to_owned(),
            why: why.to_string(),
        })?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Puts a write in line.
    pub(super) fn put<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Group<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let (caller, answer) = oneshot::channel();
        let write: Write = Box::new(move |group| {
            let result = group.attempt(write);
            // Whoever asked may be gone by now; what was asked is done all the same.
            Box::new(move |durable| drop(caller.send(durable.and(result))))
        });
        let sender = self
            .sender
            .as_ref()
            .expect("it is taken only when the line is dropped");
        let refused = sender.try_send(write).err().map(|refused| match refused {
            TrySendError::Full(_) => StoreError::Full {
                waiting: WAITING_MAX,
            },
            TrySendError::Disconnected(_) => ended(),
        });
        Box::pin(async move {
            match refused {
                Some(refused) => Err(refused),
                None => answer.await.unwrap_or_else(|_| Err(ended())),
            }
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.sender.take();
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            error!("The store's writer ended by a panic.");
        }
    }
}

/// Whatever kept a group from being durable, nothing more is taken.
fn lost(error: sled::Error) -> StoreError {
    StoreError::Broken(error.to_string())
}

fn ended() -> StoreError {
    StoreError::Broken("the store's writer has ended".to_owned())
}

struct Writer {
    tree: Tree,
    db: Db,
    progress: Arc<Progress>,
}

impl Writer {
    fn work(self, line: &Receiver<Write>) {
        while let Ok(first) = line.recv() {
            let writes = std::iter::once(first)
                .chain(line.try_iter())
                .take(GROUP_MAX);
            self.write(writes);
        }
    }

    /// Writes a group and answers. After a failure nothing is written any more: every answer is that failure.
    fn write(&self, writes: impl Iterator<Item = Write>) {
        let mut group = Group::new(&self.tree, self.progress.counters());
        let answers: Vec<Answer> = writes.map(|write| write(&mut group)).collect();
        let durable = self
            .progress
            .broken()
            .map_or_else(|| self.make_durable(group), Err);
        if let Err(why) = &durable {
            self.progress.breaks(why);
        }
        answers
            .into_iter()
            .for_each(|answer| answer(durable.clone()));
    }

    fn make_durable(&self, group: Group<'_>) -> Result<(), StoreError> {
        let concerns = group.concerns();
        let Some((batch, counters)) = group.batch() else {
            return Ok(());
        };
        self.progress.begins(concerns);
        self.tree.apply_batch(batch).map_err(lost)?;
        self.db.flush().map_err(lost)?;
        self.progress.done(counters);
        Ok(())
    }
}
