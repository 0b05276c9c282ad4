//! What only a store in a folder has: another process, a crash while compacting, what is left on the disk.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::path::Path;

use store::suite::Trial;
use store::{Options, Sled, Store as _, StoreError};

fn open(path: &Path) -> Trial {
    Trial::new(Sled::open(path, Options::default()).unwrap())
}

#[test]
fn a_folder_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = Sled::open(folder.path(), Options::default()).err();
    assert_eq!(second, Some(StoreError::Used(folder.path().to_owned())));
    let compacted = Sled::compact(folder.path(), Options::default());
    assert_eq!(compacted, Err(StoreError::Used(folder.path().to_owned())));
    assert!(
        second
            .unwrap()
            .to_string()
            .starts_with("Store is used by another process: ")
    );
    drop(first);
    open(folder.path());
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let trial = open(folder.path());
        (0..200).for_each(|number| trial.done(&format!("c{}", number % 50), |_| ()));
        (
            trial.term,
            trial.load("c7"),
            trial.get(trial.store.bundles(None)).rows,
            trial.get(trial.store.status()).rows,
        )
    };
    let trial = open(folder.path());
    assert!(trial.term > before.0);
    assert_eq!(trial.load("c7"), before.1);
    assert_eq!(trial.get(trial.store.bundles(None)).rows, before.2);
    assert_eq!(trial.get(trial.store.status()).rows, before.3);
    trial.done("c7", |_| ());
}

#[test]
fn writes_that_wait_when_a_store_is_closed_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let trial = open(folder.path());
    let replies: Vec<_> = (0..500)
        .map(|number| trial.store.commit(trial.next(&format!("c{number}"))))
        .collect();
    drop(replies);
    drop(trial);
    let trial = open(folder.path());
    assert_eq!(trial.get(trial.store.status()).conversations, 500);
}

#[test]
fn compacting_keeps_everything_and_gives_space_back() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let trial = open(folder.path());
        let long = |commit: &mut store::Commit| commit.state = b"state ".repeat(300);
        (0..3_000).for_each(|number| trial.done(&format!("c{}", number % 10), long));
        (
            trial.term,
            trial.get(trial.store.bundles(None)).rows,
            trial.get(trial.store.status()),
        )
    };
    let compacted = Sled::compact(folder.path(), Options::default()).unwrap();
    assert!(
        compacted.bytes_after < compacted.bytes_before,
        "{compacted:?}"
    );
    let trial = open(folder.path());
    assert!(trial.term > before.0, "who wrote before stays fenced");
    assert_eq!(trial.get(trial.store.bundles(None)).rows, before.1);
    let after = trial.get(trial.store.status());
    assert_eq!(
        (after.rows, after.live_bytes),
        (before.2.rows, before.2.live_bytes)
    );
    trial.done("c7", |_| ());
}

#[test]
fn no_byte_of_an_erased_person_is_left_after_compacting() {
    let folder = tempfile::tempdir().unwrap();
    {
        let trial = open(folder.path());
        for id in ["c1", "c2"] {
            (0..40).for_each(|_| trial.done(id, |commit| speak(commit, id)));
        }
        trial.get(trial.store.erase(trial.term, &"user of c1".into()));
    }
    assert!(
        is_on_disk(folder.path(), b"secret of c1"),
        "sled keeps old bytes, which the documentation says"
    );
    Sled::compact(folder.path(), Options::default()).unwrap();
    assert!(!is_on_disk(folder.path(), b"secret of c1"));
    assert!(!is_on_disk(folder.path(), b"user of c1"));
    assert!(is_on_disk(folder.path(), b"secret of c2"));
}

fn speak(commit: &mut store::Commit, id: &str) {
    let secret = format!("secret of {id}").into_bytes();
    commit.head.user = format!("user of {id}").into();
    commit.state.clone_from(&secret);
    commit.turn.event.clone_from(&secret);
    commit.turn.feed = vec![secret.clone()];
    commit.memory.insert("secret".into(), Some(secret));
}

fn is_on_disk(path: &Path, text: &[u8]) -> bool {
    if path.is_dir() {
        return fs::read_dir(path)
            .unwrap()
            .any(|entry| is_on_disk(&entry.unwrap().path(), text));
    }
    fs::read(path)
        .unwrap()
        .windows(text.len())
        .any(|window| window == text)
}

#[test]
fn what_a_crash_while_compacting_left_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).done("c1", |_| ());
    let half = folder.path().join("store-2");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("db"), b"half a database").unwrap();
    fs::write(folder.path().join("store.current.new"), b"store-2").unwrap();
    let trial = open(folder.path());
    assert!(trial.load("c1").is_some());
    assert!(!half.exists());
    drop(trial);
    Sled::compact(folder.path(), Options::default()).unwrap();
    assert!(open(folder.path()).load("c1").is_some());
}

#[test]
fn other_files_of_the_folder_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["control.sock", "store-notes", "switchboard.yaml"] {
        fs::write(folder.path().join(name), b"mine").unwrap();
    }
    open(folder.path()).done("c1", |_| ());
    Sled::compact(folder.path(), Options::default()).unwrap();
    for name in ["control.sock", "store-notes", "switchboard.yaml"] {
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"mine");
    }
}

#[test]
fn a_full_line_says_so_and_empties_again() {
    let folder = tempfile::tempdir().unwrap();
    let trial = open(folder.path());
    let commits: Vec<_> = (0..20_000)
        .map(|number| next(&trial, &format!("c{number}")))
        .collect();
    let replies: Vec<_> = commits
        .into_iter()
        .map(|commit| trial.store.commit(commit))
        .collect();
    let answers: Vec<_> = replies.into_iter().map(|reply| trial.ask(reply)).collect();
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(StoreError::Full { .. })))
        .count();
    assert!(
        done >= 2048 && refused > 0,
        "{done} done, {refused} refused"
    );
    assert_eq!(done + refused, answers.len());
    assert_eq!(trial.get(trial.store.status()).conversations, done as u64);
    trial.done("one more", |_| ());
}

fn next(trial: &Trial, conversation: &str) -> store::Commit {
    store::Commit {
        term: trial.term,
        ..store::suite::turn(conversation, None)
    }
}

#[test]
fn a_nearly_full_disk_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(folder.path()).store.healthy());
    let options = Options {
        free_bytes_min: u64::MAX,
        ..Options::default()
    };
    assert!(!Sled::open(folder.path(), options).unwrap().healthy());
}
