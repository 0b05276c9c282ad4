//! How many turns a second: `cargo run --release -p runtime --example turns [BOT] [CONVERSATIONS] [SECONDS] [sled|memory]`.
//!
//! A closed loop without HTTP around it: what understanding, the step, rendering and the commit take together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use author::Catalogue;
use runtime::{
    Authority, Body, Config, Deployment, Inbound, NewConversation, Runtime, SystemClock,
};
use store::{Memory, Options, Sled, Store};
use tokio::time::Instant;
use understand::Model;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let bot = args.next().map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bot"),
        PathBuf::from,
    );
    let conversations: usize = args
        .next()
        .map_or(64, |n| n.parse().expect("a number of conversations"));
    let seconds: u64 = args
        .next()
        .map_or(5, |n| n.parse().expect("a number of seconds"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store: Arc<dyn Store> = match args.next().as_deref() {
        Some("memory") => Arc::new(Memory::new()),
        _ => Arc::new(Sled::open(folder.path(), Options::default()).expect("a new store opens")),
    };
    let runtime = Runtime::start(
        Config::default(),
        store,
        Arc::new(SystemClock),
        deployment(&bot),
    )
    .await
    .expect("a new store can be taken over");
    let spent = cpu_ticks();
    let until = Instant::now() + Duration::from_secs(seconds);
    let talks = (0..conversations).map(|c| tokio::spawn(talk(runtime.clone(), c, until)));
    let mut took: Vec<Duration> = Vec::new();
    for talk in futures_util::future::join_all(talks).await {
        took.extend(talk.expect("no turn panics"));
    }
    took.sort_unstable();
    let at = |part: usize| took[took.len() * part / 1000].as_secs_f64() * 1000.0;
    let rate = took.len() as f64 / seconds as f64;
    let cpu_us = (cpu_ticks() - spent) as f64 * TICK_US / took.len() as f64;
    println!(
        "{rate:.0} turns/s, p50 {:.2} ms, p99 {:.2} ms, {cpu_us:.0} µs of CPU a turn",
        at(500),
        at(990)
    );
}

/// Linux counts a process's time in hundredths of a second.
const TICK_US: f64 = 10_000.0;

/// What the process has used so far: the fields utime and stime of proc(5).
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = |n: usize| {
        fields
            .split(' ')
            .nth(n)
            .and_then(|field| field.parse::<u64>().ok())
    };
    ticks(11).unwrap_or(0) + ticks(12).unwrap_or(0)
}

async fn talk(runtime: Runtime, c: usize, until: Instant) -> Vec<Duration> {
    let id = format!("c{c}");
    let new = NewConversation {
        id: Some(id.as_str().into()),
        user: None,
        channel: "http".into(),
        locale: None,
        slots: serde_json::Map::new(),
        by: Authority::Integrator,
    };
    runtime.open(new).await.expect("a conversation opens");
    let mut took = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        let message = Inbound {
            conversation: id.as_str().into(),
            source: "http".into(),
            id: took.len().to_string(),
            body: Body::Text("what are your opening hours".into()),
            attachments: Vec::new(),
            by: Authority::Visitor,
        };
        runtime.accept(message).await.expect("a message is taken");
        took.push(began.elapsed());
    }
    took
}

fn deployment(bot: &Path) -> Deployment {
    let files = author::read(bot).expect("the bot's folder can be read");
    let compiled = author::compile(&files, &Catalogue::default());
    let training = compiled.training.expect("the bot has no errors");
    Deployment {
        bot: compiled.bot.expect("the bot has no errors"),
        templates: Arc::new(compiled.templates.expect("the bot has no errors")),
        model: Arc::new(Model::train(&training, &mut |_| {})),
        tools: tools::Toolbox::default(),
        articles: Arc::default(),
        targets: std::collections::BTreeMap::new(),
    }
}
