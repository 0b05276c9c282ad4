//! kill -9 under load: nothing acknowledged is lost, no message is taken twice, no reply is missing, nothing reaches the
//! outside under two ids, and no `never` tool is called twice.
//!
//! The process that dies is this test's own binary, started again as `child`. It talks to a real server on loopback and
//! writes a line for each acknowledgement; the parent kills it at seeded moments. `KILLS=100` kills more often, `SEED=…`
//! repeats a run.

#![expect(
    clippy::unwrap_used,
    reason = "a process that cannot be set up should stop there"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{new_conversation, shop_with_model, text, trained};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use dialog::Turn;
use runtime::{Config, Runtime, SystemClock};
use serde_json::{Value, json};
use store::{Options, Sled};
use tools::{HttpClient, Place, PrivateAddresses, Toolbox};

const CONVERSATIONS: usize = 8;
const KILLS: u64 = 12;
/// A kill comes so long after the first acknowledgement, at most.
const LIFE_MS_MAX: u64 = 250;

/// What the outside saw.
#[derive(Default)]
struct Outside {
    /// Who, what number, under which key.
    orders: Vec<(String, i64, String)>,
    charges: Vec<(String, i64)>,
}

type Shared = Arc<Mutex<Outside>>;

#[test]
fn kill_9_loses_nothing_acknowledged_and_repeats_nothing() {
    let seed = number("SEED").unwrap_or(7);
    println!("SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model"), trained().to_bytes()).unwrap();
    let outside = Shared::default();
    let server = tokio::runtime::Runtime::new().unwrap();
    let url = server.block_on(serve(outside.clone()));
    let mut acknowledged: BTreeMap<(usize, u64), u64> = BTreeMap::new();
    let mut random = seed;
    for _ in 0..number("KILLS").unwrap_or(KILLS) {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let life = Duration::from_millis((random >> 33) % LIFE_MS_MAX);
        live_and_die(
            start(folder.path(), &url, &acknowledged, false),
            life,
            &mut acknowledged,
        );
    }
    let mut last = start(folder.path(), &url, &acknowledged, true);
    read(&mut last, &mut acknowledged);
    assert!(last.wait().unwrap().success());
    assert!(
        acknowledged.len() > CONVERSATIONS,
        "{} messages",
        acknowledged.len()
    );
    server.block_on(judge(
        folder.path(),
        &acknowledged,
        &outside.lock().unwrap(),
    ));
}

/// The process that dies. Nothing to do when it isn't started by the test above.
#[test]
fn child() {
    let Some(folder) = std::env::var_os("KILL_FOLDER") else {
        return;
    };
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    threads.block_on(live(Path::new(&folder)));
}

async fn live(folder: &Path) {
    let runtime = open(folder, Some(&setting("KILL_URL"))).await;
    let finish = setting("KILL_FINISH") == "true";
    let next: Vec<u64> = setting("KILL_NEXT")
        .split(',')
        .map(|n| n.parse().unwrap())
        .collect();
    let talks = next.into_iter().enumerate().map(|(c, next)| {
        let runtime = runtime.clone();
        tokio::spawn(async move { talk(&runtime, c, next, finish).await })
    });
    futures_util::future::join_all(talks).await;
    runtime.settle().await.unwrap();
    runtime.drain().await;
}

/// One customer, who waits for everything before the next word. At the end, only what may be outstanding is sent again.
async fn talk(runtime: &Runtime, c: usize, next: u64, finish: bool) {
    let id = format!("c{c}");
    let mut begin = new_conversation(&id, &format!("user-{c}"));
    begin.slots = json!({ "who": id }).as_object().unwrap().clone();
    runtime.open(begin).await.unwrap();
    for m in next..next + if finish { 1 } else { u64::MAX - next } {
        let accepted = runtime
            .accept(text(&id, &m.to_string(), "order now"))
            .await
            .unwrap();
        acknowledge(c, m, accepted.turn);
        runtime
            .wait(&id.as_str().into(), accepted.turn, Duration::from_secs(60))
            .await
            .unwrap();
    }
}

/// One line, written at once: the process may die in the next moment.
fn acknowledge(c: usize, m: u64, turn: Turn) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "acked {c} {m} {turn}").unwrap();
    out.flush().unwrap();
}

async fn open(folder: &Path, url: Option<&str>) -> Runtime {
    let model =
        understand::Model::from_bytes(&std::fs::read(folder.join("model")).unwrap()).unwrap();
    let mut deployment = shop_with_model(Toolbox::default(), Arc::new(model));
    if let Some(url) = url {
        let place = Place {
            variables: BTreeMap::from([("SHOP_URL".to_owned(), url.to_owned())]),
            logins: BTreeMap::new(),
            private: PrivateAddresses::Loopback,
        };
        let client = HttpClient::new(PrivateAddresses::Loopback).unwrap();
        deployment.tools = Toolbox::new(&deployment.bot.tools, &place, &client).unwrap();
    }
    let store = Sled::open(folder.join("store"), Options::default()).unwrap();
    Runtime::start(
        Config::default(),
        Arc::new(store),
        Arc::new(SystemClock),
        deployment,
    )
    .await
    .unwrap()
}

