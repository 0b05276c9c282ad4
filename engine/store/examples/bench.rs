//! How fast sled commits, how much the disk and the memory take, and what a million idle conversations cost.
//!
//! ```text
//! cargo run --release -p store --example bench -- turns memory|FOLDER
//! cargo run --release -p store --example bench -- idle 1000000 FOLDER       fills a folder
//! cargo run --release -p store --example bench -- start FOLDER              opens a filled one, in a process of its own
//! cargo run --release -p store --example bench -- week FOLDER               a week later: forgets the ids of messages
//! cargo run --release -p store --example bench -- compact FOLDER
//! ```
//!
//! A turn is the reference's: 2 kB of state replaced, three entries of 400 bytes, one effect added and one removed, a message's
//! id, a deadline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dialog::{EffectId, Turn};
use jiff::Timestamp;
use store::{
    BodyHash, Changes, Commit, CommitOutcome, Duplicate, Head, Lane, Memory, MessageKey, Options,
    OutboxRow, OwnerKind, Retention, Scope, Sled, Store, Term, TurnRecord, Version,
};

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["turns", "memory"] => turns(None).await,
        ["turns", folder] => turns(Some(Path::new(folder))).await,
        ["idle", count, folder] => idle(count.parse()?, Path::new(folder)).await,
        ["start", folder] => start(Path::new(folder)).await,
        ["week", folder] => week(Path::new(folder)).await,
        ["compact", folder] => compact(Path::new(folder)),
        _ => bail!(
            "say `turns memory|FOLDER`, `idle COUNT FOLDER`, `start FOLDER`, `week FOLDER` or `compact FOLDER`"
        ),
    }
}

/// Turns a second at 1, 16 and 64 conversations at once, in memory or in a folder.
async fn turns(folder: Option<&Path>) -> Result<()> {
    println!("at once   turns/s   p50 ms   p99 ms   CPU µs a turn   RSS MB   disk MB   live MB");
    for at_once in [1, 16, 64] {
        match folder {
            None => measure(Arc::new(Memory::new()), at_once).await?,
            Some(folder) => {
                measure(
                    Arc::new(Sled::open(
                        folder.join(at_once.to_string()),
                        Options::default(),
                    )?),
                    at_once,
                )
                .await?
            }
        }
    }
    Ok(())
}

async fn measure(store: Arc<dyn Store>, at_once: usize) -> Result<()> {
    let term = store.take_over().await?;
    let until = now() + MEASURED;
    let (start, cpu) = (now(), processor_time()?);
    let writers = (0..at_once).map(|number| {
        tokio::spawn(converse(
            Arc::clone(&store),
            term,
            format!("conversation-{number}"),
            until,
        ))
    });
    let mut took = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        took.extend(writer.await??);
    }
    let seconds = start.elapsed().as_secs_f64();
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let status = store.status().await?;
    println!(
        "{at_once:>7} {:>9.0} {:>8.2} {:>8.2} {:>15.0} {:>8} {:>9} {:>9}",
        took.len() as f64 / seconds,
        at(0.5),
        at(0.99),
        (processor_time()? - cpu).as_secs_f64() * 1e6 / took.len() as f64,
        resident()? >> 20,
        status.disk_bytes >> 20,
        status.live_bytes >> 20,
    );
    Ok(())
}

/// Turns of one conversation after another of the same writer; each conversation has a hundred.
async fn converse(
    store: Arc<dyn Store>,
    term: Term,
    name: String,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    for number in 0.. {
        let id = format!("{name}-{number}");
        for turn in 1..=100 {
            let commit = commit(&id, term, turn);
            let start = now();
            if start >= until {
                return Ok(took);
            }
            let outcome = store.commit(commit).await?;
            took.push(start.elapsed());
            if !matches!(outcome, CommitOutcome::Committed(_)) {
                bail!("{outcome:?}");
            }
        }
    }
    Ok(took)
}

fn commit(id: &str, term: Term, number: u64) -> Commit {
    let at = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(1_772_000_000 + number as i64);
    let effect = |number| EffectId {
        conversation: id.into(),
        turn: Turn(number),
        index: 0,
    };
    let row = OutboxRow {
        id: effect(number),
        lane: Lane::Call,
        payload: vec![b'c'; 200],
        begun: false,
    };
    let key = MessageKey {
        scope: Scope::Conversation(id.into()),
        source: "http".into(),
        id: format!("message-{number}"),
    };
    Commit {
        conversation: id.into(),
        term,
        expected: Version(number - 1),
        at,
        duplicate: Some(Duplicate {
            key,
            body: BodyHash([number as u8; 32]),
        }),
        head: Head {
            user: format!("user-{id}").into(),
            bot: "0123456789abcdef".into(),
            owner: OwnerKind::Bot,
            epoch: 0,
            timer: Some(at + jiff::SignedDuration::from_hours(1)),
        },
        state: text(2_000, number),
        turn: TurnRecord {
            turn: Turn(number),
            at,
            event: text(400, number),
            first_seq: 2 * number - 1,
            feed: vec![text(400, number), text(400, number + 1)],
            trace: vec![b't'; 100],
        },
        bot_spoke_in: Some(0),
        outbox: Changes {
            add: vec![row],
            remove: vec![effect(number - 1)],
        },
        scheduled: Changes::default(),
        dead_letters: Changes::default(),
        memory: BTreeMap::new(),
    }
}

