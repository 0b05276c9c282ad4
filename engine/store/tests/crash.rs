//! kill -9 at seeded moments under load, and a disk that takes nothing any more: nothing acknowledged is lost, nothing is torn,
//! and the folder can be lived in.
//!
//! `KILLS=100 SEED=7 cargo test -p store --test crash` kills more often, from another seed.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod load;

use std::sync::{Mutex, MutexGuard, PoisonError};

use load::{CONVERSATIONS, Load, be_the_child, check};

/// How often it is killed when nobody says how often.
const KILLS: u64 = 20;

/// Most turns before a kill.
const TURNS_MAX: u64 = 600;

/// One test at a time: a child that is being started holds what this process has open, a store's lock among it, until it
/// becomes another program.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn kill_9_loses_nothing_acknowledged() {
    be_the_child();
    let _alone = alone();
    let kills = number("KILLS").unwrap_or(KILLS);
    let seed = number("SEED").unwrap_or(1);
    println!("{kills} kills from seed {seed}");
    let mut random = Random(seed);
    let folder = tempfile::tempdir().unwrap();
    let mut store = folder.path().join("0");
    for kill in 0..kills {
        // Ten kills to a folder: what a recovery left is recovered again, and the checks stay quick.
        if kill % 10 == 0 {
            store = folder.path().join(kill.to_string());
        }
        let turns = 1 + random.next() % TURNS_MAX;
        let acknowledged =
            Load::start("kill_9_loses_nothing_acknowledged", &store, None).kill_after(turns);
        assert!(
            acknowledged.count >= turns,
            "the child ended by itself: {acknowledged:?}"
        );
        check(&store, &acknowledged);
    }
}

/// The files may grow to 4 MB (the shell counts in half kilobytes), and the process hears of it as of a full disk.
const SMALL_FILES: &str = "trap '' XFSZ; ulimit -f 8192";

#[test]
fn a_write_that_fails_acknowledges_nothing() {
    be_the_child();
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (acknowledged, code) = Load::start(
        "a_write_that_fails_acknowledges_nothing",
        folder.path(),
        Some(SMALL_FILES),
    )
    .end();
    assert_eq!(code, Some(74), "{acknowledged:?}");
    let broken = acknowledged.broken.as_deref().unwrap_or_default();
    assert!(broken.contains("takes nothing any more"), "{broken:?}");
    assert!(
        acknowledged.count > CONVERSATIONS as u64,
        "it worked before: {acknowledged:?}"
    );
    check(folder.path(), &acknowledged);
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var_os(name)?;
    Some(text.into_string().unwrap().parse().unwrap())
}

/// Numbers from a seed (SplitMix64, by Sebastiano Vigna, in the public domain).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
