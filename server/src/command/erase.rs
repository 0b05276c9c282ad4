//! `switchboard erase`: forget a person.

use std::process::ExitCode;

use anyhow::bail;

use super::DataArgs;

/// Erase everything about a user: memory, conversations, scheduled events, dead letters.
///
/// It is gone from live data at once. Old bytes stay in the files until the store is compacted; --now does that, too, and needs
/// a folder that no server holds.
///
/// Example: switchboard erase visitor-1 --data mybot/.switchboard --now
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The user's id
    user: String,
    /// Compact the store afterwards
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.now && !args.data.is_free_folder() {
        bail!("--now compacts the store, which must not be in use: stop the server first");
    }
    let erased = super::block_on(async {
        let remote = args.data.connect().await?;
        let erased = remote.delete(&format!("/v1/users/{}", args.user)).await;
        remote.close().await;
        erased
    })?;
    println!(
        "Erased: {} conversations, {} remembered values, {} scheduled events.",
        erased["conversations"], erased["memories"], erased["scheduled"]
    );
    if args.now {
        super::store::compact(&args.data)?;
    } else {
        println!("On disk old bytes stay until `switchboard store compact`.");
    }
    Ok(ExitCode::SUCCESS)
}
