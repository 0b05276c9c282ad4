//! Versions of the bot over a restart: their sources are kept in the store, and a conversation that is in the middle of a flow
//! of an older version finds it again.
//!
//! The store's document `bots` lists the versions, the newest first; `bot/` and a version is that one's sources.

use std::fmt;
use std::sync::Arc;

use dialog::BotVersion;
use tracing::{info, warn};

use crate::TurnError;
use crate::deployment::{Deployment, VERSIONS_MAX};
use crate::runtime::{Inner, Runtime};

/// Compiles kept sources; says why if they are no bot any more.
#[derive(Clone)]
pub struct Compile(pub Arc<CompileFn>);

type CompileFn = dyn Fn(&[u8]) -> Result<Deployment, String> + Send + Sync;

impl fmt::Debug for Compile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compile")
    }
}

const INDEX: &str = "bots";

fn document(version: &BotVersion) -> String {
    format!("bot/{version}")
}

impl Runtime {
    /// Keeps the sources of the current version for the next start, and of the [`VERSIONS_MAX`] newest ones at all.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_sources(&self, sources: Vec<u8>) -> Result<(), TurnError> {
        let inner = &self.inner;
        let version = inner.versions.current().bot.version.clone();
        let name = document(&version);
        if inner.store.document(&name).await?.as_deref() != Some(&sources) {
            inner.store.keep(inner.term, &name, Some(sources)).await?;
        }
        let mut kept = inner.kept_versions().await?;
        if kept.first() == Some(&version) {
            return Ok(());
        }
        kept.retain(|one| *one != version);
        kept.insert(0, version);
        let gone = kept.split_off(kept.len().min(VERSIONS_MAX));
        let index = serde_json::to_vec(&kept).expect("texts always serialise");
        inner.store.keep(inner.term, INDEX, Some(index)).await?;
        for version in gone {
            let name = document(&version);
            inner.store.keep(inner.term, &name, None).await?;
        }
        Ok(())
    }

    /// The versions whose sources are kept, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn kept_versions(&self) -> Result<Vec<BotVersion>, TurnError> {
        self.inner.kept_versions().await
    }
}

impl Inner {
    async fn kept_versions(&self) -> Result<Vec<BotVersion>, TurnError> {
        let index = self.store.document(INDEX).await?;
        Ok(index
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default())
    }

    /// Takes a version up again that ran before the last restart, if its sources are kept.
    pub(crate) async fn revive(&self, version: &BotVersion) -> Result<(), TurnError> {
        if self.versions.is_known(version) {
            return Ok(());
        }
        let Some(Compile(compile)) = self.config.compile.clone() else {
            return Ok(());
        };
        // One at a time: two conversations of the same version need it compiled once.
        let _turn = self.reviving.lock().await;
        if self.versions.is_known(version) {
            return Ok(());
        }
        let Some(sources) = self.store.document(&document(version)).await? else {
            self.versions.miss(version);
            return Ok(());
        };
        let compiled = tokio::task::spawn_blocking(move || compile(&sources)).await;
        match compiled.unwrap_or_else(|_| Err("compiling it panicked".to_owned())) {
            Ok(deployment) if deployment.bot.version == *version => {
                info!(%version, "An older version of the bot is taken up again: conversations are in the middle of it.");
                self.versions.add_older(deployment);
            }
            Ok(deployment) => {
                warn!(%version, now = %deployment.bot.version, "An older version of the bot means something else to this program; it is left out.");
                self.versions.miss(version);
            }
            Err(why) => {
                warn!(%version, why, "An older version of the bot can't be compiled any more; it is left out.");
                self.versions.miss(version);
            }
        }
        Ok(())
    }
}
