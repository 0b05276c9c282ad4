//! `switchboard serve`: a bot on the network.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::{Config, MEMORY};
use crate::serving::{self, Serving};

/// Serve a bot: HTTP, server-sent events, WebSocket, metrics.
///
/// A change in the folder is compiled and trained in the background and taken over; one with mistakes is reported, and the old
/// bot goes on. SIGTERM finishes what has begun, then ends.
///
/// Example: switchboard serve mybot --listen 127.0.0.1:9000
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Address and port
    #[arg(long)]
    listen: Option<String>,
    /// The data folder; `memory` keeps nothing
    #[arg(long)]
    data: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(
        &args.dir,
        &[
            ("listen", args.listen.clone()),
            ("data", absolute(args.data.as_deref())?),
        ],
    )?;
    serving::log(&config);
    let serving = Serving {
        dir: args.dir.clone(),
        config,
        variables: BTreeMap::new(),
        loopback_tools: false,
        pages: None,
    };
    let announce = |address: std::net::SocketAddr| {
        let mut text = format!("Listening on http://{address}");
        if address.ip().is_loopback() {
            text += &format!(
                "\nOnly this machine can connect, so no key is needed. http://{address}/docs describes the API."
            );
        }
        // Whoever started the server may have closed its output; that is no reason to end.
        let _ = super::show(text);
    };
    super::block_on(serving.run(announce)).map(ExitCode::from)
}

/// A data folder given on the command line is meant from where the command runs, not from the bot's folder.
pub(crate) fn absolute(path: Option<&str>) -> anyhow::Result<Option<String>> {
    path.map(|path| match path {
        MEMORY => Ok(path.to_owned()),
        _ => Ok(std::path::absolute(path)?.display().to_string()),
    })
    .transpose()
}
