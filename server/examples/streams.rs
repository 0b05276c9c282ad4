//! Many open streams: opens N server-sent event streams, then says something in some of the conversations and measures how long
//! the message takes to arrive on the stream.
//!
//! `cargo run --release --example streams -- 127.0.0.1:8080 --streams 10000 --messages 2000` prints one line of JSON. Client and
//! server are two processes: the limit of open files is for each. `scripts/bench` starts both.
#![expect(clippy::disallowed_methods, reason = "a load generator measures time")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Streams that are opened at once.
const OPENING: usize = 64;
/// A pause between two messages: what is measured is one message while many streams are open, not a load of messages.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Parser)]
struct Args {
    /// Where the server listens.
    address: SocketAddr,
    /// Streams that stay open.
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Messages that are said, one after the other, each in another conversation.
    #[arg(long, default_value_t = 2_000)]
    messages: usize,
    /// The server's process, to say what it resides in.
    #[arg(long)]
    process: Option<u32>,
}

struct Listener {
    id: String,
    token: String,
    stream: TcpStream,
}

impl Listener {
    async fn open(client: reqwest::Client, address: SocketAddr) -> anyhow::Result<Self> {
        let url = format!("http://{address}/v1/conversations");
        let opened = client.post(url).json(&json!({})).send().await?;
        let opened: Value = opened.error_for_status()?.json().await?;
        let id = opened["id"].as_str().context("an id")?.to_owned();
        let token = opened["token"].as_str().context("a token")?.to_owned();
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let head = format!(
            "GET /v1/conversations/{id}/events HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        let mut one = Self { id, token, stream };
        one.until("Hello.").await?;
        Ok(one)
    }

    /// Reads until a text has come.
    async fn until(&mut self, text: &str) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        let mut part = [0; 4096];
        while !seen
            .windows(text.len())
            .any(|window| window == text.as_bytes())
        {
            match self.stream.read(&mut part).await? {
                0 => bail!("the stream ended: {}", String::from_utf8_lossy(&seen)),
                read => seen.extend_from_slice(&part[..read]),
            }
        }
        Ok(())
    }

    /// How long a message takes from being sent to being on the stream.
    async fn say(
        &mut self,
        client: &reqwest::Client,
        address: SocketAddr,
    ) -> anyhow::Result<Duration> {
        let url = format!("http://{address}/v1/conversations/{}/messages", self.id);
        let request = client.post(url).bearer_auth(&self.token);
        let request = request.json(&json!({ "id": "m1", "text": "when are you open" }));
        let began = Instant::now();
        let sending = tokio::spawn(async move { request.send().await?.error_for_status() });
        self.until("We are open").await?;
        let took = began.elapsed();
        sending.await??;
        Ok(took)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised)?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let before = resident_kb(args.process);
    let mut listeners = open_all(&client, &args).await?;
    let with_streams = resident_kb(args.process);
    let mut took = Vec::new();
    for number in 0..args.messages.min(args.streams) {
        // Spread over all of them.
        let index = number * (args.streams / args.messages.max(1)).max(1) % args.streams;
        took.push(listeners[index].say(&client, args.address).await?);
        tokio::time::sleep(PAUSE).await;
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{}",
        json!({ "streams": listeners.len(), "messages": took.len(), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0),
            "resident_kb_before": before, "resident_kb": with_streams })
    );
    Ok(())
}

async fn open_all(client: &reqwest::Client, args: &Args) -> anyhow::Result<Vec<Listener>> {
    let mut opening = JoinSet::new();
    let mut listeners = Vec::with_capacity(args.streams);
    for _ in 0..args.streams {
        if opening.len() >= OPENING {
            listeners.push(opening.join_next().await.context("one is under way")???);
        }
        opening.spawn(Listener::open(client.clone(), args.address));
    }
    while let Some(opened) = opening.join_next().await {
        listeners.push(opened??);
    }
    Ok(listeners)
}

/// `VmRSS` of proc(5).
fn resident_kb(process: Option<u32>) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process?)).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
