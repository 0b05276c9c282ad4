//! A bot that is served: everything put together, from the folder to the last request.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use runtime::{Accounts, Clock as _, Runtime, SystemClock};
use store::{Memory, Sled, Store};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tools::PrivateAddresses;
use tracing::{error, info, warn};

use crate::assembly::{Assembly, Variables};
use crate::auth::Gate;
use crate::config::{self, Config};
use crate::folder;
use crate::journal::{self, Journal};
use crate::listen::{self, Limits};
use crate::open_files;
use crate::providers::{self, Providers};
use crate::remote::SOCKET;
use crate::route::guard::Exposure;
use crate::route::{self, App, SharedApp};
use crate::watch;

/// The store could not make something durable (`EX_IOERR` of sysexits.h): whoever restarts the process should look at the disk.
pub(crate) const EXIT_BROKEN: u8 = 74;

/// What is served, and where.
pub(crate) struct Serving {
    /// The bot's folder.
    pub(crate) dir: PathBuf,
    /// The place.
    pub(crate) config: Config,
    /// Values for `${NAME}` beside the environment's (the demo's bank).
    pub(crate) variables: BTreeMap<String, String>,
    /// Tools may call loopback addresses whatever the configuration says: the demo's bank is there.
    pub(crate) loopback_tools: bool,
    /// Further pages.
    pub(crate) pages: Option<Router>,
}

impl Serving {
    /// Serves until SIGTERM or Ctrl-C. Gives the process's exit code.
    ///
    /// # Errors
    /// Everything that keeps it from starting, as a sentence for the operator.
    pub(crate) async fn run(self, announce: impl FnOnce(SocketAddr)) -> anyhow::Result<u8> {
        let address = self.config.listen()?;
        config::check_exposure(address, &self.config.keys)?;
        // A server that keeps nothing needs a folder for its model and its control socket all the same.
        let passing = tempfile::tempdir().context("no folder for passing files can be made")?;
        let data = match self.config.keeps_nothing() {
            true => passing.path().to_owned(),
            false => self.config.data(&self.dir),
        };
        std::fs::create_dir_all(&data)
            .with_context(|| format!("cannot make the data folder {}", data.display()))?;
        let seen = watch::look(&self.dir);
        let assembly = self.assembly(&data)?;
        let app = self.app(&data, &assembly).await?;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        // Before anybody knows of us: who is told to stop in the first moment stops in order, too.
        let terminate = signal(SignalKind::terminate())?;
        announce(listener.local_addr()?);
        let stop = CancellationToken::new();
        let doors = self.open_doors(&app, listener, &data, &stop)?;
        let watching = self.watch(&app, assembly, seen, &stop)?;
        let code = until_told_to_stop(&app.runtime, terminate).await?;
        info!("Stopping: what has begun is finished first.");
        // New requests are refused by the runtime while the last ones are answered.
        app.runtime.drain().await;
        stop.cancel();
        for door in doors {
            let _ = door.await;
        }
        watching.abort();
        let _ = std::fs::remove_file(data.join(SOCKET));
        info!("Stopped.");
        Ok(code)
    }

    async fn app(&self, data: &Path, assembly: &Assembly) -> anyhow::Result<SharedApp> {
        let metrics = metrics_exporter_prometheus::PrometheusBuilder::new()
            .install_recorder()
            .ok();
        let config = runtime::Config {
            retention: Some(self.config.retention()?),
            accounts: Arc::new(self.accounts(data)?),
            record: providers::record(&self.config)?,
            ..runtime::Config::default()
        };
        let runtime = assembly.start(config, self.store(data)?).await?;
        let loopback = self.config.listen()?.ip().is_loopback();
        let origins = self
            .config
            .text("allowed_origins")
            .split(',')
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect();
        Ok(Arc::new(App {
            gate: Gate::new(self.config.keys.clone(), secret(data)?, loopback),
            data: data.to_owned(),
            runtime,
            exposure: Exposure { loopback, origins },
            body_bytes_max: usize::try_from(self.config.number("limits.body_bytes")?)?,
            body_timeout: Duration::from_secs(self.config.number("limits.body_timeout_s")?),
            metrics,
        }))
    }

    fn accounts(&self, data: &Path) -> anyhow::Result<Accounts> {
        let before = journal::today(data, SystemClock.now())?;
        let journal = Arc::new(Journal::open(data)?);
        Ok(Accounts::new(
            providers::prices(&self.config)?,
            journal,
            before,
        ))
    }

    fn store(&self, data: &Path) -> anyhow::Result<Arc<dyn Store>> {
        if self.config.keeps_nothing() {
            return Ok(Arc::new(Memory::new()));
        }
        let options = store::Options {
            free_bytes_min: self
                .config
                .number("limits.disk_free_mb")?
                .saturating_mul(1 << 20),
            ..store::Options::default()
        };
        Ok(Arc::new(Sled::open(data.join("store"), options)?))
    }