fn start(
    folder: &Path,
    url: &str,
    acknowledged: &BTreeMap<(usize, u64), u64>,
    finish: bool,
) -> Child {
    let next = |c: usize| {
        let last = acknowledged
            .keys()
            .filter(|(of, _)| *of == c)
            .map(|(_, m)| *m)
            .max();
        // The last one again: what it caused may be outstanding.
        last.unwrap_or(1).to_string()
    };
    let next: Vec<String> = (0..CONVERSATIONS).map(next).collect();
    Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env("KILL_FOLDER", folder)
        .env("KILL_URL", url)
        .env("KILL_NEXT", next.join(","))
        .env("KILL_FINISH", finish.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn live_and_die(mut child: Child, life: Duration, acknowledged: &mut BTreeMap<(usize, u64), u64>) {
    let out = child.stdout.take().unwrap();
    let (first, begun) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(out).lines().map_while(Result::ok);
        lines
            .inspect(|line| {
                if line.starts_with("acked") {
                    let _ = first.send(());
                }
            })
            .collect::<Vec<_>>()
    });
    begun
        .recv_timeout(Duration::from_secs(60))
        .expect("the process acknowledges something");
    std::thread::sleep(life);
    child.kill().unwrap();
    child.wait().unwrap();
    reader
        .join()
        .unwrap()
        .iter()
        .for_each(|line| note(line, acknowledged));
}

fn read(child: &mut Child, acknowledged: &mut BTreeMap<(usize, u64), u64>) {
    let out = child.stdout.take().unwrap();
    BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .for_each(|line| note(&line, acknowledged));
}

fn note(line: &str, acknowledged: &mut BTreeMap<(usize, u64), u64>) {
    let mut words = line.split(' ');
    if words.next() != Some("acked") {
        return;
    }
    let mut numbers = words.map(|word| word.parse::<u64>().unwrap());
    let (c, m, turn) = (
        numbers.next().unwrap(),
        numbers.next().unwrap(),
        numbers.next().unwrap(),
    );
    let before = acknowledged.insert((usize::try_from(c).unwrap(), m), turn);
    assert!(
        before.is_none_or(|before| before == turn),
        "message {m} of {c} was turn {before:?}, then {turn}"
    );
}

/// After the storm.
async fn judge(folder: &Path, acknowledged: &BTreeMap<(usize, u64), u64>, outside: &Outside) {
    let runtime = open(folder, None).await;
    for c in 0..CONVERSATIONS {
        let (mut said, mut ids, mut turns) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut from = Some(Turn(1));
        while let Some(turn) = from {
            let (entries, next) = runtime
                .transcript(&format!("c{c}").into(), turn)
                .await
                .unwrap();
            for entry in entries {
                match entry.from {
                    runtime::From::Customer => {
                        turns.insert(entry.id.clone(), entry.turn);
                        ids.push(entry.id);
                    }
                    runtime::From::Bot | runtime::From::Person => said.push(entry.text),
                }
            }
            from = next;
        }
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "a message of c{c} was taken twice: {ids:?}"
        );
        for ((_, m), turn) in acknowledged.iter().filter(|((of, _), _)| *of == c) {
            assert_eq!(
                turns.get(&m.to_string()),
                Some(&Turn(*turn)),
                "message {m} of c{c} was acknowledged"
            );
        }
        for n in 1..=ids.len() {
            judge_order(&format!("c{c}"), n, &said, outside);
        }
    }
    println!(
        "{} messages, {} orders, {} charges",
        acknowledged.len(),
        outside.orders.len(),
        outside.charges.len()
    );
}

fn judge_order(who: &str, n: usize, said: &[String], outside: &Outside) {
    let count = |text: &str| said.iter().filter(|said| said.starts_with(text)).count();
    let number = i64::try_from(n).unwrap();
    assert_eq!(
        count(&format!("I order number {n}.")),
        1,
        "{who} {n}: {said:?}"
    );
    assert_eq!(
        count(&format!("Ordered {n}: A-{who}-{n}.")),
        1,
        "{who} {n}: {said:?}"
    );
    let paid = count(&format!("Paid for {n}."));
    let unclear = count(&format!("I don't know whether {n} is paid."));
    assert_eq!(paid + unclear, 1, "{who} {n}: {said:?}");
    let keys: BTreeSet<_> = outside
        .orders
        .iter()
        .filter(|one| one.0 == who && one.1 == number)
        .map(|one| &one.2)
        .collect();
    assert_eq!(
        keys.len(),
        1,
        "{who} {n} reached the outside under {keys:?}"
    );
    let charges = outside
        .charges
        .iter()
        .filter(|one| one.0 == who && one.1 == number)
        .count();
    assert!(charges <= 1, "{who} {n} was charged {charges} times");
    assert!(
        paid <= charges,
        "{who} {n} is called paid and was not charged"
    );
}

async fn serve(outside: Shared) -> String {
    let app = axum::Router::new()
        .route("/orders", axum::routing::post(order))
        .route("/charges", axum::routing::post(charge))
        .with_state(outside);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn order(
    State(outside): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let (who, n) = order_of(&body);
    let order_no = format!("A-{who}-{n}");
    outside.lock().unwrap().orders.push((who, n, key));
    linger(n).await;
    Json(json!({ "order_no": order_no }))
}

async fn charge(State(outside): State<Shared>, Json(body): Json<Value>) -> Json<Value> {
    let (who, n) = order_of(&body);
    outside.lock().unwrap().charges.push((who, n));
    linger(n).await;
    Json(json!({ "ok": true }))
}

/// So that some kills come between a request and its answer.
async fn linger(n: i64) {
    tokio::time::sleep(Duration::from_millis(u64::try_from(n % 7).unwrap())).await;
}

fn order_of(body: &Value) -> (String, i64) {
    (
        body["who"].as_str().unwrap().to_owned(),
        body["n"].as_i64().unwrap(),
    )
}

fn setting(name: &str) -> String {
    std::env::var_os(name).unwrap().into_string().unwrap()
}

fn number(name: &str) -> Option<u64> {
    std::env::var_os(name)?.into_string().ok()?.parse().ok()
}
