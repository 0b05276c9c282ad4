//! `switchboard store`: an operator's chores on the data.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use futures_util::StreamExt as _;
use store::{Options, Sled};

use super::DataArgs;

/// Look at the data, copy it, shrink it.
///
/// Example: switchboard store export backup.swb --data mybot/.switchboard
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// How much is in it, and how much room it takes
    Status {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write everything to a file; the store may be in use
    Export {
        /// The file to write
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Read everything from a file into an empty store that nobody uses
    Import {
        /// The file to read
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write the store anew, without what was removed; nobody may use it
    Compact {
        #[command(flatten)]
        data: DataArgs,
    },
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Status { data } => super::block_on(status(data))?,
        What::Export { file, data } => super::block_on(export(data, file))?,
        What::Import { file, data } => super::block_on(import(data, file))?,
        What::Compact { data } => compact(data)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(data: &DataArgs) -> anyhow::Result<()> {
    let remote = data.connect().await?;
    let status = remote.get("/v1/store").await?;
    remote.close().await;
    for (name, value) in status.as_object().into_iter().flatten() {
        println!("{name:<16} {value}");
    }
    if status["compact_advised"] == true {
        println!(
            "\nMost of the room on disk is old bytes: `switchboard store compact` gives it back."
        );
    }
    Ok(())
}

async fn export(data: &DataArgs, file: &PathBuf) -> anyhow::Result<()> {
    let remote = data.connect().await?;
    let mut to = BufWriter::new(
        File::create(file).with_context(|| format!("cannot write {}", file.display()))?,
    );
    let mut bytes = remote.stream("/v1/store/export").await?.bytes_stream();
    let mut total = 0;
    while let Some(part) = bytes.next().await {
        let part = part?;
        total += part.len();
        to.write_all(&part)?;
    }
    to.into_inner()
        .map_err(|error| error.into_error())?
        .sync_all()?;
    remote.close().await;
    println!("Wrote {total} bytes to {}.", file.display());
    Ok(())
}

async fn import(data: &DataArgs, file: &PathBuf) -> anyhow::Result<()> {
    let store = Sled::open(free(data)?, Options::default())?;
    let mut from = BufReader::new(
        File::open(file).with_context(|| format!("cannot read {}", file.display()))?,
    );
    let copied = store::import(&store, &mut from).await?;
    println!(
        "Read {} conversations, {} users, {} documents.",
        copied.conversations, copied.users, copied.documents
    );
    Ok(())
}

/// Compacts the store of a folder that nobody holds.
pub(crate) fn compact(data: &DataArgs) -> anyhow::Result<()> {
    let compacted = Sled::compact(free(data)?, Options::default())?;
    println!(
        "{} bytes before, {} bytes now.",
        compacted.bytes_before, compacted.bytes_after
    );
    Ok(())
}

fn free(data: &DataArgs) -> anyhow::Result<PathBuf> {
    if !data.is_free_folder() {
        bail!("this needs a data folder that no server holds: stop the server first");
    }
    Ok(data.folder().join("store"))
}
