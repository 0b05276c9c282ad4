//! `switchboard dead-letters`: what could not be delivered or taken.

use std::process::ExitCode;

use serde_json::{Value as Json, json};

use super::DataArgs;

/// List what could not be delivered or taken, try it again, or give it up.
///
/// Example: switchboard dead-letters redrive c-7F3a 4/0
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List them
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Try one again
    Redrive {
        /// The conversation's id
        conversation: String,
        /// The letter's id, as `list` shows it
        id: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Give one up
    Discard {
        /// The conversation's id
        conversation: String,
        /// The letter's id, as `list` shows it
        id: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        match &args.what {
            What::List { data } => list(data).await?,
            What::Redrive {
                conversation,
                id,
                data,
            } => {
                let remote = data.connect().await?;
                remote
                    .post(&format!("{}/redrive", path(conversation, id)), &json!({}))
                    .await?;
                println!("It is under way.");
                remote.close().await;
            }
            What::Discard {
                conversation,
                id,
                data,
            } => {
                let remote = data.connect().await?;
                remote.delete(&path(conversation, id)).await?;
                println!("It is gone.");
                remote.close().await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn path(conversation: &str, id: &str) -> String {
    format!("/v1/dead-letters/{conversation}/{}", id.replace('/', "%2F"))
}

async fn list(data: &DataArgs) -> anyhow::Result<()> {
    let remote = data.connect().await?;
    let mut cursor = String::new();
    let mut count = 0;
    loop {
        let page = remote.get(&format!("/v1/dead-letters{cursor}")).await?;
        for letter in page["letters"].as_array().into_iter().flatten() {
            count += 1;
            let text = |name: &str| letter[name].as_str().unwrap_or_default().to_owned();
            println!(
                "{}  {}  {}  {}",
                text("at"),
                text("conversation"),
                text("id"),
                text("why")
            );
        }
        match &page["next"] {
            Json::String(next) => cursor = format!("?cursor={next}"),
            _ => break,
        }
    }
    if count == 0 {
        println!("There are none.");
    }
    remote.close().await;
    Ok(())
}
