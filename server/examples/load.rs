//! A load of templated turns, from a process of its own: a closed loop over N conversations, half free text, half choices.
//!
//! `cargo run --release --example load -- 127.0.0.1:8080 --conversations 64 --seconds 10` prints one line of JSON. The server
//! runs `benches/bot`; `scripts/bench` starts both.
#![expect(clippy::disallowed_methods, reason = "a load generator measures time")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

#[derive(Parser)]
struct Args {
    /// Where the server listens.
    address: SocketAddr,
    /// Conversations at once, each on a connection of its own.
    #[arg(long, default_value_t = 64)]
    conversations: usize,
    /// How long, after a second of warming up.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

struct Conversation {
    address: SocketAddr,
    sender: SendRequest<Full<bytes::Bytes>>,
    path: String,
    bearer: String,
    choice: Option<String>,
    sent: u64,
}

impl Conversation {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut one = Self {
            address,
            sender,
            path: "/v1/conversations".into(),
            bearer: String::new(),
            choice: None,
            sent: 0,
        };
        let opened = one.post(&json!({})).await?;
        one.bearer = format!("Bearer {}", opened["token"].as_str().context("a token")?);
        one.path = format!(
            "/v1/conversations/{}/messages",
            opened["id"].as_str().context("an id")?
        );
        one.say("show me the menu").await?;
        Ok(one)
    }

    /// One turn: text and choice by turns.
    async fn turn(&mut self) -> anyhow::Result<()> {
        match self.choice.clone().filter(|_| self.sent.is_multiple_of(2)) {
            Some(choice) => self.send(json!({ "choice": choice })).await,
            None => self.say("when are you open").await,
        }
    }

    async fn say(&mut self, text: &str) -> anyhow::Result<()> {
        self.send(json!({ "text": text })).await
    }

    async fn send(&mut self, mut body: Value) -> anyhow::Result<()> {
        self.sent += 1;
        body["id"] = json!(self.sent.to_string());
        let answer = self.post(&body).await?;
        let messages = answer["messages"].as_array().context("messages")?;
        if messages.is_empty() {
            bail!("a message was met with silence: {answer}");
        }
        let offered = messages
            .iter()
            .rev()
            .find_map(|message| message["choices"][0]["id"].as_str());
        self.choice = offered.map(str::to_owned).or(self.choice.take());
        Ok(())
    }

    async fn post(&mut self, body: &Value) -> anyhow::Result<Value> {
        let mut request = Request::post(&self.path)
            .header(header::HOST, self.address.to_string())
            .header(header::CONTENT_TYPE, "application/json");
        if !self.bearer.is_empty() {
            request = request.header(header::AUTHORIZATION, &self.bearer);
        }
        self.sender.ready().await?;
        let response = self
            .sender
            .send_request(request.body(Full::new(serde_json::to_vec(body)?.into()))?)
            .await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&bytes));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut conversations = Vec::new();
    for _ in 0..args.conversations {
        conversations.push(Conversation::open(args.address).await?);
    }
    let begin = Instant::now() + Duration::from_secs(1);
    let end = begin + Duration::from_secs(args.seconds);
    let loads = conversations.into_iter().map(|mut one| {
        tokio::spawn(async move {
            let mut took: Vec<Duration> = Vec::new();
            while Instant::now() < end {
                let at = Instant::now();
                one.turn().await?;
                if at >= begin {
                    took.push(at.elapsed());
                }
            }
            anyhow::Ok(took)
        })
    });
    let mut took = Vec::new();
    for load in loads.collect::<Vec<_>>() {
        took.extend(load.await??);
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{}",
        json!({ "conversations": args.conversations, "turns": took.len(), "per_second": took.len() as u64 / args.seconds, "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0) })
    );
    Ok(())
}
