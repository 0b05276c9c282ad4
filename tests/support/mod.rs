//! The real binary, started on a bot in a folder of its own, and asked over HTTP.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

/// A server that runs as long as this lives.
pub(crate) struct Server {
    process: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    pub(crate) client: Client,
}

/// A conversation and what opens it.
#[derive(Clone)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Server {
    /// Serves a bot and waits until it listens.
    pub(crate) fn start(bot: &Path, data: &Path, more: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .arg("serve")
            .arg(bot)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let out = process.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(out).lines();
        let first = lines
            .next()
            .expect("it says where it listens")
            .expect("its output is text");
        let base = first
            .strip_prefix("Listening on ")
            .expect("it says where it listens")
            .to_owned();
        Self {
            process,
            base,
            client: Client::builder().no_proxy().build().expect("a client"),
        }
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill_now(&self) {
        let status = Command::new("kill")
            .args(["-9", &self.process.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    /// As [`Server::say`]; none once the server is gone.
    pub(crate) async fn try_say(
        &self,
        conversation: &Conversation,
        id: &str,
        text: &str,
    ) -> Option<Value> {
        let url = format!(
            "{}/v1/conversations/{}/messages",
            self.base, conversation.id
        );
        let request = self
            .client
            .post(url)
            .bearer_auth(&conversation.token)
            .json(&json!({ "id": id, "text": text }));
        let response = request.send().await.ok()?;
        response.status().is_success().then_some(())?;
        response.json().await.ok()
    }

    pub(crate) async fn open(&self, body: Value) -> Conversation {
        let response = self.post("/v1/conversations", None, body).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let opened: Value = response.json().await.expect("JSON");
        let text = |name: &str| opened[name].as_str().expect("a text").to_owned();
        Conversation {
            id: text("id"),
            token: text("token"),
        }
    }

    pub(crate) async fn say(&self, conversation: &Conversation, id: &str, text: &str) -> Value {
        let response = self
            .send(conversation, json!({ "id": id, "text": text }))
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("JSON")
    }

    pub(crate) async fn send(&self, conversation: &Conversation, body: Value) -> Response {
        let path = format!("/v1/conversations/{}/messages", conversation.id);
        self.post(&path, Some(&conversation.token), body).await
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Response {
        let mut request = self.client.post(format!("{}{path}", self.base)).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("it answers")
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("it answers")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The code of a problem, after checking that it is one.
pub(crate) async fn code(response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    let mime = response.headers()["content-type"]
        .to_str()
        .expect("text")
        .to_owned();
    assert_eq!(mime, "application/problem+json");
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["status"], status);
    problem["code"].as_str().expect("a code").to_owned()
}

/// The folder of the bot that the benchmarks load, too: a menu and an answer, no calls.
pub(crate) fn bench_bot() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/bot")
}
