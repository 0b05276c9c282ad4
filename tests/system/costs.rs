//! What models cost: the HTTP API, the command and the recorded calls say the same.

use std::collections::BTreeMap;
use std::path::Path;

use llm::cassette::Call;
use llm::price::Prices;
use llm::{Kind, Piece, Usage};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::answer::{LEAVES, QUESTION, TAKES, bot, record, whole};
use crate::provider::phrase::{Trouble, trouble};
use crate::provider::{Script, Server as Provider};
use crate::support::{Server, code, switchboard};

const CONVERSATIONS: usize = 3;

/// A sum as it is told.
fn sum(calls: &[(String, Usage)]) -> Value {
    let prices = Prices::known();
    let cost = |(model, usage): &(String, Usage)| prices.cost(model, usage).expect("a known price");
    let all = |of: fn(&Usage) -> u64| calls.iter().map(|(_, usage)| of(usage)).sum::<u64>();
    json!({
        "calls": calls.len(),
        "input_tokens": all(|usage| usage.input),
        "cached_tokens": all(|usage| usage.cached),
        "output_tokens": all(|usage| usage.output),
        "micro_usd": calls.iter().map(cost).sum::<u64>(),
        "unpriced": 0,
    })
}

/// The recorded calls that took something: model and tokens.
fn recorded(cassette: &Path) -> Vec<(String, Usage)> {
    let lines = std::fs::read_to_string(cassette).expect("calls were recorded");
    let calls = lines
        .lines()
        .map(|line| serde_json::from_str::<Call>(line).expect("a call"));
    calls
        .filter_map(|call| Some((call.model.clone(), usage(&call)?)))
        .collect()
}

fn usage(call: &Call) -> Option<Usage> {
    let told = call.error.as_ref().and_then(|error| error.usage.as_deref());
    match call.pieces.last() {
        Some(Piece::End(end)) => Some(end.usage),
        _ => told.copied(),
    }
}

async fn told(server: &Server, query: &str) -> Value {
    let response = server.get(&format!("/v1/costs{query}"), None).await;
    assert_eq!(response.status().as_u16(), 200);
    response.json().await.expect("JSON")
}

/// What the command prints of a bot's data, or of a server's.
fn printed(bot: &Path, data: &str, by: &str) -> Value {
    let mut command = switchboard();
    command
        .arg("costs")
        .arg(bot)
        .args(["--data", data, "--by", by, "--json"]);
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Several conversations ask several questions each.
async fn ask(server: &Server) {
    for _ in 0..CONVERSATIONS {
        let one = server.open(json!({})).await;
        for id in ["m1", "m2", "m3"] {
            let said = server.say(&one, id, QUESTION).await;
            assert_eq!(said["pending"], false);
        }
    }
}

/// Answers, one that comes empty but is paid, one whose provider is busy, which costs nothing, and then answers again.
fn scripts(kind: Kind) -> Vec<Script> {
    let (status, body) = trouble(kind, Trouble::Overloaded).expect("it can be");
    vec![
        whole(kind, LEAVES),
        whole(kind, ""),
        Script::json(status, &body),
        whole(kind, &format!("{LEAVES} {TAKES}")),
    ]
}

#[tokio::test]
async fn recorded_calls_the_api_and_the_command_say_the_same() {
    let (data, calls) = (tempdir().expect("a folder"), tempdir().expect("a folder"));
    let (mut by_bot, mut by_model) = (BTreeMap::new(), BTreeMap::new());
    let mut all = Vec::new();
    let places = [
        ("harbour", Kind::OpenAi, "openai:gpt-5-mini"),
        ("museum", Kind::Anthropic, "anthropic:claude-haiku-4-5"),
    ];
    for (name, kind, target) in places {
        let provider = Provider::start(scripts(kind)).await;
        let bot = bot(name, &format!("\"{target}\""), "20s", &provider);
        let cassette = calls.path().join(name);
        record(bot.path(), &cassette);
        let server = Server::start(bot.path(), data.path(), &[]);
        ask(&server).await;
        let taken = recorded(&cassette);
        assert_eq!(provider.asked().len(), 3 * CONVERSATIONS);
        assert_eq!(taken.len(), 3 * CONVERSATIONS - 1, "one was refused unread");
        by_bot.insert(name, sum(&taken));
        by_model.insert(target, sum(&taken));
        all.extend(taken);

        let data = data.path().display().to_string();
        for (by, rows) in [("bot", json!(by_bot)), ("model", json!(by_model))] {
            let expected = json!({ "rows": rows, "total": sum(&all) });
            assert_eq!(told(&server, &format!("?by={by}")).await, expected);
            assert_eq!(printed(bot.path(), &data, by), expected);
            assert_eq!(printed(bot.path(), &server.base, by), expected);
        }
        let days = told(&server, "").await;
        assert_eq!(days, printed(bot.path(), &data, "day"));
        assert_eq!(days["total"], sum(&all));
        // The test may run over midnight: its days together are all of it.
        let days = days["rows"].as_object().expect("rows").keys();
        let (first, last) = (days.clone().min(), days.max());
        let (first, last) = (first.expect("a day"), last.expect("a day"));
        let between = format!("?by=bot&from={first}&to={last}");
        assert_eq!(told(&server, &between).await["rows"], json!(by_bot));
        let of_last = told(&server, &format!("?from={last}")).await;
        assert_eq!(of_last["rows"].as_object().map(|rows| rows.len()), Some(1));
        let long_ago = told(&server, "?to=2020-01-01").await;
        assert_eq!(long_ago, json!({ "rows": {}, "total": sum(&[]) }));
    }
}

#[tokio::test]
async fn what_can_t_be_read_is_refused_and_a_visitor_sees_nothing() {
    let provider = Provider::start(vec![whole(Kind::OpenAi, LEAVES)]).await;
    let bot = bot("harbour", "\"openai:gpt-5-mini\"", "20s", &provider);
    let data = tempdir().expect("a folder");
    let server = Server::start(bot.path(), data.path(), &[]);
    for query in ["by=moon", "from=yesterday", "to=2026-13-01", "since=1"] {
        let response = server.get(&format!("/v1/costs?{query}"), None).await;
        assert_eq!(code(response, 400).await, "field-invalid", "{query}");
    }
    let one = server.open(json!({})).await;
    let response = server.get("/v1/costs", Some(&one.token)).await;
    assert_eq!(code(response, 401).await, "unauthorized");
}