    fn assembly(&self, data: &Path) -> anyhow::Result<Assembly> {
        Ok(Assembly {
            dir: self.dir.clone(),
            models: folder::Models::within(data, &self.config, &self.dir),
            variables: Variables::Known(self.environment()),
            private: self.private()?,
            providers: Some(Providers::of(&self.config, &self.environment())?),
            library: Arc::default(),
        })
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let mut all = config::environment();
        all.extend(self.variables.clone());
        all
    }

    fn private(&self) -> anyhow::Result<PrivateAddresses> {
        Ok(
            match (
                self.config.flag("tools.private_addresses")?,
                self.loopback_tools,
            ) {
                (true, _) => PrivateAddresses::Allowed,
                (false, true) => PrivateAddresses::Loopback,
                (false, false) => PrivateAddresses::Refused,
            },
        )
    }

    fn open_doors(
        &self,
        app: &SharedApp,
        listener: TcpListener,
        data: &Path,
        stop: &CancellationToken,
    ) -> anyhow::Result<Vec<tokio::task::JoinHandle<()>>> {
        let limits = Limits {
            connections_max: open_files::connections_max(usize::try_from(
                self.config.number("limits.connections")?,
            )?),
            header_timeout: Duration::from_secs(self.config.number("limits.header_timeout_s")?),
            write_timeout: Duration::from_secs(self.config.number("limits.write_timeout_s")?),
            drain: Duration::from_secs(self.config.number("drain_s")?),
        };
        let mut public = route::public(app);
        if let Some(pages) = &self.pages {
            public = public.merge(route::guarded(pages.clone(), app));
        }
        let world = tokio::spawn(listen::serve(listener, public, limits, stop.clone()));
        let control = tokio::spawn(listen::serve(
            control_socket(data)?,
            route::control(app),
            limits,
            stop.clone(),
        ));
        Ok(vec![world, control])
    }

    fn watch(
        &self,
        app: &SharedApp,
        assembly: Assembly,
        seen: watch::Seen,
        stop: &CancellationToken,
    ) -> anyhow::Result<tokio::task::JoinHandle<()>> {
        if !self.config.flag("watch")? {
            return Ok(tokio::spawn(async {}));
        }
        let runtime = app.runtime.clone();
        let reload = move || assembly.reload(&runtime);
        watch::spawn(&self.dir, seen, reload, stop.clone())
    }
}

/// The secret that conversations' tokens are made with: made once, kept in the data folder, readable by its owner only.
fn secret(data: &Path) -> anyhow::Result<[u8; 32]> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = data.join("token.secret");
    if let Ok(bytes) = std::fs::read(&file) {
        return bytes.try_into().map_err(|_| {
            anyhow::anyhow!(
                "{} is not 32 bytes long; restore it, or delete it: then all tokens end",
                file.display()
            )
        });
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let mut options = std::fs::OpenOptions::new();
    let mut open = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .with_context(|| format!("cannot write {}", file.display()))?;
    open.write_all(&secret)?;
    open.sync_all()?;
    Ok(secret)
}

/// The socket that the command line asks: only this user can open it.
fn control_socket(data: &Path) -> anyhow::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = data.join(SOCKET);
    // The store is ours by now, so a socket that lies here is a dead process's.
    let _ = std::fs::remove_file(&file);
    let listener =
        UnixListener::bind(&file).with_context(|| format!("cannot make {}", file.display()))?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Waits for SIGTERM, Ctrl-C, or the store's end.
async fn until_told_to_stop(runtime: &Runtime, mut terminate: Signal) -> anyhow::Result<u8> {
    tokio::select! {
        _ = terminate.recv() => Ok(0),
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| 0).context("Ctrl-C can't be waited for"),
        () = runtime.broken() => {
            error!("The store can keep nothing any more. Nothing unacknowledged was kept; look at the disk, then start again.");
            Ok(EXIT_BROKEN)
        }
    }
}

/// Log lines for people or machines, to standard error.
pub(crate) fn log(config: &Config) {
    let filter =
        tracing_subscriber::EnvFilter::try_new(config.text("log.level")).unwrap_or_else(|error| {
            warn!(%error, "log.level can't be read; info is taken.");
            tracing_subscriber::EnvFilter::new("info")
        });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(
            std::io::stderr().is_terminal() && !config::environment().contains_key("NO_COLOR"),
        )
        .with_writer(std::io::stderr);
    let set = if config.text("log.format") == "json" {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
    // Only tests start twice in one process.
    let _ = set;
}
