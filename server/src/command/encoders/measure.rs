//! What an encoder costs on this machine: time to load it, time for a message, memory.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use encode::{KINDS, Kind, Shelf};

/// Messages that are encoded, as short and as long as customers write them.
const TEXTS: [&str; 12] = [
    "hi",
    "yes please",
    "where is my card?",
    "my card has still not come",
    "how do i change my pin",
    "I was charged twice for the same thing",
    "can i have a second card for my daughter",
    "I'd like to order new shoes, size 42, and send these ones back",
    "Why was my transfer to Austria declined? I have enough money on the account!",
    "someone has taken my wallet on the train this morning, please block everything you can",
    "Hello, I have been waiting for eleven days now and nobody answers my e-mails, what is going on with my refund?",
    "I moved last month, so my address is another one; the app says that it can't be changed there and that I should write to you, \
     so please change it to 12 Mill Lane, and tell me whether I need another contract for the electricity as well",
];

/// How often each is encoded.
const ROUNDS: usize = 20;

/// Ticks of a second in which Linux counts the processor time of a process.
const TICKS: f64 = 100.0;

/// Measures one encoder, or each that is there in a process of its own, so that none uses what another left.
pub(super) fn run(shelf: &Shelf, bot: &Path, kind: Option<&'static Kind>) -> anyhow::Result<()> {
    if let Some(kind) = kind {
        return measure(shelf, kind);
    }
    let here: Vec<_> = KINDS.iter().filter(|kind| shelf.has(kind)).collect();
    if here.is_empty() {
        bail!("no encoder is here; `switchboard encoders list` says what can be had");
    }
    let program = std::env::current_exe().context("this program can't be started again")?;
    for kind in here {
        let status = Command::new(&program)
            .args(["encoders", "measure", kind.name, "--bot"])
            .arg(bot)
            .status()
            .context("this program can't be started again")?;
        if !status.success() {
            bail!("{} could not be measured", kind.name);
        }
    }
    Ok(())
}

fn measure(shelf: &Shelf, kind: &'static Kind) -> anyhow::Result<()> {
    let clock = clock();
    let encoder = shelf.open(kind)?;
    let loaded = clock().as_secs_f64();
    let before = processor_s();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for text in TEXTS {
            let start = clock();
            encoder.encode(&[text])?;
            times.push((clock() - start).as_secs_f64() * 1000.0);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    super::super::show(format!(
        "{:13} loads in {loaded:.2} s; a message takes {:.1} ms (99 of 100 at most {:.1}){}",
        kind.name,
        at(50),
        at(99),
        costs(before, times.len())
    ))
}

/// Processor time and memory, where the system tells them.
fn costs(before: Option<f64>, messages: usize) -> String {
    let mut costs = String::new();
    if let (Some(before), Some(after)) = (before, processor_s()) {
        let each = 1000.0 * (after - before) / messages as f64;
        costs = format!(", {each:.1} ms of processor time");
    }
    if let (Some(now), Some(most)) = (memory_mb("VmRSS:"), memory_mb("VmHWM:")) {
        costs += &format!("; {now} MB resident, {most} MB while it was loaded");
    }
    costs
}

/// Seconds that this process has computed; none where there is no `/proc`.
fn processor_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.filter_map(|one| one.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().sum::<f64>() / TICKS)
}

/// A line of `/proc/self/status`, in megabytes.
fn memory_mb(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// The time since the start.
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn clock() -> impl Fn() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}
