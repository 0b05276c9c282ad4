//! Where conversations rest in the middle of flows: what an operator looks at before another version is served.

use std::collections::BTreeMap;

use dialog::BotVersion;
use serde_json::Value as Json;
use store::{Filter, OwnerKind};

use crate::TurnError;
use crate::config::PAGE_ROWS;
use crate::row::record_of;
use crate::runtime::Runtime;

/// How many conversations rest in a state, by `flow.state`.
pub type Resting = BTreeMap<String, u64>;

impl Runtime {
    /// The conversations that have not ended and are in the middle of a flow, by their version of the bot and the state on
    /// top. Reads every conversation.
    ///
    /// # Errors
    /// The store's.
    pub async fn resting(&self) -> Result<BTreeMap<BotVersion, Resting>, TurnError> {
        let mut resting: BTreeMap<BotVersion, Resting> = BTreeMap::new();
        let mut after = None;
        loop {
            let store = &self.inner.store;
            let page = store.list(Filter::default(), after, PAGE_ROWS).await?;
            for row in page.rows {
                if row.owner == OwnerKind::Ended {
                    continue;
                }
                let stored = store.load(&row.conversation).await?;
                let state = match stored {
                    Some(stored) => state_on_top(&record_of(&stored.state)?),
                    None => None,
                };
                if let Some(state) = state {
                    *resting
                        .entry(row.bot)
                        .or_default()
                        .entry(state)
                        .or_default() += 1;
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(resting),
            }
        }
    }
}

/// `flow.state` of the frame on top, in a record of the core's.
fn state_on_top(record: &Json) -> Option<String> {
    let mut frames = record.get("frames")?.as_array()?.iter().rev();
    frames.find_map(|frame| {
        let flow = frame.get("flow")?.as_str()?;
        let leaf = frame.get("active")?.as_array()?.last()?;
        Some(format!("{flow}.{}", leaf.get("state")?.as_str()?))
    })
}