/// So many bytes of what looks like JSON.
fn text(bytes: usize, number: u64) -> Vec<u8> {
    format!("{{\"slot_{number}\": \"value {number}\"}}, ")
        .into_bytes()
        .into_iter()
        .cycle()
        .take(bytes)
        .collect()
}

/// Fills a folder with conversations that nobody touches any more: 2 kB of state, one turn of three entries (an event and two
/// messages), no timer. With a large cache, as a million new conversations at once are nobody's daily load.
async fn idle(count: u64, folder: &Path) -> Result<()> {
    let store: Arc<dyn Store> = Arc::new(Sled::open(
        folder,
        Options {
            cache_bytes: 1 << 30,
            ..Options::default()
        },
    )?);
    let term = store.take_over().await?;
    let (start, next) = (now(), Arc::new(AtomicU64::new(0)));
    let writers =
        (0..256).map(|_| tokio::spawn(fill(Arc::clone(&store), term, Arc::clone(&next), count)));
    for writer in writers.collect::<Vec<_>>() {
        writer.await??;
    }
    println!(
        "{count} conversations written in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    print_status(&*store).await
}

async fn fill(store: Arc<dyn Store>, term: Term, next: Arc<AtomicU64>, count: u64) -> Result<()> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(());
        }
        let mut commit = commit(
            &format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            term,
            1,
        );
        commit.outbox = Changes::default();
        commit.head.timer = None;
        store.commit(commit).await?;
    }
}

/// Opens a folder as a server does, and answers the first message of a conversation.
async fn start(folder: &Path) -> Result<()> {
    let start = now();
    let store = Sled::open(folder, Options::default())?;
    let opened = start.elapsed();
    let term = store.take_over().await?;
    let pending = store.outbox(None, 1000).await?.len();
    let deadline = store.next_deadline().await?;
    println!(
        "open {:.2} s; ready {:.2} s ({pending} effects, next deadline {deadline:?})",
        opened.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    println!("RSS when ready: {} MB", resident()? >> 20);
    let id = format!("{:016x}", 0x9e37_79b9_7f4a_7c15_u64);
    let first = now();
    let mut next = commit(&id, term, 2);
    next.turn.first_seq = 3;
    let outcome = store.commit(next).await?;
    println!(
        "first turn {:.2} ms: {outcome:?}",
        first.elapsed().as_secs_f64() * 1e3
    );
    print_status(&store).await
}

/// Retention as it is a week after the last message.
async fn week(folder: &Path) -> Result<()> {
    let store = Sled::open(folder, Options::default())?;
    let term = store.take_over().await?;
    let retention = Retention {
        duplicates_before: Some(Timestamp::MAX),
        ..Retention::default()
    };
    let (start, mut ids, mut longest) = (now(), 0, Duration::ZERO);
    loop {
        let call = now();
        let removed = store.retain(term, retention).await?;
        longest = longest.max(call.elapsed());
        ids += removed.duplicates;
        if !removed.more {
            break;
        }
    }
    println!(
        "{ids} ids forgotten in {:.1} s, the longest call took {:.1} ms",
        start.elapsed().as_secs_f64(),
        longest.as_secs_f64() * 1e3
    );
    print_status(&store).await
}

fn compact(folder: &Path) -> Result<()> {
    let start = now();
    let compacted = Sled::compact(folder, Options::default())?;
    println!(
        "compacted in {:.1} s: {} MB -> {} MB",
        start.elapsed().as_secs_f64(),
        compacted.bytes_before >> 20,
        compacted.bytes_after >> 20
    );
    println!("RSS: {} MB", resident()? >> 20);
    Ok(())
}

async fn print_status(store: &dyn Store) -> Result<()> {
    let status = store.status().await?;
    println!("{status:?}");
    println!(
        "disk {} MB, live {} MB, RSS {} MB",
        status.disk_bytes >> 20,
        status.live_bytes >> 20,
        resident()? >> 20
    );
    Ok(())
}

/// What the process has in memory, in bytes.
fn resident() -> Result<u64> {
    let text = std::fs::read_to_string(PathBuf::from("/proc/self/statm"))?;
    let pages: u64 = text
        .split_whitespace()
        .nth(1)
        .context("statm has a second number")?
        .parse()?;
    Ok(pages * 4096)
}

/// How long the process has computed, on all cores. Linux counts in hundredths of a second.
fn processor_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let (_, numbers) = text.rsplit_once(')').context("the program's name ends")?;
    let numbers: Vec<&str> = numbers.split_whitespace().collect();
    let hundredths = numbers[11].parse::<u64>()? + numbers[12].parse::<u64>()?;
    Ok(Duration::from_millis(hundredths * 10))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}
