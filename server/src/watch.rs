//! Taking over a changed bot while the old one serves.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// An editor writes a file in several steps, a checkout many files: what comes within this time is one change.
const QUIET: Duration = Duration::from_millis(200);

/// The bot's parts; everything else in the folder (data, a repository's insides) is none of its business.
const WATCHED: &[&str] = &[
    "flows",
    "intents",
    "templates",
    "specs",
    "media",
    "agents",
    "knowledge",
];
const FILES: &[&str] = &["bot.yaml", "tools.yaml"];

/// What a bot's files were like at some moment.
#[derive(PartialEq)]
pub(crate) struct Seen(Vec<(String, u64, Option<std::time::SystemTime>)>);

/// What the bot's files are like now: to be taken before they are read, so that no change is missed.
pub(crate) fn look(dir: &Path) -> Seen {
    Seen(fingerprint(
        &dir.canonicalize().unwrap_or_else(|_| dir.to_owned()),
    ))
}

/// Calls `reload` after each change since they were seen, off the workers that serve. One that fails is logged, and the old bot goes on.
///
/// # Errors
/// When the system can't watch the folder.
pub(crate) fn spawn(
    dir: &Path,
    seen: Seen,
    reload: impl Fn() -> anyhow::Result<()> + Send + Sync + 'static,
    stop: CancellationToken,
) -> anyhow::Result<JoinHandle<()>> {
    // One place is enough: a second change while one waits is the same news.
    let (changed, mut changes) = mpsc::channel::<()>(1);
    // Something may have changed before the watching began.
    let _ = changed.try_send(());
    let root = dir
        .canonicalize()
        .with_context(|| format!("cannot find {}", dir.display()))?;
    let top = root.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event
            .is_ok_and(|event| {
                event.kind.is_modify() || event.kind.is_create() || event.kind.is_remove()
            })
            .then_some(())
            .is_some()
        {
            let _ = changed.try_send(());
        }
    })
    .context("the folder can't be watched")?;
    // The top folder is watched for its files only; its other folders may be large.
    watcher.watch(&top, RecursiveMode::NonRecursive)?;
    for name in WATCHED
        .iter()
        .map(|name| top.join(name))
        .filter(|path| path.is_dir())
    {
        watcher.watch(&name, RecursiveMode::Recursive)?;
    }
    let reload = std::sync::Arc::new(reload);
    Ok(tokio::spawn(async move {
        let _watcher = watcher;
        let mut last = seen;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                change = changes.recv() => if change.is_none() { return },
            }
            while tokio::time::timeout(QUIET, changes.recv())
                .await
                .is_ok_and(|more| more.is_some())
            {}
            let now = look(&root);
            if now == last {
                continue;
            }
            last = now;
            let reload = reload.clone();
            match tokio::task::spawn_blocking(move || reload()).await {
                Ok(Ok(())) => info!("The changed bot is taken over."),
                Ok(Err(error)) => {
                    warn!(error = %format!("{error:#}"), "The changed bot is not taken over; the old one goes on.")
                }
                Err(error) => {
                    warn!(%error, "The changed bot could not be read; the old one goes on.")
                }
            }
        }
    }))
}

/// Sizes and times of the bot's files: a change elsewhere in the folder is none.
fn fingerprint(root: &Path) -> Vec<(String, u64, Option<std::time::SystemTime>)> {
    let mut found = Vec::new();
    for name in FILES {
        note(&root.join(name), &mut found);
    }
    for name in WATCHED {
        walk(&root.join(name), &mut found);
    }
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, u64, Option<std::time::SystemTime>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found)
        } else {
            note(&path, found)
        }
    }
}

fn note(path: &Path, found: &mut Vec<(String, u64, Option<std::time::SystemTime>)>) {
    if let Ok(metadata) = path.metadata() {
        found.push((
            path.display().to_string(),
            metadata.len(),
            metadata.modified().ok(),
        ));
    }
}
