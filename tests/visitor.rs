//! What a visitor may set and send: only what the bot declares `from_visitor`, at the start and later.
//!
//! On loopback whoever sends no key is the operator, so the server listens where keys are needed.

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::{Client, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::code;

/// An integrator's key.
const KEY: &str = "a key that only this test knows";

struct Open {
    process: Child,
    base: String,
    client: Client,
    _folders: (tempfile::TempDir, tempfile::TempDir),
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A copy of the club, with a key, listening to the world.
fn serve() -> Open {
    let (bot, data) = (tempdir(), tempdir());
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bots/club"),
        bot.path(),
    );
    let hash: String = Sha256::digest(KEY)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let keys = format!("auth: {{ keys: [ {{ name: crm, role: integrator, sha256: {hash} }} ] }}\n");
    std::fs::write(bot.path().join("switchboard.yaml"), keys).expect("it is written");
    let mut process = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("serve")
        .arg(bot.path())
        .args(["--listen", "0.0.0.0:0", "--data"])
        .arg(data.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let out = process.stdout.take().expect("its output is piped");
    let first = BufReader::new(out).lines().next().expect("it listens");
    let first = first.expect("its output is text");
    let port = first.rsplit(':').next().expect("a port").to_owned();
    Open {
        process,
        base: format!("http://127.0.0.1:{port}"),
        client: Client::builder().no_proxy().build().expect("a client"),
        _folders: (bot, data),
    }
}

fn tempdir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("it is a folder") {
        let entry = entry.expect("it can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it is copied");
        }
    }
}

impl Open {
    async fn post(&self, path: &str, credential: Option<&str>, body: Value) -> Response {
        let mut request = self.client.post(format!("{}{path}", self.base)).json(&body);
        if let Some(credential) = credential {
            request = request.bearer_auth(credential);
        }
        request.send().await.expect("it answers")
    }

    /// Opens a conversation; gives its path and token.
    async fn opened(&self, credential: Option<&str>, body: Value) -> (String, String) {
        let answer = self.post("/v1/conversations", credential, body).await;
        assert_eq!(answer.status(), 201);
        let opened: Value = answer.json().await.expect("JSON");
        let text = |name: &str| opened[name].as_str().expect("a text").to_owned();
        (format!("/v1/conversations/{}", text("id")), text("token"))
    }

    async fn slots(&self, path: &str) -> Value {
        let request = self
            .client
            .get(format!("{}{path}", self.base))
            .bearer_auth(KEY);
        let answer = request.send().await.expect("it answers");
        let view: Value = answer.json().await.expect("JSON");
        view["slots"].clone()
    }
}

#[tokio::test]
async fn a_visitor_begins_with_the_slots_that_visitors_may_set_and_no_others() {
    let server = serve();
    let refused = async |slots: Value| {
        let body = json!({ "slots": slots });
        code(server.post("/v1/conversations", None, body).await, 422).await
    };
    assert_eq!(refused(json!({ "member": true })).await, "slot-refused");
    let both = json!({ "page": "/x", "age": 99 });
    assert_eq!(refused(both).await, "slot-refused");
    assert_eq!(refused(json!({ "no_such": 1 })).await, "slot-refused");
    assert_eq!(refused(json!({ "page": 7 })).await, "slot-refused");
    let (path, _) = server
        .opened(None, json!({ "slots": { "page": "/cards" } }))
        .await;
    let slots = server.slots(&path).await;
    assert_eq!(slots["page"], "/cards");
    assert_eq!(slots["member"], false);
    let (path, _) = server
        .opened(
            Some(KEY),
            json!({ "slots": { "member": true, "age": 9 }, "user": "ana" }),
        )
        .await;
    assert_eq!(server.slots(&path).await["age"], 9);
    let named = json!({ "user": "ana" });
    let answer = server.post("/v1/conversations", None, named).await;
    assert_eq!(code(answer, 403).await, "user-refused");
}

#[tokio::test]
async fn a_visitor_sends_the_events_that_visitors_may_send_and_no_others() {
    let server = serve();
    let (path, token) = server.opened(None, json!({})).await;
    let messages = format!("{path}/messages");
    let send = async |id: &str, name: &str, data: Value| {
        let body = json!({ "id": id, "event": { "name": name, "data": data } });
        server.post(&messages, Some(&token), body).await
    };
    let refused = send("e1", "admitted", json!({ "age": 40 })).await;
    assert_eq!(code(refused, 422).await, "event-refused");
    let wrong = send("e2", "seen", json!({ "page": 7 })).await;
    assert_eq!(code(wrong, 422).await, "event-refused");
    assert_eq!(server.slots(&path).await["member"], false);
    let taken = send("e3", "seen", json!({ "page": "/fees" })).await;
    assert_eq!(taken.status(), 200);
    assert_eq!(server.slots(&path).await["page"], "/fees");
    let to = json!({ "conversation": path.rsplit('/').next() });
    let outside = json!({ "id": "o1", "name": "admitted", "data": { "age": 40 }, "to": to });
    let visitors = server
        .post("/v1/events", Some(&token), outside.clone())
        .await;
    assert_eq!(code(visitors, 401).await, "unauthorized");
    let integrators = server.post("/v1/events", Some(KEY), outside).await;
    assert_eq!(integrators.status(), 200);
    assert_eq!(server.slots(&path).await["member"], true);
}
