//! `switchboard why`: how a conversation came to go as it did.

use std::process::ExitCode;

use anyhow::bail;

use super::DataArgs;
use crate::route::explain;

/// Show what was understood in each turn, every transition considered and what refused it, and what was said.
///
/// What was considered is found out by replaying the conversation from its stored events; where a turn comes out otherwise
/// than it did then, or its version of the bot is gone, that is said.
///
/// Example: switchboard why c-7F3a 4
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The conversation's id
    conversation: String,
    /// Only this turn
    turn: Option<u64>,
    #[command(flatten)]
    data: DataArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let remote = args.data.connect().await?;
        let mut from = Some(args.turn.unwrap_or(1));
        let mut shown = false;
        while let Some(turn) = from {
            let page = remote
                .get(&format!(
                    "/v1/conversations/{}/trace?from={turn}&considered=true",
                    args.conversation
                ))
                .await?;
            for one in page["turns"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|one| args.turn.is_none_or(|turn| one["turn"] == turn))
            {
                for line in explain::lines_of(one) {
                    super::show(line)?;
                }
                shown = true;
            }
            from = page["next"].as_u64().filter(|_| args.turn.is_none());
        }
        remote.close().await;
        if let (Some(turn), false) = (args.turn, shown) {
            bail!("conversation `{}` has no turn {turn}", args.conversation);
        }
        Ok(ExitCode::SUCCESS)
    })
}
