//! `switchboard demo`: this repository's bot, with the bank it works for and a page to talk to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, serve};
use jiff::tz::TimeZone;
use runtime::{Clock as _, SystemClock};
use tokio::net::TcpListener;

use crate::bank::{self, Bank};
use crate::config::Config;
use crate::serving::{self, Serving};

/// Where the bank is, for people who look; the demo's own key.
const BANK_KEY: &str = "demo";

/// Serve the demo bot with its bank on loopback, and a page to talk to it.
///
/// Example: switchboard demo
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Address and port
    #[arg(long)]
    listen: Option<String>,
    /// The data folder; without it a new one that is gone afterwards
    #[arg(long)]
    data: Option<String>,
    /// The bot's folder; without it the one of this repository
    #[arg(long)]
    bot: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let dir = bot(args.bot.as_deref())?;
    let temporary = tempfile::tempdir().context("no folder for the demo's data can be made")?;
    let data = super::serve::absolute(args.data.as_deref())?
        .unwrap_or_else(|| temporary.path().display().to_string());
    let config = Config::load(
        &dir,
        &[
            ("listen", args.listen.clone()),
            ("data", Some(data)),
            ("log.level", quiet()),
        ],
    )?;
    serving::log(&config);
    super::block_on(demo(dir, config)).map(ExitCode::from)
}

async fn demo(dir: PathBuf, config: Config) -> anyhow::Result<u8> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .context("the bank can't listen on loopback")?;
    let url = format!("http://{}", listener.local_addr()?);
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    let bank = Arc::new(Bank::new(today, BANK_KEY));
    let serving_bank = tokio::spawn(async move { serve(listener, bank::router(bank)).await });
    let variables = BTreeMap::from([
        ("BANK_URL".to_owned(), url.clone()),
        ("BANK_KEY".to_owned(), BANK_KEY.to_owned()),
    ]);
    let serving = Serving {
        dir,
        config,
        variables,
        loopback_tools: true,
        pages: Some(pages()),
    };
    let code = serving
        .run(|address| {
            let text = format!(
                "Tern Bank's service desk is open.\n\n\
                 \x20 talk to it     http://{address}/\n\
                 \x20 the HTTP API   http://{address}/docs\n\
                 \x20 the bank       {url}/openapi.json\n\n\
                 \x20 curl -s http://{address}/v1/conversations -H 'content-type: application/json' -d '{{}}'\n\n\
                 Ctrl-C ends it."
            );
            // Whoever started it may have closed its output; that is no reason to end.
            let _ = super::show(text);
        })
        .await;
    serving_bank.abort();
    code
}

/// The given folder, the one we stand in, or the one this program was built from.
fn bot(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = [PathBuf::from("."), built_from]
        .into_iter()
        .find(|dir| is_demo(dir));
    match found {
        Some(dir) => Ok(dir),
        None => bail!(
            "the demo bot is not here; run this in a clone of the repository, or name its folder with --bot"
        ),
    }
}

fn is_demo(dir: &Path) -> bool {
    std::fs::read_to_string(dir.join("bot.yaml"))
        .is_ok_and(|text| text.lines().any(|line| line.starts_with("bot: tern-bank")))
}

/// The demo's terminal shows addresses, not the log; SWITCHBOARD_LOG_LEVEL brings it back.
fn quiet() -> Option<String> {
    let variables = crate::config::environment();
    (!variables.contains_key("SWITCHBOARD_LOG_LEVEL")).then(|| "warn".to_owned())
}

/// The page's files: address, type, content.
const FILES: &[(&str, &str, &str)] = &[
    (
        "/demo/page.css",
        "text/css",
        include_str!("../demo/page.css"),
    ),
    (
        "/demo/words.js",
        "text/javascript",
        include_str!("../demo/words.js"),
    ),
    (
        "/demo/draw.js",
        "text/javascript",
        include_str!("../demo/draw.js"),
    ),
    (
        "/demo/page.js",
        "text/javascript",
        include_str!("../demo/page.js"),
    ),
];

/// What the page may load: its own files, and pictures that a bot shows.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data: https:; style-src 'self'; script-src 'self'";

fn pages() -> Router {
    let page = || async {
        let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
        (policy, Html(include_str!("../demo/page.html")))
    };
    FILES
        .iter()
        .fold(Router::new().route("/", get(page)), |router, file| {
            let (path, mime, body) = *file;
            let answer = move || async move { ([(header::CONTENT_TYPE, mime)], body) };
            router.route(path, get(answer))
        })
}
