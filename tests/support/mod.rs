//! The real binary, started on a bot in a folder of its own, and asked over HTTP.
#![allow(dead_code, reason = "each test uses a part of it")]

mod follow;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

/// What is waited for comes far sooner; this only keeps a broken test from standing for ever.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs as long as this lives.
pub(crate) struct Server {
    process: Child,
    log: NamedTempFile,
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

/// `switchboard`, before its arguments.
pub(crate) fn switchboard() -> Command {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
}

/// `switchboard serve` on a bot, on a port that is free.
pub(crate) fn serve(bot: &Path, data: &Path) -> Command {
    let mut command = switchboard();
    command.arg("serve").arg(bot).arg("--data").arg(data);
    command.args(["--listen", "127.0.0.1:0"]);
    command
}

impl Server {
    /// Serves a bot and waits until it listens.
    pub(crate) fn start(bot: &Path, data: &Path, more: &[&str]) -> Self {
        let mut command = serve(bot, data);
        command.args(more);
        Self::launch(command)
    }

    /// Runs a command that serves, and waits until it listens.
    pub(crate) fn launch(mut command: Command) -> Self {
        let log = NamedTempFile::new().expect("a file for the log");
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(log.reopen().expect("the log's file"))
            .spawn()
            .expect("the binary starts");
        let out = process.stdout.take().expect("its output is piped");
        let first = BufReader::new(out).lines().next();
        let said = || std::fs::read_to_string(log.path()).unwrap_or_default();
        let Some(Ok(first)) = first else {
            panic!("it says where it listens: {}", said());
        };
        let base = first
            .strip_prefix("Listening on ")
            .expect("it says where it listens")
            .to_owned();
        Self {
            process,
            log,
            base,
            client: Client::builder().no_proxy().build().expect("a client"),
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).expect("the log is text")
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Asks it to end, as a container platform does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        let ended = tokio::task::spawn_blocking(move || self.process.wait().map(|it| (it, self)));
        let (status, server) = tokio::time::timeout(PATIENCE, ended)
            .await
            .expect("it ends in time")
            .expect("waiting ends")
            .expect("it is our child");
        (status, server.log())
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill_now(&self) {
        self.signal("-9");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
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
            .header("prefer", "wait=30")
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

    /// Says something and waits for all that comes of it.
    pub(crate) async fn say(&self, conversation: &Conversation, id: &str, text: &str) -> Value {
        let path = format!(
            "{}/v1/conversations/{}/messages",
            self.base, conversation.id
        );
        let request = self.client.post(path).bearer_auth(&conversation.token);
        let request = request.header("prefer", "wait=30");
        let response = request
            .json(&json!({ "id": id, "text": text }))
            .send()
            .await
            .expect("it answers");
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

/// A bot of these files (path and content), in a folder of its own.
pub(crate) fn bot_of(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, content) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(&file, content).expect("a file");
    }
    folder
}

/// Asks until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let asking = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| panic!("it never came: {what}"));
}
