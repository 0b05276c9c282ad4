//! How the command line reaches stored data: by the HTTP API, wherever that is served.
//!
//! A running server holds its folder, so its control socket is asked; a folder that nobody holds is served in this process,
//! to this process, for as long as the command runs; `http://…` is another machine. The commands see no difference.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, Method, Response};
use serde_json::Value as Json;

/// The control socket's name in the data folder.
pub(crate) const SOCKET: &str = "control.sock";
/// No chore takes longer; exports stream.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(600);

/// A server that is asked.
pub(crate) struct Remote {
    client: Client,
    base: String,
    key: Option<String>,
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A server on the network.
    Http(String),
    /// A data folder that a server on this machine holds.
    Socket(PathBuf),
    /// A data folder that nobody holds.
    Folder(PathBuf),
}

impl Place {
    /// What `--data` means: an address, or a folder, held or not.
    pub(crate) fn of(data: &str) -> Self {
        if data.starts_with("http://") || data.starts_with("https://") {
            return Self::Http(data.trim_end_matches('/').to_owned());
        }
        let folder = PathBuf::from(data);
        let socket = folder.join(SOCKET);
        // A socket that nobody listens on is what a killed server leaves behind.
        let alive = std::os::unix::net::UnixStream::connect(&socket).is_ok();
        if alive {
            Self::Socket(socket)
        } else {
            Self::Folder(folder)
        }
    }
}

impl Remote {
    /// Asks a server on the network, with the key in `SWITCHBOARD_KEY`.
    pub(crate) fn http(base: &str, key: Option<String>) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self {
            client,
            base: base.to_owned(),
            key,
        })
    }

    /// Asks the server behind a control socket.
    pub(crate) fn socket(socket: &Path) -> anyhow::Result<Self> {
        let client = Client::builder()
            .unix_socket(socket)
            .timeout(TIMEOUT)
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            base: "http://localhost".to_owned(),
            key: None,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Json> {
        Ok(self.send(Method::GET, path, None).await?.json().await?)
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> anyhow::Result<Json> {
        Ok(self
            .send(Method::POST, path, Some(body))
            .await?
            .json()
            .await?)
    }

    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<Json> {
        Ok(self.send(Method::DELETE, path, None).await?.json().await?)
    }

    /// A body that is read piece by piece.
    pub(crate) async fn stream(&self, path: &str) -> anyhow::Result<Response> {
        self.send(Method::GET, path, None).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
    ) -> anyhow::Result<Response> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("{} does not answer", self.base))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let problem: Json = response.json().await.unwrap_or(Json::Null);
        bail!(
            "{}",
            problem["detail"]
                .as_str()
                .map_or_else(|| status.to_string(), str::to_owned)
        );
    }
}
