//! `--data`, for the commands that read or change what is stored.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

use crate::assembly::{Assembly, Variables};
use crate::config::{self, Config};
use crate::listen::{self, Limits};
use crate::remote::{self, Place, Remote};
use crate::route::{self, App};
use crate::{auth, folder};

/// The server within this process talks to this process alone: as many connections as a command opens, and no patience with
/// half a request.
const CONNECTIONS_MAX: usize = 16;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// As long as a chore may take.
const ANSWER_TIMEOUT: Duration = remote::TIMEOUT;
/// What a command asked for is there before it ends.
const DRAIN: Duration = Duration::from_secs(1);

/// Where the data is.
#[derive(Clone, clap::Args)]
pub(crate) struct DataArgs {
    /// The bot's folder
    #[arg(long, default_value = ".")]
    bot: PathBuf,
    /// A data folder, or a server's address such as https://chat.example (with its key in SWITCHBOARD_KEY)
    #[arg(long)]
    data: Option<String>,
}

/// A server that is asked, and perhaps the one in this process that answers.
pub(crate) struct Connection {
    remote: Remote,
    own: Option<(
        CancellationToken,
        tokio::task::JoinHandle<()>,
        tempfile::TempDir,
    )>,
}

impl std::ops::Deref for Connection {
    type Target = Remote;

    fn deref(&self) -> &Remote {
        &self.remote
    }
}

impl Connection {
    /// Ends the server in this process, if it is one.
    pub(crate) async fn close(self) {
        if let Some((stop, serving, _socket)) = self.own {
            stop.cancel();
            let _ = serving.await;
        }
    }
}

impl DataArgs {
    /// Data that is looked at with this bot.
    pub(crate) fn of(bot: &Path, data: &str) -> Self {
        Self {
            bot: bot.to_owned(),
            data: Some(data.to_owned()),
        }
    }

    fn place(&self) -> anyhow::Result<Place> {
        match &self.data {
            Some(data) => Ok(Place::of(data)),
            None => Ok(Place::of(
                &Config::load(&self.bot, &[])?
                    .data(&self.bot)
                    .display()
                    .to_string(),
            )),
        }
    }

    /// Whether it is a folder that no server holds.
    pub(crate) fn is_free_folder(&self) -> bool {
        matches!(self.place(), Ok(Place::Folder(_)))
    }

    /// The folder; of a server, where it would be.
    pub(crate) fn folder(&self) -> PathBuf {
        match self.place() {
            Ok(Place::Folder(folder)) => folder,
            Ok(Place::Socket(_) | Place::Http(_)) | Err(_) => {
                PathBuf::from(self.data.as_deref().unwrap_or(".switchboard"))
            }
        }
    }

    /// Asks the server that has the data; for a folder that nobody holds, one in this process that starts nothing.
    pub(crate) async fn connect(&self) -> anyhow::Result<Connection> {
        match self.place()? {
            Place::Http(base) => {
                let key = config::environment().get("SWITCHBOARD_KEY").cloned();
                Ok(Connection {
                    remote: Remote::http(&base, key)?,
                    own: None,
                })
            }
            Place::Socket(socket) => Ok(Connection {
                remote: Remote::socket(&socket)?,
                own: None,
            }),
            Place::Folder(folder) => self.serve(folder).await,
        }
    }

    async fn serve(&self, data: PathBuf) -> anyhow::Result<Connection> {
        let store = data.join("store");
        if !store.is_dir() {
            bail!(
                "there is no data in {}; name its folder with --data",
                data.display()
            );
        }
        let config = Config::load(&self.bot, &[])?;
        let assembly = Assembly {
            dir: self.bot.clone(),
            models: folder::Models::within(&data, &config, &self.bot),
            variables: Variables::StandIns,
            private: tools::PrivateAddresses::Refused,
            providers: None,
            library: Arc::default(),
        };
        let store = ::store::Sled::open(store, ::store::Options::default())?;
        let runtime = assembly.look(Arc::new(store)).await.context(
            "the data can't be read with this bot; name the folder of the right one with --bot",
        )?;
        let app = Arc::new(App {
            gate: auth::Gate::new(Vec::new(), [0; 32], false),
            data,
            runtime,
            exposure: route::guard::Exposure {
                loopback: true,
                origins: Vec::new(),
            },
            body_bytes_max: usize::try_from(config.number("limits.body_bytes")?)?,
            body_timeout: REQUEST_TIMEOUT,
            metrics: None,
        });
        let folder = tempfile::tempdir().context("no folder for a socket can be made")?;
        let socket = folder.path().join("control.sock");
        let stop = CancellationToken::new();
        let limits = Limits {
            connections_max: CONNECTIONS_MAX,
            header_timeout: REQUEST_TIMEOUT,
            write_timeout: ANSWER_TIMEOUT,
            drain: DRAIN,
        };
        let serving = tokio::spawn(listen::serve(
            UnixListener::bind(&socket)?,
            route::control(&app),
            limits,
            stop.clone(),
        ));
        Ok(Connection {
            remote: Remote::socket(&socket)?,
            own: Some((stop, serving, folder)),
        })
    }
}
